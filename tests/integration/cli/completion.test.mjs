// Completion as bash does it: its own function, called as the shell calls it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { done, environment } from '../support/cli.mjs';
import { BIN, scratch } from '../support/engine.mjs';
import { ROOT } from '../support/schemas.mjs';

const run = promisify(execFile);

/** What bash would offer for these words, the last of which is being typed. */
async function offered(...words) {
  const script = 'source <("$0" completion bash); COMP_WORDS=("$0" "$@"); COMP_CWORD=$#; ' +
    '_tocsin; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await run('bash', ['-c', script, join(BIN, 'tocsin'), ...words], {
    cwd: scratch_folder,
    env: { ...process.env, ...environment, TOCSIN_TEMPLATES: join(ROOT, 'ops', 'templates') },
  });
  return stdout.split('\n').filter(Boolean);
}
const scratch_folder = scratch();

/** The commands that a help page lists, so that what is added there has to be completed too. */
const listed = (help) => [...help.split(/^Subcommands:$/m)[1].split(/^\S/m)[0]
  .matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1]);

test('every command of every help page is completed', async () => {
  const nouns = listed(await done('--help'));
  assert.ok(nouns.length >= 8, nouns.join());
  assert.deepEqual(await offered(''), [...nouns].sort());
  for (const noun of nouns) {
    const help = await done(noun, '--help');
    if (!/^Subcommands:$/m.test(help)) continue;
    const verbs = listed(help);
    assert.deepEqual(await offered(noun, ''), [...verbs].sort(), noun);
    for (const verb of verbs) {
      const flags = [...(await done(noun, verb, '--help')).matchAll(/^ {2}(?:-\w,)?(--[a-z-]+)/gm)]
        .map((match) => match[1]);
      const all = await offered(noun, verb, '--');
      for (const flag of flags) assert.ok(all.includes(flag), `${noun} ${verb} ${flag}`);
      assert.ok(all.includes('--server'), 'flags common to all');
    }
  }
});

test('words of flags and names of templates contexts and files are completed', async () => {
  assert.deepEqual(await offered('alert', 'dra'), ['draft']);
  assert.deepEqual(await offered('alert', 'draft', '--severity', 'S'), ['Severe']);
  assert.deepEqual(await offered('trust', 'init', '--kind', ''), ['exercise', 'live']);
  assert.deepEqual(await offered('monitor', '--format', 'p'), ['prometheus']);
  assert.deepEqual(await offered('completion', ''), ['bash']);
  assert.deepEqual(await offered('--server', 'x', 'alert', 'app'), ['approve']);
  assert.ok((await offered('alert', 'draft', '--template', 'fl')).includes('flood'));
  await run('touch', [join(scratch_folder, 'fire one.signed')]);
  assert.deepEqual(await offered('alert', 'send', 'fi'), ['fire one.signed']);
  assert.deepEqual(await offered('alert', 'sign', 'x', '--key', 'fi'), ['fire one.signed']);
  await done('context', 'add', 'drill', '--server', 'http://127.0.0.1:1');
  assert.deepEqual(await offered('context', 'use', ''), ['drill']);
  assert.deepEqual(await offered('--context', ''), ['drill']);
});
