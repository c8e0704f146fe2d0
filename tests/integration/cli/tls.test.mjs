// The command line against an engine that speaks TLS: who it is has to be proved.
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from '../support/cap.mjs';
import { done, environment, tocsin } from '../support/cli.mjs';
import { sealed } from '../support/dsse.mjs';
import { BIN, scratch, start, within } from '../support/engine.mjs';
import { authority, certificate, flags } from '../support/tls.mjs';

const LATE_MS = 20_000;
const folder = scratch();
let ca, engine, url, at;

before(async () => {
  ca = authority();
  engine = await start({ args: flags(certificate(ca, 'cli')) });
  url = `https://localhost:${engine.port}`;
  at = ['--trust', engine.trust, '--cacert', ca.certificate];
});

test('an alert is sent, listed and watched over TLS', async () => {
  const watch = spawn(join(BIN, 'tocsin'),
    ['alert', 'watch', '--server', url, ...at, '--json', '--after', '0'],
    { env: { ...process.env, ...environment } });
  const seen = new Promise((resolve) => {
    let text = '';
    watch.stdout.on('data', (data) => {
      text += data;
      if (text.includes('By TLS')) resolve();
    });
  });
  const file = join(folder, 'alert.signed');
  writeFileSync(file, sealed(alert({ headline: 'By TLS' }), [engine.keys.ann]));
  const answer = JSON.parse(await done('alert', 'send', file, '--server', url, ...at, '--json'));
  assert.ok(answer.seq > 0);
  assert.match(await done('alert', 'list', '--server', url, ...at), /By TLS/);
  await within(LATE_MS, 'the alert on the stream', seen);
  watch.kill();
});

test('who cannot prove to be that engine is not spoken to', async () => {
  const strange = authority();
  for (const [how, server, why] of [
    [['--cacert', strange.certificate], url, /does not prove to be it: .*certificate/],
    [[], url, /does not prove to be it: .*certificate.*--cacert/s],
  ]) {
    const { code, stdout, stderr } = await tocsin('alert', 'list', '--server', server,
      '--trust', engine.trust, ...how);
    assert.equal(code, 3, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, why);
  }
});

test('a certificate of that authority for another host proves nothing', async () => {
  const other = await start({ args: flags(certificate(ca, 'elsewhere')), listen: '127.0.0.2:0' });
  const { code, stderr } = await tocsin('status', '--server', `https://127.0.0.2:${other.port}`,
    ...at);
  assert.equal(code, 3);
  assert.match(stderr, /does not prove to be it: IP address mismatch/);
});

test('plain HTTP to it, and https to an engine without TLS, say so', async () => {
  const plain = await tocsin('alert', 'list', '--server', url.replace('https', 'http'), ...at);
  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /This is HTTPS/);
  const without = await start();
  const secure = await tocsin('alert', 'list', ...at,
    '--server', without.url.replace('http', 'https'));
  assert.equal(secure.code, 3);
  assert.match(secure.stderr, /no TLS/);
});

test('a file without an authority is told', async () => {
  const { code, stderr } = await tocsin('status', '--server', url, '--trust', engine.trust,
    '--cacert', engine.trust);
  assert.equal(code, 3);
  assert.match(stderr, /holds no certificate in PEM/);
});

test('a context keeps the authority, for its own server alone', async () => {
  await done('context', 'add', 'secure', '--server', url, ...at);
  assert.equal((await tocsin('status', '--context', 'secure')).code, 0);
  const [kept] = (await done('context', 'list', '--json')).split('\n').filter(Boolean)
    .map((line) => JSON.parse(line));
  assert.equal(kept.cacert, ca.certificate);
  const elsewhere = await tocsin('status', '--context', 'secure',
    '--server', `https://127.0.0.1:${engine.port}`);
  assert.equal(elsewhere.code, 3);
  assert.match(elsewhere.stderr, /does not prove to be it/);
});

test('a token goes to another machine by https, and by plain HTTP does not', async () => {
  const token = join(folder, 'token');
  writeFileSync(token, 'tok-123_456\n');
  chmodSync(token, 0o600);
  const to = (server) => tocsin('alert', 'list', '--server', server, '--token-file', token, ...at);
  const refused = await to('http://0.0.0.0:1');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /by https, or through a tunnel/);
  assert.equal((await to('https://0.0.0.0:1')).code, 3);
});
