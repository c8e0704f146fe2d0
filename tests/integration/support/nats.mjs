// A real nats-server, out of Debian's package and never installed, and partners with npm's client.
import { execFileSync, spawn } from 'node:child_process';
import { verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect as dial, createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'nats';
import assert from 'node:assert/strict';
import { CAP_TYPE, encoding, public_key_of, sha256_hex } from './dsse.mjs';
import { unpacked_package } from './debian.mjs';
import { within } from './engine.mjs';

const LATE_MS = 20_000;
const running = new Set();
const clients = new Set();
after(async () => {
  for (const client of clients) await client.close();
  for (const child of running) child.kill('SIGKILL');
});
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });

const works = (program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The program: what TOCSIN_NATS_SERVER names, an installed one, or Debian's, unpacked here. */
export function nats_server_program() {
  for (const program of [process.env.TOCSIN_NATS_SERVER, 'nats-server']) {
    if (program && works(program)) return { program };
  }
  const { root, why } = unpacked_package('nats-server');
  return root ? { program: join(root, 'usr', 'sbin', 'nats-server') } : { why };
}

export async function free_port() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port) {
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = dial(port, '127.0.0.1');
      socket.on('data', () => { socket.destroy(); resolve(true); });
      socket.on('error', () => setTimeout(() => resolve(false), 20));
    });
    if (open) return;
  }
}

/** A server on a port of its own, which it keeps when it is started again. */
export class NatsServer {
  /** `args` besides; with `store` it has JetStream, in that folder; `port` where it is known. */
  constructor(program, { args = [], store, port } = {}) {
    this.program = program;
    this.more = store ? ['-js', '-sd', store, ...args] : args;
    this.port = port;
  }

  get url() { return `nats://127.0.0.1:${this.port}`; }

  async start() {
    this.port ??= await free_port();
    this.child = spawn(this.program, ['-a', '127.0.0.1', '-p', String(this.port), ...this.more],
      { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(this.child);
    this.said = '';
    this.child.stderr.on('data', (data) => { this.said += data; });
    this.exited = new Promise((resolve) => this.child.on('close', (code) => {
      running.delete(this.child);
      resolve(code);
    }));
    const ended = this.exited.then((code) => {
      throw new Error(`nats-server ${code}: ${this.said}`);
    });
    ended.catch(() => {});
    await within(LATE_MS, 'nats-server', Promise.race([answers(this.port), ended]));
    return this;
  }

  /** Stopped as it stands, once each of its threads is. */
  async pause() {
    const { pid } = this.child;
    process.kill(pid, 'SIGSTOP');
    const stopped = (thread) =>
      / T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\)/, ''));
    while (!readdirSync(`/proc/${pid}/task`).every(stopped)) await sleep(5);
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    await within(LATE_MS, 'the end of nats-server', this.exited);
  }
}

/** npm's client, closed at the end. */
export async function client_of(server, options = {}) {
  const client = await connect({ servers: server.url.replace('nats://', ''),
    maxReconnectAttempts: -1, reconnectTimeWait: 50, ...options });
  clients.add(client);
  return client;
}

/** Somebody who connects so, and what the server complains of to them. */
export async function complaining(options) {
  const client = await connect(options);
  const complaints = [];
  (async () => {
    for await (const status of client.status()) {
      complaints.push(status.permissionContext ?? status.data);
    }
  })();
  return { client, complaints };
}

const turn = () => new Promise((resolve) => { setImmediate(resolve); });

/**
 * Whether the server permits it to somebody who is `complaining`; npm's client is told of it
 * behind the next round trip.
 */
export async function may_publish({ client, complaints }, subject, body = 'x') {
  complaints.length = 0;
  client.publish(subject, body);
  await client.flush();
  await turn();
  return complaints.length === 0;
}

export async function may_subscribe({ client }, subject) {
  let refused = false;
  const subscription = client.subscribe(subject, { callback: (error) => { refused ||= error; } });
  await client.flush();
  await turn();
  if (!refused) subscription.unsubscribe();
  return !refused;
}

/** Whoever listens on subjects from now on: every message, in order. */
export class Listener {
  constructor(client, ...subjects) {
    this.client = client;
    this.messages = [];
    this.waiting = new Set();
    for (const subject of subjects) {
      client.subscribe(subject, { callback: (error, message) => {
        if (error) throw error;
        this.messages.push(message);
        for (const look of this.waiting) look();
      } });
    }
  }

  /** The server knows of it. */
  async ready() {
    await this.client.flush();
    return this;
  }

  on(prefix) { return this.messages.filter(({ subject }) => subject.startsWith(prefix)); }

  /** Waits until `stop` says so. */
  until(stop, what, late_ms = LATE_MS) {
    const come = new Promise((resolve) => {
      const look = () => { if (stop(this.messages)) resolve(); };
      this.waiting.add(look);
      look();
    });
    return within(late_ms, { toString: () => `${what}, ${this.messages.length} messages` }, come);
  }
}

export const id_of = (message) => message.headers.get('Nats-Msg-Id');
export const sequence_of = (message) => Number(message.headers.get('Tocsin-Seq'));

/** Asserts that it says what it is: every signature holds, under these officers' keys alone. */
export function verified(message, officers) {
  const body = Buffer.from(message.data);
  assert.equal(message.headers.get('ce-id'), sha256_hex(body));
  assert.equal(message.headers.get('Content-Type'), CAP_TYPE);
  const signatures = message.headers.values('Tocsin-Signature');
  assert.ok(signatures.length > 0);
  for (const signature of signatures) {
    const [, keyid, sig] = /^keyid=([0-9a-f]{64});sig=([A-Za-z0-9+/]{86}==)$/.exec(signature);
    const officer = officers.find((each) => each.keyid === keyid);
    assert.ok(officer, `a key that nobody has: ${keyid}`);
    assert.ok(verify(null, encoding(CAP_TYPE, body), public_key_of(officer.raw),
                     Buffer.from(sig, 'base64')));
  }
  return body;
}
