// TLS as the engine speaks it, asked by node's own and by curl.
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect as connect_plain } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { sealed, sha256_hex } from './support/dsse.mjs';
import { launch, scratch, start, within } from './support/engine.mjs';
import { assert_problem, curl, raw } from './support/http.mjs';
import { listen, Reader, refused } from './support/stream.mjs';
import {
  admit, ask, authority, certificate, figure, flags, put_in_place, shake,
} from './support/tls.mjs';

const LATE_MS = 20_000;
const DAY_S = 86_400;

let ca, engine;
before(async () => {
  ca = authority();
  engine = await start_tls(certificate(ca, 'shared'));
});

async function start_tls(files, options = {}) {
  const own = await start({ ...options, args: [...flags(files), ...(options.args ?? [])] });
  return Object.assign(own, { ca: ca.pem, files });
}

/** Waits until `look` says so, which asks the engine something each time. */
async function until(what, look) {
  const since = Date.now();
  while (!await look()) {
    if (Date.now() - since > LATE_MS) throw new Error(`not in time: ${what}`);
  }
}
const warnings = async (to) => JSON.parse((await ask(to, ca, '/readyz')).body).warnings
  .filter((each) => each.includes('certificate'));
const handshakes = (to, outcome) =>
  figure(to, ca, `tocsin_tls_handshakes_total{outcome="${outcome}"}`);

// --- what is spoken

test('the ready line names https, and curl that knows the authority is answered', async () => {
  assert.equal(new URL(engine.url).protocol, 'https:');
  const answer = await curl(`https://localhost:${engine.port}/livez`,
    { args: ['--cacert', ca.certificate] });
  assert.equal(answer.status, 200);
});

test('TLS 1.3 and 1.2 are spoken, with X25519 and AEAD, and HTTP/1.1 is agreed on', async () => {
  for (const version of ['TLSv1.3', 'TLSv1.2']) {
    const socket = await shake(engine, ca,
      { minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(socket.getProtocol(), version);
    assert.equal(socket.alpnProtocol, 'http/1.1');
    assert.match(socket.getCipher().standardName, /GCM|POLY1305/);
    assert.equal(socket.getEphemeralKeyInfo().name, 'X25519');
    socket.destroy();
  }
});

const refused_hands = {
  'TLS 1.1': { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
  'a suite without AEAD': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' },
  'a suite without a key of its own for each session':
    { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' },
  'h2 alone': { ALPNProtocols: ['h2'] },
};
for (const [what, options] of Object.entries(refused_hands)) {
  test(`${what} is refused, and counted`, async () => {
    const before = await handshakes(engine, 'failed');
    await assert.rejects(shake(engine, ca, options), /alert|handshake/i);
    await until('the count', async () => await handshakes(engine, 'failed') > before);
  });
}

test('TLS 1.2 is not renegotiated', async () => {
  const socket = await shake(engine, ca, { maxVersion: 'TLSv1.2' });
  const answer = await new Promise((resolve) => {
    socket.on('error', resolve);
    socket.on('close', () => resolve(new Error('closed')));
    if (!socket.renegotiate({}, (error) => resolve(error))) resolve(new Error('not begun'));
  });
  assert.ok(answer instanceof Error, 'renegotiated');
  socket.destroy();
});

// --- streams

test('an alert arrives over wss byte for byte', async () => {
  const reader = await listen(engine);
  const document = alert({ headline: 'Überschwemmung' });
  const { seq, id } = await admit(engine, ca, document);
  await reader.has(seq);
  assert.deepEqual(reader.alerts.find((each) => each.seq === seq).xml, document);
  assert.equal(id, sha256_hex(document));
  await reader.close();
});

test('a burst and what was missed come in order, to the last octet', async () => {
  const own = await start_tls(certificate(ca, 'burst'));
  const early = await listen(own);
  const documents = [];
  for (let i = 0; i < 100; ++i) {
    documents.push(alert({ headline: `Number ${i}`,
                           description: 'ä'.repeat(i % 10 === 0 ? 60_000 : i * 11) }));
    await admit(own, ca, documents.at(-1));
  }
  const late = await listen(own, { after: '0' });
  for (const reader of [early, late]) {
    await reader.has(documents.length);
    assert.deepEqual(reader.alerts.map(({ xml }) => xml), documents);
    await reader.close();
  }
});

/** Reads from the beginning, resting between any two pieces, until `live`. */
function read_slowly(port, rest_ms) {
  return new Promise((resolve, reject) => {
    shake({ port }, ca).then((socket) => {
      const marker = '{"type":"alert","seq":';
      let tail = '', count = 0;
      socket.removeAllListeners('data');
      socket.on('data', (data) => {
        const text = tail + data.toString('latin1');
        count += text.split(marker).length - 1;
        tail = text.slice(1 - marker.length);
        if (text.includes('{"type":"live"')) {
          socket.destroy();
          return resolve(count);
        }
        socket.pause();
        setTimeout(() => socket.resume(), rest_ms);
      });
      socket.on('end', () => reject(new Error(`closed after ${count} alerts`)));
      socket.write('GET /v1/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n' +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    }, reject);
  });
}

test('readers that take their time get everything over TLS, live included', async () => {
  const own = await start_tls(certificate(ca, 'slow'));
  const count = 60;
  for (let i = 0; i < count; ++i) await admit(own, ca, alert({ description: 'x'.repeat(150_000) }));
  const rests = [1, 3, 8];
  const read = rests.map((rest_ms) => read_slowly(own.port, rest_ms));
  assert.deepEqual(await within(60_000, 'live', Promise.all(read)), rests.map(() => count));
});

test('events come over TLS, and end with a reason', async () => {
  const own = await start_tls(certificate(ca, 'events'));
  const socket = await shake(own, ca);
  socket.write('GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
  await until('live', async () => {
    await ask(own, ca, '/livez');
    return socket.heard.includes('"type":"live"');
  });
  const { seq } = await admit(own, ca, alert());
  await until('the alert', async () => {
    await ask(own, ca, '/livez');
    return socket.heard.includes(`"type":"alert","seq":${seq}`);
  });
  assert.equal((await own.stop()).code, 0);
  await within(LATE_MS, 'the end', socket.over);
  assert.match(socket.heard, /event: close\n/);
});

test('a stream that was cut comes back to where it was', async () => {
  const reader = await listen(engine);
  const { seq } = await admit(engine, ca, alert());
  await reader.has(seq);
  const position = `${reader.hello.epoch}:${seq}`;
  await reader.cut();
  const missed = await admit(engine, ca, alert());
  const again = await listen(engine, { after: position });
  await again.has(missed.seq);
  assert.deepEqual(again.sequences, [missed.seq]);
  await again.close();
});

test('the end of a stream is told before the connection ends', async () => {
  const reader = await listen(engine);
  const { code } = await reader.close();
  assert.equal(code, 1000);
});

// --- tickets

/** A ticket of the engine, which comes with its first answer in TLS 1.3. */
async function ticket(to, options) {
  const socket = await shake(to, ca, options);
  socket.write('GET /v1/trust HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const session = await within(LATE_MS, 'a ticket', new Promise((resolve) => {
    if (socket.getProtocol() === 'TLSv1.2') return resolve(socket.getSession());
    socket.once('session', resolve);
  }));
  socket.destroy();
  return session;
}
async function comes_back(to, session, options) {
  const socket = await shake(to, ca, { session, ...options });
  const reused = socket.isSessionReused();
  socket.end();
  await within(LATE_MS, 'the end', socket.over);
  return reused;
}

for (const version of ['TLSv1.3', 'TLSv1.2']) {
  test(`${version} comes back with its ticket, also after the certificate was replaced`,
    async () => {
      const options = { maxVersion: version };
      const own = await start_tls(certificate(ca, `ticket-${version}`));
      const session = await ticket(own, options);
      assert.equal(await comes_back(own, session, options), true);
      const other = await ticket(own, options);
      put_in_place(certificate(ca, `next-${version}`), own.files);
      own.child.kill('SIGHUP');
      await until('the new certificate', async () => {
        const socket = await shake(own, ca);
        const name = socket.getPeerCertificate().subject.CN;
        socket.destroy();
        return name === `next-${version}`;
      });
      assert.equal(await comes_back(own, other, options), true);
      assert.ok(await handshakes(own, 'resumed') >= 2);
    });
}

test('whoever comes back is given the next ticket, and comes back with that', async () => {
  let session = await ticket(engine);
  for (let times = 0; times < 3; ++times) {
    const next = await ticket(engine, { session });
    assert.notDeepEqual(next, session);
    session = next;
  }
  assert.equal(await comes_back(engine, session), true);
});

test('nothing is taken before hands are shaken', async () => {
  const session = await ticket(engine);
  const socket = await shake(engine, ca, { session });
  // node offers no early data; what the ticket allows of it is in OpenSSL's words.
  const { stdout } = await promisify(execFile)('bash', ['-c',
    `openssl s_client -connect 127.0.0.1:${engine.port} -tls1_3 -CAfile ${ca.certificate} ` +
    '-ign_eof <<< $\'GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\'']);
  assert.match(stdout, /Max Early Data: 0/);
  assert.match(stdout, /\{"live":true\}/);
  socket.destroy();
});

// --- the certificate

test('SIGHUP takes a new certificate, connections there are go on', async () => {
  const own = await start_tls(certificate(ca, 'before'));
  const reader = await listen(own);
  put_in_place(certificate(ca, 'after', { until_s: 100 * DAY_S }), own.files);
  own.child.kill('SIGHUP');
  const expires = Date.now() / 1000 + 100 * DAY_S;
  await until('the new certificate', async () =>
    Math.abs(await figure(own, ca, 'tocsin_certificate_expires_timestamp_seconds') - expires)
      < 3600);
  await until('the trace', async () => {
    await ask(own, ca, '/livez');
    return own.stderr.includes('certificate_taken');
  });
  const { seq } = await admit(own, ca, alert());
  await reader.has(seq);
  assert.deepEqual(await warnings(own), []);
});

const unusable = {
  'is no certificate': { spoil: (own) => writeFileSync(own.files.certificate, 'no PEM'),
                         why: /holds no certificate in PEM/ },
  'has no end': { spoil: (own) => writeFileSync(own.files.certificate,
    '-----BEGIN CERTIFICATE-----\nMIIB'), why: /holds no certificate in PEM/ },
  'has expired': { spoil: (own) => put_in_place(certificate(ca, `late-${own.port}`,
    { since_s: 9 * DAY_S, until_s: -60 }), own.files), why: /counts from .* to .* only/ },
  'is of another key': { spoil: (own) => copyFileSync(certificate(ca, `other-${own.port}`)
    .certificate, own.files.certificate), why: /is not the key of the certificate/ },
  'is of another kind of key': { spoil: (own) => copyFileSync(certificate(ca, `rsa-${own.port}`,
    { key_type: 'rsa' }).certificate, own.files.certificate),
                                 why: /is not the key of the certificate/ },
  'has a key others may read': { spoil: (own) => chmodSync(own.files.key, 0o640),
                                 why: /may be read by others.*chmod 600/ },
};
describe('a certificate stays in force where the new one', { concurrency: 1 }, () => {
  for (const [what, { spoil, why }] of Object.entries(unusable)) {
    test(what, async () => {
      const good = certificate(ca, `good-${what.replaceAll(' ', '-')}`);
      const kept = { certificate: `${good.certificate}.kept`, key: `${good.key}.kept` };
      for (const kind of ['certificate', 'key']) copyFileSync(good[kind], kept[kind]);
      const own = await start_tls(good);
      const expires = await figure(own, ca, 'tocsin_certificate_expires_timestamp_seconds');
      spoil(own);
      own.child.kill('SIGHUP');
      await until('a warning', async () => (await warnings(own)).length > 0);
      const [warning] = await warnings(own);
      assert.match(warning, /was not taken/);
      assert.match(warning, why);
      await until('the trace', async () => {
        await ask(own, ca, '/livez');
        return own.stderr.includes('certificate_refused');
      });
      assert.equal(await figure(own, ca, 'tocsin_certificate_expires_timestamp_seconds'), expires);
      assert.equal(JSON.parse((await ask(own, ca, '/readyz')).body).ready, true);
      // And is forgiven as soon as there is a good one.
      put_in_place(kept, own.files);
      own.child.kill('SIGHUP');
      await until('no warning', async () => (await warnings(own)).length === 0);
    });
  }
});

test('a certificate that expires soon, or has expired, is told of', async () => {
  const soon = await start_tls(certificate(ca, 'soon', { since_s: 80 * DAY_S,
                                                         until_s: 10 * DAY_S }));
  assert.match((await warnings(soon))[0], /certificate expires at .*SIGHUP/);
  const far = await start_tls(certificate(ca, 'far', { since_s: 60 * DAY_S,
                                                       until_s: 30 * DAY_S }));
  assert.deepEqual(await warnings(far), []);
  const over = await start_tls(certificate(ca, 'over', { since_s: 9 * DAY_S, until_s: -60 }));
  const { body } = await ask(over, ca, '/readyz', { rejectUnauthorized: false });
  assert.match(JSON.parse(body).warnings.join(), /certificate expired at .* now/);
  assert.equal(JSON.parse(body).ready, true);
  await assert.rejects(shake(over, ca), /expired/);
});

describe('the engine does not start', { concurrency: 1 }, () => {
  const starts = {
    'with a key that others may read': [(files) => chmodSync(files.key, 0o644),
                                        /may be read by others.*chmod 600/],
    'with the key of another certificate':
      [(files) => copyFileSync(certificate(ca, 'strange').key, files.key),
       /is not the key of the certificate/],
    'with a key of another kind':
      [(files) => copyFileSync(certificate(ca, 'rsa', { key_type: 'rsa' }).key, files.key),
       /is not the key of the certificate/],
    'with a key under a passphrase': [(files) => {
      const text = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n' +
        '-----END ENCRYPTED PRIVATE KEY-----\n';
      writeFileSync(files.key, text);
    }, /no private key in PEM, or one under a passphrase/],
    'without its certificate': [(files) => { files.certificate = `${files.certificate}.gone`; },
                                /cannot .*read/i],
    'with a folder for a key': [(files) => {
      files.key = join(scratch(), 'folder');
      mkdirSync(files.key);
    }, /no regular file/],
  };
  for (const [what, [spoil, why]] of Object.entries(starts)) {
    test(what, async () => {
      const files = certificate(ca, `start-${what.replaceAll(' ', '-')}`);
      spoil(files);
      const own = launch({ args: flags(files) });
      const { code } = await within(LATE_MS, 'the end', own.exited);
      assert.equal(code, 1);
      assert.match(own.stderr, why);
      assert.doesNotMatch(own.stderr, /PRIVATE/);
    });
  }

  test('with a certificate and no key', async () => {
    const own = launch({ args: ['--tls-cert', certificate(ca, 'alone').certificate] });
    const { code } = await within(LATE_MS, 'the end', own.exited);
    assert.equal(code, 2);
    assert.match(own.stderr, /--tls-cert FILE --tls-key FILE/);
  });
});

test('the configuration may name both, beside itself', async () => {
  const files = certificate(ca, 'configured');
  const config = join(ca.folder, 'tocsin.toml');
  writeFileSync(config, '[tls]\ncert = "configured.pem"\nkey = "configured.key"\n');
  const own = await start({ args: ['--config', config] });
  assert.equal((await ask(own, ca, '/livez')).status, 200);
  assert.ok(files);
});

test('admin.listen stays plain', async () => {
  const config = join(scratch(), 'tocsin.toml');
  const port = 20_000 + process.pid % 20_000;
  writeFileSync(config, `[admin]\nlisten = "127.0.0.1:${port}"\n`);
  await start_tls(certificate(ca, 'admin'), { args: ['--config', config] });
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
});

// --- those who do not keep to it

for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
  test(`${method} in plain HTTP is told what this is`, async () => {
    const before = await handshakes(engine, 'plain_http');
    const answer = await raw(engine.port, `${method} /v1/alerts HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [head, body] = answer.text.split('\r\n\r\n');
    const type = /^Content-Type: (.*)$/m.exec(head)[1].trim();
    const problem = assert_problem({ status: answer.status, type, body }, 400, 'bad_query');
    assert.match(problem.detail, /HTTPS/);
    assert.doesNotMatch(head, /Strict-Transport-Security/);
    await until('the count', async () => await handshakes(engine, 'plain_http') === before + 1);
  });
}

test('what is neither TLS nor HTTP is ended, and so is half a handshake that is cut', async () => {
  const before = await handshakes(engine, 'failed');
  assert.equal((await raw(engine.port, '\x16\x03\x01\x00\x05hello')).closed, true);
  assert.equal((await raw(engine.port, '\x00\x01\x02\x03\x04\x05\x06')).closed, true);
  const half = connect_plain(engine.port, '127.0.0.1');
  await new Promise((resolve) => half.write('\x16\x03\x01\x01\x00\x01', 'latin1', resolve));
  half.destroy();
  await until('the counts', async () => await handshakes(engine, 'failed') >= before + 3);
});

test('a client that ends without close_notify has lost and changed nothing', async () => {
  const socket = await shake(engine, ca);
  const body = sealed(alert(), [engine.keys.ann]);
  socket.write(`POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}` +
    `\r\n\r\n${body.slice(0, body.length / 2)}`);
  const head = JSON.parse((await ask(engine, ca, '/readyz')).body).head;
  socket._handle.close();  // the descriptor, and no word of TLS
  await ask(engine, ca, '/livez');
  assert.equal(JSON.parse((await ask(engine, ca, '/readyz')).body).head, head);
});

test('the engine says close_notify, so that an answer cut off is known as such', async () => {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c',
    `openssl s_client -connect 127.0.0.1:${engine.port} -CAfile ${ca.certificate} -ign_eof ` +
    '-msg <<< $\'GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\'']);
  assert.match(stdout + stderr, /<<< .*Alert.*close_notify|close_notify/);
});

// --- the page, and who is signed in

test('the page is served by https, and says to come back by https alone', async () => {
  for (const path of ['/', '/app.js', '/style.css', '/v1/trust']) {
    const { status, headers } = await ask(engine, ca, path);
    assert.equal(status, 200, path);
    assert.equal(headers['strict-transport-security'], `max-age=${30 * DAY_S}`, path);
  }
});

test('a session by https is Secure without being asked, and for pages of https alone', async () => {
  const token = (await done('org', 'add', 'fire', '--name', 'Fire', '--data', engine.data)).trim();
  const signed_in = await ask(engine, ca, '/v1/session', { method: 'POST',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  assert.equal(signed_in.status, 200, signed_in.body);
  const [set] = signed_in.headers['set-cookie'];
  assert.match(set, /^__Host-tocsin_session=.*; HttpOnly; SameSite=Strict; Path=\/; .*; Secure$/);
  const cookie = set.split(';')[0], host = `localhost:${engine.port}`;
  const own_page = { cookie, host, origin: `https://${host}` };
  const reader = await listen(engine, '', { headers: own_page });
  await reader.close();
  const other = await refused(engine, '', { headers: { ...own_page, origin: `http://${host}` } });
  assert_problem(other, 403, 'forbidden');
  // Who signed in by plain HTTP before has a cookie of its kind from now on.
  const renewed = await ask(engine, ca, '/v1/session',
    { headers: { cookie: cookie.replace('__Host-', '') } });
  assert.match(renewed.headers['set-cookie'][0], /^__Host-tocsin_session=.*; Secure$/);
});

test('a body larger than what is read in one go is read whole', async () => {
  const document = alert({ description: 'z'.repeat(170_000) });
  const { id } = await admit(engine, ca, document);
  const { body } = await ask(engine, ca, `/v1/alerts/${id}.xml`);
  assert.equal(body, document.toString());
  const reader = new Reader(engine, { after: '0' });
  await reader.live();
  await reader.close();
});
