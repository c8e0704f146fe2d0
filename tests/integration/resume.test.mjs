// Coming back: no loss and no repetition whatever happens to the connection, what is active for
// those who come new, and the truth for those who come from elsewhere.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, in_seconds, update } from './support/cap.mjs';
import { start } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { checked_event } from './support/schemas.mjs';
import { listen, Reader } from './support/stream.mjs';

const FOREIGN = '0123456789abcdef';
let engine, keys;
before(async () => {
  engine = await start();
  keys = engine.keys;
});

/** A small generator with a seed, so that a failure can be had again. */
function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Reads until `stop()` is true and it has `wanted()`, cut off and resumed at random. */
async function keep_reading(query, roll, stop, wanted) {
  const heard = [];
  let position = '0', cuts = 0;
  for (;;) {
    const reader = new Reader(engine, { ...query, after: position });
    const enough = 1 + roll(12);
    await reader.until(() => reader.alerts.length >= enough ||
      (reader.of_type('live').length && stop() &&
      heard.length + reader.alerts.length >= wanted()), 'more', 60_000);
    // What came in before the cut counts, and the position is that of the last of it.
    await reader.cut();
    assert.deepEqual(reader.faults, []);
    assert.equal(reader.hello.recovered, true);
    heard.push(...reader.sequences);
    if (reader.sequences.length) position = `${reader.hello.epoch}:${reader.sequences.at(-1)}`;
    else if (position === '0') position = `${reader.hello.epoch}:0`;
    if (stop() && heard.length >= wanted()) return { heard, cuts };
    ++cuts;
  }
}

test('nothing is lost and nothing comes twice over many cut connections', async () => {
  const seed = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000);
  const roll = dice(seed);
  const posted = [];
  let finished = false;
  const kinds = [{ category: 'Met' }, { category: 'Safety' },
    { category: 'Security', severity: 'Moderate' }];
  const of_kind = (test_of) => posted.filter(({ kind }) => test_of(kinds[kind]))
    .map(({ seq }) => seq);
  const readers = [[{}, () => true], [{ category: 'Met' }, (kind) => kind.category === 'Met'],
    [{ severity: 'Moderate' }, (kind) => kind.severity === 'Moderate'],
    [{ category: ['Met', 'Safety'], area: 'E09000007' }, (kind) => kind.category !== 'Security'],
    [{}, () => true]];
  const reading = readers.map(([query, concerns]) =>
    keep_reading(query, dice(roll(1e9)), () => finished, () => of_kind(concerns).length));
  for (let round = 0; round < 40; ++round) {
    const crowd = Array.from({ length: 1 + roll(12) }, () => roll(kinds.length));
    await Promise.all(crowd.map(async (kind) => {
      const { seq } = await engine.admit(alert(kinds[kind]), keys.ann);
      posted.push({ seq, kind });
    }));
  }
  finished = true;
  posted.sort((a, b) => a.seq - b.seq);
  const results = await Promise.all(reading);
  for (const [index, { heard, cuts }] of results.entries()) {
    assert.deepEqual(heard, of_kind(readers[index][1]), `reader ${index}, TOCSIN_SEED=${seed}`);
    assert.ok(cuts >= 3, 'it was cut off');
  }
});

test('after=0 brings everything in order, then live', async () => {
  const own = await start();
  const empty = await listen(own, 'after=0');
  assert.equal(empty.hello.head, 0);
  assert.equal(empty.of_type('live')[0].seq, 0);
  const posted = [];
  for (let i = 0; i < 200; ++i) {
    const { seq } = await own.admit(alert({ description: 'x'.repeat(3000) }), own.keys.ann);
    posted.push(seq);
  }
  const reader = await listen(own, 'after=0');
  assert.deepEqual(reader.sequences, posted);
  const order = reader.events.map((event) => event.type);
  assert.equal(order[0], 'hello');
  assert.equal(order.indexOf('live'), order.length - 1);
  await empty.has(posted.at(-1));
  assert.deepEqual(empty.sequences, posted);
  const { seq } = await own.admit(alert(), own.keys.ann);
  await reader.has(seq);
  await Promise.all([reader.close(), empty.close()]);
});

test('after=<epoch>:0 is the beginning, and any position is "settled up to here"', async () => {
  const head = (await engine.admit(alert(), keys.ann)).seq;
  const { epoch } = (await listen(engine)).hello;
  const from = async (seq) => (await listen(engine, { after: `${epoch}:${seq}` })).sequences;
  const all = await from(0);
  assert.equal(all.at(-1), head);
  assert.deepEqual(await from(head), []);
  assert.deepEqual(await from(head - 1), [head]);
  assert.deepEqual(await from(all[5]), all.slice(6));
});

for (const [what, position] of [['another log', () => `${FOREIGN}:3`],
  ['the beginning of another log', () => `${FOREIGN}:0`],
  ['the future', (hello) => `${hello.epoch}:${hello.head + 1}`],
  ['the far future', (hello) => `${hello.epoch}:9007199254740991`]]) {
  test(`a position of ${what} is told as a gap, and the stream goes on live`, async () => {
    const { hello: now } = await (await listen(engine)).live();
    const reader = await listen(engine, { after: position(now) });
    assert.equal(reader.hello.recovered, false);
    assert.deepEqual(reader.hello.gap, { from: 1, to: reader.hello.head });
    assert.deepEqual(reader.sequences, []);
    const { seq } = await engine.admit(alert(), keys.ann);
    await reader.has(seq);
    await reader.close();
  });
}

test('a gap in an empty log is nothing, said in numbers', async () => {
  const own = await start();
  const reader = await listen(own, { after: `${FOREIGN}:1` });
  assert.equal(reader.hello.recovered, false);
  assert.deepEqual(reader.hello.gap, { from: 1, to: 0 });
  await reader.close();
});

async function active_list(own) {
  const { body } = await curl(`${own.url}/v1/alerts?active=1`);
  return body.toString().split('\n').filter(Boolean).map((line) => checked_event(line).seq);
}

test('after=active: what holds now, and the Cancels of what would still hold', async () => {
  const own = await start();
  const post = async (document, ...people) => (await own.admit(document, ...people)).seq;
  const documents = { lasting: alert(), short: alert({ expires: in_seconds(6) }), replaced: alert(),
                      stopped: alert(), short_stopped: alert({ expires: in_seconds(6) }),
                      severe: alert({ severity: 'Severe' }) };
  const seq = {};
  for (const [name, document] of Object.entries(documents)) {
    seq[name] = await post(document, own.keys.ann, own.keys.ben);
  }
  const newer = update([documents.replaced], { expires: in_seconds(7200) });
  seq.newer = await post(newer, own.keys.ann);
  seq.stop = await post(cancel([documents.stopped]), own.keys.ann);
  seq.short_stop = await post(cancel([documents.short_stopped]), own.keys.ann);
  seq.unseen_stop = await post(cancel([alert()]), own.keys.ann);
  seq.ack = await post(update([documents.lasting], { msg_type: 'Ack' }), own.keys.ann);
  const of = (...names) => names.map((name) => seq[name]);

  const early = await listen(own, 'after=active');
  assert.deepEqual(early.sequences, of('lasting', 'short', 'severe', 'newer', 'stop',
    'short_stop'));
  assert.equal(early.of_type('live')[0].seq, seq.ack);
  assert.deepEqual(await active_list(own), of('lasting', 'short', 'severe', 'newer'));
  const severe = await listen(own, 'after=active&severity=Severe');
  assert.deepEqual(severe.sequences, of('severe'));

  // Time passes until the short ones have expired.
  const until = Date.now() + 15_000;
  while ((await active_list(own)).includes(seq.short) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(await active_list(own), of('lasting', 'severe', 'newer'));
  const later = await listen(own, 'after=active');
  assert.deepEqual(later.sequences, of('lasting', 'severe', 'newer', 'stop'));

  // A Cancel of the Update stops it, and what it had replaced does not come back.
  seq.last_stop = await post(cancel([newer]), own.keys.ann);
  await Promise.all([early.has(seq.last_stop), later.has(seq.last_stop)]);
  assert.deepEqual(await active_list(own), of('lasting', 'severe'));
  const last = await listen(own, 'after=active');
  assert.deepEqual(last.sequences, of('lasting', 'severe', 'stop', 'last_stop'));
  await Promise.all([early, severe, later, last].map((reader) => reader.close()));
});

test('after=active while alerts are posted: each is there once', async () => {
  const own = await start();
  const posted = [];
  let finished = false;
  const posting = (async () => {
    for (let i = 0; i < 150; ++i) posted.push((await own.admit(alert(), own.keys.ann)).seq);
    finished = true;
  })();
  const readers = [];
  while (!finished) readers.push(await listen(own, 'after=active'));
  await posting;
  for (const reader of readers) {
    await reader.has(posted.at(-1));
    assert.deepEqual(reader.sequences, posted);
    await reader.close();
  }
  assert.ok(readers.length > 3);
});
