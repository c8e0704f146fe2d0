// The command line without an engine: from a new key to a verified bulletin, and every no on the
// way with its exit code.
import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, update } from '../support/cap.mjs';
import { done, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { holds, sealed } from '../support/dsse.mjs';
import { BIN, scratch, within } from '../support/engine.mjs';
import { people, trust_file, trust_payload } from '../support/trust.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
let system, trust;

const WORDS = [
  '--event', 'Warehouse fire', '--category', 'Fire', '--urgency', 'Immediate',
  '--certainty', 'Observed', '--headline', 'Close windows and doors',
  '--instruction', 'Stay inside.', '--area-desc', 'Southwark riverside',
];
const CIRCLE = ['--circle', '51.505,-0.095 0.8'];

const draft = (name, ...more) =>
  done('alert', 'draft', ...trust, '--key', system.first, '--out', file(name), ...WORDS, ...more);
const sign = (name, ...more) =>
  tocsin('alert', 'sign', file(name), ...trust, '--key', system.first, ...with_passphrase, ...more);

/** A draft with these flags, signed by the first officer; the name of the signed file. */
async function signed(name, ...more) {
  await draft(`${name}.xml`, ...more);
  assert.equal((await sign(`${name}.xml`)).code, 0);
  return file(`${name}.signed`);
}

before(async () => {
  system = await make_system(folder);
  trust = ['--trust', system.trust];
});

test('a key file is for its owner alone and its public half for all', async () => {
  assert.equal(statSync(system.first).mode & 0o777, 0o600);
  const shown = JSON.parse(await done('key', 'show', system.first, '--json'));
  assert.deepEqual(Object.keys(shown), ['keyid', 'public', 'holder']);
  writeFileSync(file('reed.public'), JSON.stringify(shown));
  assert.deepEqual(JSON.parse(await done('key', 'show', file('reed.public'), '--json')), shown);
  const again = await tocsin('key', 'new', '--holder', 'x', '--out', system.first,
    ...with_passphrase);
  assert.equal(again.code, 1);
});

test('two people sign a severe alert and anybody verifies it', async () => {
  await draft('fire.xml', '--severity', 'Severe', ...CIRCLE);
  const one = await sign('fire.xml');
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stderr, /EXERCISE on system exercise-demo/);
  assert.match(one.stderr, /Signed by 1 of the 2 holders it takes. Could sign: okafor/);
  const two = await tocsin('alert', 'approve', file('fire.signed'), ...trust,
    '--key', system.second, '--area-name', ' southwark RIVERSIDE', ...with_passphrase);
  assert.equal(two.code, 0, two.stderr);
  assert.match(two.stderr, /Close windows and doors/);
  assert.match(two.stderr, /Complete/);
  const envelope = JSON.parse(readFileSync(file('fire.signed')));
  assert.equal(envelope.signatures.length, 2);
  assert.deepEqual(Buffer.from(envelope.payload, 'base64'), readFileSync(file('fire.xml')));

  const root = JSON.parse(await done('key', 'show', file('root.key'), '--json')).keyid;
  const verified = await tocsin('verify', '--root', root, file('fire.signed'), ...trust, '--json');
  assert.equal(verified.code, 0, verified.stderr);
  const object = JSON.parse(verified.stdout);
  assert.deepEqual(object.signers.map((signer) => signer.holder), ['reed', 'okafor']);
  assert.equal(object.sender, system.sender);
  assert.equal(object.status, 'Exercise');
  const text = await done('verify', file('fire.signed'), ...trust);
  assert.match(text, /^Signatures verified\ntrusted comment: EXERCISE Alert /);
});

test('node:crypto verifies what the command line signed, from the bytes alone', async () => {
  const object = JSON.parse(readFileSync(await signed('node', '--severity', 'Minor', ...CIRCLE)));
  const key = JSON.parse(await done('key', 'show', system.first, '--json'));
  assert.equal(object.signatures[0].keyid, key.keyid);
  assert.ok(holds(object, Buffer.from(key.public, 'base64')));
});

test('an approver who names another place signs nothing', async () => {
  const name = await signed('place', '--severity', 'Severe', ...CIRCLE);
  const before_it = readFileSync(name);
  const approve = (...more) => tocsin('alert', 'approve', name, ...trust, '--key', system.second,
    ...with_passphrase, ...more);
  const wrong = await approve('--area-name', 'Camden');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /"Camden" is not the area's name/);
  const nobody = await approve();
  assert.equal(nobody.code, 2, nobody.stderr);
  assert.match(nobody.stderr, /--area-name/);
  assert.deepEqual(readFileSync(name), before_it);
});

test('nobody approves what they signed', async () => {
  const name = await signed('alone', '--severity', 'Severe', ...CIRCLE);
  const same = await tocsin('alert', 'approve', name, ...trust, '--key', system.first,
    '--area-name', 'Southwark riverside', ...with_passphrase);
  assert.equal(same.code, 1);
  assert.match(same.stderr, /reed has signed it already/);
});

test('a changed octet, a strange root and a strange system do not verify', async () => {
  const name = await signed('changed', '--severity', 'Minor', ...CIRCLE);
  const envelope = JSON.parse(readFileSync(name));
  const xml = Buffer.from(envelope.payload, 'base64').toString()
    .replace('Stay inside', 'Go outside');
  writeFileSync(file('forged.signed'),
    JSON.stringify({ ...envelope, payload: Buffer.from(xml).toString('base64') }));
  const forged = await tocsin('verify', file('forged.signed'), ...trust);
  assert.equal(forged.code, 5, forged.stdout);
  assert.match(forged.stdout, /^NOT VERIFIED/);
  assert.equal((await tocsin('verify', name, ...trust, '--root', 'ab'.repeat(32))).code, 5);

  const other = scratch();
  const { trust: strange } = await make_system(other);
  assert.equal((await tocsin('verify', name, '--trust', strange)).code, 5);
});

test('an alert object of the stream verifies and its id is held against the octets', async () => {
  const name = await signed('object', '--severity', 'Minor', ...CIRCLE);
  const { id } = JSON.parse(await done('verify', name, ...trust, '--json'));
  const envelope = JSON.parse(readFileSync(name));
  const object = { type: 'alert', seq: 7, at: new Date().toISOString(), id, envelope };
  const line = (more) => `${JSON.stringify({ ...object, ...more })}\n`;
  writeFileSync(file('one.json'), line());
  assert.equal((await tocsin('verify', file('one.json'), ...trust)).code, 0);
  writeFileSync(file('two.ndjson'), line() + line({ seq: 8 }));
  const two = await tocsin('verify', file('two.ndjson'), ...trust, '--json');
  assert.equal(two.code, 0, two.stderr);
  assert.equal(two.stdout.trim().split('\n').length, 2);
  writeFileSync(file('wrong.ndjson'), line() + line({ id: '0'.repeat(64) }));
  assert.equal((await tocsin('verify', file('wrong.ndjson'), ...trust)).code, 5);
});

test('a file that waits for a signature, or that nobody may sign so, does not verify', async () => {
  const waits = await signed('waits', '--severity', 'Severe', ...CIRCLE);
  const half = await tocsin('verify', waits, ...trust);
  assert.equal(half.code, 1, half.stdout);
  assert.match(half.stdout, /^signed, NOT COMPLETE: signed by 1 of the 2 holders it takes\n/);
  assert.doesNotMatch(half.stdout, /verified/);
  const object = JSON.parse((await tocsin('verify', waits, ...trust, '--json')).stdout);
  assert.equal(object.verified, false);
  assert.equal(object.why, 'not complete: signed by 1 of the 2 holders it takes');

  const keys = people();
  const document = join(scratch(), 'trust.json');
  writeFileSync(document, trust_file(trust_payload(keys), [keys.root]));
  for (const [index, [xml, signer, why]] of [
    [alert(), keys.canceller, /may only cancel/],
    [alert({ category: 'CBRNE' }), keys.ann, /outside what its sender may say/],
    [cancel([alert()]), keys.writer, /nobody who signed it may cancel/],
    [update([alert({ sender: 'control@two.example' })]), keys.ann,
      /names alerts of another sender/],
  ].entries()) {
    const name = file(`may-not-${index}.signed`);
    writeFileSync(name, sealed(xml, [signer]));
    const said = await tocsin('verify', name, '--trust', document, '--root', keys.root.keyid);
    assert.equal(said.code, 5, said.stdout);
    assert.match(said.stdout, /^NOT VERIFIED: /);
    assert.match(said.stdout, why);
    const verdict = await tocsin('verify', name, '--trust', document, '--json');
    assert.equal(JSON.parse(verdict.stdout).verified, false);
  }
});

test('what breaks a rule is neither drafted nor signed', async () => {
  const crossing = '51.5,-0.1 51.6,-0.2 51.5,-0.2 51.6,-0.1';
  const bow_tie = await tocsin('alert', 'draft', ...trust, '--key', system.first,
    '--out', file('no.xml'), ...WORDS, '--severity', 'Minor', '--polygon', crossing);
  assert.equal(bow_tie.code, 1, bow_tie.stderr);
  assert.match(bow_tie.stderr, /error: \w+ at .*polygon/);
  assert.throws(() => readFileSync(file('no.xml')));
  await draft('broken.xml', '--severity', 'Minor', ...CIRCLE);
  const text = readFileSync(file('broken.xml'), 'utf8').replace('<scope>Public</scope>', '');
  writeFileSync(file('broken.xml'), text);
  assert.equal((await sign('broken.xml')).code, 1);
  const checked = await tocsin('alert', 'check', '--json', file('broken.xml'), '-');
  assert.equal(checked.code, 1);
  const lines = checked.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.valid), [false, false]);
  assert.equal(lines[0].file, file('broken.xml'));
  assert.deepEqual(Object.keys(lines[0].errors[0]), ['rule', 'where', 'message']);
});

test('what the engine would refuse later is said while drafting', async () => {
  let hints = 0;
  const say = async (...more) => (await tocsin('alert', 'draft', ...trust, '--key', system.first,
    '--out', file(`hint-${++hints}.xml`), ...WORDS, ...more)).stderr;
  assert.match(await say('--severity', 'Minor'), /no_place/);
  assert.match(await say('--severity', 'Minor', '--area', 'W06000015'), /outside_authority/);
  assert.match(await say('--severity', 'Minor', ...CIRCLE, '--status', 'Actual'), /wrong_system/);
  assert.doesNotMatch(await say('--severity', 'Minor', ...CIRCLE), /warning/);
});

test('any CAP document becomes our own', async () => {
  await draft('theirs.xml', '--severity', 'Minor', ...CIRCLE);
  const theirs = readFileSync(file('theirs.xml'), 'utf8')
    .replace(/<sender>[^<]*/, '<sender>someone@else.example')
    .replace('system:exercise-demo', 'system:elsewhere')
    .replace('<status>Exercise', '<status>Actual');
  writeFileSync(file('theirs.xml'), theirs);
  await done('alert', 'draft', ...trust, '--key', system.first, '--cap', file('theirs.xml'),
    '--out', file('ours.xml'), '--identifier', 'ours-1', '--expires-in', '45m',
    '--at', '2026-11-21T12:00:00Z');
  const ours = readFileSync(file('ours.xml'), 'utf8');
  assert.match(ours, /<sender>control@thames.example</);
  assert.match(ours, /<identifier>ours-1</);
  assert.match(ours, /<code>system:exercise-demo</);
  assert.match(ours, /<status>Exercise</);
  assert.match(ours, /<sent>2026-11-21T12:00:00-00:00</);
  assert.match(ours, /<expires>2026-11-21T12:45:00-00:00</);
  assert.match(ours, /<headline>Close windows and doors</);
});

test('wrong usage is 2 and a wrong passphrase is 1', async () => {
  const usages = [
    [], ['alert'], ['alert', 'nonsense'], ['key', 'new'], ['key', 'show', file('nowhere.key')],
    ['verify', file('fire.xml')], ['alert', 'draft', '--out', file('x.xml'), '--system', 'x'],
    ['alert', 'draft', ...trust, '--out', file('x.xml'), '--event', 'only this'],
    ['alert', 'draft', ...trust, '--out', file('x.xml'), '--cap', system.first, '--event', 'x'],
    ['alert', 'show', 'twelve'], ['alert', 'list', '--server', 'ftp://engine.example'],
    ['alert', 'watch', '--after', 'yesterday'], ['alert', 'check', file('nowhere.xml')],
    ['--at', 'noon', 'key', 'show', system.first],
    ['trust', 'init', '--system', 'x', '--kind', 'other', '--root', system.first,
     '--out', file('t')],
  ];
  for (const usage of usages) {
    const { code, stderr } = await tocsin(...usage);
    assert.equal(code, 2, `${usage.join(' ')}: ${stderr}`);
    assert.notEqual(stderr, '');
  }
  await draft('pass.xml', '--severity', 'Minor', ...CIRCLE);
  const wrong = await tocsin('alert', 'sign', file('pass.xml'), '--key', system.first,
    '--passphrase-fd', '0');
  assert.equal(wrong.code, 1, wrong.stderr);
});

test('an expired trust document is said loudly and used', async () => {
  const late = await tocsin('trust', 'show', system.trust, '--at', '2031-01-01T00:00:00Z');
  assert.equal(late.code, 0);
  assert.match(late.stderr, /THE TRUST DOCUMENT EXPIRED/);
  assert.doesNotMatch((await tocsin('trust', 'show', system.trust)).stderr, /EXPIRE/);
});

test('an expired trust document is said once by every command that is given one', async () => {
  const name = await signed('late', '--severity', 'Minor', ...CIRCLE);
  const late = ['--at', '2031-01-01T00:00:00Z'];
  await done('context', 'add', 'late', '--server', 'http://127.0.0.1:1', ...trust);
  for (const words of [
    ['key', 'show', system.first, ...trust], ['alert', 'check', file('late.xml'), ...trust],
    ['trust', 'show', system.trust, ...trust], ['verify', name, ...trust],
    ['alert', 'draft', '--list', '--templates', folder, ...trust],
    ['alert', 'list', '--server', 'http://127.0.0.1:1', ...trust],
    ['context', 'list'], ['context', 'list', '--json'], ['context', 'use', 'late'],
    ['key', 'show', system.first],
  ]) {
    const { stderr } = await tocsin(...words, ...late);
    const said = stderr.match(/THE TRUST DOCUMENT EXPIRED/g) ?? [];
    assert.equal(said.length, 1, `${words.join(' ')}: ${stderr}`);
  }
  await done('context', 'remove', 'late');
  assert.doesNotMatch((await tocsin('key', 'show', system.first, ...trust)).stderr, /EXPIRE/);
});

test('a trust document from a pipe is read once', async () => {
  const name = await signed('piped', '--severity', 'Minor', ...CIRCLE);
  const run = spawn('bash', ['-c', 'exec "$0" verify "$1" --trust <(cat "$2")',
    join(BIN, 'tocsin'), name, system.trust]);
  assert.equal(await new Promise((resolve) => run.on('close', resolve)), 0);
});

test('a signed trust document is changed only as its next version', async () => {
  const add = (...more) => tocsin('trust', 'add-sender', system.trust, '--sender', 'two@x.example',
    '--name', 'Two', '--officer', `${system.first}:approve`, '--area', 'E12000007', ...more);
  assert.equal((await add()).code, 2);
  const fresh = file('two.key');
  await done('key', 'new', '--holder', 'two', '--out', fresh, ...with_passphrase,
    '--strength', 'interactive');
  const next = await tocsin('trust', 'add-sender', system.trust, '--sender', 'two@x.example',
    '--name', 'Two', '--officer', `${fresh}:approve`, '--area', 'E12000007',
    '--out', file('next.json'));
  assert.equal(next.code, 0, next.stderr);
  const draft_of_two = JSON.parse(await done('trust', 'show', file('next.json'), '--json'));
  assert.equal(draft_of_two.document.version, 2);
  await done('trust', 'sign', file('next.json'), '--key', file('root.key'), ...with_passphrase);
  const shown = JSON.parse(await done('trust', 'show', file('next.json'), '--json'));
  assert.equal(shown.holds, true);
  assert.equal((await tocsin('trust', 'sign', file('next.json'), '--key', file('root.key'),
    ...with_passphrase)).code, 1);
});

/** Runs `tocsin` on a pseudo-terminal, answering each prompt when it appears. */
function at_a_terminal(command, answers) {
  return new Promise((resolve) => {
    const child = spawn('script', ['-qec', `'${join(BIN, 'tocsin')}' ${command}`, '/dev/null'],
      { env: { ...process.env, NO_COLOR: '1' } });
    let seen = '';
    child.stdout.on('data', (data) => {
      seen += data;
      while (answers.length && seen.includes(answers[0][0])) {
        child.stdin.write(answers.shift()[1]);
      }
    });
    child.on('close', (code) => resolve({ code, seen }));
  });
}

test('at a terminal a passphrase is asked twice and never shown', async () => {
  const made = await at_a_terminal(
    `key new --holder Typist --out '${file('typed.key')}' --strength interactive`,
    [['New passphrase: ', 'correct horse battery\n'],
     ['The same again: ', 'correct horse battery\n']]);
  assert.equal(made.code, 0, made.seen);
  assert.doesNotMatch(made.seen, /horse/);
  const differs = await at_a_terminal(`key new --holder Typist --out '${file('not.key')}'`,
    [['New passphrase: ', 'one of them\n'], ['The same again: ', 'another\n']]);
  assert.equal(differs.code, 1);
  assert.throws(() => statSync(file('not.key')));
});

async function interrupted_at_the_prompt() {
  const command = `'${join(BIN, 'tocsin')}' key new --holder T --out '${file('int.key')}'`;
  const child = spawn('script', ['-qec', `trap : INT; ${command}; stty -a`, '/dev/null']);
  let seen = '';
  await new Promise((resolve) => {
    child.stdout.on('data', (data) => {
      const prompted = seen.includes('New passphrase: ');
      seen += data;
      if (!prompted && seen.includes('New passphrase: ')) child.stdin.write('\x03');
    });
    child.on('close', resolve);
  });
  assert.match(seen, /[^-]\becho\b/);
  assert.doesNotMatch(seen, /-echo\b/);
}

test('a signal at the passphrase prompt ends the program with its echo restored', async () => {
  // Each at a moment of its own: it may come before the program waits.
  for (let round = 0; round < 20; ++round) {
    await within(60_000, `round ${round}`, interrupted_at_the_prompt());
  }
});

test('text from an alert cannot act on the terminal', async () => {
  await draft('acts.xml', '--severity', 'Minor', ...CIRCLE);
  const holder = await tocsin('key', 'new', '--holder', 'x\u202Ey', '--out', file('bidi.key'),
    ...with_passphrase);
  assert.equal(holder.code, 2);
  const named = await tocsin('alert', 'check', file('gone\x1b[31m.xml'));
  assert.equal(named.code, 2);
  assert.doesNotMatch(named.stderr, /\x1b/);
});

test('what is no command is told with the word that is wrong and what to type', async () => {
  const says = async (wrong, what, next) => {
    const { code, stdout, stderr } = await tocsin(...wrong);
    assert.deepEqual([code, stdout, stderr],
      [2, '', `tocsin: ${what}\n  next: ${next}\n`], wrong.join(' '));
  };
  const meant = (right, all) => `${right}, if that was meant; ${all} --help names all`;
  await says(['alert', 'cancle', '1'], "'cancle' is no command of tocsin alert",
    meant('tocsin alert cancel', 'tocsin alert'));
  await says(['alrt', 'list'], "'alrt' is no command of tocsin", meant('tocsin alert', 'tocsin'));
  await says(['--server', 'http://h', 'org', 'expo'], "'expo' is no command of tocsin org",
    meant('tocsin org export', 'tocsin org'));
  await says(['cancel', '1'], "'cancel' is no command of tocsin",
    meant('tocsin alert cancel', 'tocsin'));
  await says(['alert', 'withdraw'], "'withdraw' is no command of tocsin alert",
    'tocsin alert --help names those there are');
  await says(['alert', 'send', 'x.signed', '--dryrun'],
    "'--dryrun' is no option of tocsin alert send", meant('--dry-run', 'tocsin alert send'));
  await says([], 'tocsin what? No command was given', 'tocsin --help names them');
  await says(['alert'], 'tocsin alert what? No command was given',
    'tocsin alert --help names them');
  await says(['alert', 'send'], 'file is required',
    'tocsin alert send --help says what it takes');
  await says(['alert', 'send', 'a', 'b', 'c'], "'b' 'c' is more than tocsin alert send takes",
    'tocsin alert send --help says what it takes');
  const { code, stdout } = await tocsin('alert', '--help');
  assert.equal(code, 0);
  assert.match(stdout, /cancel/);
});
