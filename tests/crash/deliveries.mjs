// kill -9 while text messages to 10,000 organisations run, restart on the same folder, and hold the
// engine to what the message centre saw: everybody whom an alert concerns was sent it, whoever was
// sent an alert was sent its Cancel, and nobody was sent anything twice but where the engine has
// counted an attempt of which it does not know the end. Whose delivery was reported, and the report
// answered, counts as reached. In the end its outbox is read, row by row.
//
//   node tests/crash/deliveries.mjs [--rounds 20] [--organisations 10000] [--seed N] [--bin DIR]
//                                   [--keep]
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Bulletins } from './bulletins.mjs';
import { Centre } from './centre.mjs';
import { Engine } from './engine.mjs';
import { Owed } from './owed.mjs';
import { Broken, Http, promised, random_from } from './wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    organisations: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    bin: { type: 'string', default: process.env.TOCSIN_BIN ??
                                    resolve(here, '../../build/release/bin') },
    keep: { type: 'boolean', default: false },
  },
});

const ROUNDS = Number(options.rounds);
const ORGANISATIONS = Number(options.organisations);
const SEED = Number(options.seed ?? Date.now() % 2 ** 31);
const CANCEL_EVERY = 3;
const WINDOW = 50, RATE = 4000;
const DELAY_MS = 20;  // at most, until the centre answers
const LOAD_MS = [20, 700];
const START_MS = [1, 80];
const END_MAX_MS = 180_000, STILL_MS = 2500;
const MB = 2 ** 20;

const run = promisify(execFile);
const later = (ms) => new Promise((done) => setTimeout(done, ms));

/** Organisations, one telephone each, and the engine's words about its gateway. */
function prepare_folder(folder, port) {
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  writeFileSync(join(folder, 'tocsin.toml'),
    `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${port}"\npassword_file = "smpp.password"\n` +
    `source = "TOCSIN"\nwindow = ${WINDOW}\nrate = ${RATE}\n` +
    '[escalation.minor]\nacknowledged = 1\ndelivered = 600\n');
  const rows = Array.from({ length: ORGANISATIONS }, (_, n) =>
    `org${n},Number ${n},,,E09000007,retail,en,+44${7_700_000_000 + n},,,\n`);
  writeFileSync(join(folder, 'list.csv'),
    'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n' +
    rows.join(''));
}

async function import_list(folder) {
  mkdirSync(join(folder, 'config'), { recursive: true });
  await run(join(options.bin, 'tocsin'),
    ['org', 'import', join(folder, 'list.csv'), '--data', join(folder, 'engine')],
    { env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') } });
}

/** The value of a metric that has no labels. */
async function metric(http, name) {
  const { status, body } = await http.get('/metrics');
  promised(status === 200, `/metrics got ${status}`);
  const line = body.toString().split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}

/** Posts alerts and Cancels, so that there is always somebody to be told, until it is killed. */
async function load(engine, http, owed, bulletins, random) {
  await bulletins.prepare(4);
  const state = { running: true };
  const posting = owed.post_while(state, http, () => bulletins.next());
  posting.catch(() => {});  // thrown below, after the kill
  await later(random.between(...LOAD_MS));
  state.running = false;
  await engine.kill();
  await posting;
  http.forget();
}

async function rounds(engine, http, owed, bulletins, random) {
  let start_ms_max = 0;
  for (let round = 1; round <= ROUNDS; ++round) {
    state_of_run.round = round;
    if (random.one_in(6)) {
      await engine.start_and_kill(random.between(...START_MS));
      owed.count_killed_start(engine.said, WINDOW);
    }
    start_ms_max = Math.max(start_ms_max, await engine.start());
    owed.count_uncertain(await metric(http, 'tocsin_delivery_uncertain_total'));
    await load(engine, http, owed, bulletins, random);
    if (owed.centre.broken) throw owed.centre.broken;
    progress(round, owed);
  }
  return start_ms_max;
}

/** Until everybody was told and it has been still for a moment; then the engine ends in order. */
async function last_look(engine, http, owed) {
  await engine.start();
  owed.count_uncertain(await metric(http, 'tocsin_delivery_uncertain_total'));
  await owed.post_rest(http);
  const until = Date.now() + END_MAX_MS;
  for (let still_since = Date.now(), before = -1; ; await later(50)) {
    const { submits } = owed.centre;
    if (owed.left() > 0 || submits !== before || owed.centre.reports.size > 0) {
      still_since = Date.now();
    }
    before = submits;
    if (Date.now() - still_since > STILL_MS) break;
    promised(Date.now() < until, `${owed.left()} messages did not come in ${END_MAX_MS} ms`);
  }
  await engine.stop();
}

async function outbox_of(folder) {
  const { stdout } = await run(join(options.bin, 'print_outbox'), [join(folder, 'engine/outbox')],
                               { maxBuffer: 2048 * MB });
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

function progress(round, owed) {
  if (!process.stderr.isTTY && round % 50 !== 0) return;
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}round ${round} of ${ROUNDS}, ` +
                       `${owed.centre.submits} messages` +
                       `${process.stderr.isTTY ? '\x1b[K' : '\n'}`);
}

const state_of_run = { round: 0 };

async function story(folder, random, bulletins, centre, running) {
  await bulletins.prepare(1);  // the trust document is written before the first of them
  await centre.listen();
  prepare_folder(folder, centre.port);
  const engine = await Engine.on(folder, options.bin, ['--config', join(folder, 'tocsin.toml')]);
  running.engine = engine;
  const http = new Http(engine.url);
  await engine.start();
  await import_list(folder);
  await engine.stop();
  http.forget();
  const owed = new Owed(centre, ORGANISATIONS, random);
  const start_ms = await rounds(engine, http, owed, bulletins, random);
  await last_look(engine, http, owed);
  if (centre.broken) throw centre.broken;
  owed.compare(await outbox_of(folder));
  return { owed, start_ms };
}

async function main() {
  for (const program of ['tocsind', 'tocsin', 'make_bulletins', 'print_outbox']) {
    if (existsSync(join(options.bin, program))) continue;
    console.log(`crash: there is no ${program} in ${options.bin}: cmake --preset release && ` +
                'cmake --build --preset release --target tocsind tocsin make_bulletins ' +
                'print_outbox');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-crash-'));
  const began = Date.now();
  console.log(`crash: ${ROUNDS} rounds of deliveries to ${ORGANISATIONS}, seed ${SEED}`);
  const random = random_from(SEED);
  const bulletins = new Bulletins(options.bin, folder, CANCEL_EVERY);
  const centre = new Centre(random_from(SEED + 1), DELAY_MS);
  const running = {};
  try {
    const { owed, start_ms } = await story(folder, random, bulletins, centre, running);
    tell(owed, start_ms, Date.now() - began);
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
    return 0;
  } catch (fault) {
    running.engine?.child?.kill('SIGKILL');
    const kind = fault instanceof Broken ? 'BROKEN' : 'could not go on';
    console.log(`\ncrash: ${kind} in round ${state_of_run.round}, seed ${SEED}: ${fault.message}`);
    if (!(fault instanceof Broken)) console.log(fault.stack);
    console.log(`What tocsind said last:\n${running.engine?.said ?? ''}\n` +
                `Its folder is kept: ${folder}`);
    return 1;
  } finally {
    bulletins.stop();
    centre.stop();
  }
}

function tell(owed, start_ms, took_ms) {
  const { alerts, cancels, deliveries, twice, uncertain, unseen, reported, reports_nameless,
          replaced } = owed.found;
  console.log(
    `\ncrash: ${ROUNDS} kills in ${(took_ms / 1000).toFixed(1)} s; ${alerts} alerts to ` +
    `${ORGANISATIONS} organisations and ${cancels} Cancels of them\n` +
    `  ${deliveries} deliveries, 0 forgotten; ${replaced} replaced by a Cancel before they left\n` +
    `  ${owed.centre.submits} messages came to the centre over ${owed.centre.sessions} sessions\n` +
    `  ${uncertain} attempts of which the engine did not know the end, each counted: by ${twice} ` +
    `a message came again, ${unseen} had not come to the centre, and ` +
    `${uncertain - twice - unseen} came once and were ended by a Cancel\n` +
    `  ${reported} messages were reported as delivered, 0 reports forgotten; of ` +
    `${reports_nameless} the message had no name, since its attempt ended with the engine\n` +
    `  slowest start: ${Math.round(start_ms)} ms`);
}

process.exitCode = await main();
process.exit();
