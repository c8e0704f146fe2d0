// The stream: its opening, objects, filters, messages from the reader, and every way it closes.
import { before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, in_seconds, update } from './support/cap.mjs';
import { start } from './support/engine.mjs';
import { assert_problem } from './support/http.mjs';
import { listen, Reader, refused } from './support/stream.mjs';

const LONDON = 'E12000007', CAMDEN = 'E09000007', BIRMINGHAM = 'E08000025', ENGLAND = 'E92000001',
      EDINBURGH = 'S12000036';
const SQUARE = '51.53,-0.15 51.55,-0.15 51.55,-0.13 51.53,-0.13 51.53,-0.15';  // in Camden

let engine, keys;
before(async () => {
  engine = await start();
  keys = engine.keys;
});
const by_ann = (parts) => engine.admit(alert(parts), keys.ann);
const by_dora = (parts) =>
  engine.admit(alert({ sender: 'control@two.example', ...parts }), keys.dora);
const closes = async (reader) => {
  const limit = setTimeout(() => reader.socket.terminate(), 20_000);
  const closed = await reader.closed;
  clearTimeout(limit);
  return closed;
};

test('hello comes first, then live, then what is new, and nothing twice', async () => {
  const before_it = await by_ann();
  const reader = await listen(engine);
  const { hello } = reader;
  assert.deepEqual(reader.events.map((event) => event.type), ['hello', 'live']);
  assert.equal(hello.system, 'exercise-test');
  assert.equal(hello.kind, 'exercise');
  assert.equal(hello.epoch, before_it.epoch);
  assert.equal(hello.head, before_it.seq);
  assert.equal(hello.recovered, true);
  assert.equal(hello.heartbeat_s, 15);
  assert.equal(reader.of_type('live')[0].seq, before_it.seq);
  const answers = [await by_ann(), await by_ann(), await by_dora()];
  await reader.has(answers[2].seq);
  assert.deepEqual(reader.sequences, answers.map((answer) => answer.seq));
  assert.deepEqual(reader.alerts.map((each) => each.id), answers.map((answer) => answer.id));
  await reader.close();
});

test('the sub-protocol is chosen where it is offered, and not missed where it is not', async () => {
  const offered = await listen(engine, '', { protocols: ['other', 'tocsin.v1'] });
  assert.equal(offered.socket.protocol, 'tocsin.v1');
  const bare = await listen(engine, '', { protocols: [] });
  assert.equal(bare.socket.protocol, '');
  const compressed = await listen(engine, '', { compressed: true });
  assert.equal(compressed.socket.extensions, '');
  await Promise.all([offered.close(), bare.close(), compressed.close()]);
});

for (const query of ['after=x', 'after=1', 'after=-1', 'after=', 'after=00', 'after=0:0',
  'after=ACTIVE', `after=${'A'.repeat(16)}:1`, `after=${'0'.repeat(16)}:`,
  `after=${'0'.repeat(16)}:01`, `after=${'0'.repeat(16)}:-1`,
  `after=${'0'.repeat(16)}:18446744073709551616`, `after=${'0'.repeat(15)}:1`,
  `after=${'0'.repeat(16)}:1x`, 'after=0&after=0', 'area=London', 'area=E99999999',
  'area=e12000007', 'area=', 'area=51.5', 'area=51.5,', 'area=,', 'area=90.1,0', 'area=0,180.1',
  'area=1e1,0', 'area=nan,nan', 'area=inf,0', 'area=51.5,-0.1,1', 'area=0x10,0',
  'area=E12000007&area=Nowhere', 'category=safety', 'category=', 'category=Safety,Met',
  'severity=severe', 'severity=', 'severity=Worst', 'severity=3', 'status=exercise', 'status=',
  'status=All', 'sender=', 'limit=5', 'active=1', 'x=1', 'AFTER=0', 'after', 'severity', 'area=%zz',
  'area=%00']) {
  test(`?${query} is refused before the upgrade`, async () => {
    assert_problem(await refused(engine, query), 400, 'bad_query');
  });
}

/** Each: a query, and whether it hears of the alerts of the table below, by name. */
const ALERTS = {
  camden: () => by_ann({ areas: [{ codes: [CAMDEN] }] }),
  london_met: () => by_ann({ areas: [{ codes: [LONDON] }], category: 'Met', severity: 'Moderate' }),
  shape: () => by_ann({ areas: [{ polygons: [SQUARE] }] }),
  circle: () => by_dora({ areas: [{ circles: ['55.95,-3.19 2'] }], category: 'Fire' }),
  birmingham: () => by_dora({ areas: [{ codes: [BIRMINGHAM] }], severity: 'Severe' }),
  england: () => by_dora({ areas: [{ codes: [ENGLAND] }], severity: 'Unknown',
    category: 'Health' }),
  test: () => by_dora({ areas: [{ codes: [CAMDEN] }], status: 'Test' }),
  restricted: () => by_ann({ scope: 'Restricted', restriction: 'police' }),
  private: () => by_ann({ scope: 'Private', addresses: 'acme' }),
};
const PUBLIC = ['camden', 'london_met', 'shape', 'circle', 'birmingham', 'england'];
const FILTERS = [
  ['', PUBLIC],
  ['status=Exercise', PUBLIC],
  ['status=Exercise&status=Test', [...PUBLIC, 'test']],
  ['status=Test', ['test']],
  ['status=Actual', []],
  [`area=${LONDON}`, ['camden', 'london_met', 'shape', 'england']],
  [`area=${CAMDEN}`, ['camden', 'london_met', 'shape', 'england']],
  [`area=${BIRMINGHAM}`, ['birmingham', 'england']],
  [`area=${EDINBURGH}`, ['circle']],
  [`area=${ENGLAND}`, ['camden', 'london_met', 'shape', 'birmingham', 'england']],
  [`area=${EDINBURGH}&area=${BIRMINGHAM}`, ['circle', 'birmingham', 'england']],
  ['area=51.54,-0.14', ['camden', 'london_met', 'shape', 'england']],
  ['area=52.48,-1.9', ['birmingham', 'england']],
  ['area=55.95,-3.19', ['circle']],
  ['area=60,-30', []],
  ['category=Met', ['london_met']],
  ['category=Met&category=Fire', ['london_met', 'circle']],
  ['severity=Moderate', ['london_met', 'birmingham', 'england']],
  ['severity=Severe', ['birmingham', 'england']],
  ['severity=Extreme', ['england']],
  ['severity=Minor', PUBLIC],
  ['sender=control@two.example', ['circle', 'birmingham', 'england']],
  ['sender=control%40two.example&sender=control@one.example', PUBLIC],
  ['sender=control@two', []],
  [`area=${LONDON}&severity=Moderate&category=Met`, ['london_met']],
  [`area=${LONDON}&sender=control@two.example`, ['england']],
];

describe('filters', () => {
  let readers, names = new Map();
  before(async () => {
    readers = await Promise.all(FILTERS.map(([query]) => listen(engine, query)));
    const all = await listen(engine, 'status=Exercise&status=Test');
    for (const [name, send] of Object.entries(ALERTS)) names.set((await send()).seq, name);
    // One more that everybody hears of and that ends the wait, but for those with a narrow filter:
    // they have what concerns them before this one is through.
    await all.has((await by_ann()).seq);
    await all.close();
  });
  for (const [index, [query, expected]] of FILTERS.entries()) {
    test(`?${query} hears of ${expected.join(', ') || 'nothing'}`, async () => {
      const reader = readers[index];
      await reader.until(() => expected.every((name) =>
        reader.sequences.some((seq) => names.get(seq) === name)), 'what concerns it');
      const heard = reader.sequences.map((seq) => names.get(seq)).filter(Boolean);
      assert.deepEqual(heard, expected);
      const { epoch, head } = reader.hello;
      const from_log = new Reader(engine, `${query}${query && '&'}after=${epoch}:${head}`);
      await from_log.live();
      assert.deepEqual(from_log.sequences.filter((seq) => names.has(seq))
        .map((seq) => names.get(seq)), expected);
      await Promise.all([reader.close(), from_log.close()]);
    });
  }
});

test('a Cancel reaches exactly those whom its alert reached', async () => {
  const [camden, birmingham, all] = await Promise.all([listen(engine,
    `area=${CAMDEN}&severity=Severe`),
    listen(engine, `area=${BIRMINGHAM}`), listen(engine)]);
  const document = alert({ severity: 'Severe', areas: [{ codes: [CAMDEN] }] });
  const named = await engine.admit(document, keys.ann, keys.ben);
  // Its own area and severity decide nothing.
  const stop = await engine.admit(cancel([document], { severity: 'Minor',
    areas: [{ codes: [BIRMINGHAM] }] }),
                                  keys.canceller);
  await all.has(stop.seq);
  await camden.has(stop.seq);
  const afterwards = await by_dora({ areas: [{ codes: [BIRMINGHAM] }] });
  await birmingham.has(afterwards.seq);
  assert.deepEqual(camden.sequences, [named.seq, stop.seq]);
  assert.deepEqual(birmingham.sequences, [afterwards.seq]);
  await Promise.all([camden.close(), birmingham.close(), all.close()]);
});

test('an Update reaches whom its alert reached and its own areas, and a Cancel of it both',
  async () => {
  const [edinburgh, birmingham, camden] = await Promise.all([EDINBURGH, BIRMINGHAM, CAMDEN]
    .map((area) => listen(engine, `area=${area}`)));
  const two = { sender: 'control@two.example' };
  const document = alert({ ...two, areas: [{ codes: [EDINBURGH] }] });
  const first = await engine.admit(document, keys.dora);
  const moved = update([document], { ...two, areas: [{ codes: [BIRMINGHAM] }] });
  const second = await engine.admit(moved, keys.eve);
  const third = await engine.admit(cancel([moved], two), keys.dora);
  const last = await by_ann({ areas: [{ codes: [CAMDEN] }] });
  await Promise.all([edinburgh.has(third.seq), birmingham.has(third.seq), camden.has(last.seq)]);
  assert.deepEqual(edinburgh.sequences, [first.seq, second.seq, third.seq]);
  assert.deepEqual(birmingham.sequences, [second.seq, third.seq]);
  assert.deepEqual(camden.sequences, [last.seq]);
  await Promise.all([edinburgh.close(), birmingham.close(), camden.close()]);
});

test('a Cancel that comes before its alert, an Ack and an Error are on no stream', async () => {
  const reader = await listen(engine);
  const unseen = alert();
  await engine.admit(cancel([unseen]), keys.canceller);
  const seen = alert();
  await engine.admit(seen, keys.ann);
  await engine.admit(update([seen], { msg_type: 'Ack' }), keys.ann);
  await engine.admit(update([seen], { msg_type: 'Error', note: 'Mistaken.' }), keys.ann);
  const last = await by_ann();
  await reader.has(last.seq);
  assert.deepEqual(reader.sequences, [last.seq - 3, last.seq]);
  await reader.close();
});

test('acks and receipts are taken without an answer', async () => {
  const reader = await listen(engine);
  const { seq } = await by_ann();
  await reader.has(seq);
  const count = reader.events.length;
  for (const message of [{ type: 'ack', seq }, { type: 'ack', seq: 0 },
    { seq, type: 'ack', more: [1] }, { type: 'receipt', seq, state: 'displayed' },
    { type: 'receipt', seq, state: 'acknowledged', answer: 'No impact' },
    `  {"type" : "ack",\n "seq":${seq}}\n`]) {
    reader.send(message);
  }
  reader.socket.ping('are you there');
  await new Promise((resolve) => reader.socket.once('pong', resolve));
  const next = await by_ann();
  await reader.has(next.seq);
  assert.equal(reader.events.length, count + 1);
  await reader.close();
});

const BAD_MESSAGES = ['', 'x', '[]', '"ack"', '{}', '{"type":"ack"}', '{"type":"ack","seq":"1"}',
  '{"type":"ack","seq":-1}', '{"type":"ack","seq":1.5}', '{"type":"ack","seq":1e99}',
  '{"type":"ack","seq":9007199254740991}', '{"type":"nack","seq":1}',
  '{"type":"ack","type":"ack","seq":1}', '{"type":"receipt","seq":1}',
  '{"type":"receipt","seq":1,"state":"seen"}',
  '{"type":"receipt","seq":1,"state":"displayed","answer":5}',
  '{"type":"ack","seq":1} {"type":"ack","seq":1}',
  `{"type":"receipt","seq":1,"state":"displayed","answer":"${'x'.repeat(1001)}"}`,
  '{"type":"hello","seq":1}', '{"type":"ack","seq":1', `${'['.repeat(5000)}`,
  Buffer.from('{"type":"ack","seq":1}')];
for (const message of BAD_MESSAGES) {
  const shown = Buffer.isBuffer(message) ? 'a binary message' : `"${message.slice(0, 60)}"`;
  test(`${shown} closes with 4400`, async () => {
    const reader = await listen(engine);
    reader.send(message);
    assert.equal((await closes(reader)).code, 4400);
  });
}

test('16 KiB are read, one byte more closes with 1009, whole or in pieces', async () => {
  const message = (size) => {
    const text = '{"type":"ack","seq":0,"more":""}';
    return text.replace('""', `"${'x'.repeat(size - text.length)}"`);
  };
  const reader = await listen(engine);
  reader.send(message(16 * 1024));
  reader.socket.ping();
  await new Promise((resolve) => reader.socket.once('pong', resolve));
  reader.send(message(16 * 1024 + 1));
  assert.equal((await closes(reader)).code, 1009);
  const pieces = await listen(engine);
  for (let i = 0; i < 17; ++i) pieces.socket.send('x'.repeat(1024), { fin: false });
  assert.equal((await closes(pieces)).code, 1009);
});

test('a message in pieces with a ping between is one message', async () => {
  const reader = await listen(engine);
  const text = '{"type":"ack","seq":0}';
  for (const [index, letter] of [...text].entries()) {
    reader.socket.send(letter, { fin: index === text.length - 1 });
    if (index === 5) reader.socket.ping('between');
  }
  assert.equal((await new Promise((resolve) => reader.socket.once('pong', resolve))).toString(),
    'between');
  const { seq } = await by_ann();
  await reader.has(seq);
  await reader.close();
});

test('a reader that talks too much is closed with 4429', async () => {
  const reader = await listen(engine);
  for (let i = 0; i < 200; ++i) reader.send({ type: 'ack', seq: 0 });
  assert.equal((await closes(reader)).code, 4429);
});

test('a close is answered with its code', async () => {
  for (const code of [1000, 1001, 3000, 4999]) {
    const reader = await listen(engine);
    reader.socket.close(code, 'because');
    assert.equal((await reader.closed).code, code);
  }
});

describe('beats', { concurrency: true }, () => {
  const everything = 'status=Exercise&status=Test';
  test('last is where the stream began until something concerns it, then that', async () => {
    const { seq: head } = await by_ann();
    const [all, none, from_start] = await Promise.all([listen(engine, everything),
      listen(engine, 'area=60,-30'),
      listen(engine, 'area=60,-30&after=0')]);
    const { seq } = await by_ann();
    await all.has(seq);
    const [one, two, three] = await Promise.all([all.beat(), none.beat(), from_start.beat()]);
    assert.equal(one.last, all.sequences.at(-1));
    assert.ok(one.last >= seq && one.head >= seq && two.head >= seq);
    assert.equal(two.last, none.hello.head);
    assert.ok(none.hello.head >= head);
    assert.equal(three.last, 0);
    assert.ok(Math.abs(Date.parse(one.at) - Date.now()) < 30_000);
    await Promise.all([all.close(), none.close(), from_start.close()]);
  });
  test('one comes every 15 s', async () => {
    const reader = await listen(engine, 'area=60,-30');
    await reader.beat(17_000);
    const began = Date.now();
    await reader.beat(17_000);
    assert.ok(Date.now() - began > 12_000, 'and not more often');
    await reader.close();
  });
  test('what expires in between is no reason to close', async () => {
    const reader = await listen(engine);
    const { seq } = await by_ann({ expires: in_seconds(2) });
    await reader.has(seq);
    assert.ok((await reader.beat()).last >= seq);
    await reader.close();
  });
});
