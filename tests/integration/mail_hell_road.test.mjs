// From an officer's alert to mailboxes by way of mail servers that refuse, fall silent, strip and
// lose: the whole engine with its outbox, and some tens of organisations. What has to hold of each:
// nobody is left out, nobody is sent a mail twice but where its answer was lost, the engine has
// counted each of those, and nothing goes out in the clear where TLS is wanted. All engines run at
// a time, since what an outbox tries again it tries after a quarter of a minute.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import assert from 'node:assert/strict';
import { simpleParser } from 'mailparser';
import { in_seconds } from './support/cap.mjs';
import { scripted } from './support/channel.mjs';
import { tocsin } from './support/cli.mjs';
import { scratch } from './support/engine.mjs';
import { COUNT, LIST_HEADER, address_of, duplicates, later, reached, send, shops,
         uncertain } from './support/shops.mjs';

/** A server that answers so, and knows whose mails it has taken, by its own yes. */
async function mail_server(answers = {}) {
  const taken = new Map();
  const take = (mail) => {
    const to = /^To: <?([^>\r\n]*)/m.exec(mail)[1];
    taken.set(to, (taken.get(to) ?? 0) + 1);
    return to;
  };
  const server = await scripted({ ...answers, content: (...asked) => {
    const answer = answers.content?.(server.mails.at(-1), take, ...asked) ?? '250 taken';
    if (answer.startsWith('2')) take(server.mails.at(-1));
    return answer;
  } });
  return Object.assign(server, { taken });
}

const route = (server, starttls = 'allowed') => `url = "${server.url}"\nstarttls = "${starttls}"\n`;

/** An engine whose mails go to that server; `more` is the rest of its section. */
const world = (server, { starttls, more = '', folder = scratch(), email = address_of } = {}) =>
  shops(folder, `[email]\nfrom = "alerts@tocsin.example"\nhello = "tocsin.example"\n` +
    route(server, starttls) + more, (index) => ({ email: email(index) }));

const recipient_in = (line) => /^RCPT TO:<([^>]*)>/.exec(line)[1];
const all_sent = ({ email }) => email.sent === COUNT;
const words_of = (server, pattern) => server.heard.filter((line) => pattern.test(line));

/** Each step says "later" once; and three recipients are refused for good, each in another way. */
async function refuses() {
  const once = (no, yes) => [no, yes];
  let contents = 0;
  const server = await mail_server({
    banner: once('421 4.3.2 not now', '220 hell'),
    ehlo: once('421 4.3.2 not now', '250-hell\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 DSN'),
    mail: once('451 4.3.0 later', '250 ok'),
    data: once('451 4.3.0 later', '354 go on'),
    rcpt: (socket, count, line) => {
      const to = recipient_in(line);
      if (to === address_of(0)) return '550 5.1.1 no such user';
      if (to === address_of(1)) return '550 5.7.1 not from you';
      return count === 3 ? '450 4.2.0 mailbox busy' : '250 ok';
    },
    content: (mail) => (mail.includes(`${address_of(2)}`) ? '554 5.7.1 spam'
      : ++contents === 3 ? '451 4.7.1 come back' : '250 taken'),
  });
  const engine = await world(server);
  const { concerned } = await reached(engine, await send(engine), 'everybody else',
    ({ email }) => email.sent === COUNT - 3 && email.failed === 3);
  assert.equal(concerned.failed, 3);
  assert.equal(server.taken.size, COUNT - 3);
  assert.ok([...server.taken.values()].every((times) => times === 1));
  assert.equal(await uncertain(engine), 0);
  // An address that is said not to exist is asked no more; what was refused for another reason is.
  const before = server.heard.length;
  await reached(engine, await send(engine), 'the next alert', (channels, { not_contactable }) =>
    not_contactable === 1 && channels.email.sent === COUNT - 3 && channels.email.failed === 2);
  const asked = server.heard.slice(before).filter((line) => line.startsWith('RCPT'))
    .map(recipient_in);
  assert.ok(!asked.includes(address_of(0)) && asked.includes(address_of(1)));
  assert.deepEqual(words_of(server, /SMTPUTF8/), [], 'nobody wants what few servers speak');
  assert.equal((await engine.stop()).code, 0);
}

async function greylists() {
  const seen = new Set();
  const server = await mail_server({ rcpt: (socket, count, line) => {
    const to = recipient_in(line), known = seen.has(to);
    seen.add(to);
    return known ? '250 ok' : '450 4.2.0 greylisted, come back';
  } });
  const engine = await world(server);
  await reached(engine, await send(engine), 'everybody at the second attempt', all_sent);
  assert.equal(duplicates(address_of, server.taken), 0);
  assert.equal(words_of(server, /^RCPT/).length, 2 * COUNT);
  assert.equal(await uncertain(engine), 0);
  assert.equal((await engine.stop()).code, 0);
}

/** It has the whole mail, and is gone before it says so. */
async function loses_answers() {
  const lost = new Set();
  const server = await mail_server({ content: (mail, take, socket, count) => {
    if (count % 9 !== 0 || count > COUNT) return '250 taken';
    lost.add(take(mail));
    return 'hang up';
  } });
  const engine = await world(server);
  await reached(engine, await send(engine), 'what was lost, again', all_sent);
  assert.equal(lost.size, Math.floor(COUNT / 9));
  assert.equal(duplicates(address_of, server.taken), lost.size);
  assert.ok([...lost].every((to) => server.taken.get(to) === 2));
  assert.equal(await uncertain(engine), lost.size, 'each is counted');
  assert.equal((await engine.stop()).code, 0);
}

/** The one has lost its STARTTLS on the way, the other says that it has it and then does not. */
async function strips_tls() {
  const stripped = await mail_server();
  const refusing = await mail_server({ ehlo: '250-hell\r\n250 STARTTLS', rset: '454 4.7.0 no' });
  const engine = await world(stripped, { starttls: 'required',
    more: `[email.route.other]\ndomains = ["other.example"]\n${route(refusing, 'required')}`,
    email: (index) => (index % 2 ? `shop${index}@other.example` : address_of(index)) });
  const { concerned } = await reached(engine, await send(engine, { expires: in_seconds(15) }),
    'the end of the alert', (channels, { failed }) => failed === COUNT);
  assert.equal(concerned.reached, 0);
  for (const server of [stripped, refusing]) {
    assert.ok(server.connections() > 0);
    assert.deepEqual(words_of(server, /^(?!EHLO |STARTTLS$|QUIT$)/), []);
    assert.equal(server.mails.length, 0);
  }
  assert.equal(await uncertain(engine), 0);
  assert.equal((await engine.stop()).code, 0);
}

/** Greets after a while and knows no PIPELINING; and a headline would be a header if it could. */
async function is_slow_and_simple() {
  const folder = scratch();
  const maildir = join(folder, 'bounces');
  for (const part of ['', 'new', 'cur', 'tmp']) mkdirSync(join(maildir, part));
  const server = await mail_server({ ehlo: '250 hell', banner: (socket) => {
    setTimeout(() => socket.write('220 hell\r\n'), 2000);
    return null;
  } });
  const engine = await world(server, { folder, more: 'bounce_domain = "bounces.example"\n' +
    `bounce_key_file = "bounce.key"\nbounce_maildir = "bounces"\n` });
  const headline = 'Flood\r\nBcc: everybody@example.org\r\n\r\n.\r\nRCPT TO:x@example.org';
  const xml = (text) => text.replaceAll('\r\n', '&#13;&#10;');
  const seq = await send(engine, { headline, xml });
  await reached(engine, seq, 'everybody', all_sent);
  assert.equal(duplicates(address_of, server.taken), 0);
  assert.equal(server.together(), 0);
  for (const mail of server.mails) {
    const parsed = await simpleParser(Buffer.from(mail, 'latin1'));
    assert.equal(parsed.headers.has('bcc'), false);
    assert.equal(parsed.to.value.length, 1);
  }
  assert.deepEqual(words_of(server, /everybody|x@example/), []);
  assert.equal(words_of(server, /^MAIL/).length, COUNT);

  // What comes back is answered by nobody, so that no two machines talk to each other for ever.
  const paths = words_of(server, /^MAIL/).map((line) => /<([^>]*)>/.exec(line)[1]);
  const talk = (to, type, body, fields = '') =>
    `Delivered-To: ${to}\r\nFrom: <>\r\nTo: <${to}>\r\n${fields}` +
    `MIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n${body}`;
  const report = 'multipart/report; report-type=delivery-status; boundary="b"';
  const failed = '--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\n' +
    'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n' +
    'Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.2.1\r\n\r\n--b--\r\n';
  [talk(paths[0], 'text/plain', 'I am away.\r\n', 'Auto-Submitted: auto-replied\r\n'),
    talk(paths[1], report, failed),
    talk(paths[1], report, failed, 'Auto-Submitted: auto-generated\r\n'),
    talk('alerts@tocsin.example', report, failed)].forEach((text, index) =>
    writeFileSync(join(maildir, 'new', `${index}.hell`), text));
  const { concerned } = await reached(engine, seq, 'the report',
    ({ email }) => email.failed === 1 && email.sent === COUNT - 1);
  assert.equal(concerned.failed, 1);
  assert.deepEqual(readdirSync(join(maildir, 'new')), []);
  await later(1000);
  assert.equal(server.mails.length, COUNT);
  assert.equal(await uncertain(engine), 0);

  const list = join(folder, 'more.csv');
  writeFileSync(list, `${LIST_HEADER}siop,Siop,,,E09000007,retail,cy,,ŵy@shop.example,,\n`);
  const { code, stdout, stderr } = await tocsin('org', 'import', list, '--data', engine.data);
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /ASCII/, 'an address that few servers take is none');
  assert.equal((await engine.stop()).code, 0);
}

/** What nobody takes is tried until the alert is over, and not once after it. */
async function never_takes_any() {
  const server = await mail_server({ rcpt: '451 4.3.0 later' });
  const engine = await world(server);
  const over = Date.now() + 27_000;
  const seq = await send(engine, { expires: in_seconds(27) });
  const { concerned } = await reached(engine, seq, 'the end of the alert',
    ({ email }) => email.expired === COUNT);
  assert.equal(concerned.failed, COUNT);
  const tried = words_of(server, /^RCPT/);
  assert.equal(tried.length, 2 * COUNT, 'twice before it was over');
  assert.equal(new Set(tried).size, COUNT);
  await later(Math.max(over + 3000 - Date.now(), 0));
  assert.equal(words_of(server, /^RCPT/).length, tried.length);
  assert.equal(server.mails.length, 0);
  assert.equal((await engine.stop()).code, 0);
}

suite('the engine and a mail server that', { concurrency: true }, () => {
  test('refuses at every stage gets what it takes', refuses);
  test('greylists gets everything at the second attempt', greylists);
  test('loses answers: one duplicate each, each counted', loses_answers);
  test('has lost its STARTTLS is told nothing', strips_tls);
  test('is slow and simple, and what comes back from it starts no talk', is_slow_and_simple);
  test('takes no mail is asked until the alert is over', never_takes_any);
});
