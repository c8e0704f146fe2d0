// The stream as server-sent events, read by curl: the same objects, their ids, and coming back.
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { start, within } from './support/engine.mjs';
import { assert_problem, curl } from './support/http.mjs';
import { checked, checked_event } from './support/schemas.mjs';

let engine;
const readers = new Set();
before(async () => { engine = await start(); });
after(() => { for (const reader of readers) reader.child.kill(); });
const admit = (parts) => engine.admit(alert(parts), engine.keys.ann);

class EventReader {
  constructor(to, query = '', ...fields) {
    const args = ['-sN', '-i', '-H', 'Accept: text/event-stream',
      ...fields.flatMap((each) => ['-H', each]), `${to.url}/v1/stream${query && '?'}${query}`];
    this.child = spawn('curl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    readers.add(this);
    this.events = [];
    this.waiting = [];
    let rest = '';
    this.child.stdout.on('data', (data) => {
      rest += data;
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) this.#take(block);
      for (const look of this.waiting) look();
    });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); });
  }

  #take(block) {
    if (!this.head) { this.head = block; return; }
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const it = { id: field('id'), name: field('event'), retry: Number(field('retry') ?? 0) };
    if (field('data')) {
      it.object = it.name === 'close' ? checked('close', field('data'))
        : checked_event(field('data'));
    }
    this.events.push(it);
  }

  get objects() { return this.events.flatMap(({ object }) => object ?? []); }
  get sequences() {
    return this.objects.filter(({ type }) => type === 'alert').map(({ seq }) => seq);
  }
  get last_id() { return this.events.filter(({ id }) => id).at(-1)?.id; }
  until(found) {
    return within(20_000, 'what was expected', new Promise((resolve) => {
      const look = () => { if (found(this)) resolve(this); };
      this.waiting.push(look);
      look();
    }));
  }
  live() { return this.until(({ objects }) => objects.some(({ type }) => type === 'live')); }
  has(seq) { return this.until(({ sequences }) => sequences.includes(seq)); }
  cut() { this.child.kill(); return this.ended; }
}

test('the same objects come, one an event, each with its position', async () => {
  const reader = await new EventReader(engine).live();
  assert.match(reader.head, /^HTTP\/1\.1 200 OK\r?\n/);
  assert.match(reader.head, /^Content-Type: text\/event-stream\r?$/m);
  assert.ok(reader.events[0].retry >= 1000 && reader.events[0].retry <= 9000);
  const { epoch } = reader.objects[0];
  const { seq } = await admit();
  await reader.has(seq);
  assert.deepEqual(reader.objects.map(({ type }) => type).filter((type) => type !== 'beat'),
    ['hello', 'live', 'alert']);
  assert.equal(reader.last_id, `${epoch}:${seq}`);  // a beat's is no other
  const beat = ({ object }) => object?.type === 'beat';
  await reader.until(({ events }) => events.some(beat));
  assert.equal(reader.events.find(beat).id, `${epoch}:${reader.events.find(beat).object.head}`);
  await reader.cut();
});

test('wherever it is cut, Last-Event-ID goes on: nothing is lost and nothing comes twice',
  async () => {
  const posted = [];
  const heard = [];
  let last = `${(await new EventReader(engine).live()).last_id}`;
  for (let round = 0; round < 12; ++round) {
    const reader = new EventReader(engine, 'after=0', `Last-Event-ID: ${last}`);
    await reader.live();
    assert.equal(reader.objects[0].recovered, true);
    for (let i = 0; i <= round % 4; ++i) posted.push((await admit()).seq);
    if (round % 3) await reader.has(posted.at(-1));
    await reader.cut();
    heard.push(...reader.sequences);
    last = reader.last_id ?? last;
  }
  const reader = await new EventReader(engine, '', `Last-Event-ID: ${last}`).live();
  heard.push(...reader.sequences);
  assert.deepEqual(heard, posted);
  await reader.cut();
});

test('an id of another log is told as a gap, and one that is none is refused', async () => {
  const reader = await new EventReader(engine, '', 'Last-Event-ID: 0123456789abcdef:7').live();
  assert.equal(reader.objects[0].recovered, false);
  assert.ok(reader.objects[0].gap);
  await reader.cut();
  const events = ['-H', 'Accept: text/event-stream'];
  const url = `${engine.url}/v1/stream`;
  assert_problem(await curl(url, { args: [...events, '-H', 'Last-Event-ID: 7'] }), 400,
    'bad_query');
  assert_problem(await curl(url), 426, 'upgrade_required');
  assert_problem(await curl(url, { args: [...events, '-H', 'Authorization: Bearer x'] }), 401,
    'unauthenticated');
  const head = await curl(url, { args: [...events, '-I'] });
  assert.deepEqual([head.status, head.type], [200, 'text/event-stream']);
});

test('when the engine stops, the last event says when to come back', async () => {
  const other = await start();
  const all = await Promise.all(Array.from({ length: 10 }, () => new EventReader(other).live()));
  assert.equal((await other.stop()).code, 0);
  await Promise.all(all.map(({ ended }) => ended));
  const delays = all.map(({ events }) => {
    const { name, retry, object } = events.at(-1);
    assert.equal(name, 'close');
    assert.equal(object.code, 1001);
    assert.equal(object.reconnect_ms, retry);
    return retry;
  });
  assert.ok(new Set(delays).size > 5, 'they are spread');
});
