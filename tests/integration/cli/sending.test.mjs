// Sending with open eyes: a dry run first, the name of the place before something real, waiting
// until everybody connected has it.
import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from '../support/cap.mjs';
import { done, environment, make_system, PASSPHRASE, tocsin,
         with_passphrase } from '../support/cli.mjs';
import { sealed } from '../support/dsse.mjs';
import { BIN, scratch, start, within } from '../support/engine.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
const WAIT_MS = 60_000;
let drill, live, drill_engine, live_engine;

before(async () => {
  drill = await make_system(scratch());
  live = await make_system(scratch(), 'live');
  drill_engine = await start({ trust: drill.trust });
  live_engine = await start({ trust: live.trust });
});

const readers = [];
after(() => { for (const child of readers) child.kill(); });

let count = 0;
/** A signed alert of that system; the name of its file. */
async function signed(system, { severity = 'Minor', more = [] } = {}) {
  const name = `alert-${++count}`;
  await done('alert', 'draft', '--trust', system.trust, '--key', system.first, '--out',
    file(`${name}.xml`), '--event', 'Fire', '--category', 'Fire', '--urgency', 'Immediate',
    '--severity', severity, '--certainty', 'Observed', '--headline', 'Smoke',
    '--instruction', 'Close windows.', '--area-desc', 'Camden', '--area', 'E09000007', ...more);
  await done('alert', 'sign', file(`${name}.xml`), '--trust', system.trust, '--key', system.first,
    ...with_passphrase);
  return file(`${name}.signed`);
}
const listed = async (engine, system) => (await done('alert', 'list', '--json', '--server',
  engine.url, '--trust', system.trust)).split('\n').filter(Boolean).length;

/** A stream held open as a reader holds it, live. */
async function reader(engine, system) {
  const child = spawn(join(BIN, 'tocsin'), ['alert', 'watch', '--json', '--server', engine.url,
    '--trust', system.trust], { env: { ...process.env, ...environment } });
  readers.push(child);
  await within(WAIT_MS, 'a live reader', new Promise((resolve) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      if (text.includes('"live"')) resolve();
    });
  }));
  return child;
}

test('a dry run says whom it would reach and what is missing and sends nothing', async () => {
  const at = ['--server', drill_engine.url, '--trust', drill.trust];
  const dry = async (name, ...more) => tocsin('alert', 'send', name, '--dry-run', ...more, ...at);
  const watching = await reader(drill_engine, drill);
  const whole = await dry(await signed(drill), '--json');
  assert.equal(whole.code, 0, whole.stderr);
  assert.deepEqual(JSON.parse(whole.stdout).reach.stream, { organisations: 0, anonymous: 1 });
  watching.kill();

  const half = await signed(drill, { severity: 'Severe' });
  const missing = await dry(half);
  assert.equal(missing.code, 1, 'as sending it would end');
  assert.match(missing.stdout, /^stream +0 organisations and [01] anonymous readers?$/m);
  assert.match(missing.stderr, /signed by 1 of the 2 holders it takes; could sign: okafor/);
  const old = await dry(await signed(drill, { more: ['--at', '2026-01-01T00:00:00Z'] }));
  assert.equal(old.code, 1);
  assert.match(old.stderr, /refused \((too_old|expired)\)/);
  assert.equal(await listed(drill_engine, drill), 0);
});

/** `tocsin …` at a terminal of its own, at which `typed` is typed. */
function at_terminal(typed, ...args) {
  const quoted = args.map((arg) => `'${arg}'`).join(' ');
  return new Promise((resolve) => {
    const child = execFile('script', ['-qefc', `'${join(BIN, 'tocsin')}' ${quoted}`, '/dev/null'],
      { timeout: 3 * WAIT_MS, env: { ...process.env, ...environment, PASSPHRASE, TERM: 'xterm' } },
      (error, stdout) => resolve({ code: error ? error.code ?? 'killed' : 0, stdout }));
    child.stdin.write(typed);
  });
}

test('something real goes out only once its place was typed or a script says yes', async () => {
  const at = ['--server', live_engine.url, '--trust', live.trust];
  const real = () => signed(live, { more: ['--status', 'Actual'] });
  const silent = await tocsin('alert', 'send', await real(), ...at);
  assert.equal(silent.code, 2, silent.stderr);
  assert.match(silent.stderr, /LIVE system/);
  assert.match(silent.stderr, /THIS IS NOT A DRILL/);
  assert.match(silent.stderr, /connected now are 0 organisations and 0 anonymous readers/);
  assert.match(silent.stderr, /a script says --yes/);
  const wrong = await at_terminal('yes\n', 'alert', 'send', await real(), ...at);
  assert.equal(wrong.code, 1, wrong.stdout);
  assert.match(wrong.stdout, /"yes" is not the area's name/);
  assert.equal(await listed(live_engine, live), 0);

  const right = await at_terminal('camden\n', 'alert', 'send', await real(), ...at);
  assert.equal(right.code, 0, right.stdout);
  await done('alert', 'send', await real(), '--yes', ...at);
  assert.equal(await listed(live_engine, live), 2);
  // A drill asks nothing, even on a live system.
  const exercise = await tocsin('alert', 'send', await signed(live,
    { more: ['--status', 'Exercise'] }), ...at);
  assert.equal(exercise.code, 0, exercise.stderr);
  assert.doesNotMatch(exercise.stderr, /NOT A DRILL/);
});

test('waiting ends once every connected reader concerned has it', async () => {
  const at = ['--server', drill_engine.url, '--trust', drill.trust];
  const watching = await reader(drill_engine, drill);
  const waited = await tocsin('alert', 'send', await signed(drill), '--wait', '40s', '--json',
    ...at);
  assert.equal(waited.code, 0, waited.stderr);
  const events = waited.stdout.trim().split('\n').map((line) => JSON.parse(line));
  // The stream it was looked for on is none of the readers who were waited for.
  assert.equal(events.findLast(({ event }) => event === 'reach').anonymous.connected, 1);
  assert.equal(events.find(({ event }) => event === 'seen').on, 'stream');
  const late = await tocsin('alert', 'send', await signed(drill), '--wait', '1s',
    '--acknowledged', '1', ...at);
  assert.equal(late.code, 4, late.stderr);
  assert.match(late.stderr,
    /not everybody by the deadline: delivered 0 of 0 organisations, 1 of 1/);
  watching.kill();
  const senseless = await tocsin('alert', 'send', file('x'), '--acknowledged', '1', ...at);
  assert.equal(senseless.code, 2);
});

test('watching on a terminal draws bars and leaves at q', async () => {
  const { code, stdout } = await at_terminal('q', 'alert', 'send', await signed(drill), '--watch',
    '--server', drill_engine.url, '--trust', drill.trust);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /anonymous +0 of +0/);
  assert.match(stdout, /Left; delivery goes on/);
});

test('an alert that was taken ends a wait with 4 where its counts stay unknown', async () => {
  const engine = await start();
  const at = ['--server', engine.url, '--trust', engine.trust];
  const hidden = file('hidden.signed');
  writeFileSync(hidden, sealed(alert({ scope: 'Restricted', restriction: 'police' }),
    [engine.keys.ann]));
  const restricted = await tocsin('alert', 'send', hidden, '--wait', '2s', ...at);
  assert.equal(restricted.code, 4, restricted.stderr);
  assert.equal(restricted.stderr.match(/--token-file/g).length, 1, restricted.stderr);
  assert.match(restricted.stderr, /who has it is not known/);

  const open = file('open.signed');
  writeFileSync(open, sealed(alert(), [engine.keys.ann]));
  const child = spawn(join(BIN, 'tocsin'), ['alert', 'send', open, '--wait', '5s',
    '--acknowledged', '1', '--json', ...at], { env: { ...process.env, ...environment } });
  readers.push(child);
  let said = '';
  child.stderr.on('data', (data) => { said += data; });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  await within(WAIT_MS, 'a sent alert', new Promise((resolve) => {
    child.stdout.once('data', resolve);
  }));
  await engine.stop('SIGKILL');
  assert.equal(await within(WAIT_MS, 'the deadline', ended), 4, said);
  assert.match(said, /by the deadline it is not known who has it: no engine answers/);
});

test('whoever has a token watches signed in, and counts among the organisations', async () => {
  const engine = await start();
  const token = file('token');
  writeFileSync(token, await done('org', 'add', 'police', '--name', 'Police', '--group', 'police',
    '--data', engine.data), { mode: 0o600 });
  const hidden = file('seen.signed');
  writeFileSync(hidden, sealed(alert({ scope: 'Restricted', restriction: 'police' }),
    [engine.keys.ann]));
  const { code, stdout, stderr } = await tocsin('alert', 'send', hidden, '--wait', '40s', '--json',
    '--token-file', token, '--server', engine.url, '--trust', engine.trust);
  assert.equal(code, 0, stderr);
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(events.find(({ event }) => event === 'seen').on, 'stream');
  assert.equal(events.findLast(({ event }) => event === 'reach').organisations.connected, 1);
});
