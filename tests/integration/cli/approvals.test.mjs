// Two officers on two machines: what travels between them is a file, and each goes by a trust
// document of their own.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { done, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { scratch, start } from '../support/engine.mjs';

const reeds = scratch(), okafors = scratch();
let system, engine, at;

/** Each machine has its own copy of the trust document, and one key. */
const trust_on = (machine) => ['--trust', join(machine, 'copy-of-trust.json')];

before(async () => {
  system = await make_system(reeds);
  for (const machine of [reeds, okafors]) {
    copyFileSync(system.trust, join(machine, 'copy-of-trust.json'));
  }
  copyFileSync(system.second, join(okafors, 'mine.key'));
  engine = await start({ trust: system.trust });
  at = ['--server', engine.url];
});

let count = 0;
/** A severe alert drafted and signed by Reed, carried to Okafor's machine; its file there. */
async function carried() {
  const name = `fire-${++count}`;
  const draft = join(reeds, `${name}.xml`);
  await done('alert', 'draft', ...trust_on(reeds), '--key', system.first, '--out', draft,
    '--event', 'Warehouse fire', '--category', 'Fire', '--urgency', 'Immediate',
    '--certainty', 'Observed', '--severity', 'Severe', '--headline', 'Close windows and doors',
    '--instruction', 'Stay inside.', '--area-desc', 'Southwark riverside',
    '--circle', '51.505,-0.095 0.8');
  await done('alert', 'sign', draft, ...trust_on(reeds), '--key', system.first, ...with_passphrase);
  const there = join(okafors, `${name}.signed`);
  copyFileSync(join(reeds, `${name}.signed`), there);
  return there;
}
const approve = (file, key = join(okafors, 'mine.key'), machine = okafors) =>
  tocsin('alert', 'approve', file, ...trust_on(machine), '--key', key,
    '--area-name', 'Southwark riverside', ...with_passphrase);
const send = (file) => tocsin('alert', 'send', file, ...at, '--json');

test('one signs here and the other there and it is taken', async () => {
  const file = await carried();
  const early = await send(file);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /needs_approval|1 counted|okafor/);
  const approved = await approve(file);
  assert.equal(approved.code, 0, approved.stderr);
  const sent = await send(file);
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal(JSON.parse(sent.stdout).repeat, false);
  const envelope = JSON.parse(readFileSync(file));
  assert.equal(envelope.signatures.length, 2);
  // The octets that Reed drafted, untouched by the way.
  const draft = file.replace(okafors, reeds).replace('.signed', '.xml');
  assert.deepEqual(Buffer.from(envelope.payload, 'base64'), readFileSync(draft));
});

test('the same person twice is one', async () => {
  const file = await carried();
  assert.equal((await approve(file, system.first)).code, 1);
  assert.equal(JSON.parse(readFileSync(file)).signatures.length, 1);
  assert.equal((await send(file)).code, 1);
});

test('what was changed on the way is signed by nobody', async () => {
  const file = await carried();
  const envelope = JSON.parse(readFileSync(file));
  const words = Buffer.from(envelope.payload, 'base64').toString();
  assert.ok(words.includes('Stay inside.'));
  envelope.payload = Buffer.from(words.replace('Stay inside.', 'Run outside!')).toString('base64');
  writeFileSync(file, JSON.stringify(envelope));
  const approved = await approve(file);
  assert.equal(approved.code, 5, approved.stderr);
  assert.equal(JSON.parse(readFileSync(file)).signatures.length, 1);
  assert.notEqual((await send(file)).code, 0);
});

test('a trust document of another system or of somebody else helps nobody', async () => {
  const file = await carried();
  const elsewhere = scratch();
  const other = await make_system(elsewhere);
  copyFileSync(other.trust, join(elsewhere, 'copy-of-trust.json'));
  const approved = await approve(file, other.second, elsewhere);
  assert.notEqual(approved.code, 0);
  assert.equal(JSON.parse(readFileSync(file)).signatures.length, 1);
  assert.notEqual((await send(file)).code, 0);
});

test('by a stale trust document one signs and the engine has the last word', async () => {
  // The engine and Reed have gone on to version 2; Okafor still holds version 1.
  const draft = join(reeds, 'second.draft');
  await done('trust', 'add-sender', system.trust, '--out', draft,
    '--sender', 'control@second.example', '--name', 'Second',
    '--officer', `${await another_key('dara')}:originate`, '--area', 'E12000007');
  const newer = join(reeds, 'trust-2.json');
  await done('trust', 'sign', draft, '--key', join(reeds, 'root.key'), '--out', newer,
    ...with_passphrase);
  const file = await carried();
  const other = await start({ data: undefined, trust: newer });
  const approved = await approve(file);
  assert.equal(approved.code, 0, approved.stderr);
  const sent = await tocsin('alert', 'send', file, '--server', other.url, '--json');
  assert.equal(sent.code, 0, sent.stderr);
});

async function another_key(name) {
  const key = join(reeds, `${name}.key`);
  await done('key', 'new', '--holder', name, '--out', key, ...with_passphrase,
    '--strength', 'interactive');
  return key;
}
