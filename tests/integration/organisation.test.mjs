// An organisation changes by itself whom of it to reach, with real gateways behind the engine:
// npm's smpp and smtp-server hear the codes, and an alert goes to who typed them in again.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SMTPServer } from 'smtp-server';
import { alert } from './support/cap.mjs';
import { listening } from './support/channel.mjs';
import { done } from './support/cli.mjs';
import { scratch, start } from './support/engine.mjs';
import { assert_problem, curl } from './support/http.mjs';
import { assert_described } from './support/openapi.mjs';
import { centre, Happenings } from './support/sms.mjs';
import { by, JSON_TYPE } from './support/states.mjs';

const OWN = '/v1/organisation';
const PHONE = '+447700900123', OTHER = '+447700900456', MAIL = 'door@cafe.example';

/** What npm's server was sent. */
class Mailbox extends Happenings {
  mails = [];
  async open() {
    this.server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'],
      logger: false, onData: (stream, session, taken) => {
        const parts = [];
        stream.on('data', (part) => parts.push(part));
        stream.on('end', () => {
          this.mails.push({ to: session.envelope.rcptTo[0].address,
            text: String(Buffer.concat(parts)) });
          taken();
          this.happened();
        });
      } });
    this.server.on('error', () => {});
    this.port = await listening(this.server.server);
    return this;
  }
}

async function world() {
  const smsc = await centre(), mailbox = await new Mailbox().open();
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
    'password_file = "smpp.password"\nsource = "TOCSIN"\n' +
    `[email]\nurl = "smtp://127.0.0.1:${mailbox.port}"\nfrom = "alerts@example.org"\n` +
    'starttls = "allowed"\n' +
    ['extreme', 'severe', 'moderate', 'minor'].map((severity) =>
      `[escalation.${severity}]\nacknowledged = 1\ndelivered = 2\n`).join(''));
  const engine = await start({ args: ['--config', config] });
  const { secret } = JSON.parse(await done('org', 'add', 'cafe', '--name', 'Café', '--data',
    engine.data, '--json'));
  const ask = async (method, path, body, args = [...by(secret), ...JSON_TYPE]) => {
    const url = engine.url + path;
    const answer = await curl(url, { args: ['-X', method, ...args],
      data: body === undefined ? undefined : JSON.stringify(body) });
    assert_described(method, url, answer);
    return answer;
  };
  return { smsc, mailbox, engine, secret, ask };
}

const code_in = (text) => /is (\d{6})\./.exec(text)?.[1];
const texts = (smsc) => smsc.submits.map(([pdu]) => pdu.short_message.message);
const told = (answer) => JSON.parse(answer.body);

/** Every octet below a folder that is a file's. */
function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return statSync(path).isFile() ? [readFileSync(path)] : [];
  });
}

test('an address that an organisation adds is sent alerts once its code was typed in', async () => {
  const { smsc, mailbox, engine, secret, ask } = await world();
  const put = await ask('PUT', OWN, { profile: { language: 'en',
    premises: [{ latitude: 51.539, longitude: -0.1426 }],
    contacts: [{ way: 'sms', address: PHONE, consents: true },
      { way: 'sms', address: OTHER, consents: true }, { way: 'email', address: MAIL }] } });
  assert.equal(put.status, 200, String(put.body));
  assert.deepEqual(told(put).profile.contacts.map(({ consents }) => consents),
    [false, false, false]);

  assert.equal((await ask('POST', `${OWN}/codes`, { way: 'sms', address: OTHER })).status, 202);
  await smsc.until('the code by SMS', () => smsc.submits.length === 1);
  const [text] = texts(smsc), code = code_in(text);
  assert.match(text, /^exercise-test: your code is \d{6}\. It counts for \d+ minutes\./);
  assert.equal(smsc.submits[0][0].destination_addr, OTHER.slice(1));
  assert.equal((await ask('POST', `${OWN}/codes`, { way: 'email', address: MAIL })).status, 202);
  await mailbox.until('the code by mail', () => mailbox.mails.length === 1);
  assert.equal(mailbox.mails[0].to, MAIL);
  assert.match(mailbox.mails[0].text, /^Subject: Your code for /m);

  const wrong = code === '000000' ? '000001' : '000000';
  assert_problem(await ask('POST', `${OWN}/confirmations`,
    { way: 'sms', address: OTHER, code: wrong }), 403, 'forbidden');
  const confirmed = await ask('POST', `${OWN}/confirmations`, { way: 'sms', address: OTHER, code });
  assert.equal(confirmed.status, 200, String(confirmed.body));
  const of_mail = code_in(mailbox.mails[0].text);
  await ask('POST', `${OWN}/confirmations`, { way: 'email', address: MAIL, code: of_mail });
  assert.deepEqual(told(await ask('GET', OWN)).profile.contacts.map(({ consents }) => consents),
    [false, true, true]);

  await engine.admit(alert(), engine.keys.ann);
  await smsc.until('the alert', () => smsc.submits.length === 2);
  assert.equal(smsc.submits[1][0].destination_addr, OTHER.slice(1));
  assert.match(texts(smsc)[1], /^EXERCISE: /);
  await mailbox.until('the alert to the next', () => mailbox.mails.length === 2);
  assert.equal(mailbox.mails[1].to, MAIL);
  assert.equal(smsc.submits.length, 2, 'who did not confirm is sent nothing');

  // Who leaves says so twice, and nothing of it is left.
  assert_problem(await ask('DELETE', OWN, {}), 400, 'bad_query');
  const gone = await ask('DELETE', OWN, { erase: 'cafe' });
  assert.equal(gone.status, 200, String(gone.body));
  assert.deepEqual(told(gone), { erased: 'cafe', cleaned: true });
  assert_problem(await ask('GET', OWN), 401, 'unauthenticated');
  await engine.stop();
  for (const what of [PHONE.slice(1), OTHER.slice(1), MAIL, code, of_mail, secret]) {
    assert.ok(!engine.stderr.includes(what), 'nothing of it is in the log');
    for (const octets of files(engine.data)) assert.ok(!octets.includes(what), 'nor in the folder');
  }
  smsc.close();
});

test('codes are bounded by organisation, and none is stored while a gateway is away', async () => {
  const { smsc, engine, ask } = await world();
  smsc.close();
  for (let i = 0; i < 5; ++i) {
    const answer = await ask('POST', `${OWN}/codes`, { way: 'sms', address: `+44770090000${i}` });
    assert.equal(answer.status, 202, String(answer.body));
  }
  const more = await ask('POST', `${OWN}/codes`, { way: 'sms', address: PHONE });
  assert_problem(more, 429, 'too_many');
  assert.ok(Number(more.headers['retry-after']) > 0);
  await engine.stop();
  for (const octets of files(engine.data)) assert.ok(!octets.includes('7700900'));
});
