// A data folder on which no engine runs: its log is played, its organisations are changed, and a
// folder that is none stays as it was.
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from '../support/cap.mjs';
import { done, tocsin } from '../support/cli.mjs';
import { scratch, start } from '../support/engine.mjs';

const RECORDS = 66;  // more than a page
let engine, data, epoch;

before(async () => {
  engine = await start();
  for (let i = 0; i < RECORDS; ++i) {
    ({ epoch } = await engine.admit(alert({ headline: `Rising ${i + 1}` }), engine.keys.ann));
  }
  await engine.stop();
  data = ['--data', engine.data];
});

const replay = (...more) => tocsin('replay', '--json', ...more, ...data);
const places = ({ stdout }) =>
  stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).seq);

test('every record is played, page after page, from the position that was asked for', async () => {
  const all = await replay();
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(places(all), Array.from({ length: RECORDS }, (_, i) => i + 1));
  assert.match(all.stderr, /66 records of log [0-9a-f]{16} up to 66, each of them verified/);
  assert.deepEqual(places(await replay('--after', `${epoch}:64`)), [65, 66]);
  assert.deepEqual(places(await replay('--after', `${epoch}:2`, '--to', '4')), [3, 4]);
  assert.deepEqual(places(await replay('--after', `${epoch}:66`)), []);
});

test('a position that this log has not is refused before a record is played', async () => {
  const refused = [
    [['--after', '0123456789abcdef:2'], 1, /the position is of another/],
    [['--after', `${epoch}:67`], 1, /this log ends at 66/],
    [['--after', `${epoch}:5`, '--to', '5'], 2, /--to 5 is not behind 5/],
    [['--to', '0'], 2, /--to 0 is not behind 0/],
  ];
  for (const [flags, code, words] of refused) {
    const played = await replay(...flags);
    assert.equal(played.code, code, played.stderr);
    assert.match(played.stderr, words);
    assert.equal(played.stdout, '');
  }
});

test('a secret is revoked by its number, and never without one', async () => {
  const made = await tocsin('org', 'add', 'acme', '--name', 'Acme', '--json', ...data);
  const number = String(JSON.parse(made.stdout).number);
  const unsaid = await tocsin('org', 'revoke', 'acme', ...data);
  assert.equal(unsaid.code, 2, unsaid.stderr);
  assert.match(unsaid.stderr, /add --number N/);
  await done('org', 'revoke', 'acme', '--number', number, ...data);
  assert.equal((await tocsin('org', 'revoke', 'acme', '--number', number, ...data)).code, 1);
  await done('org', 'erase', 'acme', '--yes', ...data);
});

test('nothing is made in a folder that no engine ran on', async () => {
  const wrong = scratch();
  for (const command of [['org', 'list'], ['replay'], ['status']]) {
    const { code, stderr } = await tocsin(...command, '--data', wrong);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /is no data folder of an engine[^]*tocsind was started with/);
  }
  assert.deepEqual(readdirSync(wrong), []);
});

const not_root = process.getuid() !== 0 && 'only root becomes somebody else';
test('what root writes into somebody\'s folder is theirs', { skip: not_root }, async () => {
  const nobody = 65534;
  chmodSync(dirname(engine.data), 0o755);
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, engine.data]);
  await done('org', 'add', 'mill', '--name', 'Mill', ...data);
  assert.equal(places(await replay()).length, RECORDS);
  for (const name of readdirSync(engine.data, { recursive: true })) {
    const { uid, gid } = lstatSync(join(engine.data, name));
    assert.deepEqual([name, uid, gid], [name, nobody, nobody]);
  }
});
