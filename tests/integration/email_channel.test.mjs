// The e-mail channel and servers that nobody here wrote: npm's smtp-server with TLS and passwords,
// and a real OpenSMTPD that relays to it.
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { scratch } from './support/engine.mjs';
import { Channel, listening, scripted } from './support/channel.mjs';
import { DELIVERER, opensmtpd, unpacked } from './support/opensmtpd.mjs';
import { authority, certificate } from './support/tls.mjs';

const TO = 'reception@shop.example';
const ca = authority();
const own = certificate(ca, 'mail');

/** npm's server; what it took is in `mails`. */
async function sink(options = {}, files = own) {
  const mails = [];
  const server = new SMTPServer({ authOptional: true, hideSTARTTLS: true, logger: false,
    key: readFileSync(files.key), cert: readFileSync(files.certificate),
    onData(stream, session, done) {
      const parts = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () => {
        mails.push({ raw: Buffer.concat(parts), from: session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address), secure: session.secure,
          user: session.user });
        done();
      });
    },
    ...options });
  server.on('error', () => {});
  const port = await listening(server.server);
  return { mails, port, url: `${options.secure ? 'smtps' : 'smtp'}://127.0.0.1:${port}` };
}

const channel = (route, more = {}) => new Channel('email',
  { routes: [{ ca_file: ca.certificate, ...route }], connect_ms: 5000, ...more });

function secret_file(name, text) {
  const path = join(scratch(), name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

for (const [what, options, route] of [
  ['STARTTLS', { hideSTARTTLS: false }, { starttls: 'required' }],
  ['STARTTLS where it is only allowed', { hideSTARTTLS: false }, { starttls: 'allowed' }],
  ['smtps', { secure: true }, { starttls: 'required' }],
]) {
  test(`${what}: the mail arrives sealed, signed in and signed`, async () => {
    const server = await sink({ ...options, authOptional: false,
      onAuth: ({ username, password }, _, done) => (username === 'tocsin@example.org' &&
        password === 'pass word' ? done(null, { user: username }) : done(new Error('no'))) });
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const mail = channel({ url: server.url, user: 'tocsin@example.org',
      password_file: secret_file('password', 'pass word\n'), ...route },
    { dkim_file: secret_file('rsa.pem', privateKey.export({ type: 'pkcs8', format: 'pem' })) });
    const outcome = await mail.send(TO);
    assert.equal(outcome.fate, 'sent', outcome.why);
    const [got] = server.mails;
    assert.deepEqual([got.secure, got.user, got.to], [true, 'tocsin@example.org', [TO]]);
    const parsed = await simpleParser(got.raw);
    assert.equal(parsed.subject, 'Extreme: Flood water in Whitehall');
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const resolver = async () => [[`v=DKIM1; k=rsa; p=${key}`]];
    const { results } = await dkimVerify(got.raw, { resolver });
    assert.deepEqual(results.map(({ status }) => status.result), ['pass']);
    assert.equal(await mail.stop(), 0);
  });
}

test('a wrong password sends nothing, and the operator hears why', async () => {
  const server = await sink({ hideSTARTTLS: false, authOptional: false,
    onAuth: (_, __, done) => done(new Error('Invalid username or password')) });
  const password_file = secret_file('p', 'secret-42');
  const mail = channel({ url: server.url, user: 'tocsin', password_file });
  const outcome = await mail.send(TO);
  assert.equal(outcome.fate, 'later');
  assert.match(outcome.why, /user name or the password/);
  assert.doesNotMatch(JSON.stringify(await mail.gateways()), /secret-42/);
  assert.equal(await mail.stop(), 0);
});

test('a certificate of nobody is sent nothing where TLS is required', async () => {
  const server = await sink({ hideSTARTTLS: false }, certificate(authority(), 'stranger'));
  const mail = channel({ url: server.url, starttls: 'required' });
  const outcome = await mail.send(TO);
  assert.equal(outcome.fate, 'later');
  assert.match(outcome.why, /certificate/);
  assert.equal(await mail.stop(), 0);
  const lenient = channel({ url: server.url, starttls: 'allowed' });
  assert.equal((await lenient.send(TO)).fate, 'sent');
  assert.equal(server.mails[0].secure, true);
  assert.equal(await lenient.stop(), 0);
});

test('a domain with a route of its own goes there and no other', async () => {
  const usual = await sink(), partner = await sink();
  const mail = new Channel('email', { routes: [{ url: usual.url, starttls: 'allowed' },
    { name: 'partner', url: partner.url, starttls: 'allowed', domains: ['partner.example'] }] });
  assert.equal((await mail.send(TO)).gateway, 'main');
  assert.equal((await mail.send('desk@Partner.example')).gateway, 'partner');
  assert.deepEqual([usual.mails.length, partner.mails.length], [1, 1]);
  assert.equal(await mail.stop(), 0);
});

test('a password or a key that others may read is not used', async () => {
  const file = secret_file('p', 'secret-42');
  chmodSync(file, 0o644);
  const mail = channel({ url: 'smtp://127.0.0.1:1', user: 'tocsin', password_file: file });
  const { failed } = await mail.ready();
  assert.match(failed, /chmod 600/);
  assert.doesNotMatch(failed, /secret-42/);
});

// --- OpenSMTPD

const { root, why } = unpacked();
const there = { skip: why ?? false };

test('OpenSMTPD relays a burst over kept connections, each once and whole', there, async () => {
  const end = await sink();
  const relay = await opensmtpd(root, [
    'smtp limit max-mails 3',  // a connection; 100 unless it is said
    `action "out" relay host smtp://127.0.0.1:${end.port}`,
    'match from any for domain "shop.example" action "out"']);
  const mail = channel({ url: relay.url, starttls: 'allowed' });
  const sent = [];
  const count = 40;
  for (let i = 0; i < count; i += 8) {
    sent.push(...await Promise.all(Array.from({ length: 8 }, () => mail.send(TO))));
  }
  assert.deepEqual(sent.map(({ fate }) => fate), Array(count).fill('sent'), relay.said());
  assert.equal((await mail.send('somebody@elsewhere.example')).fate, 'permanent');
  const deadline = Date.now() + 30_000;
  while (end.mails.length < count && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ids = new Set();
  for (const { raw } of end.mails) ids.add((await simpleParser(raw)).messageId);
  assert.deepEqual([end.mails.length, ids.size], [count, count]);
  assert.equal(await mail.stop(), 0);
});

/** A Maildir into which OpenSMTPD may deliver, and where the key of return paths will be. */
function place_for_bounces() {
  const folder = scratch();
  chmodSync(folder, 0o711);
  const maildir = join(folder, 'bounces');
  for (const part of ['', 'new', 'cur', 'tmp']) {
    mkdirSync(join(maildir, part));
    chownSync(join(maildir, part), DELIVERER, DELIVERER);
  }
  return { maildir, key: join(folder, 'bounce.key') };
}

test('what OpenSMTPD could not pass on comes back and is read as of that delivery', there,
  async () => {
    const end = await scripted({ rcpt: '550 5.1.1 No such user here' });
    const { maildir, key } = place_for_bounces();
    const relay = await opensmtpd(root, [
      'table everybody { "@" = opensmtpd }',
      `action "out" relay host smtp://127.0.0.1:${end.port}`,
      `action "bounces" maildir "${maildir}" virtual <everybody>`,
      'match from any for domain "shop.example" action "out"',
      'match from any for domain "bounces.example" action "bounces"']);
    const mail = channel({ url: relay.url, starttls: 'allowed' },
      { bounce_domain: 'bounces.example', bounce_key_file: key, bounce_maildir: maildir });
    const sent = await mail.send(TO);
    assert.equal(sent.fate, 'sent', relay.said());
    const report = await mail.line(({ reported }) => reported, 'the bounce')
      .catch((late) => assert.fail(`${late.message}\n${relay.said()}`));
    // OpenSMTPD says 5.0.0 whatever the other server's reason was, and that takes no address away.
    assert.deepEqual([report.reported, report.kind, report.dead], [sent.done, 'failed', false]);
    assert.equal(report.why, '5.0.0');
    assert.equal(await mail.stop(), 0);
    assert.deepEqual(readdirSync(join(maildir, 'new')), [], 'what was read is put away');
  });
