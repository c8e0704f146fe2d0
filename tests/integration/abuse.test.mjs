// The attacks of tests/abuse with a few hundred connections: what comes of each, and that an honest
// client and an honest stream do not notice. How fast is measured by tests/abuse/abuse.mjs.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, deaf_streams, pipelined, SHAPES, slow_readers, slowloris }
  from '../abuse/attacks.mjs';
import { alert } from './support/cap.mjs';
import { start } from './support/engine.mjs';
import { listen } from './support/stream.mjs';

let engine;
before(async () => { engine = await start(); });

for (const [name, bytes, status] of SHAPES) {
  test(`${name}: ${status}, and the connection is closed`, async () => {
    const { statuses, closed, sent } = await ask(engine.port, bytes);
    // Who goes on sending after the answer may lose it to the reset that its own octets bring.
    const lost = Array.isArray(bytes) && statuses.length === 0;
    assert.deepEqual(lost ? [status] : statuses, [status]);
    assert.equal(closed, true);
    assert.ok(sent < 64e6, 'what comes after is not read for ever');
  });
}

test('10,000 pipelined requests are answered, one by one', async () => {
  assert.deepEqual(await pipelined(engine.port, 10_000),
    { count: 10_000, answered: 10_000, closed: true });
});

test('Expect: 100-continue is answered before the body, and nothing else is expected', async () => {
  const asked = (fields, body) => ask(engine.port,
    `POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n${body}`);
  const length = 'Content-Length: 2\r\n';
  assert.deepEqual((await asked(`${length}Expect: 100-continue\r\n`, '{}')).statuses, [400]);
  const late = ask(engine.port, ['POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\n' +
    `Connection: close\r\n${length}Expect: 100-Continue\r\n\r\n`, '', 0], { limit_ms: 1000 });
  assert.deepEqual((await late).statuses, [100]);
  assert.deepEqual((await asked('Content-Length: 0\r\nExpect: 100-continue\r\n', '')).statuses,
    [400]);
});

test('while some do nothing useful, the honest are served', async () => {
  for (let i = 0; i < 20; ++i) {
    await engine.admit(alert({ description: 'x'.repeat(100_000) }), engine.keys.ann);
  }
  const reader = await listen(engine);
  const attacks = Promise.all([slowloris(engine.port, 100), slow_readers(engine.port, 100, 12),
    deaf_streams(engine.port, 100, 12)]);
  let over = false;
  attacks.finally(() => { over = true; });
  const posted = [];
  while (!over) {
    posted.push((await engine.admit(alert(), engine.keys.ann)).seq);
    assert.equal((await fetch(`${engine.url}/v1/trust`)).status, 200);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
  const [heads, lists, streams] = await attacks;
  assert.equal(heads.closed, heads.count, 'a head that does not end is let go');
  assert.equal(lists.listed + lists.told_to_wait, lists.count,
    'a list comes, or when to ask again');
  assert.equal(streams.begun, streams.count);
  await reader.has(posted.at(-1));
  assert.deepEqual(reader.sequences, posted);
  await reader.close();
  assert.equal((await engine.stop()).code, 0);
});
