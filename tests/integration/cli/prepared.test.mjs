// What is prepared in quiet times: templates, corrections beside their drafts, updates, and
// checking a document as of another time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { done, environment, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { scratch, start } from '../support/engine.mjs';
import { ROOT } from '../support/schemas.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
let system, engine, at, trust, key;

before(async () => {
  environment.TOCSIN_TEMPLATES = join(ROOT, 'ops', 'templates');
  system = await make_system(folder);
  engine = await start({ trust: system.trust });
  at = ['--server', engine.url];
  trust = ['--trust', system.trust];
  key = ['--key', system.first];
});

const fire = (name, ...more) => tocsin('alert', 'draft', ...trust, ...key, '--out', file(name),
  '--event', 'Fire', '--category', 'Fire', '--urgency', 'Immediate', '--severity', 'Moderate',
  '--certainty', 'Observed', '--headline', 'Smoke', '--instruction', 'Close windows.',
  '--area-desc', 'Camden', '--area', 'E09000007', ...more);
const object = (text) => JSON.parse(text.trim());

/** Signs a draft and sends it; the answer. */
async function sent(name) {
  await done('alert', 'sign', file(name), ...trust, ...key, ...with_passphrase);
  return object(await done('alert', 'send', file(name.replace('.xml', '.signed')), ...at,
    '--json'));
}
const active = async () => (await done('alert', 'list', '--active', '--json', ...at, ...trust))
  .split('\n').filter(Boolean).map((line) => JSON.parse(line));

test('every template is listed with its blanks', async () => {
  const lines = (await done('alert', 'draft', '--list', '--json')).trim().split('\n');
  const all = lines.map((line) => JSON.parse(line));
  const attack = all.find((one) => one.template === 'marauding-attack');
  assert.deepEqual(attack.blanks.map((blank) => blank.name), ['street', 'town', 'news']);
  assert.deepEqual(all.find((one) => one.template === 'flood').languages, ['en-GB', 'cy']);
  assert.match(await done('alert', 'draft', '--list'), /^marauding-attack {2}People are being/m);
});

const attack = (name, ...more) => tocsin('alert', 'draft', ...trust, ...key, '--out', file(name),
  '--template', 'marauding-attack', ...more);
const FILLED = ['--fill', 'street=High Street', '--fill', 'town=Southwark'];

test('a template becomes a valid alert with its correction beside it', async () => {
  const drafted = await attack('attack.xml', ...FILLED, '--area', 'E09000028');
  assert.equal(drafted.code, 0, drafted.stderr);
  const xml = readFileSync(file('attack.xml'), 'utf8');
  assert.match(xml, /<headline>Attack in High Street, Southwark: run, hide, tell<\/headline>/);
  assert.match(xml, /<severity>Extreme<\/severity>/);
  assert.match(xml, /<senderName>Thames Control<\/senderName>/);
  await done('alert', 'check', file('attack.xml'), file('attack.cancel.xml'));
  assert.match(readFileSync(file('attack.cancel.xml'), 'utf8'),
    /<note>There is no attack in High Street, Southwark\./);
  assert.match(drafted.stderr, /alert cancel --prepared .*attack\.cancel\.xml/);
});

test('a template that is not filled or has no place makes no draft', async () => {
  const place = ['--area', 'E09000028'];
  const rows = [
    [place, /street is not filled[^]*town is not filled/],
    [[...FILLED, ...place, '--fill', 'strete=x'], /strete is no blank of marauding-attack/],
    [[...FILLED, ...place, '--fill', `news=${'x'.repeat(201)}`], /news has 201 letters/],
    [FILLED, /no place means no alert, never everywhere/],
    [[...FILLED, ...place, '--template', 'none'], /./],
  ];
  for (const [more, words] of rows) {
    const { code, stderr } = await attack('never.xml', ...more);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
    assert.throws(() => readFileSync(file('never.xml')));
  }
  const unknown = await tocsin('alert', 'draft', ...trust, ...key, '--template', 'none',
    '--out', file('never.xml'), ...place);
  assert.match(unknown.stderr, /there is no template none[^]*there are: all-clear/);
  writeFileSync(file('broken.toml'), 'about = "x"\nabuot = "y"\n');
  const broken = await tocsin('alert', 'draft', ...trust, ...key, ...place, '--out', file('x.xml'),
    '--template', file('broken.toml'));
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /line 2: abuot is not known/);
});

test('an update replaces an alert and takes over what no flag changes', async () => {
  assert.equal((await fire('one.xml', '--expires-in', '3h')).code, 0);
  const one = await sent('one.xml');
  await done('alert', 'update', String(one.seq), ...at, ...trust, ...key, '--out',
    file('two.xml'), '--headline', 'More smoke', '--circle', '51.54,-0.14 1');
  const xml = readFileSync(file('two.xml'), 'utf8');
  const of = (name, text) => text.match(new RegExp(`<${name}>([^<]*)</${name}>`))?.[1];
  const first = readFileSync(file('one.xml'), 'utf8');
  assert.equal(of('msgType', xml), 'Update');
  assert.equal(of('references', xml),
    `${system.sender},${of('identifier', first)},${of('sent', first)}`);
  assert.equal(of('headline', xml), 'More smoke');
  assert.equal(of('circle', xml), '51.54,-0.14 1');
  for (const same of ['event', 'severity', 'instruction', 'areaDesc', 'expires', 'code']) {
    assert.equal(of(same, xml), of(same, first), same);
  }
  const two = await sent('two.xml');
  const ids = (await active()).map((alert) => alert.id);
  assert.ok(ids.includes(two.id) && !ids.includes(one.id));

  await done('alert', 'update', two.id, ...at, ...trust, ...key, '--out', file('three.xml'));
  assert.doesNotMatch((await tocsin('alert', 'update', two.id, ...at, ...trust, ...key, '--out',
    file('four.xml'))).stderr, /no longer/);
  const references = of('references', readFileSync(file('three.xml'), 'utf8')).split(' ');
  assert.equal(references.length, 2, 'it names what it replaces, and what that replaced');
});

test('the update of a template keeps the place of its alert', async () => {
  const smoke = ['--template', 'hazardous-smoke', '--fill', 'place=Mill Lane'];
  await done('alert', 'draft', ...trust, ...key, '--out', file('smoke.xml'), ...smoke,
    '--circle', '51.54,-0.14 1', '--severity', 'Moderate');
  const { seq } = await sent('smoke.xml');
  await done('alert', 'update', String(seq), ...at, ...trust, ...key, '--out', file('smoke-2.xml'),
    ...smoke);
  const xml = readFileSync(file('smoke-2.xml'), 'utf8');
  assert.match(xml, /<headline>Smoke from Mill Lane: still keep windows/);
  assert.match(xml, /<circle>51.54,-0.14 1<\/circle>/);
});

test('a Cancel and a foreign trust document are nothing to update', async () => {
  assert.equal((await fire('gone.xml')).code, 0);
  const { seq } = await sent('gone.xml');
  const stopped = object(await done('alert', 'cancel', String(seq), '--reason', 'Over.', ...key,
    ...trust, ...at, '--json', ...with_passphrase));
  const update = (...more) => tocsin('alert', 'update', ...more, ...at, ...key, '--out',
    file('no.xml'));
  assert.equal((await update(String(stopped.seq), ...trust)).code, 1);
  assert.equal((await update('999999', ...trust)).code, 1);
  const other = await make_system(scratch());
  assert.equal((await update(String(seq), '--trust', other.trust)).code, 5);
  const late = await update(String(seq), ...trust);
  assert.equal(late.code, 0, late.stderr);
  assert.match(late.stderr, /warning:[^]*active no longer/);
});

test('a prepared correction takes an alert back with one command', async () => {
  assert.equal((await fire('wrong.xml', '--correction-reason', 'It was steam.')).code, 0);
  const { id } = await sent('wrong.xml');
  assert.ok((await active()).some((alert) => alert.id === id));
  const back = await tocsin('alert', 'cancel', '--prepared', file('wrong.cancel.xml'), ...key,
    ...trust, ...at, '--json', ...with_passphrase);
  assert.equal(back.code, 0, back.stderr);
  assert.match(back.stderr, /It was steam\./);
  assert.ok(!(await active()).some((alert) => alert.id === id));
  const never = await tocsin('alert', 'cancel', '--prepared', file('wrong.xml'), ...key, ...trust,
    ...at, ...with_passphrase);
  assert.equal(never.code, 1);
  assert.match(never.stderr, /is no Cancel/);
  const both = await tocsin('alert', 'cancel', '1', '--prepared', file('wrong.cancel.xml'), ...key);
  assert.equal(both.code, 2);
});

/** Cancels what was sent, or with what was prepared. */
const cancel = (...more) => tocsin('alert', 'cancel', ...more, ...key, ...trust, ...at,
  ...with_passphrase);

test('a Cancel that leaves an update active says which and how to stop it', async () => {
  assert.equal((await fire('first.xml')).code, 0);
  const first = await sent('first.xml');
  await done('alert', 'update', String(first.seq), ...at, ...trust, ...key, '--out',
    file('second.xml'), '--headline', 'More smoke');
  const second = await sent('second.xml');
  const says = new RegExp(`alert ${second.seq} of this sender, about the same, is active still` +
    `\\s+next: tocsin alert cancel ${second.seq} --reason`);
  for (const how of [['--prepared', file('first.cancel.xml')],
    [String(first.seq), '--reason', 'Over.']]) {
    const { code, stdout, stderr } = await cancel(...how);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^seq +\d+$/m);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /Cancelled/);
    assert.ok((await active()).some((alert) => alert.id === second.id));
  }
  const last = await cancel(String(second.seq), '--reason', 'Over.');
  assert.equal(last.code, 0, last.stderr);
  assert.match(last.stderr, /Cancelled: everybody the alert reached is told/);
  const again = await tocsin('alert', 'send', file('second.signed'), ...at);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /It had been taken before[^]*alert list --active/);
  assert.doesNotMatch(again.stderr, /on its way|alert cancel/);
});

test('a Cancel of what was never sent says that it stops nothing', async () => {
  assert.equal((await fire('unsent.xml')).code, 0);
  const { code, stderr } = await cancel('--prepared', file('unsent.cancel.xml'));
  assert.equal(code, 1, stderr);
  assert.match(stderr, /stops nothing that was sent/);
  assert.doesNotMatch(stderr, /Cancelled/);
});

test('no draft overwrites the correction of another alert', async () => {
  assert.equal((await fire('kept.xml', '--identifier', 'kept-1')).code, 0);
  const kept = () =>
    ['kept.xml', 'kept.cancel.xml'].map((name) => readFileSync(file(name), 'utf8'));
  const before_it = kept();
  const refused = async (words, name, ...more) => {
    const { code, stderr } = await fire(name, ...more);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
    assert.deepEqual(kept(), before_it);
  };
  const takes_back = /kept\.cancel\.xml takes back kept-1, which may be out\s+next: give --out/;
  await refused(takes_back, 'kept.xml');
  await refused(takes_back, 'other.xml', '--correction', file('kept.cancel.xml'));
  assert.throws(() => readFileSync(file('other.xml')));
  await done('alert', 'sign', file('kept.xml'), ...trust, ...key, ...with_passphrase);
  await refused(/kept\.signed is of another draft by this name/, 'kept.xml', '--correction',
    file('elsewhere.cancel.xml'));
  writeFileSync(file('text.cancel.xml'), 'no Cancel');
  await refused(/takes back something else/, 'text.xml');
});

test('two drafts whose names differ behind a dot have corrections and signatures apart',
  async () => {
    for (const name of ['attack.north', 'attack.south']) {
      const drafted = await fire(name);
      assert.equal(drafted.code, 0, drafted.stderr);
      await done('alert', 'sign', file(name), ...trust, ...key, ...with_passphrase);
      const of = (what, text) => text.match(new RegExp(`<${what}>([^<]*)</${what}>`))[1];
      assert.ok(of('references', readFileSync(file(`${name}.cancel.xml`), 'utf8'))
        .includes(of('identifier', readFileSync(file(name), 'utf8'))));
      await done('verify', file(`${name}.signed`), ...trust);
    }
  });

test('the same alert drafted again keeps its files', async () => {
  const again = () => fire('same.xml', '--identifier', 'same-1', '--at', '2026-11-21T12:00:00Z');
  assert.equal((await again()).code, 0);
  assert.equal((await again()).code, 0);
});

test('a draft on standard output writes no correction that was not asked for', async () => {
  const { code, stdout, stderr } = await tocsin('alert', 'draft', ...trust, ...key, '--out', '-',
    '--template', 'hazardous-smoke', '--fill', 'place=Mill Lane', '--circle', '51.54,-0.14 1');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^<\?xml/);
  assert.doesNotMatch(stderr, /--prepared/);
});

test('checking as of a time warns of what is too early too late or over then', async () => {
  assert.equal((await fire('timely.xml', '--at', '2026-11-21T12:00:00Z')).code, 0);
  const rules = async (...more) => object(await done('alert', 'check', '--json', ...more,
    file('timely.xml'))).warnings.map((warning) => warning.rule);
  assert.deepEqual(await rules(), []);
  assert.deepEqual(await rules('--at', '2026-11-21T12:30:00Z'), []);
  assert.deepEqual(await rules('--at', '2026-11-21T11:58:00Z'), []);
  assert.deepEqual(await rules('--at', '2026-11-21T11:57:59Z'), ['sent_in_future']);
  assert.deepEqual(await rules('--at', '2026-11-21T14:00:00Z'), ['expired']);
  assert.deepEqual(await rules('--at', '2026-11-22T12:00:01Z'), ['too_old', 'expired']);
});

test('several roots named have to sign as often as the document asks', async () => {
  const roots = ['one', 'two', 'three'];
  const ids = [];
  for (const name of roots) {
    await done('key', 'new', '--holder', name, '--out', file(`${name}.key`), ...with_passphrase,
      '--strength', 'interactive');
    ids.push(object(await done('key', 'show', file(`${name}.key`), '--json')).keyid);
  }
  const draft = file('roots.draft'), signed = file('roots.json');
  await done('trust', 'init', '--system', 'exercise-demo', '--kind', 'exercise',
    ...roots.flatMap((name) => ['--root', file(`${name}.key`)]), '--threshold', '2',
    '--out', draft);
  await done('trust', 'add-sender', draft, '--sender', system.sender, '--name', 'Thames',
    '--officer', `${system.first}:originate,cancel`, '--area', 'E12000007');
  await done('trust', 'sign', draft, '--key', file('one.key'), '--out', signed, ...with_passphrase);
  await done('trust', 'sign', signed, '--key', file('two.key'), ...with_passphrase);
  assert.equal((await fire('rooted.xml')).code, 0);
  await done('alert', 'sign', file('rooted.xml'), ...trust, ...key, ...with_passphrase);
  const verify = async (...named) => (await tocsin('verify', file('rooted.signed'), '--trust',
    signed, '--root', named.join(','))).code;
  assert.equal(await verify(ids[0], ids[1]), 0);
  assert.equal(await verify(...ids), 0);
  assert.equal(await verify(ids[0]), 0, 'one named root is enough where it signed');
  assert.equal(await verify(ids[2]), 5, 'the named root has not signed');
  assert.equal(await verify(ids[0], ids[2]), 5, 'one of the two that the document asks');
});
