// The real tocsind on a folder and a port of its own, and the people who may speak to it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import assert from 'node:assert/strict';
import { sealed, sha256_hex } from './dsse.mjs';
import { checked, ROOT } from './schemas.mjs';
import { people, trust_file, trust_payload } from './trust.mjs';

export const BIN = process.env.TOCSIN_BIN ?? join(ROOT, 'build', 'release', 'bin');
const READY_MAX_MS = 60_000;
const STOP_MAX_MS = 30_000;
const running = new Set();

const folders = [];

/** A folder that goes when the test file ends. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  folders.push(folder);
  return folder;
}

/** Ends everything that was started here. Called from here, it holds for the whole test file. */
function tidy_up() {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
after(tidy_up);
process.on('exit', tidy_up);

/** Rejects when `promise` takes longer than `limit_ms`. */
export function within(limit_ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limit_ms} ms`)), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

class Engine {
  constructor(command, args) {
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    this.stdout = '';
    this.stderr = '';
    this.child.stderr.on('data', (data) => { this.stderr += data; });
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        resolve({ code, signal });
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.stdout.on('data', (data) => {
        this.stdout += data;
        const end = this.stdout.indexOf('\n');
        if (end >= 0) resolve(JSON.parse(this.stdout.slice(0, end)));
      });
      this.exited.then(({ code, signal }) =>
        reject(new Error(`tocsind ended before it was ready (${code ?? signal}): ${this.stderr}`)));
    });
    this.ready.catch(() => {});
  }

  get pid() { return this.child.pid; }

  /** Sends a signal to this process alone and waits for its end. */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return within(STOP_MAX_MS, `the end after ${signal}`, this.exited);
  }

  async post(body, options = {}) {
    const response = await fetch(`${this.url}/v1/alerts`, { method: 'POST', body, ...options });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Signs, posts, and asserts that it was taken; the answer of POST. */
  async admit(document, ...keys) {
    const { status, text } = await this.post(sealed(document, keys));
    assert.equal(status, 201, text);
    const answer = checked('answer', text);
    assert.equal(answer.id, sha256_hex(document));
    return answer;
  }
}

/**
 * Starts tocsind. `data`, `keys` and `trust` (the file's path) may be those of an engine before it;
 * `nofile` bounds its descriptors; with `survives_full_files` a file that may grow no further is an
 * error to it and not its end (see `stop_writing`); `listen` and `args` are passed on.
 */
export function launch({ data, keys, trust, args = [], nofile, survives_full_files,
                         listen = '127.0.0.1:0' } = {}) {
  const program = join(BIN, 'tocsind');
  assert.ok(existsSync(program),
    `${program} is missing: build first, or say where with TOCSIN_BIN`);
  data ??= join(scratch(), 'data');
  keys ??= people();
  if (!trust) {
    trust = join(scratch(), 'trust.json');
    writeFileSync(trust, trust_file(trust_payload(keys), [keys.root]));
  }
  const all = ['--data', data, '--trust', trust, '--listen', listen, ...args];
  const engine = nofile ? new Engine('prlimit', [`--nofile=${nofile}`, program, ...all])
    : survives_full_files
      ? new Engine('bash', ['-c', 'trap "" XFSZ; exec "$0" "$@"', program, ...all])
      : new Engine(program, all);
  return Object.assign(engine, { data, keys, trust, listen });
}

/** The same, ready to be spoken to; it ends with the test file. */
export async function start(options) {
  const engine = launch(options);
  const ready = await within(READY_MAX_MS, 'the ready line', engine.ready);
  checked('ready-line', JSON.stringify(ready));
  engine.url = ready.url.replace(/\/$/, '');
  engine.port = Number(new URL(ready.url).port);
  return engine;
}

/** From here on nothing that engine writes is taken by a disk: every write of it fails. */
export function stop_writing(engine) {
  execFileSync('prlimit', ['--pid', String(engine.pid), '--fsize=0']);
}

/** The same folder, trust and people once more. */
export const restart = ({ data, keys, trust }, more = {}) => start({ data, keys, trust, ...more });
