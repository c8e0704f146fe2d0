// Three machines with a nats-server and an engine each, and one with an edge: their programs, the
// lines between them, their stores and disks, and the older copies of those that chaos puts back.
import { cpSync, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { people, trust_file, trust_payload } from '../integration/support/trust.mjs';
import { Line } from './lines.mjs';
import { Program } from './programs.mjs';
import { mount_disk, Spaces, unmount } from './spaces.mjs';

export const COUNT = 3;   // that take alerts and keep the order
export const EDGE = COUNT;  // the machine that has an edge alone
const CLIENTS = 4222, ROUTES = 6222, MONITOR = 8222, HTTP = 8080, ADMIN = 8081;
const DISK_MIB = 192;
const DISK_LEFT = 4 << 20;  // with so little an engine takes no alerts
const COPIES = 3;
const ASKED_MAX_MS = 2_000;
export const HEAL_MAX_MS = 60_000;

export const indexes = Array.from({ length: COUNT }, (_, i) => i);

/** Waits until it holds, asking again and again; what fails does not hold. */
export async function until(what, holds) {
  const late = Date.now() + HEAL_MAX_MS;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > late) throw new Error(`${what}: not within ${HEAL_MAX_MS} ms`);
    await sleep(50);
  }
}

const asked = (url) => fetch(url, { signal: AbortSignal.timeout(ASKED_MAX_MS) });

export class Machines {
  /** `programs`: {tocsind, nats_server, clock}, paths; `draw` gives numbers from 0 to 1. */
  constructor(folder, programs, draw) {
    Object.assign(this, { folder, programs, draw, lines: [] });
    this.spaces = new Spaces(COUNT + 1);
    this.copies = indexes.map(() => []);  // of each server's store, the newest last
  }

  async open() {
    this.keys = people();
    this.trust = join(this.folder, 'trust.json');
    writeFileSync(this.trust, trust_file(trust_payload(this.keys), [this.keys.root]));
    await this.#open_lines();
    this.servers = indexes.map((i) => this.#server(i));
    for (const server of this.servers) server.start();
    await this.led();
    this.nodes = [...indexes, EDGE].map((i) => this.#node(i));
    await Promise.all(this.nodes.map((node) => this.start_node(node)));
    await this.current();
    await this.#kept_by_all();
    return this;
  }

  get programs_all() { return [...this.servers, ...this.nodes]; }

  async #open_lines() {
    for (const i of [...indexes, EDGE]) {
      for (const j of indexes) {
        const way = this.spaces.way(i, j);
        const ports = i === j || i === EDGE ? [CLIENTS] : [CLIENTS, ROUTES];
        for (const port of ports) {
          const line = await new Line(way, port, this.draw).open();
          this.lines.push(Object.assign(line, { ends: [i, j] }));
        }
      }
    }
  }

  #server(i) {
    const routes = indexes.filter((j) => j !== i)
      .map((j) => `"nats://${this.spaces.way(i, j).at}:${ROUTES}"`);
    const config = join(this.folder, `n${i}.conf`);
    writeFileSync(config, `server_name: n${i}
listen: "0.0.0.0:${CLIENTS}"
http: "0.0.0.0:${MONITOR}"
ping_interval: "2s"
ping_max: 2
jetstream { store_dir: "${this.#store(i)}", max_mem: 64M, max_file: 4G }
cluster { name: tocsin, listen: "0.0.0.0:${ROUTES}", no_advertise: true, advertise: "127.0.0.1:1",
  routes: [${routes.join(', ')}] }
`);
    const command = [...this.spaces.on(i), this.programs.nats_server, '-c', config];
    return new Program(`server ${i}`, i, command, join(this.folder, `server${i}.log`));
  }

  #store(i) { return join(this.folder, `store${i}`); }

  /** What it says of the time of day is the machine's clock and what stands in a file. */
  #node(i) {
    const name = i === EDGE ? 'edge' : `node${i}`;
    const address = this.spaces.address(i);
    const disk = join(this.folder, name);
    mkdirSync(disk);
    mount_disk(disk, DISK_MIB);
    const config = join(this.folder, `${name}.toml`);
    writeFileSync(config, `[admin]\nlisten = "${address}:${ADMIN}"\n`);
    const servers = indexes.map((j) => (i + j) % COUNT)  // its own first
      .map((j) => `nats://${this.spaces.way(i, j).at}:${CLIENTS}`).join(',');
    const command = [...this.spaces.on(i), this.programs.tocsind, '--data', join(disk, 'data'),
      '--trust', this.trust, '--listen', `${address}:${HTTP}`, '--config', config,
      '--cluster', servers, '--node', name, ...(i === EDGE ? ['--edge'] : [])];
    const clock = join(this.folder, `${name}.clock`);
    const node = new Program(i === EDGE ? 'edge' : `node ${i}`, i, command,
      join(this.folder, `${name}.log`), existsSync(this.programs.clock)
        ? { LD_PRELOAD: this.programs.clock, TOCSIN_TEST_CLOCK: clock } : {});
    return Object.assign(node, { disk, clock, url: `http://${address}:${HTTP}`,
      admin: `http://${address}:${ADMIN}`, takes: i !== EDGE });
  }

  get takers() { return this.nodes.filter(({ takes }) => takes); }

  async start_node(node) {
    node.start();
    await Promise.race([node.line, node.exited.then((code) => {
      if (node.up) return;
      throw new Error(`${node.name} ended with ${code}`);
    })]);
  }

  /** The stream has as many keepers as there are servers: a majority means something. */
  async #kept_by_all() {
    const found = await this.#told_of_stream();
    if (found.length !== COUNT || found.some(({ config }) => config.num_replicas !== COUNT)) {
      throw new Error(`the stream is kept by ${found.length} servers`);
    }
  }

  async #told_of_stream() {
    const told = await Promise.all(indexes.map(async (i) =>
      (await asked(`http://${this.spaces.address(i)}:${MONITOR}/jsz?streams=1&config=1`)).json()));
    return told.flatMap(({ account_details }) => account_details ?? [])
      .flatMap(({ stream_detail }) => stream_detail ?? [])
      .filter(({ name }) => name === 'TOCSIN_ORDER');
  }

  /** The servers are in order: each has the same leader of them all. */
  led() {
    return until('a leader of the servers', async () => (await Promise.all(
      indexes.map(async (i) => {
        const server = `http://${this.spaces.address(i)}:${MONITOR}`;
        const health = await asked(`${server}/healthz?js-enabled-only=true`);
        const js = await (await asked(`${server}/jsz`)).json();
        return health.ok && Boolean(js.meta_cluster?.leader);
      }))).every(Boolean));
  }

  /** Two of the servers say the same one leads the stream. */
  stream_led() {
    return until('a leader of the stream', async () => {
      const leaders = (await this.#told_of_stream()).map(({ cluster }) => cluster?.leader);
      return leaders.some((one, i) => one && leaders.indexOf(one) !== i);
    });
  }

  /** All nodes have the order. */
  async current() {
    await until('all nodes in order', async () => (await Promise.all(this.nodes.map(
      async ({ admin }) => {
        const { warnings } = await (await asked(`${admin}/readyz`)).json();
        return !warnings.some((each) => each.includes('its cluster'));
      }))).every(Boolean));
  }

  async head_of({ admin }) {
    const metrics = await (await asked(`${admin}/metrics`)).text();
    return Number(/^tocsin_log_head_sequence (\d+)/m.exec(metrics)[1]);
  }

  // --- stores and disks

  /** What stands on a server's disk at one moment; the server stands still meanwhile. */
  copy_store(i) {
    if (!this.servers[i].up || !existsSync(this.#store(i))) return;
    const copy = join(this.folder, `copy${i}-${this.copies[i].length}-${Date.now()}`);
    this.servers[i].pause();
    cpSync(this.#store(i), copy, { recursive: true });
    this.servers[i].go_on();
    this.copies[i].push(copy);
    if (this.copies[i].length > COPIES) rmSync(this.copies[i].shift(), { recursive: true });
  }

  wipe_store(i) { rmSync(this.#store(i), { recursive: true, force: true }); }

  /** `age`: 0 is the newest copy that there is. */
  put_back(i, age) {
    const copies = this.copies[i];
    const copy = copies[Math.max(0, copies.length - 1 - age)];
    if (copy === undefined) return;
    this.wipe_store(i);
    cpSync(copy, this.#store(i), { recursive: true });
  }

  fill_disk({ disk }) {
    const { bavail, bsize } = statfsSync(disk);
    const size = bavail * bsize - DISK_LEFT;
    if (size > 0) writeFileSync(join(disk, 'filler'), Buffer.alloc(size));
  }

  free_disk({ disk }) { rmSync(join(disk, 'filler'), { force: true }); }

  set_clock({ clock }, seconds) { writeFileSync(clock, `${seconds}\n`); }

  /** The folders of the logs lie on disks that end with this program. */
  keep() {
    for (const { disk } of this.nodes ?? []) {
      rmSync(join(disk, 'filler'), { force: true });
      cpSync(disk, `${disk}.kept`, { recursive: true });
    }
  }

  async close() {
    const up = [...(this.servers ?? []), ...(this.nodes ?? [])].filter((each) => each.up);
    await Promise.all(up.map((program) => program.kill()));
    for (const line of this.lines) line.close();
    for (const { disk } of this.nodes ?? []) unmount(disk);
  }
}
