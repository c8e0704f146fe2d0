// kill -9 at random moments under load, restart on the same folder, and compare: nothing that was
// answered yes is missing or changed, nothing is there twice, no place is empty, the epoch stays,
// and a reader that comes back with its position is shown everything once. Receipts and secrets
// that were answered stand as well.
//
//   node tests/crash/crash.mjs [--rounds 200] [--seed N] [--clients 6] [--bin DIR] [--keep]
//
// What it does not try is a power cut: a killed process leaves its writes to the kernel.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Book } from './book.mjs';
import { Bulletins } from './bulletins.mjs';
import { Engine } from './engine.mjs';
import { Others } from './others.mjs';
import { Reader } from './reader.mjs';
import { Broken, Http, promised, random_from } from './wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string' },
    clients: { type: 'string', default: '6' },
    bin: { type: 'string', default: process.env.TOCSIN_BIN ??
                                    resolve(here, '../../build/release/bin') },
    keep: { type: 'boolean', default: false },
  },
});

const ROUNDS = Number(options.rounds);
const CLIENTS = Number(options.clients);
const SEED = Number(options.seed ?? Date.now() % 2 ** 31);
const WHOLE_EVERY = 100;
const LOAD_MS = [3, 220];
const START_MS = [1, 80];

/** One client: sends job after job until the engine is gone. */
async function client(book, bulletins, state) {
  while (state.running) {
    const job = bulletins.next();
    if (!job) return;
    for (let i = 0; i < job.length; ++i) {
      if (!(await one(book, job, i, state))) return;
    }
  }
}

/** Sends the i-th of a job. Without an answer, it and what follows it are sent again later. */
async function one(book, job, i, state) {
  book.sending(job[i]);
  let answer;
  try {
    answer = await book.http.post(job[i].line);
  } catch (fault) {
    promised(!state.running, `a connection broke while tocsind was up: ${fault.message}`);
    job[i].tried = true;
    book.unanswered.push(job.slice(i));
    book.count.unanswered += 1;
    return false;
  }
  book.answered(job[i], answer);
  return true;
}

async function load(engine, book, others, bulletins, random) {
  await bulletins.prepare(600);
  const state = { running: true };
  if (!others.said && book.head > 0) await others.begin();
  const clients =
    Promise.all([...Array.from({ length: CLIENTS }, () => client(book, bulletins, state)),
                 others.said && others.load(state)]);
  clients.catch(() => {});  // thrown below, after the kill
  await new Promise((done) => setTimeout(done, random.between(...LOAD_MS)));
  state.running = false;
  await engine.kill();
  await clients;
  book.http.forget();
}

/** After a restart: the log against the book. */
async function compare(book, others, random) {
  const heard = await book.check_tail();
  await book.check_bytes(heard.length <= 40 ? heard : heard.slice(random.below(heard.length - 39)));
  if (book.head > 0) await book.check_bytes([1 + random.below(book.head)]);
  await others.check();
  await book.send_again();
}

async function rounds(engine, book, others, bulletins, readers, random) {
  let recovery_ms_max = 0;
  for (let round = 1; round <= ROUNDS; ++round) {
    state_of_run.round = round;
    if (random.one_in(6)) await engine.start_and_kill(random.between(...START_MS));
    recovery_ms_max = Math.max(recovery_ms_max, await engine.start());
    await compare(book, others, random);
    if (round % WHOLE_EVERY === 0) await book.check_whole();
    for (const reader of readers) reader.agrees_with(book);
    await load(engine, book, others, bulletins, random);
    progress(round, book);
  }
  return recovery_ms_max;
}

async function last_look(engine, book, others, readers, random) {
  await engine.start();
  await compare(book, others, random);
  await book.check_whole();
  await others.check_all();
  for (const reader of readers) {
    await reader.reaches(book.head);
    reader.agrees_with(book);
    reader.stop();
  }
  await engine.stop();
}

function progress(round, book) {
  if (!process.stderr.isTTY && round % 50 !== 0) return;
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}round ${round} of ${ROUNDS}, ` +
                       `${book.head} in the log${process.stderr.isTTY ? '\x1b[K' : '\n'}`);
}

const state_of_run = { round: 0 };

async function main() {
  for (const program of ['tocsind', 'make_bulletins']) {
    if (existsSync(join(options.bin, program))) continue;
    console.log(`crash: there is no ${program} in ${options.bin}: cmake --preset release && ` +
                'cmake --build --preset release --target tocsind make_bulletins');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-crash-'));
  const began = Date.now();
  console.log(`crash: ${ROUNDS} rounds, ${CLIENTS} clients, seed ${SEED}`);
  const random = random_from(SEED);
  const bulletins = new Bulletins(options.bin, folder);
  let engine;
  try {
    await bulletins.prepare(1);  // the trust document is written before the first of them
    engine = await Engine.on(folder, options.bin);
    const book = new Book(new Http(engine.url), random);
    const others = new Others(folder, engine.url, random);
    const readers = [new Reader(engine.url, 'a reader')];
    for (const reader of readers) reader.start();
    const recovery_ms = await rounds(engine, book, others, bulletins, readers, random);
    await last_look(engine, book, others, readers, random);
    tell(book, others, readers[0], recovery_ms, Date.now() - began);
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
    return 0;
  } catch (fault) {
    engine?.child?.kill('SIGKILL');
    const kind = fault instanceof Broken ? 'BROKEN' : 'could not go on';
    console.log(`\ncrash: ${kind} in round ${state_of_run.round}, seed ${SEED}: ${fault.message}`);
    if (!(fault instanceof Broken)) console.log(fault.stack);
    console.log(`What tocsind said last:\n${engine?.said ?? ''}\nIts folder is kept: ${folder}`);
    return 1;
  } finally {
    bulletins.stop();
  }
}

function tell(book, others, reader, recovery_ms, took_ms) {
  const { yes, repeats, unanswered, survived } = book.count;
  console.log(
    `\ncrash: ${ROUNDS} kills in ${(took_ms / 1000).toFixed(1)} s ` +
    `(${Math.round(took_ms / Math.max(1, ROUNDS))} ms a round); the log holds ${book.head}\n` +
    `  answered yes: ${yes}, each in its place with its bytes; ` +
    `repeats: ${repeats}, each the same place\n` +
    `  without an answer: ${unanswered}, of which ${survived} were in the log, each once; ` +
    `told to wait: ${book.http.told_to_wait}\n` +
    `  a reader over ${reader.connections} connections was shown ${reader.last} of ${book.head}, ` +
    `each once and in order\n` +
    `  receipts answered: ${others.count.receipts}, each counted; secrets handed out: ` +
    `${others.count.secrets}, taken back: ${others.count.revoked}, each as answered\n` +
    `  slowest start: ${Math.round(recovery_ms)} ms; cores: ` +
    `${availableParallelism?.() ?? cpus().length}`);
}

process.exitCode = await main();
process.exit();
