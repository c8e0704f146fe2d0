// The nats-server that leads a stream is killed while bulletins are sent, and started again: how
// long nobody has a yes, what is said meanwhile, and whether all that had one is there in the end.
// Into three machines that share a log, or into a plain stream with three replicas.
//
//   node bench/cluster/kills.mjs --row cluster-killed --kills 2 --bodies FILE --trust FILE
//
// Prints one line of JSON a kill; bench/compare calls it. With a fault in the logs it ends with 1.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Book, sha256_hex } from '../../tests/chaos/book.mjs';
import { have_leader, start_node, start_servers, until_current }
  from '../../tests/integration/support/cluster.mjs';
import { client_of, nats_server_program } from '../../tests/integration/support/nats.mjs';

const { values: options } = parseArgs({ options: {
  row: { type: 'string' }, kills: { type: 'string', default: '2' },
  senders: { type: 'string', default: '64' }, rate: { type: 'string', default: '500' },
  bodies: { type: 'string' }, trust: { type: 'string' },
} });
const NAMES = ['a', 'b', 'c'];
const SENDERS = Number(options.senders);
const EVERY_MS = SENDERS * 1000 / Number(options.rate);
const WARM_MS = 3_000;
const CALM_MS = 2_000;      // of load behind a kill and a return
const STEADY_MS = 1_000;    // each answers all the time for so long
const STEADY_LEAST = 10;
const AGAIN_MS = 100;       // after a refusal
const ANSWER_MAX_MS = 5_000;
const PUBLISH_MAX_MS = 2_000;  // as long as a tocsind waits
const LATE_MS = 90_000;
const PAGE = 1000;
const FAULTS_SHOWN = 20;
process.on('SIGTERM', () => process.exit(143));

async function until(what, holds) {
  const late = performance.now() + LATE_MS;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`${what}: not within ${LATE_MS} ms`);
    await sleep(50);
  }
}

/** Three machines that share a log. */
class Machines {
  stream = 'TOCSIN_ORDER';

  async open(servers) {
    this.nodes = [];
    for (const name of NAMES) {
      this.nodes.push(await start_node(servers, name, { like: { trust: options.trust } }));
    }
    await Promise.all(this.nodes.map((node) => until_current(node)));
    return this;
  }

  async send(machine, body) {
    const answer = await fetch(`${this.nodes[machine].url}/v1/alerts`,
      { method: 'POST', body, signal: AbortSignal.timeout(ANSWER_MAX_MS) })
      .then(async (got) => ({ status: got.status, told: await got.json() })).catch(() => null);
    if (answer === null) return { unknown: true };
    if (answer.status === 201 || answer.status === 200) return answer.told;
    if (answer.status === 503) return { refused: true };
    throw new Error(`${NAMES[machine]} answered ${answer.status} ${answer.told.code}`);
  }

  async logs() {
    const heads = () => Promise.all(this.nodes.map(async ({ url }) => Number(
      /^tocsin_log_head_sequence (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())[1])));
    await until('the same head everywhere', async () => new Set(await heads()).size === 1);
    return Promise.all(this.nodes.map((node) => this.#log_of(node)));
  }

  async #log_of({ url, node }) {
    const alerts = [];
    for (let after = '0', asked = null; after !== asked;) {
      asked = after;
      const answer = await fetch(
        `${url}/v1/alerts?status=Exercise&limit=${PAGE}&after=${encodeURIComponent(after)}`);
      if (!answer.ok) throw new Error(`the log of ${node}: ${answer.status}`);
      after = answer.headers.get('Tocsin-Position');
      for (const line of (await answer.text()).split('\n').filter(Boolean)) {
        const { seq, id, at } = JSON.parse(line);
        alerts.push({ seq, id, at });
      }
    }
    return { node, alerts };
  }
}

/** A plain stream, published to over three connections that each begin at a server of their own. */
class Stream {
  stream = 'BULLETINS';

  async open(servers) {
    const urls = servers.map(({ url }) => url.replace('nats://', ''));
    this.clients = [];
    for (let i = 0; i < servers.length; ++i) {
      const from_own = [...urls.slice(i), ...urls.slice(0, i)];
      this.clients.push(await client_of(servers[i], { servers: from_own, noRandomize: true }));
    }
    const manager = await this.clients[0].jetstreamManager();
    await manager.streams.add({ name: this.stream, subjects: ['bulletins.>'], num_replicas: 3,
      storage: 'file' });
    this.streams = this.clients.map((client) => client.jetstream());
    return this;
  }

  /** With an id, so that asking again is as safe as it is of a tocsind. */
  async send(machine, body, id) {
    try {
      const { seq } = await this.streams[machine].publish('bulletins.a', body,
        { msgID: id, timeout: PUBLISH_MAX_MS });
      return { seq, id };
    } catch (error) {
      return error.code === '503' ? { refused: true } : { unknown: true };
    }
  }

  async logs() {
    const manager = await this.clients[0].jetstreamManager();
    const { state } = await manager.streams.info(this.stream);
    const alerts = [];
    if (state.messages === 0) return [{ node: 'stream', alerts }];
    const read = await this.streams[0].consumers.get(this.stream, {});
    for await (const message of await read.consume({ max_messages: PAGE })) {
      alerts.push({ seq: message.seq, id: message.headers.get('Nats-Msg-Id'), at: '' });
      if (message.seq >= state.last_seq) break;
    }
    return [{ node: 'stream', alerts }];
  }
}

/** What every server that runs says of the stream. */
async function told_of(servers, stream) {
  const told = await Promise.all(servers.map(({ monitor }) =>
    fetch(`http://127.0.0.1:${monitor}/jsz?streams=1`).then((got) => got.json())
      .catch(() => ({}))));
  return told.flatMap(({ account_details }) => account_details ?? [])
    .flatMap(({ stream_detail }) => stream_detail ?? []).filter(({ name }) => name === stream);
}

/** The server that leads it, where all of these agree on one of them. */
async function leader_of(servers, stream) {
  const told = await told_of(servers, stream);
  const leaders = new Set(told.map(({ cluster }) => cluster?.leader));
  return leaders.size === 1 ? servers.find(({ name }) => leaders.has(name)) : undefined;
}

/** Only what the leader says of the others is true. */
async function all_have(servers, stream) {
  const leader = await leader_of(servers, stream);
  const [told] = leader ? await told_of([leader], stream) : [];
  return told?.cluster.replicas?.length === servers.length - 1 &&
    told.cluster.replicas.every(({ current, offline }) => current && !offline);
}

class Load {
  constructor(target, bodies, book) {
    Object.assign(this, { target, bodies, book, next: 0, running: true });
    this.yes = [];  // {at, machine}
    this.done = Promise.all(Array.from({ length: SENDERS }, (_, i) => this.#sender(i)));
    this.done.catch((fault) => { this.fault = fault; });
  }

  async #sender(i) {
    await sleep(i * EVERY_MS / SENDERS);
    for (let due = performance.now(); this.running; due = Math.max(due + EVERY_MS,
      performance.now() - EVERY_MS)) {
      await sleep(Math.max(0, due - performance.now()));
      const body = this.bodies[this.next++];
      if (body === undefined) throw new Error('there are too few bulletins');
      const id = sha256_hex(Buffer.from(JSON.parse(body).payload, 'base64'));
      for (let machine = i; !(await this.#asked(machine % NAMES.length, body, id)); ++machine) {
        if (!this.running) return;
        await sleep(AGAIN_MS);
      }
    }
  }

  async #asked(machine, body, id) {
    const begun = performance.now();
    const told = await this.target.send(machine, body, id);
    if (told.refused) this.book.refused += 1;
    else if (told.unknown) this.book.unknown += 1;
    else {
      const ended = performance.now();
      if (told.id !== id) this.book.fault(`another id was acknowledged at ${told.seq}`);
      this.book.acknowledge({ id, seq: told.seq, node: NAMES[machine], begun, ended });
      this.yes.push({ at: ended, machine });
      return true;
    }
    return false;
  }

  /** The longest time without a yes since then, and when it was over; of one machine or of all. */
  pause(since, machine) {
    let longest = { ms: 0, over: since };
    let before = since;
    for (const yes of this.yes) {
      if (yes.at < since || (machine !== undefined && yes.machine !== machine)) continue;
      if (yes.at - before > longest.ms) longest = { ms: yes.at - before, over: yes.at };
      before = yes.at;
    }
    return longest;
  }

  /** Whether each of them had yes after yes lately. */
  steady() {
    if (this.fault) throw this.fault;
    const lately = this.yes.filter(({ at }) => at > performance.now() - STEADY_MS);
    return NAMES.every((_, i) => lately.filter(({ machine }) => machine === i).length >=
      STEADY_LEAST);
  }
}

const seconds = (ms) => Math.round(ms) / 1000;

async function kill(number, servers, target, load, book) {
  const { refused, unknown, acknowledged: { length: first } } = book;
  await sleep(WARM_MS);
  let leader;
  await until('one leader', async () =>
    Boolean(leader = await leader_of(servers, target.stream)));
  const killed = performance.now();
  await leader.kill();
  const others = servers.filter((each) => each !== leader);
  await until('the next leader', async () => Boolean(await leader_of(others, target.stream)));
  const led = performance.now();
  await sleep(STEADY_MS + CALM_MS);
  await until('an answer from each', async () => load.steady());
  const pause = load.pause(killed);
  const all = Math.max(...NAMES.map((_, i) => load.pause(killed, i).over - killed));
  const said = { refused: book.refused - refused, unknown: book.unknown - unknown };
  const back = performance.now();
  await leader.start();
  await have_leader(servers);
  await until('all of the stream at each', () => all_have(servers, target.stream));
  await sleep(CALM_MS);
  return { kill: number, leader_s: seconds(led - killed), pause_s: seconds(pause.ms),
    all_s: seconds(all), ...said, back_pause_s: seconds(load.pause(back).ms), first,
    last: book.acknowledged.length };
}

async function main() {
  const { program, why } = nats_server_program();
  if (!program) throw new Error(why);
  const bodies = readFileSync(options.bodies, 'utf8').trimEnd().split('\n');
  const servers = await start_servers(program);
  servers.forEach((server, i) => { server.name = `n${i}`; });
  const plain = options.row !== 'cluster-killed';
  const target = await (plain ? new Stream() : new Machines()).open(servers);
  const book = new Book();
  const load = new Load(target, bodies, book);
  const kills = [];
  for (let i = 1; i <= Number(options.kills); ++i) {
    kills.push(await kill(i, servers, target, load, book));
  }
  load.running = false;
  await load.done;
  const logs = await target.logs();
  const places = new Map(logs[0].alerts.map(({ seq, id }) => [id, seq]));
  for (const { first, last, ...told } of kills) {
    const these = book.acknowledged.slice(first, last);
    console.log(JSON.stringify({ ...told, acknowledged: these.length,
      lost: these.filter(({ id, seq }) => places.get(id) !== seq).length }));
  }
  const faults = [...new Set(book.check(logs, []))];
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.error(fault);
  // A plain stream never promised what a tocsind does: what it lost is a figure.
  return plain || faults.length === 0 ? 0 : 1;
}

process.exit(await main().catch((fault) => {
  console.error(fault.message);
  return 1;
}));
