// Three nats-servers and three engines that share a log, under load, while processes are killed and
// paused, lines between them are cut and slowed, and stores of servers are wiped. In the end all is
// healed: nothing acknowledged is missing, there is one order everywhere, no reader was shown a gap
// that it was not told of, and whoever had no majority said no.
//
//   node tests/chaos/chaos.mjs [--runs 1] [--seconds 120] [--seed N] [--bin DIR]
//
// The seed makes the schedule of faults; how programs interleave is the machine's.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { alert } from '../integration/support/cap.mjs';
import { sealed } from '../integration/support/dsse.mjs';
import { BIN } from '../integration/support/engine.mjs';
import { free_port, nats_server_program } from '../integration/support/nats.mjs';
import { people, trust_file, trust_payload } from '../integration/support/trust.mjs';
import { Book, sha256_hex } from './book.mjs';
import { Line } from './proxy.mjs';
import { Reader } from './readers.mjs';

const { values: options } = parseArgs({ options: {
  runs: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '120' },
  seed: { type: 'string' },
  bin: { type: 'string', default: BIN },
} });
const SECONDS = Number(options.seconds);
const SEED = Number(options.seed ?? Date.now() % 2 ** 31);
const COUNT = 3;
const HEAL_MAX_MS = 60_000;
const FIRST_MAX_MS = 10_000;
const FAULT_MS = [2_000, 12_000];
const CALM_MS = [500, 4_000];
const SENDERS = 4;
const SEND_EVERY_MS = 60;
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
  return { between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] };
}

/** A program that is killed, paused and started again with the same arguments. */
class Program {
  constructor(name, command, args) {
    Object.assign(this, { name, command, args, up: false });
  }

  start() {
    this.said = '';
    this.child = spawn(this.command, this.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.up = true;
    const child = this.child;
    this.exited = new Promise((resolve) => child.on('close', (code) => {
      if (this.child === child) this.up = false;
      resolve(code);
    }));
    this.line = new Promise((resolve) => {
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
        if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
      });
    });
    child.stderr.on('data', (data) => { this.said = (this.said + data).slice(-20_000); });
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill('SIGCONT');
    this.child.kill(signal);
    await this.exited;
  }
  pause() { this.child.kill('SIGSTOP'); }
  go_on() { this.child.kill('SIGCONT'); }
}

class Machines {
  constructor(folder) {
    this.folder = folder;
    this.lines = [];
    this.servers = [];
    this.nodes = [];
  }

  async open(program) {
    this.keys = people();
    this.trust = join(this.folder, 'trust.json');
    writeFileSync(this.trust, trust_file(trust_payload(this.keys), [this.keys.root]));
    const indexes = Array.from({ length: COUNT }, (_, i) => i);
    const ports = await Promise.all(indexes.map(free_port));
    const routes = await Promise.all(indexes.map(free_port));
    this.monitors = await Promise.all(indexes.map(free_port));
    this.clients = await Promise.all(ports.map((port) => this.#line(port)));
    this.between = [];
    for (const i of indexes) await this.#open_server(program, i, ports, routes);
    for (const server of this.servers) server.start();
    await this.led();
    for (const i of indexes) await this.#open_node(i);
    await Promise.all(this.nodes.map((node) => this.start_node(node)));
    await this.current();
    await this.#kept_by_all();
    return this;
  }

  /** The stream has as many keepers as there are servers: a majority means something. */
  async #kept_by_all() {
    const told = await Promise.all(this.monitors.map(async (port) =>
      (await fetch(`http://127.0.0.1:${port}/jsz?streams=1&config=1`)).json()));
    const found = told.flatMap(({ account_details }) => account_details ?? [])
      .flatMap(({ stream_detail }) => stream_detail ?? []);
    if (found.length !== COUNT || found.some(({ config }) => config.num_replicas !== COUNT)) {
      throw new Error(`the stream is kept by ${found.length} servers`);
    }
  }

  async #line(to) {
    const line = await new Line(to).open();
    this.lines.push(line);
    return line;
  }

  async #open_server(program, i, ports, routes) {
    const own = [];
    for (let j = 0; j < COUNT; ++j) {
      if (j === i) continue;
      const line = await this.#line(routes[j]);
      this.between.push({ line, ends: [i, j] });
      own.push(`"nats://127.0.0.1:${line.port}"`);
    }
    const config = join(this.folder, `n${i}.conf`);
    writeFileSync(config, `server_name: n${i}
listen: "127.0.0.1:${ports[i]}"
http: "127.0.0.1:${this.monitors[i]}"
jetstream { store_dir: "${join(this.folder, `store${i}`)}", max_mem: 64M, max_file: 4G }
cluster { name: tocsin, listen: "127.0.0.1:${routes[i]}", advertise: "127.0.0.1:1",
  routes: [${own.join(', ')}] }
`);
    this.servers.push(new Program(`server ${i}`, program, ['-c', config]));
  }

  async #open_node(i) {
    const url = `nats://127.0.0.1:${this.clients[i].port}`;
    const listen = `127.0.0.1:${await free_port()}`;
    const data = join(this.folder, `node${i}`);
    mkdirSync(data);
    const node = new Program(`node ${i}`, join(options.bin, 'tocsind'), ['--data', data,
      '--trust', this.trust, '--listen', listen, '--cluster', url, '--node', `node${i}`]);
    this.nodes.push(Object.assign(node, { url: `http://${listen}`, index: i }));
  }

  async start_node(node) {
    node.start();
    await node.line;
  }

  async led() {
    await until('a leader of the servers', async () => (await Promise.all(
      this.monitors.map(async (port) => {
        const health = await fetch(`http://127.0.0.1:${port}/healthz?js-enabled-only=true`);
        const js = await (await fetch(`http://127.0.0.1:${port}/jsz`)).json();
        return health.ok && Boolean(js.meta_cluster?.leader);
      }))).every(Boolean));
  }

  /** All nodes take alerts. */
  async current() {
    await until('all nodes in order', async () => (await Promise.all(this.nodes.map(
      async ({ url }) => {
        const { warnings } = await (await fetch(`${url}/readyz`)).json();
        return !warnings.some((each) => each.includes('its cluster'));
      }))).every(Boolean));
  }

  async close() {
    for (const program of [...this.nodes, ...this.servers]) {
      if (program.up) await program.kill();
    }
    for (const line of this.lines) line.close();
  }
}

async function until(what, holds) {
  const late = Date.now() + HEAL_MAX_MS;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > late) throw new Error(`${what}: not within ${HEAL_MAX_MS} ms`);
    await sleep(100);
  }
}

/** What may happen: each begins, and says how it ends. */
const FAULTS = {
  async kill_node(machines, random) {
    const node = random.pick(machines.nodes);
    await node.kill();
    return [node.name, () => machines.start_node(node)];
  },
  async kill_server(machines, random) {
    const server = random.pick(machines.servers);
    await server.kill();
    return [server.name, async () => server.start()];
  },
  async kill_two_servers(machines, random) {
    const spared = random.pick(machines.servers);
    const killed = machines.servers.filter((each) => each !== spared);
    await Promise.all(killed.map((each) => each.kill()));
    return [`all but ${spared.name}`, async () => killed.forEach((each) => each.start())];
  },
  async pause(machines, random) {
    const program = random.pick([...machines.servers, ...machines.nodes]);
    program.pause();
    return [program.name, async () => program.go_on()];
  },
  async cut_client(machines, random) {
    const i = random.between(0, COUNT - 1);
    machines.clients[i].cut();
    return [`node ${i} from server ${i}`, async () => machines.clients[i].mend(), [i]];
  },
  async cut_server(machines, random) {
    const i = random.between(0, COUNT - 1);
    const lines = machines.between.filter(({ ends }) => ends.includes(i));
    for (const { line } of lines) line.cut();
    return [`server ${i} from the others`,
      async () => lines.forEach(({ line }) => line.mend()), [i]];
  },
  async slow(machines, random) {
    const line = random.pick(machines.lines);
    const delay = random.between(20, 400);
    line.slow(delay);
    return [`a line by ${delay} ms`, async () => line.mend()];
  },
  async wipe_server(machines, random) {
    const i = random.between(0, COUNT - 1);
    await machines.servers[i].kill();
    rmSync(join(machines.folder, `store${i}`), { recursive: true, force: true });
    return [`server ${i} without its store`, async () => machines.servers[i].start()];
  },
  async wipe_all(machines) {
    await Promise.all(machines.servers.map((each) => each.kill()));
    for (let i = 0; i < COUNT; ++i) {
      rmSync(join(machines.folder, `store${i}`), { recursive: true, force: true });
    }
    return ['every store', async () => machines.servers.forEach((each) => each.start())];
  },
  async power(machines) {
    await Promise.all([...machines.nodes, ...machines.servers].map((each) => each.kill()));
    return ['all of it', async () => {
      for (const server of machines.servers) server.start();
      await Promise.all(machines.nodes.map((node) => machines.start_node(node)));
    }];
  },
};

/** Sends alerts to random nodes, each until it is taken or the end has come. */
async function sender(machines, book, state, random) {
  while (state.running) {
    const document = alert();
    const body = sealed(document, [machines.keys.ann]);
    for (;;) {
      const node = random.pick(machines.nodes);
      const begun = Date.now();
      const answer = await fetch(`${node.url}/v1/alerts`,
        { method: 'POST', body, signal: AbortSignal.timeout(5_000) })
        .then(async (got) => ({ status: got.status, told: await got.json() }))
        .catch(() => null);
      if (answer === null) book.unknown += 1;
      else if (answer.status === 201 || answer.status === 200) {
        const { seq, epoch, id } = answer.told;
        if (id !== sha256_hex(document)) book.fault(`another id was acknowledged at ${seq}`);
        book.acknowledge({ id, seq, epoch, node: node.index, begun, ended: Date.now() });
        break;
      } else if (answer.status === 503) book.refused += 1;
      else book.fault(`node ${node.index} answered ${answer.status} ${answer.told.code}`);
      if (!state.running) break;
      await sleep(100);
    }
    await sleep(SEND_EVERY_MS);
  }
}

async function faults(machines, book, random, until_ms) {
  while (Date.now() < until_ms) {
    await sleep(random.between(...CALM_MS));
    const kind = random.pick(Object.keys(FAULTS));
    const [what, heal, cut = []] = await FAULTS[kind](machines, random);
    const from = Date.now();
    console.log(`  ${kind}: ${what}`);
    await sleep(random.between(...FAULT_MS));
    // A majority may have agreed before the line was cut, and the answer is under way.
    for (const node of cut) book.cuts.push({ node, from: from + 3_000, to: Date.now() });
    await heal();
  }
}

const head_of = async ({ url }) => Number(
  /^tocsin_log_head_sequence (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())[1]);

async function log_of(node, head) {
  const reader = new Reader(node.name, () => node.url);
  await until(`the log of ${node.name}`, async () => (reader.newest?.seq ?? 0) >= head);
  reader.end();
  return { node: node.name, alerts: reader.runs.flat() };
}

async function run(seed, program) {
  const random = random_from(seed);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-'));
  const machines = await new Machines(folder).open(program);
  const book = new Book();
  const load = random_from(seed + 1);
  const readers = Array.from({ length: 6 }, (_, i) =>
    new Reader(`reader ${i}`, () => machines.nodes[load.between(0, COUNT - 1)].url));
  const state = { running: true };
  const senders = Array.from({ length: SENDERS }, () => sender(machines, book, state, load));
  let healed_ms = -1;
  let first_ms = -1;
  try {
    await faults(machines, book, random, Date.now() + SECONDS * 1000);
    const healed = Date.now();
    await machines.led();
    const before = book.acknowledged.length;
    await until('an alert after healing', async () => book.acknowledged.length > before);
    first_ms = Date.now() - healed;
    await machines.current();
    healed_ms = Date.now() - healed;
    if (first_ms > FIRST_MAX_MS) book.fault(`an alert was first taken after ${first_ms} ms`);
    state.running = false;
    await Promise.all(senders);
    await until('the same head everywhere', async () =>
      new Set(await Promise.all(machines.nodes.map(head_of))).size === 1);
    const newest = await head_of(machines.nodes[0]);
    if (newest === 0) book.fault('nothing was appended');
    const logs = await Promise.all(machines.nodes.map((node) => log_of(node, newest)));
    await until('all readers have everything', async () =>
      readers.every((reader) => (reader.newest?.seq ?? 0) >= newest));
    book.check(logs, readers);
  } catch (fault) {
    book.fault(fault.message);
  }
  state.running = false;
  for (const reader of readers) reader.end();
  await Promise.all(senders);
  if (book.faults.length > 0) for (const { name, said } of machines.nodes) console.log(name, said);
  await machines.close();
  console.log(`seed ${seed}: ${book.acknowledged.length} acknowledged, ${book.refused} refused, ` +
    `${book.unknown} without an answer, ${readers.reduce((sum, { gaps }) => sum + gaps, 0)} gaps ` +
    `told; taken again ${first_ms} ms after healing, all in order after ${healed_ms} ms`);
  for (const fault of [...new Set(book.faults)].slice(0, FAULTS_SHOWN)) {
    console.log(`  FAULT: ${fault}`);
  }
  if (book.faults.length === 0) rmSync(folder, { recursive: true, force: true });
  else console.log(`  kept: ${folder}`);
  return book.faults.length === 0;
}

const { program, why } = nats_server_program();
if (!program) throw new Error(why);
let good = true;
for (let i = 0; i < Number(options.runs); ++i) good = (await run(SEED + i, program)) && good;
process.exit(good ? 0 : 1);
