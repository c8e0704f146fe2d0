// Several machines under faults: two short runs of tests/chaos, whose seeds make each of them pull
// cables, kill, fill a disk, move a clock; and its checker, which finds what it is there to find.
// Wants to make networks, and says so where it may not.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Book } from '../chaos/book.mjs';
import { why_not } from '../chaos/spaces.mjs';
import { BIN, within } from './support/engine.mjs';
import { nats_server_program } from './support/nats.mjs';
import { ROOT } from './support/schemas.mjs';

const RUN_MAX_MS = 240_000;
// What it is about is no speed: a machine that is short of time still has to be right.
const ARGUMENTS = ['--seconds', '12', '--first', '60'];
const { program, why } = nats_server_program();
const clock = join(BIN, 'libmoved_clock.so');
const reason = why ?? why_not() ?? (existsSync(clock) ? undefined : `not built: ${clock}`);
if (reason) console.error(`NOT TRIED HERE: several machines under faults, since ${reason}`);

/** What one run of that seed said, and what it ended with. */
function run(seed) {
  const environment = { ...process.env, TOCSIN_NATS_SERVER: program };
  delete environment.NODE_TEST_CONTEXT;
  const child = spawn(process.execPath, [join(ROOT, 'tests', 'chaos', 'chaos.mjs'), ...ARGUMENTS,
    '--bin', BIN, '--seed', String(seed)], { env: environment });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said += data; });
  return within(RUN_MAX_MS, `the run of seed ${seed}`, new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, said }));
  })).finally(() => child.kill('SIGTERM'));
}

for (const [seed, kinds] of [[134, ['fill', 'halves']], [144, ['kill', 'clock', 'pull']]]) {
  test(`three machines and an edge lose nothing and agree: ${kinds.join(', ')}`,
    { skip: reason }, async () => {
      const { code, said } = await run(seed);
      assert.equal(code, 0, said);
      for (const kind of kinds) assert.match(said, new RegExp(`^ +[0-9.]+ s ${kind}: `, 'm'));
      assert.match(said, new RegExp(`seed ${seed}: [1-9][0-9]* acknowledged, 0 lost`));
    });
}

const alerts = ['a', 'b', 'c'].map((id, i) => ({ seq: i + 1, id, at: 't' }));
const shown = (...places) => places.map((place) => alerts[place - 1]);
const acknowledged = (id, seq) => ({ id, seq, node: 0, begun: 10, ended: 20 });

for (const [what, faults, { logs = [], reader = [[]], acks = [], cuts = [] }] of [
  ['nothing', [], { reader: [shown(1, 2), shown(2, 3)], acks: [acknowledged('b', 2)],
    cuts: [{ node: 0, from: 15, to: 30 }, { node: 1, from: 5, to: 30 }] }],
  ['a lost alert', [/acknowledged d at 4; it is at no place/], { acks: [acknowledged('d', 4)] }],
  ['another place', [/acknowledged b at 3; it is at 2/], { acks: [acknowledged('b', 3)] }],
  ['another order', [/node 1 .* has another order than node 0/],
    { logs: [[alerts[0], { ...alerts[2], seq: 2 }, { ...alerts[1], seq: 3 }]] }],
  ['a log that ends before', [/node 1 \(2\) has another order/], { logs: [shown(1, 2)] }],
  ['another time of admission', [/another order/],
    { logs: [[{ ...alerts[0], at: 'u' }, ...alerts.slice(1)]] }],
  ['a gap that nobody was told of', [/was shown 3 after 1/], { reader: [shown(1, 3)] }],
  ['an alert shown twice', [/was shown 2 after 2/], { reader: [shown(1, 2, 2)] }],
  ['another alert shown', [/was shown another 2/],
    { reader: [[alerts[0], { ...alerts[2], seq: 2 }]] }],
  ['a yes without a majority', [/acknowledged 2 while it had no majority/],
    { acks: [acknowledged('b', 2)], cuts: [{ node: 0, from: 5, to: 30 }] }],
]) {
  test(`the checker finds ${what}`, () => {
    const book = new Book();
    book.acknowledged = acks;
    book.cuts = cuts;
    const found = book.check([alerts, ...logs].map((each, i) => ({ node: `node ${i}`,
      alerts: each })), [{ name: 'reader', runs: reader, epoch: 'e' }]);
    assert.equal(found.length, faults.length, found.join('; '));
    faults.forEach((fault, i) => assert.match(found[i], fault));
  });
}
