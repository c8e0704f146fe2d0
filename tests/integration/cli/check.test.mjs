// What tocsin alert check --json prints is what schemas/check.schema.json says, whatever the file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, in_seconds } from '../support/cap.mjs';
import { tocsin } from '../support/cli.mjs';
import { scratch } from '../support/engine.mjs';
import { checked } from '../support/schemas.mjs';

const folder = scratch();
const crossing = '51.5,-0.1 51.6,-0.2 51.5,-0.2 51.6,-0.1 51.5,-0.1';
/** Each: the file's name, what is in it, valid or not, and a rule that is named. */
const FILES = [
  ['good.xml', alert(), true],
  ['warned.xml', alert({ instruction: '' }), true, 'instruction_missing'],
  ['old.xml', alert({ sent: in_seconds(-90_000) }), true, 'too_old'],
  ['crossing.xml', alert({ areas: [{ polygons: [crossing] }] }), false],
  ['many.xml', alert({ areas: Array.from({ length: 150 }, () => ({ polygons: [crossing] })) }),
    false, 'more_faults'],
  ['empty.xml', '', false],
  ['strange.xml', '<a/>', false],
  ['binary.xml', Buffer.from([0, 255, 254, 27, 91]), false],
  ['just_not_too_large.xml', alert().toString().padEnd(4 << 20), true],
  ['large.xml', ' '.repeat((4 << 20) + 1), false, 'too_large'],
  ['a name with \u001b[31m in it.xml', '<!DOCTYPE a><a/>', false],
];

test('every verdict is one line of the schema', async () => {
  for (const [name, bytes] of FILES) writeFileSync(join(folder, name), bytes);
  const { code, stdout } = await tocsin('alert', 'check', '--json', '--at',
    new Date().toISOString().replace(/\.\d+/, ''), ...FILES.map(([name]) => join(folder, name)));
  assert.equal(code, 1);
  const verdicts = stdout.trimEnd().split('\n').map((line) => checked('check', line));
  assert.equal(verdicts.length, FILES.length);
  for (const [index, [name, , valid, rule]] of FILES.entries()) {
    const { file, errors, warnings, ...verdict } = verdicts[index];
    assert.equal(file, join(folder, name));
    assert.equal(verdict.valid, valid, `${name}: ${JSON.stringify(errors)}`);
    if (rule) assert.ok([...errors, ...warnings].some((each) => each.rule === rule), name);
  }
});
