// Organisations, status and replay through a data folder: with an engine on it and without.
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { done, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { BIN, restart, scratch, start } from '../support/engine.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
const objects = (lines) => lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
let system, engine, data;

before(async () => {
  system = await make_system(folder);
  engine = await start({ trust: system.trust });
  data = ['--data', engine.data];
});

/** The same with something on standard input. */
const fed = (input, ...args) => new Promise((resolve) => {
  const child = execFile(join(BIN, 'tocsin'), args.flat(), (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }));
  child.stdin.end(input);
});

let count = 0;
async function sent() {
  const name = file(`alert-${++count}`);
  const trust = ['--trust', system.trust];
  await done('alert', 'draft', ...trust, '--key', system.first, '--out', `${name}.xml`,
    '--event', 'Flood', '--category', 'Met', '--urgency', 'Expected', '--severity', 'Moderate',
    '--certainty', 'Likely', '--headline', `River rising ${count}`, '--instruction', 'Move.',
    '--area-desc', 'Camden', '--area', 'E09000007');
  await done('alert', 'sign', `${name}.xml`, ...trust, '--key', system.first, ...with_passphrase);
  return JSON.parse(await done('alert', 'send', `${name}.signed`, '--server', engine.url,
    '--json'));
}

test('the socket is its owner\'s alone', () => {
  assert.equal(statSync(join(engine.data, 'admin.sock')).mode & 0o777, 0o600);
});

test('an organisation is added, listed, shown, given secrets and erased', async () => {
  const added = await tocsin('org', 'add', 'acme', '--name', 'Acme Ltd', '--group', 'wardens',
    '--area', 'E09000033', ...data);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^tocsin_t_[A-Za-z0-9_-]{43}\n$/);
  assert.match(added.stderr, /shown once/);
  assert.equal((await tocsin('org', 'add', 'acme', '--name', 'Other', ...data)).code, 1);
  const invitation = JSON.parse(await done('org', 'token', 'acme', '--invite', '--json', ...data));
  assert.match(invitation.secret, /^tocsin_i_/);
  assert.match(invitation.expires, /Z$/);

  const shown = JSON.parse(await done('org', 'show', 'acme', '--json', ...data));
  assert.deepEqual(shown.groups, ['wardens']);
  assert.deepEqual(shown.subscription, [['area', 'E09000033']]);
  assert.deepEqual(shown.secrets.map((secret) => secret.kind), ['token', 'invitation']);
  assert.ok(!JSON.stringify(shown).includes('tocsin_'));
  assert.equal(objects(await done('org', 'list', '--json', ...data)).length, 1);

  assert.equal((await fed(added.stdout, 'org', 'revoke', ...data)).code, 0);
  assert.equal((await fed(added.stdout, 'org', 'revoke', ...data)).code, 1);
  await done('org', 'revoke', 'acme', '--number', String(invitation.number), ...data);
  assert.equal((await tocsin('org', 'erase', 'acme', ...data)).code, 2);
  await done('org', 'erase', 'acme', '--yes', ...data);
  assert.equal((await tocsin('org', 'show', 'acme', ...data)).code, 1);
});

test('a list is imported whole or not at all, and exported again', async () => {
  const rest = 'latitude,longitude,sector,language,phone,email,webhook,groups';
  writeFileSync(file('wrong.csv'), `organisation,name,ons,${rest}\n` +
    'one,One,E09000033,,,,,,,,\ntwo,Two,Atlantis,,,,,,,,\n');
  const wrong = await tocsin('org', 'import', file('wrong.csv'), ...data);
  assert.equal(wrong.code, 1);
  assert.equal(await done('org', 'list', '--json', ...data), '');
  writeFileSync(file('right.csv'),
    'name,organisation,groups,phone,ons,latitude,longitude,sector,language,email,webhook\n' +
    '"One, Ltd",one,fire police,+447700900123,E09000033,,,,,,\n,one,,,,51.5,-0.1,,,,\n' +
    'Two,two,,,,,,Food,,,\n');
  const right = await tocsin('org', 'import', file('right.csv'), '--json', ...data);
  assert.deepEqual(JSON.parse(right.stdout),
    { organisations: 2, rows: 3, contacts: 1 });
  assert.doesNotMatch(right.stderr, /7700900123/);
  assert.ok(!(await done('org', 'list', '--json', ...data)).includes('7700900123'));
  assert.match(await done('org', 'list', '--contacts', ...data), /sms \+447700900123/);
  assert.match(await done('org', 'show', 'one', ...data), /contacts +1 by sms, 0 by email/);
  assert.match(await done('org', 'show', 'one', '--contacts', ...data),
    /^place +E09000033\nplace +51\.5,-0\.1$/m);
  const own = JSON.parse(await done('org', 'export', 'one', ...data));
  assert.equal(own.profile.contacts[0].address, '+447700900123');
  assert.equal(own.profile.premises.length, 2);
  assert.deepEqual([own.said, own.sent], [[], []]);
  const out = await done('org', 'export', ...data);
  writeFileSync(file('again.csv'), out);
  const before = await done('org', 'list', '--json', ...data);
  await done('org', 'import', file('again.csv'), ...data);
  assert.equal(await done('org', 'list', '--json', ...data), before);
  for (const [text, says] of [
    ['organisation,name\none,One\n', /lacks latitude, longitude, ons, .*groups/],
    [out.replace(/^(one|"One).*/m, 'one,"One, Ltd",,,,,,07700900123,,,'), /line 2: one: the phone/],
  ]) {
    writeFileSync(file('short.csv'), text);
    const short = await tocsin('org', 'import', file('short.csv'), ...data);
    assert.equal(short.code, 1, short.stdout);
    assert.match(short.stderr, says);
    assert.equal(await done('org', 'list', '--json', ...data), before, 'nothing was taken away');
  }
});

test('every command on a folder says once that its trust document expired', async () => {
  writeFileSync(file('none.csv'), `${(await done('org', 'export', ...data)).split('\n')[0]}\n`);
  for (const words of [['org', 'list'], ['org', 'add', 'late', '--name', 'Late'],
    ['org', 'token', 'late'], ['org', 'show', 'late'], ['org', 'export'],
    ['org', 'import', file('none.csv')], ['org', 'erase', 'late', '--yes'], ['status'], ['replay'],
    ['status', '--trust', system.trust], ['org', 'list', '--trust', system.trust]]) {
    const { code, stderr } = await tocsin(...words, ...data, '--at', '2031-01-01T00:00:00Z');
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    const said = stderr.match(/THE TRUST DOCUMENT EXPIRED/g) ?? [];
    assert.equal(said.length, 1, `${words.join(' ')}: ${stderr}`);
  }
  assert.doesNotMatch((await tocsin('org', 'list', ...data)).stderr, /EXPIRE/);
});

test('status and replay speak to the engine, and to the folder when none runs', async () => {
  const first = await sent();
  await sent();
  const running = JSON.parse(await done('status', '--json', ...data));
  assert.equal(running.ready, true);
  assert.equal(running.running, true);
  assert.equal(running.head, 2);
  assert.equal(running.organisations, 2);
  const played = await tocsin('replay', ...data);
  assert.equal(played.code, 0, played.stderr);
  assert.match(played.stdout, /River rising 1[^]*River rising 2/);
  assert.deepEqual(objects(await done('replay', '--json', '--to', '1', ...data))
    .map((alert) => [alert.seq, alert.id]), [[1, first.id]]);

  await engine.stop();
  const alone = await tocsin('status', '--json', ...data);
  assert.equal(alone.code, 3);
  assert.equal(JSON.parse(alone.stdout).head, 2);
  assert.equal((await tocsin('replay', ...data)).stdout, played.stdout);
  assert.equal(objects(await done('org', 'list', '--json', ...data)).length, 2);
  // By another system's document nothing verifies.
  const other = scratch();
  const foreign = await make_system(other);
  const strange = await tocsin('replay', ...data, '--trust', foreign.trust);
  assert.equal(strange.code, 5);
  assert.equal(strange.stdout, '');
  engine = await restart(engine);
  assert.equal((await tocsin('replay', ...data)).stdout, played.stdout);
});

test('a folder that is none is said, and nothing is made', async () => {
  const gone = await tocsin('org', 'list', '--data', file('nowhere'));
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /no folder/);
});
