// Sending with open eyes: the name of the place before something real.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { done, environment, make_system, PASSPHRASE, tocsin,
         with_passphrase } from '../support/cli.mjs';
import { BIN, scratch, start } from '../support/engine.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
const WAIT_MS = 60_000;
let live, live_engine;

before(async () => {
  live = await make_system(scratch(), 'live');
  live_engine = await start({ trust: live.trust });
});

let count = 0;
/** A signed alert of that system; the name of its file. */
async function signed(system, ...more) {
  const name = `alert-${++count}`;
  await done('alert', 'draft', '--trust', system.trust, '--key', system.first, '--out',
    file(`${name}.xml`), '--event', 'Fire', '--category', 'Fire', '--urgency', 'Immediate',
    '--severity', 'Minor', '--certainty', 'Observed', '--headline', 'Smoke',
    '--instruction', 'Close windows.', '--area-desc', 'Camden', '--area', 'E09000007', ...more);
  await done('alert', 'sign', file(`${name}.xml`), '--trust', system.trust, '--key', system.first,
    ...with_passphrase);
  return file(`${name}.signed`);
}
const listed = async (engine, system) => (await done('alert', 'list', '--json', '--server',
  engine.url, '--trust', system.trust)).split('\n').filter(Boolean).length;

/** `tocsin …` at a terminal of its own, at which `typed` is typed. */
function at_terminal(typed, ...args) {
  const quoted = args.map((arg) => `'${arg}'`).join(' ');
  return new Promise((resolve) => {
    const child = execFile('script', ['-qefc', `'${join(BIN, 'tocsin')}' ${quoted}`, '/dev/null'],
      { timeout: WAIT_MS, env: { ...process.env, ...environment, PASSPHRASE, TERM: 'xterm' } },
      (error, stdout) => resolve({ code: error?.code ?? 0, stdout }));
    child.stdin.write(typed);
  });
}

test('something real goes out only once its place was typed or a script says yes', async () => {
  const at = ['--server', live_engine.url, '--trust', live.trust];
  const real = () => signed(live, '--status', 'Actual');
  const silent = await tocsin('alert', 'send', await real(), ...at);
  assert.equal(silent.code, 2, silent.stderr);
  assert.match(silent.stderr, /LIVE system/);
  assert.match(silent.stderr, /THIS IS NOT A DRILL/);
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
  const exercise = await tocsin('alert', 'send', await signed(live, '--status', 'Exercise'), ...at);
  assert.equal(exercise.code, 0, exercise.stderr);
  assert.doesNotMatch(exercise.stderr, /NOT A DRILL/);
});
