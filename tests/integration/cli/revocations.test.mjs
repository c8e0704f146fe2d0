// A key is taken away: every command that reads learns it from the engine, or from a file beside
// the trust document, and shows nothing of that key's as an alert.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cap_time } from '../support/cap.mjs';
import { done, environment, tocsin, with_passphrase } from '../support/cli.mjs';
import { sealed } from '../support/dsse.mjs';
import { BIN, scratch, start, within } from '../support/engine.mjs';
import { liar } from '../support/liar.mjs';
import { in_days, people, trust_file, trust_payload } from '../support/trust.mjs';

const TYPE = 'application/vnd.tocsin.revocation+json';
const folder = scratch();
const file = (name) => join(folder, name);
const keys = people();
const named = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });
let engine, at, trust;

const revocation = (key, since) => sealed(JSON.stringify({ system: 'exercise-test',
  keyid: key.keyid, since, reason: 'Stolen.', issued: in_days(0) }), [keys.second_root], TYPE);
const objects = (lines) => lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));

before(async () => {
  const payload = trust_payload(keys, { revocation: [named(keys.second_root)] });
  writeFileSync(file('trust.json'), trust_file(payload, [keys.root]));
  engine = await start({ keys, trust: file('trust.json') });
  at = ['--server', engine.url];
  trust = ['--trust', file('trust.json')];
  // Ann's stands: it was sent and admitted before. Ben's does not: he was robbed before he sent it.
  await engine.admit(alert({ headline: 'By Ann' }), keys.ann);
  await engine.admit(alert({ headline: 'By Ben' }), keys.ben);
  writeFileSync(file('bens.json'), sealed(alert({ headline: 'A file' }), [keys.ben]));
  writeFileSync(file('anns.json'), sealed(alert({ headline: 'A file' }), [keys.ann]));
});

async function listed(...more) {
  const { code, stdout } = await tocsin('alert', 'list', '--json', ...more);
  return { code, verified: objects(stdout).map((each) => each.verified), all: objects(stdout) };
}

test('before, both stand', async () => {
  assert.deepEqual((await listed(...at, ...trust)).verified, [true, true]);
  assert.equal((await tocsin('verify', file('bens.json'), ...trust)).code, 0);
});

test('what the engine knows to be revoked no command shows', async () => {
  const since = cap_time(new Date(Date.now() - 60_000)).replace('-00:00', 'Z');
  const taken = await fetch(`${engine.url}/v1/trust`,
    { method: 'POST', body: revocation(keys.ben, since) });
  assert.equal(taken.status, 200, await taken.text());

  for (const document of [trust, []]) {  // with a file and with what the engine hands out
    const { code, verified, all } = await listed(...at, ...document);
    assert.equal(code, 5);
    assert.deepEqual(verified, [true, false]);
    assert.match(all[1].why, /the key of ben is revoked since .* \(Stolen\.\)/);
  }
  const words = await tocsin('alert', 'list', ...at, ...trust);
  assert.match(words.stdout, /#2 .*NOT VERIFIED, not shown: the key of ben is revoked/);
  assert.doesNotMatch(words.stdout, /By Ben/);
  const shown = await tocsin('alert', 'show', '2', ...at, ...trust);
  assert.equal(shown.code, 5);
  assert.match(shown.stderr, /is not shown: the key of ben is revoked/);
  assert.doesNotMatch(shown.stdout, /By Ben/);
  assert.equal((await tocsin('alert', 'show', '1', ...at, ...trust)).code, 0);

  // Verifying a file asks nobody unless an engine is named.
  assert.equal((await tocsin('verify', file('bens.json'), ...trust)).code, 0);
  const asked = await tocsin('verify', file('bens.json'), ...trust, ...at);
  assert.equal(asked.code, 5);
  assert.match(asked.stdout, /NOT VERIFIED: the key of ben is revoked/);
  assert.equal((await tocsin('verify', file('anns.json'), ...trust, ...at)).code, 0);
});

test('a stream is read with what was revoked', async () => {
  const child = spawn(join(BIN, 'tocsin'), ['alert', 'watch', '--after', '0', '--json', ...at,
    ...trust], { env: { ...process.env, ...environment } });
  let text = '';
  await within(60_000, 'a live stream', new Promise((resolve) => {
    child.stdout.on('data', (data) => {
      text += data;
      if (text.includes('"type":"live"')) resolve();
    });
  }));
  child.kill();
  const alerts = objects(text).filter(({ type }) => type === 'alert');
  assert.deepEqual(alerts.map(({ verified }) => verified), [true, false]);
});

test('what was sent and admitted before its key was taken away stands, with a remark', async () => {
  const later = in_days(1 / 24);
  writeFileSync(file('trust.json.revocations'), revocation(keys.ann, later));
  const { verified, all } = await listed(...at, ...trust);
  assert.deepEqual(verified, [true, false]);
  assert.match(all[0].remarks.join(), /was revoked later, since/);
  const offline = await tocsin('verify', file('anns.json'), ...trust);
  assert.equal(offline.code, 5, 'a file has no time that anybody vouches for');
  assert.match(offline.stdout, /a thief can write any date into a file/);
});

test('a file of revocations that was damaged is said and nothing is read by it', async () => {
  writeFileSync(file('other.json'), trust_file(trust_payload(keys), [keys.root]));
  writeFileSync(file('other.json.revocations'), 'no envelope\n');
  const { code, stderr } = await tocsin('verify', file('anns.json'), '--trust', file('other.json'));
  assert.equal(code, 5);
  assert.match(stderr, /other\.json\.revocations/);
});

test('trust show tells whose keys are gone, since when, why and by whom', async () => {
  const { code, stdout, stderr } = await tocsin('trust', 'show', ...trust, ...at);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`${keys.ben.keyid.slice(0, 8)}.* ben, control@one.example\n` +
    ' +since +\\d{4}-.*Z\n +because +Stolen.\n +by +a revocation signed by second_root'));
  assert.match(stdout,
    /gone, control@one.example\n +since .*\n +because +Lost.\n +by +this document/);
  assert.match(stdout, /officer +ben: .*REVOKED/);
  assert.match(stderr, /the key of late expired/);
  assert.match(stderr, /trust document EXPIRES/i);
  const [told] = objects(await done('trust', 'show', '--json', ...trust, ...at));
  assert.deepEqual(told.revoked.map(({ whose, counts }) => [whose.split(',')[0], counts]),
    [['gone', true], ['ann', true], ['ben', true]]);
  assert.ok(told.warnings.some((each) => /late expired/.test(each)));
});

test('replay goes by what the folder revoked, as its engine does', async () => {
  const { code, stdout, stderr } = await tocsin('replay', '--data', engine.data);
  assert.equal(code, 5);
  assert.match(stdout, /By Ann/);
  assert.doesNotMatch(stdout, /By Ben/);
  assert.match(stderr, /record 2: the key of ben is revoked/);
});

test('a revocation is handed in only where an engine of that system says so', async () => {
  const folder = scratch();
  const own = (name) => join(folder, name);
  await done('key', 'new', '--holder', 'taker', '--out', own('taker.key'), ...with_passphrase,
    '--strength', 'interactive');
  const { keyid, public: raw, holder } = JSON.parse(await done('key', 'show', '--json',
    own('taker.key')));
  const payload = trust_payload(keys, { revocation: [{ keyid, public: raw, holder }] });
  writeFileSync(own('trust.json'), trust_file(payload, [keys.root]));
  const revoke = (server, ...more) => tocsin('trust', 'revoke', '--keyid', keys.ben.keyid,
    '--reason', 'Lost.', '--key', own('taker.key'), ...with_passphrase, '--send',
    '--trust', own('trust.json'), '--server', server.url, ...more);
  const taken = (system) => JSON.stringify({ system, version: 1, expires: payload.expires });
  for (const [status, body] of [[302, ''], [200, '<html>'], [200, '{}'], [204, ''], [200, '[]'],
                                [200, taken('another-drill')], [302, taken('exercise-test')]]) {
    const server = await liar(keys, () => {}, { answer: (request, response) => {
      request.resume().on('end', () => response.writeHead(status).end(body));
      return true;
    } });
    const { code, stdout, stderr } = await revoke(server);
    server.close();
    assert.equal(code, 3, `${status} ${body}: ${stderr}`);
    assert.match(stderr, /it is unknown whether it was taken/);
    assert.doesNotMatch(stderr, /believes .* no more/);
    assert.equal(stdout, '');
  }
  const real = await start({ keys, trust: own('trust.json') });
  const later = await revoke(real, '--since', '2099-11-01T00:00:00Z');
  assert.equal(later.code, 0, later.stderr);
  assert.match(later.stderr, /From 2099-11-01T00:00:00Z on the engine believes key .* no more;/);
  const now = await revoke(real);
  assert.equal(now.code, 0, now.stderr);
  assert.match(now.stderr, /The engine believes key .* no more\./);
});
