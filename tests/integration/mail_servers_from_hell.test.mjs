// What the e-mail channel makes of mail servers that refuse, fall silent, lie and lose, each step
// by a server that does exactly that.
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { simpleParser } from 'mailparser';
import { scratch } from './support/engine.mjs';
import { Channel, scripted } from './support/channel.mjs';

const TO = 'reception@shop.example';

function channel(server, more = {}, route = {}) {
  return new Channel('email', { routes: [{ url: server.url, starttls: 'allowed', ...route }],
    connect_ms: 2000, reply_ms: 700, content_ms: 700, accepted_ms: 700, ...more });
}

/** What became of one mail to a server that answers so. */
async function one(answers, more, route) {
  const server = await scripted(answers);
  const mail = channel(server, more, route);
  const outcome = await mail.send(TO);
  return { server, mail, outcome };
}

// What is said at a step, and what that means for the delivery and for the address.
const ROWS = [
  ['banner', '421 4.3.2 not now', 'later'],
  ['banner', '554 5.3.2 not you', 'later'],
  ['ehlo', '421 4.3.2 not now', 'later'],
  ['mail', '451 4.3.0 later', 'later'],
  ['mail', '550 5.1.8 no such sender', 'later'],
  ['mail', '530 5.7.0 sign in first', 'later'],
  ['mail', '552 5.3.4 too large', 'permanent'],
  ['rcpt', '450 4.2.0 greylisted, come back', 'later'],
  ['rcpt', '452 4.2.2 mailbox full', 'later'],
  ['rcpt', '550 5.1.1 no such user', 'permanent', 'dead'],
  ['rcpt', '550 5.7.1 not from you', 'permanent'],
  ['rcpt', '421 4.3.2 going down', 'later'],
  ['data', '451 4.3.0 later', 'later'],
  ['data', '554 5.5.1 no', 'permanent'],
  ['content', '451 4.7.1 come back', 'later'],
  ['content', '554 5.7.1 spam', 'permanent'],
];
for (const [step, answer, fate, dead] of ROWS) {
  test(`${answer} at ${step} is ${fate}${dead ? ' and takes the address away' : ''}`, async () => {
    const { mail, outcome } = await one({ [step]: answer });
    assert.deepEqual([outcome.fate, outcome.dead, outcome.uncertain],
      [fate, dead !== undefined, false], JSON.stringify(outcome));
    assert.ok(outcome.why.includes(answer.slice(4)), outcome.why);
    assert.equal(await mail.stop(), 0);
  });
}

test('a yes is sent, and the next mail goes over the same connection', async () => {
  const server = await scripted();
  const mail = channel(server);
  for (let i = 0; i < 5; ++i) assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(server.connections(), 1);
  assert.equal(server.mails.length, 5);
  assert.equal(await mail.stop(), 0);
  assert.equal(server.heard.at(-1), 'QUIT');
});

test('a refused recipient costs no connection, and the next one is clean', async () => {
  const server = await scripted({ rcpt: ['550 5.1.1 no such user', '250 ok'] });
  const mail = channel(server);
  assert.equal((await mail.send(TO)).fate, 'permanent');
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(server.connections(), 1);
  assert.ok(server.heard.includes('RSET'));
  assert.equal(server.heard.filter((line) => line === 'DATA').length, 1);
  assert.equal(await mail.stop(), 0);
});

test('a server that greylists takes the same mail at the next attempt', async () => {
  const server = await scripted({ rcpt: ['450 4.2.0 greylisted', '250 ok'] });
  const mail = channel(server);
  assert.equal((await mail.send(TO)).fate, 'later');
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(await mail.stop(), 0);
});

test('without PIPELINING every command waits for its answer', async () => {
  const server = await scripted({ ehlo: '250 hell' });
  const mail = channel(server);
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(server.together(), 0);
  const other = await one({});
  assert.equal(other.server.together(), 1);
  assert.equal(await other.mail.stop(), 0);
  assert.deepEqual(server.heard.map((line) => line.split(' ')[0]),
    ['EHLO', 'MAIL', 'RCPT', 'DATA']);
  assert.doesNotMatch(server.heard[1], /ENVID|SIZE/);
  assert.equal(await mail.stop(), 0);
});

test('a server that reports is asked to, by name, and never about what went well', async () => {
  const { server, mail } = await one({});
  assert.match(server.heard[1], / RET=HDRS ENVID=0{31}1$/);
  assert.match(server.heard[2], /^RCPT TO:<reception@shop\.example> NOTIFY=FAILURE,DELAY$/);
  assert.equal(await mail.stop(), 0);
});

test('an answer that is lost behind the whole mail is uncertain, and nothing else is', async () => {
  for (const [answers, uncertain] of [[{ content: 'hang up' }, true], [{ content: null }, true],
    [{ data: 'hang up' }, false], [{ rcpt: 'hang up' }, false], [{ mail: null }, false],
    [{ banner: null }, false], [{ banner: 'hang up' }, false]]) {
    const { mail, outcome } = await one(answers);
    assert.deepEqual([outcome.fate, outcome.uncertain], ['later', uncertain],
      JSON.stringify([answers, outcome]));
    assert.equal(await mail.stop(), 0);
  }
});

test('a slow greeting is waited for as long as was said, and a slower one not', async () => {
  const slow = (ms) => (socket) => {
    setTimeout(() => socket.write('220 hell\r\n'), ms);
    return null;
  };
  const late = await one({ banner: slow(3000) }, { connect_ms: 500 });
  assert.equal(late.outcome.fate, 'later');
  assert.match(late.outcome.why, /in time/);
  const fine = await one({ banner: slow(300) });
  assert.equal(fine.outcome.fate, 'sent');
  await Promise.all([late.mail.stop(), fine.mail.stop()]);
});

test('a server that takes its time to answer holds nobody else up', async () => {
  const held = [];
  const server = await scripted({ content: (socket, count) => {
    if (count > 1) return '250 taken';
    held.push(socket);
    return null;
  } });
  const mail = channel(server, { accepted_ms: 10_000 });
  const first = mail.send(TO);
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 5; ++i) assert.equal((await mail.send(TO)).fate, 'sent');
  held[0].write('250 at last\r\n');
  assert.equal((await first).fate, 'sent');
  assert.equal(await mail.stop(), 0);
});

test('an answer in small pieces gains no time', async () => {
  const { mail, outcome } = await one({ content: (socket) => {
    const drip = setInterval(() => (socket.destroyed ? clearInterval(drip)
      : socket.write('250-still thinking\r\n')), 200);
    return null;
  } });
  assert.deepEqual([outcome.fate, outcome.uncertain], ['later', true]);
  assert.equal(await mail.stop(), 0);
});

test('what is no SMTP ends the connection', async () => {
  for (const nonsense of ['HTTP/1.1 400 Bad Request', '250', `250 ${'x'.repeat(4000)}`, '999 no',
    '250-a\r\n550 b', Array(200).fill('250-more').join('\r\n')]) {
    const { mail, outcome } = await one({ mail: nonsense, rcpt: null }, { reply_ms: 400 });
    assert.equal(outcome.fate, 'later', nonsense.slice(0, 40));
    assert.equal(await mail.stop(), 0);
  }
});

test('without STARTTLS nothing goes to a route that wants it', async () => {
  const { server, mail, outcome } = await one({}, {}, { starttls: 'required' });
  assert.deepEqual([outcome.fate, outcome.uncertain], ['later', false]);
  assert.match(outcome.why, /no TLS/);
  assert.deepEqual(server.heard.map((line) => line.split(' ')[0]).filter((word) => word !== 'QUIT'),
    ['EHLO']);
  const state = await mail.gateways();
  assert.equal(state.gateways[0].up, false);
  assert.match(state.gateways[0].why, /no TLS/);
  assert.equal(await mail.stop(), 0);
});

test('a STARTTLS that is offered and then refused sends nothing either', async () => {
  const server = await scripted({ ehlo: '250-hell\r\n250 STARTTLS', rset: '454 4.7.0 no' });
  const mail = channel(server, {}, { starttls: 'required' });
  const outcome = await mail.send(TO);
  assert.equal(outcome.fate, 'later');
  assert.deepEqual(server.heard.filter((line) => /^(MAIL|AUTH)/.test(line)), []);
  assert.equal(await mail.stop(), 0);
});

/** A server that offers TLS, says that it begins, and hangs up on the greeting. */
const broken_tls = () => scripted({ ehlo: '250-hell\r\n250 STARTTLS', rset: (socket) => {
  socket.removeAllListeners('data');
  socket.once('data', () => socket.destroy());
  return '220 go ahead';
} });
const said = (server) => server.heard.map((line) => line.split(' ')[0]);

test('where TLS is only allowed and does not come about the mail goes without', async () => {
  const server = await broken_tls();
  const mail = channel(server);
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(server.connections(), 2);  // the second mail goes over the one that is there
  assert.deepEqual(said(server).slice(0, 4), ['EHLO', 'STARTTLS', 'EHLO', 'MAIL']);
  assert.equal((await mail.gateways()).gateways[0].up, true);
  assert.equal(await mail.stop(), 0);
});

test('where TLS is required and does not come about nothing goes', async () => {
  const server = await broken_tls();
  const mail = channel(server, {}, { starttls: 'required' });
  const outcome = await mail.send(TO);
  assert.deepEqual([outcome.fate, outcome.why],
    ['later', 'TLS with the mail server did not come about.']);
  assert.deepEqual(said(server), ['EHLO', 'STARTTLS']);
  assert.equal((await mail.gateways()).gateways[0].up, false);
  assert.equal(await mail.stop(), 0);
});

test('a server that cannot be reached is left alone, and said so', async () => {
  const mail = channel({ url: 'smtp://127.0.0.1:1' });
  const outcome = await mail.send(TO);
  assert.deepEqual([outcome.fate, outcome.why], ['later', 'The mail server cannot be reached.']);
  assert.equal((await mail.gateways()).room, 0);
  await mail.line((line) => line.has_room, 'room again');
  assert.equal(await mail.stop(), 0);
});

test('a server that allows two connections is given no more than those', async () => {
  let open = 0;
  const server = await scripted({ banner: (socket) => {
    socket.on('close', () => { --open; });
    return ++open > 2 ? '421 4.7.0 too many connections' : '220 hell';
  } });
  const mail = channel(server);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => mail.send(TO)));
  assert.deepEqual(outcomes.map(({ fate }) => fate), Array(8).fill('sent'));
  assert.equal(await mail.stop(), 0);
});

test('a connection that ended while nobody looked costs no delivery', async () => {
  const sockets = [];
  const server = await scripted({ banner: (socket) => {
    sockets.push(socket);
    return '220 hell';
  } });
  const mail = channel(server);
  assert.equal((await mail.send(TO)).fate, 'sent');
  sockets[0].write('421 4.4.2 idle too long\r\n');
  assert.equal((await mail.send(TO)).fate, 'sent');
  sockets.at(-1).destroy();
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.equal(await mail.stop(), 0);
});

test('a new connection that ends is the answer, and no other one is tried', async () => {
  for (const answers of [{ mail: null }, { mail: 'hang up' }, { rcpt: '421 4.3.2 going down' }]) {
    const { server, mail, outcome } = await one(answers);
    assert.deepEqual([outcome.fate, outcome.uncertain], ['later', false]);
    assert.equal(server.connections(), 1, JSON.stringify(answers));
    assert.equal(await mail.stop(), 0);
  }
});

test('at most so many are under way, and the rest hears that there is no room', async () => {
  const server = await scripted({ content: null });
  const mail = channel(server, { at_once: 3 });
  const sent = Array.from({ length: 4 }, () => mail.send(TO));
  assert.ok((await sent[3]).no_room);
  for (const outcome of await Promise.all(sent.slice(0, 3))) assert.equal(outcome.uncertain, true);
  await mail.line((line) => line.has_room, 'room again');
  assert.equal(await mail.stop(), 0);
});

test('nothing of an alert or of an address becomes a header or a command', async () => {
  const server = await scripted();
  const mail = channel(server);
  const headline = 'Flood\r\nBcc: everybody@example.org\r\n\r\n.\r\nMAIL FROM:<x@example.org>\r\n';
  assert.equal((await mail.send(TO, { headline })).fate, 'sent');
  for (const address of ['a@b.example\r\nRCPT TO:<c@d.example', 'a@b.example> NOTIFY=NEVER',
    '<a@b.example>', 'a b@c.example', '"a"@b.example', 'no-address',
    `${'x'.repeat(65)}@b.example`, 'ŵ@b.example']) {
    const outcome = await mail.send(address);
    assert.deepEqual([outcome.fate, outcome.dead], ['permanent', true], address);
  }
  assert.deepEqual(server.heard.map((line) => line.split(' ')[0]),
    ['EHLO', 'MAIL', 'RCPT', 'DATA']);
  const parsed = await simpleParser(Buffer.from(server.mails[0], 'latin1'));
  assert.equal(parsed.headers.has('bcc'), false);
  assert.equal(parsed.to.value.length, 1);
  assert.equal(await mail.stop(), 0);
});

test('a mail of a megabyte arrives whole', async () => {
  const server = await scripted();
  const mail = channel(server, { accepted_ms: 5000, content_ms: 5000 });
  assert.equal((await mail.send(TO, { octets: 700_000 })).fate, 'sent');
  const parsed = await simpleParser(Buffer.from(server.mails[0], 'latin1'));
  assert.equal(parsed.attachments[0].content.toString(), 'x'.repeat(700_000));
  assert.equal(await mail.stop(), 0);
});

test('a return path and links are of one delivery, and a missing key is made', async () => {
  const folder = scratch();
  const server = await scripted();
  const mail = channel(server, { bounce_domain: 'bounces.tocsin.example',
    bounce_key_file: join(folder, 'bounce.key'),
    links: 'https://tocsin.example/here/' });
  await mail.ready();
  assert.equal((await mail.send(TO)).fate, 'sent');
  assert.match(server.heard[1],
    /^MAIL FROM:<b\.[0-9a-z]{26}\.[0-9a-z]{16}@bounces\.tocsin\.example>/);
  const parsed = await simpleParser(Buffer.from(server.mails[0], 'latin1'));
  const [, code] = /https:\/\/tocsin\.example\/here\/answer\/([0-9a-f]{32})\n/.exec(parsed.text);
  assert.equal(parsed.headers.get('list').unsubscribe.url,
    `https://tocsin.example/here/unsubscribe/${code}`);
  assert.equal(parsed.headers.get('list')['unsubscribe-post'].name, 'List-Unsubscribe=One-Click');
  assert.equal(await mail.stop(), 0);
});
