// Three nats-servers and three engines that share a log, and an edge, under load, each on a machine
// with a network of its own, while processes are killed and paused, cables pulled, lines slowed,
// disks filled, clocks moved, and stores of servers wiped and set back. In the end all is healed:
// nothing acknowledged is missing, there is one order everywhere, no reader was shown a gap that it
// was not told of, and whoever had no majority said no.
//
//   node tests/chaos/chaos.mjs [--runs 1] [--seconds 120] [--seed N] [--first 10] [--bin DIR]
//
// The seed makes the schedule of faults; how programs interleave is
// the machine's. It takes root: the machines are network namespaces (spaces.mjs).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { alert } from '../integration/support/cap.mjs';
import { sealed } from '../integration/support/dsse.mjs';
import { BIN } from '../integration/support/engine.mjs';
import { nats_server_program } from '../integration/support/nats.mjs';
import { Book, sha256_hex } from './book.mjs';
import { draw_step } from './faults.mjs';
import { indexes, Machines, until } from './machines.mjs';
import { Reader } from './readers.mjs';
import { inside, run_inside, why_not } from './spaces.mjs';

const { values: options } = parseArgs({ options: {
  runs: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '120' },
  seed: { type: 'string' },
  first: { type: 'string', default: '10' },  // seconds to the first alert after the healing
  bin: { type: 'string', default: BIN },
} });
const SECONDS = Number(options.seconds);
const FIRST_MAX_MS = Number(options.first) * 1000;
const FAULT_MS = [2_000, 12_000];
const SECOND_MS = [0, 2_000];  // behind the first, where two happen at once
const CALM_MS = [500, 4_000];
const CUT_MS = 3_000;          // a majority may have agreed before a cable was pulled
const ODD_MS = 5_000;          // a full disk and a wrong clock are found and left behind so late
const SENDERS = 4;
const SEND_EVERY_MS = 60;
const READERS = 6;
const MOVE_EVERY_MS = 4_000;
const TICK_MS = 100;
const STOOD_MS = 1_000;
const FAULTS_SHOWN = 20;

/** Small, seeded, and the same everywhere (mulberry32). */
function random_from(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] };
}

/** How long this program itself did not run: then it is no judge of times. */
class Pulse {
  constructor() {
    this.stood_ms = 0;
    let last = performance.now();
    this.timer = setInterval(() => {
      const late = performance.now() - last - TICK_MS;
      if (late > STOOD_MS) this.stood_ms += late;
      last = performance.now();
    }, TICK_MS);
  }

  end() { clearInterval(this.timer); }
}

class Run {
  constructor(seed, machines) {
    this.seed = seed;
    this.machines = machines;
    this.faults_random = random_from(seed);
    this.load_random = random_from(seed + 1);
    this.book = new Book();
    this.running = true;
    this.counts = {};
    this.odd = new Map();  // node: until when what is wrong with it may be told to a sender
    this.readers = Array.from({ length: READERS }, (_, i) => new Reader(`reader ${i}`,
      () => this.load_random.pick(machines.nodes).url));
    this.work = Promise.all([...Array.from({ length: SENDERS }, () => this.#sender()),
      this.#movers()]);
    this.pulse = new Pulse();
  }

  /** Sends alerts to random nodes, each until it is taken or the end has come. */
  async #sender() {
    while (this.running) {
      const document = alert();
      const body = sealed(document, [this.machines.keys.ann]);
      while (this.running && !(await this.#asked(document, body))) await sleep(100);
      await sleep(SEND_EVERY_MS);
    }
  }

  async #asked(document, body) {
    const { book } = this;
    const node = this.load_random.pick(this.machines.takers);
    const begun = Date.now();
    const answer = await fetch(`${node.url}/v1/alerts`,
      { method: 'POST', body, signal: AbortSignal.timeout(5_000) })
      .then(async (got) => ({ status: got.status, told: await got.json() })).catch(() => null);
    if (answer === null) book.unknown += 1;
    else if (answer.status === 201 || answer.status === 200) {
      const { seq, epoch, id } = answer.told;
      if (id !== sha256_hex(document)) book.fault(`another id was acknowledged at ${seq}`);
      book.acknowledge({ id, seq, epoch, node: node.machine, begun, ended: Date.now() });
      return true;
    } else if (answer.status === 503 || this.#may_say(node, answer.told.code)) book.refused += 1;
    else book.fault(`${node.name} answered ${answer.status} ${answer.told.code}`);
    return false;
  }

  #may_say(node, code) {
    return ['log_full', 'sent_in_future'].includes(code) && Date.now() < (this.odd.get(node) ?? 0);
  }

  /** Readers that go to another node in the middle of it. */
  async #movers() {
    while (this.running) {
      await sleep(MOVE_EVERY_MS);
      this.load_random.pick(this.readers).move();
    }
  }

  async chaos(until_ms) {
    while (Date.now() < until_ms) {
      const random = this.faults_random;
      const calm = random.between(...CALM_MS);
      const step = draw_step(this.machines, random);
      const held = random.between(...FAULT_MS);
      const between = random.between(...SECOND_MS);
      for (const i of indexes) this.machines.copy_store(i);
      await sleep(calm);
      for (const [i, fault] of step.entries()) {
        if (i > 0) await sleep(between);
        await this.#begin(fault);
      }
      await sleep(Math.min(held, Math.max(2_000, until_ms - Date.now())));
      for (const fault of step) await this.#end(fault);
    }
  }

  async #begin(fault) {
    const line = `${fault.name}: ${fault.what}`;
    console.log(`  ${((Date.now() - this.begun) / 1000).toFixed(1)} s ${line}`);
    for (const program of this.machines.programs_all) program.note(line);
    this.counts[fault.name] = (this.counts[fault.name] ?? 0) + 1;
    if (fault.odd) this.odd.set(fault.odd, Infinity);
    await fault.begin();
    fault.from = Date.now();
  }

  async #end(fault) {
    for (const node of fault.alone ?? []) {
      this.book.cuts.push({ node, from: fault.from + CUT_MS, to: Date.now() });
    }
    for (const program of this.machines.programs_all) program.note(`over: ${fault.name}`);
    await fault.end();
    if (fault.odd) this.odd.set(fault.odd, Date.now() + ODD_MS);
  }

  /** An alert that was sent after the healing is acknowledged and shown to somebody. */
  async #first_after(healed) {
    const { acknowledged } = this.book;
    const before = acknowledged.length;
    await until('an alert after healing', async () => {
      const first = acknowledged.slice(before).find(({ ended }) => ended > healed);
      return first && this.readers.some(({ newest }) => (newest?.seq ?? 0) >= first.seq);
    });
  }

  async healed() {
    const { machines, book } = this;
    const since = Date.now();
    const stood = this.pulse.stood_ms;
    const led = machines.stream_led().then(() => Date.now() - since);
    await this.#first_after(since);
    this.first_ms = Date.now() - since;
    this.led_ms = await led;
    await machines.current();
    this.current_ms = Date.now() - since;
    if (this.first_ms > FIRST_MAX_MS && this.pulse.stood_ms === stood) {
      book.fault(`an alert was first shown ${this.first_ms} ms after healing; the servers had a ` +
        `leader after ${this.led_ms}`);
    }
  }

  async check() {
    const { machines, book, readers } = this;
    this.running = false;
    await this.work;
    const heads = () => Promise.all(machines.nodes.map((node) => machines.head_of(node)));
    await until('the same head everywhere', async () => new Set(await heads()).size === 1);
    const [newest] = await heads();
    if (newest === 0) book.fault('nothing was appended');
    const logs = await Promise.all(machines.nodes.map((node) => log_of(node, newest)));
    await until('all readers have everything', async () =>
      readers.every((reader) => (reader.newest?.seq ?? 0) >= newest));
    book.check(logs, readers);
  }

  async whole() {
    this.begun = Date.now();
    try {
      await this.chaos(Date.now() + SECONDS * 1000);
      await this.healed();
      await this.check();
    } catch (fault) {
      this.book.fault(fault.message);
    }
    this.running = false;
    this.pulse.end();
    for (const reader of this.readers) reader.end();
    await this.work;
    this.#say();
    return this.book.faults.length === 0;
  }

  #say() {
    const { book, readers, counts } = this;
    const gaps = readers.reduce((sum, reader) => sum + reader.gaps, 0);
    const faults = Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ');
    const s = (ms) => (ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`);
    console.log(`seed ${this.seed}: ${book.acknowledged.length} acknowledged, ${book.lost} lost, ` +
      `${book.refused} refused, ${book.unknown} without an answer, ${gaps} gaps told; after the ` +
      `healing a leader ${s(this.led_ms)}, first shown ${s(this.first_ms)}, all in order ` +
      `${s(this.current_ms)}; this test stood still ${s(this.pulse.stood_ms)}; ${faults}`);
    for (const fault of [...new Set(book.faults)].slice(0, FAULTS_SHOWN)) {
      console.log(`  FAULT: ${fault}`);
    }
  }
}

async function log_of(node, head) {
  const reader = new Reader(node.name, () => node.url);
  await until(`the log of ${node.name}`, async () => (reader.newest?.seq ?? 0) >= head);
  reader.end();
  return { node: node.name, alerts: reader.runs.flat() };
}

async function run(seed) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-'));
  const programs = { tocsind: join(options.bin, 'tocsind'),
    nats_server: process.env.TOCSIN_NATS_SERVER, clock: join(options.bin, 'libmoved_clock.so') };
  const machines = new Machines(folder, programs, random_from(seed + 2).next);
  await machines.open();
  const good = await new Run(seed, machines).whole();
  if (!good) machines.keep();
  await machines.close();
  if (good) rmSync(folder, { recursive: true, force: true });
  if (!good) console.log(`  kept: ${folder}`);
  return good;
}

/** Each run in namespaces of its own. */
async function main() {
  if (inside()) return (await run(Number(options.seed))) ? 0 : 1;
  const why = why_not();
  if (why) throw new Error(why);
  const { program, why: none } = nats_server_program();
  if (!program) throw new Error(none);
  const first = Number(options.seed ?? Date.now() % 2 ** 31);
  let failed = 0;
  for (let i = 0; i < Number(options.runs); ++i) {
    failed += await run_inside({ TOCSIN_NATS_SERVER: program }, ['--seed', String(first + i)]);
  }
  return failed > 0 ? 1 : 0;
}

process.exit(await main());
