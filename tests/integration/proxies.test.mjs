// A proxy in front: limits by the client it names, and nothing by its own address.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { launch, scratch, start, within } from './support/engine.mjs';
import { assert_problem, curl } from './support/http.mjs';
import { listen } from './support/stream.mjs';

const configured = (text) => {
  const file = join(scratch(), 'tocsin.toml');
  writeFileSync(file, text);
  return ['--config', file];
};
const REFUSED_PER_MINUTE = 60;  // kRefusedPerMinute
let engine;
before(async () => {
  engine = await start({ args: configured('[limits]\nconnections_per_address = 2\n' +
    'trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]\n') });
});
const as = (client) => ({ args: ['-H', `X-Forwarded-For: ${client}`] });

test('a request from the proxy says for whom it is', async () => {
  assert_problem(await curl(`${engine.url}/v1/trust`), 400, 'bad_query');
  assert.equal((await curl(`${engine.url}/v1/trust`, as('192.0.2.1'))).status, 200);
  assert.equal((await curl(`${engine.url}/v1/trust`,
    { args: ['-H', 'Forwarded: for="[2001:db8::1]:99";proto=https'] })).status, 200);
});

test('the names of the fields count in small letters as in any other', async () => {
  const fields = ['x-forwarded-for: 192.0.2.1', 'X-FORWARDED-FOR: 192.0.2.1',
    'forwarded: for=192.0.2.1', 'fOrWaRdEd: FOR=192.0.2.1'];
  for (const field of fields) {
    const args = ['-H', field];
    assert.equal((await curl(`${engine.url}/v1/trust`, { args })).status, 200, field);
    assert_problem(await curl(`${engine.url}/readyz`, { args }), 403, 'forbidden');
  }
  const differ = ['-H', 'x-forwarded-for: 192.0.2.1', '-H', 'FORWARDED: for=192.0.2.2'];
  assert_problem(await curl(`${engine.url}/v1/trust`, { args: differ }), 400, 'bad_query');
});

test('operators ask elsewhere: what is forwarded is not of this machine', async () => {
  for (const client of ['192.0.2.1', '127.0.0.1', '::1']) {
    assert_problem(await curl(`${engine.url}/metrics`, as(client)), 403, 'forbidden');
  }
});

test('a flood of one client is stopped, and the control room beside it is not', async () => {
  const post = (client, body) => engine.post(body, { headers: { 'X-Forwarded-For': client } });
  let refused = 0;
  for (let i = 0; i < REFUSED_PER_MINUTE + 20; ++i) {
    const { status, headers } = await post('192.0.2.66', '{}');
    if (status !== 429) continue;
    ++refused;
    assert.ok(Number(headers.get('retry-after')) >= 1);
  }
  assert.ok(refused > 0);
  for (let i = 0; i < REFUSED_PER_MINUTE + 20; ++i) {
    assert.equal((await post('192.0.2.7', sealed(alert(), [engine.keys.ann]))).status, 201);
  }
});

test('a flood of what an officer signed once is stopped like any other', async () => {
  const body = sealed(alert(), [engine.keys.ann]);
  const post = async (client) =>
    (await engine.post(body, { headers: { 'X-Forwarded-For': client } })).status;
  assert.equal(await post('192.0.2.7'), 201);
  const statuses = [];
  for (let i = 0; i < REFUSED_PER_MINUTE + 20; ++i) statuses.push(await post('192.0.2.99'));
  assert.ok(statuses.slice(0, REFUSED_PER_MINUTE).every((status) => status === 200));
  assert.ok(statuses.includes(429));
  assert.equal(await post('192.0.2.8'), 200);
});

test('a list of networks that holds none is an error that names its line', async () => {
  for (const wrong of ['trusted_proxies = ["10.0.0.0/33"]', 'trusted_proxies = "10.0.0.0/8"',
    'trusted_proxies = [8]']) {
    const bad = launch({ args: configured(`[limits]\n${wrong}\n`) });
    assert.equal((await within(30_000, 'the end', bad.exited)).code, 2);
    assert.match(bad.stderr, /line 2: .*network/);
    bad.ready.catch(() => {});
  }
});

test('without the setting nobody is believed, and loopback is not counted', async () => {
  const plain = await start({ args: configured('[limits]\nconnections_per_address = 2\n') });
  const readers = await Promise.all(Array.from({ length: 5 }, () => listen(plain)));
  await Promise.all(readers.map((reader) => reader.close()));
  assert_problem(await curl(`${plain.url}/readyz`, as('127.0.0.1')), 403, 'forbidden');
  assert.equal((await curl(`${plain.url}/readyz`)).status, 200);
});
