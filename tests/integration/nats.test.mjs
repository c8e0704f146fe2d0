// Partners on NATS, with a real nats-server and clients that nobody here wrote: what comes on which
// subject, whether it can be checked, and alerts in by request and reply.
import { before, test } from 'node:test';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { JSONCodec } from 'nats';
import assert from 'node:assert/strict';
import { alert, cancel, SYSTEM, update } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { sealed, sha256_hex } from './support/dsse.mjs';
import { scratch, start, within } from './support/engine.mjs';
import { client_of, id_of, Listener, NatsServer, nats_server_program, sequence_of, verified }
  from './support/nats.mjs';
import { checked, ROOT } from './support/schemas.mjs';

const LATE_MS = 20_000;
// London, England, and the three unions of countries.
const AROUND_CAMDEN = ['E09000007', 'E12000007', 'E92000001', 'K02000001', 'K03000001',
  'K04000001'];
const { program, why } = nats_server_program();
const skip = program ? false : why;
let server, client, engine, keys;
before(async () => {
  if (skip) return;
  server = await new NatsServer(program).start();
  client = await client_of(server);
  engine = await start({ args: ['--nats', server.url] });
  keys = engine.keys;
});

const metric = async (name) => {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
};

test('an alert comes byte for byte on its subject and on each area, and can be checked', { skip },
  async () => {
    const all = await new Listener(client, 'alerts.>', 'areas.>', 'orgs.>').ready();
    const document = alert({ severity: 'Severe', category: 'Met' });
    const { seq, epoch, id, at } = await engine.admit(document, keys.ann, keys.ben);
    // The alert comes last of it all.
    await all.until(() => all.on('alerts.').length === 1, 'the alert');
    const [message] = all.on('alerts.');
    assert.equal(message.subject, 'alerts.exercise.alert.severe.met.control_one_example');
    assert.deepEqual(verified(message, [keys.ann, keys.ben]), document);
    assert.equal(message.headers.values('Tocsin-Signature').length, 2);
    assert.equal(id_of(message), id);
    assert.equal(sequence_of(message), seq);
    assert.equal(message.headers.get('Tocsin-Epoch'), epoch);
    const events = ['specversion', 'type', 'source', 'id', 'time'];
    assert.deepEqual(events.map((name) => message.headers.get(`ce-${name}`)),
                     ['1.0', 'tocsin.alert', `tocsin:${SYSTEM}`, id, at]);
    // The borough that it names, and all that contains it.
    const areas = all.on('areas.');
    assert.deepEqual(areas.map(({ subject }) => subject).sort(),
      AROUND_CAMDEN.map((code) => `areas.${code.toLowerCase()}.exercise.severe`));
    assert.deepEqual(areas.map(id_of).sort(), AROUND_CAMDEN.map((code) => `${id}.${code}`));
    for (const copy of areas) assert.deepEqual(verified(copy, [keys.ann, keys.ben]), document);
    assert.deepEqual(all.on('orgs.'), []);
  });

test('an Update and a Cancel come where what they end came', { skip }, async () => {
  const all = await new Listener(client, 'alerts.>', 'areas.e09000007.>').ready();
  const first = alert({ severity: 'Moderate' });
  await engine.admit(first, keys.ann);
  const second = update([first], { severity: 'Minor', category: 'Met' });
  await engine.admit(second, keys.ann);
  const last = cancel([second], { severity: 'Minor', areas: [{ codes: ['E09000001'] }] });
  await engine.admit(last, keys.ann);
  await all.until(() => all.on('alerts.').length === 3, 'three alerts');
  assert.deepEqual(all.on('alerts.').map(({ subject }) => subject),
                   ['alert.moderate.safety', 'update.moderate.met', 'cancel.moderate.safety']
                     .map((tokens) => `alerts.exercise.${tokens}.control_one_example`));
  assert.deepEqual(all.on('areas.').map(({ subject }) => subject),
                   Array(3).fill('areas.e09000007.exercise.moderate'));
});

test('Restricted and Private alerts come to their organisations alone', { skip }, async () => {
  const add = (key, ...groups) => done('org', 'add', key, '--name', key, '--data', engine.data,
    groups.flatMap((group) => ['--group', group]));
  await add('bank-a', 'banks', 'city');
  await add('bank-b', 'banks');
  await add('school');
  const all = await new Listener(client, 'alerts.>', 'areas.>', 'orgs.>').ready();
  const of_banks = alert({ scope: 'Restricted', restriction: 'banks' });
  const of_city = alert({ scope: 'Restricted', restriction: 'city' });
  const of_school = alert({ scope: 'Private', addresses: 'school nobody' });
  const ends = cancel([of_city]);
  for (const each of [of_banks, of_city, of_school, ends]) await engine.admit(each, keys.ann);
  await engine.admit(alert(), keys.ann);
  await all.until(() => all.on('alerts.').length === 1, 'the public one');
  assert.equal(all.on('areas.').length, AROUND_CAMDEN.length, 'copies of the public one alone');
  assert.deepEqual(all.on('orgs.').map((message) => [message.subject, id_of(message)]), [
    ['bank-a', of_banks], ['bank-b', of_banks], ['bank-a', of_city], ['school', of_school],
    ['bank-a', ends],
  ].map(([key, each]) => [`orgs.${key}.exercise.minor`, `${sha256_hex(each)}.${key}`]));
  for (const message of all.on('orgs.')) verified(message, [keys.ann]);
});

test('a beat says what was published last', { skip }, async () => {
  const all = await new Listener(client, 'alerts.>', 'tocsin.beat').ready();
  const { seq } = await engine.admit(alert(), keys.ann);
  await engine.admit(alert({ scope: 'Private', addresses: 'bank-a' }), keys.ann);
  await all.until(() => all.on('tocsin.').some((each) => {
    const beat = checked('beat', new TextDecoder().decode(each.data));
    return beat.last === seq && beat.head === seq + 1;
  }), 'a beat', 40_000);
});

test('nothing but bash receives an alert, and openssl verifies it', { skip }, async () => {
  const folder = scratch();
  const script = execFileSync('sed', ['-n', '/^```bash$/,/^```$/p', 'README.md'],
    { cwd: ROOT, encoding: 'utf8' }).replaceAll('```bash', '').replaceAll('```', '');
  assert.match(script, /\/dev\/tcp/);
  const file = join(folder, 'receive.sh');
  writeFileSync(file, script);
  const child = spawn('bash', [file, '127.0.0.1', String(server.port), keys.ann.public],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (data) => { out += data; });
  child.stderr.on('data', (data) => { err += data; });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const listening = new Promise((resolve) => {
    child.stderr.on('data', () => { if (err.includes('listening')) resolve(); });
  });
  await within(LATE_MS, { toString: () => `bash listens: ${err}` }, listening);
  const document = alert({ description: 'Zwölf Boote, with two octets in a letter.' });
  await engine.admit(document, keys.ann);
  const code = await within(LATE_MS, { toString: () => `bash: ${out}${err}` }, ended);
  assert.equal(code, 0, out + err);
  assert.match(out, /Verified Successfully/);
  assert.ok(existsSync(join(folder, 'alert.xml')));
  assert.deepEqual(readFileSync(join(folder, 'alert.xml')), document);
});

const codec = JSONCodec();

test('alerts are taken in by request and reply, and a repeat has its first answer', { skip },
  async () => {
    const body = sealed(alert(), [keys.ann]);
    const first = await client.request('tocsin.ingest', body, { timeout: LATE_MS });
    const text = new TextDecoder().decode(first.data);
    assert.equal(first.headers.get('Tocsin-Status'), '201', text);
    assert.equal(first.headers.get('Content-Type'), 'application/json');
    const answer = checked('answer', text);
    const again = await client.request('tocsin.ingest', body, { timeout: LATE_MS });
    assert.equal(again.headers.get('Tocsin-Status'), '200');
    assert.equal(new TextDecoder().decode(again.data), text);
    const by_http = await engine.post(body);
    assert.equal(by_http.status, 200);
    assert.deepEqual(JSON.parse(by_http.text), answer);
  });

test('what is refused is refused with what HTTP would say', { skip }, async () => {
  const wrong = alert();
  const cases = {
    too_large: 'x'.repeat(512 * 1024 + 1), malformed_envelope: '{',
    unknown_key: sealed(wrong, [keys.stranger]), invalid_alert: sealed('<alert/>', [keys.ann]),
    needs_approval: sealed(alert({ severity: 'Severe' }), [keys.ann]),
    outside_authority: sealed(alert({ areas: [{ codes: ['W06000015'] }] }), [keys.ann]),
  };
  for (const [code, body] of Object.entries(cases)) {
    const reply = await client.request('tocsin.ingest', body, { timeout: LATE_MS });
    const text = new TextDecoder().decode(reply.data);
    const problem = checked('problem', text);
    assert.equal(problem.code, code, text);
    assert.equal(reply.headers.get('Tocsin-Status'), String(problem.status));
    assert.equal(reply.headers.get('Content-Type'), 'application/problem+json');
    const by_http = await engine.post(body);
    assert.equal(by_http.status, problem.status);
    assert.deepEqual(JSON.parse(by_http.text), problem);
  }
});

test('an answer goes to an inbox and to no subject of ours', { skip }, async () => {
  const all = await new Listener(client, 'alerts.>', 'orgs.>').ready();
  const ignored = await metric('tocsin_nats_requests_ignored_total');
  const head = await metric('tocsin_log_head_sequence');
  const lured = 'alerts.exercise.alert.extreme.met.control_one_example';
  client.publish('tocsin.ingest', '{', { reply: lured });
  client.publish('tocsin.ingest', sealed(alert(), [keys.ann]), { reply: 'orgs.bank-a.x.y' });
  // What comes behind them on the same connection is answered, so they have been looked at.
  await client.request('tocsin.ingest', '{', { timeout: LATE_MS });
  assert.equal(await metric('tocsin_nats_requests_ignored_total'), ignored + 2);
  assert.equal(await metric('tocsin_log_head_sequence'), head);
  assert.deepEqual(all.messages, []);
});

test('many requests at once are each answered', { skip }, async () => {
  const bodies = Array.from({ length: 200 }, () => sealed(alert(), [keys.ann]));
  const replies = await Promise.all(bodies.map((body) =>
    client.request('tocsin.ingest', body, { timeout: LATE_MS })));
  const sequences = replies.map((reply) => {
    assert.equal(reply.headers.get('Tocsin-Status'), '201');
    return codec.decode(reply.data).seq;
  });
  assert.equal(new Set(sequences).size, 200);
});
