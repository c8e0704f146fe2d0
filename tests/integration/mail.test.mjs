// A mail and a webhook as they leave, held against readers that others wrote: mailparser for MIME,
// mailauth for DKIM, standardwebhooks for signatures.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { Webhook } from 'standardwebhooks';
import { BIN, scratch } from './support/engine.mjs';

const folder = scratch();

function pem(name, type, options) {
  const path = join(folder, `${name}.pem`);
  const { privateKey } = generateKeyPairSync(type, options);
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return path;
}
const rsa = pem('rsa', 'rsa', { modulusLength: 2048 });
const ed25519 = pem('ed25519', 'ed25519', {});

const print = (...args) => execFileSync(join(BIN, 'print_mail'), args, { stdio: 'pipe' });

/** What the program says the mail was made of. */
function meant(...args) {
  const hex = JSON.parse(print(...args, '--texts'));
  return Object.fromEntries(Object.entries(hex).map(([k, v]) => [k, Buffer.from(v, 'hex')]));
}

/** A parser's text against ours: it drops the last line end. */
const lines = text => text.replace(/\n+$/, '');

for (const hostile of [[], ['--hostile']]) {
  const what = hostile.length === 0 ? 'an alert' : 'an alert that tries to be more than text';

  test(`mailparser reads the mail of ${what} as it was meant`, async () => {
    const raw = print(...hostile);
    const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true });
    const texts = meant(...hostile);
    assert.equal(lines(mail.text), lines(texts.text.toString()));
    assert.equal(lines(mail.html), lines(texts.html.toString()));
    assert.deepEqual(mail.attachments.map(a => [a.contentType, a.filename, a.content]),
                     [['application/cap+xml', 'alert.cap.xml', texts.payload],
                      ['application/vnd.dsse+json', 'envelope.json', texts.envelope]]);
    assert.deepEqual(mail.to.value.map(to => to.address), ['reception@shop.example']);
    assert.deepEqual(mail.from.value.map(from => from.address), ['alerts@tocsin.example']);
    assert.equal(mail.headers.has('bcc'), false);
    assert.equal(mail.cc, undefined);
    assert.equal(mail.subject, texts.subject.toString().replace(/\s+/g, ' '));
    assert.equal(mail.messageId, '<d.00112233445566778899aabbccddee01@tocsin.example>');
    assert.equal(mail.inReplyTo, '<d.00112233445566778899aabbccddee07@tocsin.example>');
    assert.equal(mail.date.toISOString(), '2026-07-04T16:45:30.000Z');
  });
}

/** The public keys as DNS would give them; the program prints them in the order of its keys. */
function signed(...keys) {
  const args = keys.flatMap(([path, selector]) => [path, selector]);
  const script = 'exec "$0" "$@" 2>"$RECORDS"';
  const records = join(folder, 'records');
  const raw = execFileSync('bash', ['-c', script, join(BIN, 'print_mail'), ...args],
                           { env: { ...process.env, RECORDS: records } });
  const said = execFileSync('cat', [records]).toString().trim().split('\n');
  const zone = new Map(keys.map(([, selector], i) =>
    [`${selector}._domainkey.tocsin.example`, said[i]]));
  const resolver = async (name, type) => {
    assert.equal(type, 'TXT');
    if (!zone.has(name)) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return [[zone.get(name)]];
  };
  return { raw, resolver };
}

async function verdicts({ raw, resolver }) {
  const curTime = new Date('2026-07-04T17:00:00Z');
  const { results } = await dkimVerify(raw, { resolver, curTime });
  return results.map(({ signingDomain, selector, algo, status }) =>
    [signingDomain, selector, algo, status.result]).sort();
}

const both = [[rsa, 's-rsa'], [ed25519, 's-ed']];
const passed = [['tocsin.example', 's-ed', 'ed25519-sha256', 'pass'],
                ['tocsin.example', 's-rsa', 'rsa-sha256', 'pass']];

test('mailauth believes both signatures of a mail, and each alone', async () => {
  assert.deepEqual(await verdicts(signed(...both)), passed);
  assert.deepEqual(await verdicts(signed(both[0])), [passed[1]]);
  assert.deepEqual(await verdicts(signed(both[1])), [passed[0]]);
});

test('a server that folds lines or adds a header leaves both signatures whole', async () => {
  const mail = signed(...both);
  const text = mail.raw.toString('latin1');
  const folded = text.replace('Subject: Extreme: ', 'Subject:  Extreme:\r\n\t');
  assert.notEqual(folded, text);
  mail.raw = Buffer.from(`Received: from a by b; Sat, 04 Jul 2026\r\n${folded}`, 'latin1');
  assert.deepEqual(await verdicts(mail), passed);
});

test('no signature holds over another text, or with a header that was added', async () => {
  const changes = [
    text => text.replace('Go upstairs.', 'Go downstair'),
    text => text.replace('Subject: Extreme', 'Subject: Minor'),
    text => text.replace('\r\nTo: ', '\r\nSubject: Nothing happened\r\nTo: '),
    text => text.replace('\r\nTo: ', '\r\nFrom: <x@tocsin.example>\r\nTo: '),
    text => text.replace('\r\nTo: ', '\r\nReply-To: <x@example.org>\r\nTo: '),
    text => text.replace('List-Unsubscribe: <https://tocsin', 'List-Unsubscribe: <https://other'),
    text => `${text}More.\r\n`,
  ];
  for (const change of changes) {
    const mail = signed(...both);
    const text = mail.raw.toString('latin1');
    const changed = change(text);
    assert.notEqual(changed, text, change.toString());
    mail.raw = Buffer.from(changed, 'latin1');
    for (const [, , , result] of await verdicts(mail)) {
      assert.notEqual(result, 'pass', change.toString());
    }
  }
});

// --- webhooks

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

function headers(body, ...secrets) {
  const now = String(Math.floor(Date.now() / 1000));
  const text = execFileSync(join(BIN, 'print_webhook'), [now, body, ...secrets]).toString();
  return Object.fromEntries(text.trim().split('\n').map(line => line.split(': ')));
}

test('standardwebhooks believes a request by any of its secrets and no other', () => {
  const body = '{"type":"alert","text":"Llifogydd, tŷ"}';
  const sent = headers(body, OTHER, SECRET);
  for (const secret of [SECRET, OTHER]) {
    assert.deepEqual(new Webhook(secret).verify(body, sent), JSON.parse(body));
  }
  const stranger = new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);
  assert.throws(() => stranger.verify(body, sent), /No matching signature/);
  assert.throws(() => new Webhook(SECRET).verify(`${body} `, sent), /No matching signature/);
  const replayed = { ...sent, 'webhook-id': 'msg_other' };
  assert.throws(() => new Webhook(SECRET).verify(body, replayed), /No matching signature/);
});
