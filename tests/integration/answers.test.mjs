// What people say back, to the real engine: by text message through a message centre out of npm's
// smpp, on the page behind an e-mail's link out of npm's smtp-server, in a webhook's answer to
// npm's standardwebhooks. It is kept across kill -9 before anybody is told so, and ends escalation.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { alert, update } from './support/cap.mjs';
import { listening } from './support/channel.mjs';
import { done } from './support/cli.mjs';
import { restart, scratch, start } from './support/engine.mjs';
import { centre, Happenings } from './support/sms.mjs';

const ANN = '+447700900001', BEN = '+447700900002', COTT = '+447700900003';
const MAIL = 'desk@cafe.example';
const HEAD =
  'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n';
const row = (key, { language = 'en', phone = '', email = '', webhook = '' }) =>
  `${key},The ${key},51.5390,-0.1426,E09000007,hospitality,${language},${phone},${email},` +
  `${webhook},\n`;
const PATIENCE = ['extreme', 'severe', 'moderate', 'minor'].map((severity) =>
  `[escalation.${severity}]\nacknowledged = 1\ndelivered = 2\n`).join('');

/** A mail server that keeps what it is sent. */
class Post extends Happenings {
  mails = [];

  async open() {
    this.server = new SMTPServer({ disabledCommands: ['AUTH', 'STARTTLS'], logger: false,
      onData: (stream, _session, callback) => {
        const parts = [];
        stream.on('data', (part) => parts.push(part));
        stream.on('end', async () => {
          this.mails.push(await simpleParser(Buffer.concat(parts)));
          callback();
          this.happened();
        });
      } });
    this.port = await new Promise((resolve) => {
      const listener = this.server.listen(0, '127.0.0.1',
        () => resolve(listener.address().port));
    });
    return this;
  }
  close() { this.server.close(); }
}

/** An engine over all that is given, with an organisation a line. */
async function world({ smsc, post, list, webhook = false }) {
  const folder = scratch();
  let text = PATIENCE;
  if (smsc) {
    writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
    text += `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
      'password_file = "smpp.password"\nsource = "447700900999"\nreplies = true\n';
  }
  if (post) {
    text += `[email]\nurl = "smtp://127.0.0.1:${post.port}"\nfrom = "alerts@tocsin.example"\n` +
      'hello = "tocsin.example"\nstarttls = "allowed"\nlinks = "https://tocsin.example"\n';
  }
  if (webhook) text += '[webhook]\nallow = ["127.0.0.0/8"]\nplain_http = true\n';
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, text);
  const args = ['--config', config];
  const engine = await start({ args });
  await imported(engine, list);
  return { engine, args };
}

async function imported(engine, list) {
  const file = join(scratch(), 'list.csv');
  writeFileSync(file, HEAD + list);
  await done('org', 'import', file, '--data', engine.data);
}

const reach = async (engine, seq = 1) =>
  (await (await fetch(`${engine.url}/v1/alerts/${seq}/reach`)).json()).organisations;

/** Until the receipts say so: what counts is written a moment after it was said. */
async function until_reach(engine, holds, seq = 1) {
  for (let i = 0; i < 200; ++i) {
    const counts = await reach(engine, seq);
    if (holds(counts)) return counts;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it stays at ${JSON.stringify(await reach(engine, seq))}`);
}

/** The centre's answer to what somebody writes back: 0 where it is kept. */
const reply = (smsc, from, text) => new Promise((resolve) => {
  smsc.session.deliver_sm({ source_addr: from.slice(1), source_addr_ton: 1,
    destination_addr: '447700900999', short_message: text }, (pdu) => resolve(pdu.command_status));
});


const metric = async (engine, name) => {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(name))?.split(' ').at(-1);
};

test('a reply by text message is a receipt once the centre hears so, and ends escalation',
  async () => {
    const smsc = await centre();
    const { engine, args } = await world({ smsc,
      list: row('cafe', { phone: ANN }) + row('cafe', { phone: BEN }) +
        row('siop', { phone: COTT, language: 'cy' }) });
    await engine.admit(alert(), engine.keys.ann);
    await smsc.until('a message to each', () => smsc.submits.length >= 2);
    const asks = (number) => smsc.submits.find(([pdu]) => pdu.destination_addr === number.slice(1))
      .at(0).short_message.message;
    assert.match(asks(ANN), / Reply 1 SAFE, 2 HELP$/);
    assert.match(asks(COTT), / Ateb: 1 DIOGEL, 2 CYMORTH$/);
    assert.equal(await reply(smsc, ANN, '2 help, two on the roof'), 0);
    await engine.stop('SIGKILL');

    const again = await restart(engine, { args });
    assert.deepEqual(await until_reach(again, (counts) => counts.answered === 1),
      { connected: 0, displayed: 0, acknowledged: 1, answered: 1 });
    await smsc.until('the next session', () => smsc.sessions.length === 2);
    assert.equal(await reply(smsc, COTT, ' 1  DIOGEL. '), 0);
    assert.equal(await reply(smsc, COTT, '1'), 0);           // said twice it counts once
    assert.equal(await reply(smsc, '+447700900777', '1 SAFE'), 0);
    assert.equal(await reply(smsc, BEN, '   '), 0);
    await until_reach(again, (counts) => counts.acknowledged === 2 && counts.answered === 2);
    const told = await done('alert', 'show', '1', '--answers', '--json', '--data', again.data);
    assert.deepEqual(told.trim().split('\n').map((line) => JSON.parse(line))
      .map(({ organisation, means, answer }) => [organisation, means, answer]),
    [['cafe', 'need help', 'need help: two on the roof'], ['siop', 'safe', 'safe']]);
    assert.equal(await metric(again, 'tocsin_replies_total{outcome="unknown"}'), '1');
    assert.equal(await metric(again, 'tocsin_replies_total{outcome="answered"}'), '2');
    const own = () => done('org', 'export', 'cafe', '--data', again.data).then(JSON.parse);
    const running = await own();
    assert.deepEqual(running.said, [{ seq: 1, connected: false, displayed: false,
      acknowledged: true, answer: 'need help: two on the roof' }]);
    assert.deepEqual(running.sent.map(({ seq, acknowledged, tried }) =>
      [seq, acknowledged, tried.map(({ channel, attempts }) => [channel, attempts >= 1])]),
    [[1, true, [['sms', true]]]]);
    await again.stop();
    assert.deepEqual(await own(), running, 'the same of a folder that no engine runs on');
    // Whoever of the café stands second was told nothing: the first has answered.
    assert.deepEqual([...new Set(smsc.submits.map(([pdu]) => `+${pdu.destination_addr}`))].sort(),
      [ANN, COTT]);
    for (const one of [engine, again]) assert.ok(!one.stderr.includes('7700900'), 'no number');
    smsc.close();
  });

test('STOP ends the messages to that telephone, and the next of the organisation is told',
  async () => {
    const smsc = await centre();
    const { engine } = await world({ smsc,
      list: row('cafe', { phone: ANN }) + row('cafe', { phone: BEN }) });
    const first = alert();
    await engine.admit(first, engine.keys.ann);
    await smsc.until('a message', () => smsc.submits.length === 1);
    assert.equal(await reply(smsc, ANN, 'Stop'), 0);
    assert.equal((await reach(engine)).acknowledged, 0);
    await smsc.until('the second person', () => smsc.submits.length === 2);
    await engine.admit(update([first], { headline: 'Still rising' }), engine.keys.ann);
    await smsc.until('what follows', () => smsc.submits.length >= 3);
    assert.deepEqual(smsc.submits.map(([pdu]) => `+${pdu.destination_addr}`), [ANN, BEN, BEN]);
    await engine.stop();
    smsc.close();
  });

test('whoever is erased is gone from the outbox too before the operator hears so', async () => {
  const smsc = await centre();
  const { engine, args } = await world({ smsc,
    list: row('cafe', { phone: ANN }) + row('siop', { phone: COTT }) });
  await engine.admit(alert(), engine.keys.ann);
  await smsc.until('a message to each', () => smsc.submits.length === 2);
  await done('org', 'erase', 'cafe', '--yes', '--data', engine.data);
  await engine.stop('SIGKILL');
  const outbox = () => readdirSync(join(engine.data, 'outbox'))
    .map((name) => readFileSync(join(engine.data, 'outbox', name)).toString('latin1')).join();
  assert.ok(!outbox().includes('7700900'));
  // Without an engine too.
  await done('org', 'erase', 'siop', '--yes', '--data', engine.data);
  const again = await restart(engine, { args });
  await imported(again, row('cafe', { phone: ANN }) + row('siop', { phone: COTT }));
  await smsc.until('the next session', () => smsc.sessions.length === 2);
  for (const number of [ANN, COTT]) assert.equal(await reply(smsc, number, '1 SAFE'), 0);
  assert.equal(await metric(again, 'tocsin_replies_total{outcome="unknown"}'), '2');
  await again.stop();
  smsc.close();
});

/** The page behind a mail's link, at the engine itself. */
const behind = (engine, link) => link.replace('https://tocsin.example', engine.url);
const sent = (url, body) => fetch(url, { method: 'POST', body,
  headers: { 'content-type': 'application/x-www-form-urlencoded' } });

test('an e-mail is answered on the page behind its link, which to look at changes nothing',
  async () => {
    const post = await new Post().open();
    const { engine, args } = await world({ post, list: row('cafe', { email: MAIL }) +
      row('siop', { email: 'siop@siop.example', language: 'cy' }) });
    await engine.admit(alert(), engine.keys.ann);
    await post.until('a mail to each', () => post.mails.length === 2);
    const mail_to = (address) => post.mails.find((mail) => mail.to.value[0].address === address);
    const link_in = (mail) =>
      /https:\/\/tocsin\.example\/answer\/[0-9a-f]{64}(\?lang=cy)?/.exec(mail.text)[0];
    const link = behind(engine, link_in(mail_to(MAIL)));
    assert.ok(mail_to(MAIL).html.includes(`href="${link_in(mail_to(MAIL))}"`));

    // What scanners of mail do: look at every link, in both ways.
    for (const method of ['GET', 'HEAD']) {
      const page = await fetch(link, { method });
      assert.equal(page.status, 200);
      assert.match(page.headers.get('content-security-policy'), /^default-src 'none'; style-src/);
    }
    assert.equal((await reach(engine)).acknowledged, 0);
    const welsh = await fetch(behind(engine, link_in(mail_to('siop@siop.example'))));
    assert.match(await welsh.text(), /Sut ydych chi\?/);

    const kept = await sent(link, 'answer=shelter&places=12&words=');
    assert.equal(kept.status, 200);
    assert.match(await kept.text(), /We can shelter others: 12/);
    await engine.stop('SIGKILL');
    const again = await restart(engine, { args });
    assert.deepEqual(await reach(again), { connected: 0, displayed: 0, acknowledged: 1,
      answered: 1 });
    assert.equal((await fetch(link.replace(engine.url, again.url).slice(0, -1) + '!')).status, 404);
    await again.stop();
    assert.ok(!again.stderr.includes('/answer/'), 'no link is in the log');
    post.close();
  });

test('one click in a mail program ends the mails to that address alone', async () => {
  const post = await new Post().open();
  const { engine } = await world({ post,
    list: row('cafe', { email: MAIL }) + row('siop', { email: 'siop@siop.example' }) });
  await engine.admit(alert(), engine.keys.ann);
  await post.until('a mail to each', () => post.mails.length === 2);
  const mail = post.mails.find((one) => one.to.value[0].address === MAIL);
  assert.equal(mail.headers.get('list-unsubscribe-post') ??
    mail.headers.get('list')['unsubscribe-post'].name, 'List-Unsubscribe=One-Click');
  const click = behind(engine, mail.headers.get('list').unsubscribe.url);
  assert.equal((await fetch(click)).status, 200);
  await engine.admit(alert({ headline: 'The second' }), engine.keys.ann);
  await post.until('a mail to each again', () => post.mails.length === 4);

  assert.equal((await sent(click, 'List-Unsubscribe=One-Click')).status, 200);
  await engine.admit(alert({ headline: 'The third' }), engine.keys.ann);
  await post.until('a mail to the other', () => post.mails.length === 5);
  assert.equal(post.mails[4].to.value[0].address, 'siop@siop.example');
  assert.equal((await reach(engine, 3)).acknowledged, 0);
  await engine.stop();
  post.close();
});

test("what a webhook's receiver answers is a receipt, and kept before the delivery is done",
  async () => {
    const asked = [];
    const server = createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        asked.push({ body: Buffer.concat(parts).toString(), headers: request.headers });
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ state: 'acknowledged', answer: 'can shelter 40' }));
      });
    });
    const port = await listening(server);
    const { engine, args } = await world({ webhook: true,
      list: row('cafe', { webhook: `http://127.0.0.1:${port}/hook` }) });
    await engine.admit(alert(), engine.keys.ann);
    await until_reach(engine, (counts) => counts.acknowledged === 1 && counts.answered === 1);
    await engine.stop('SIGKILL');
    const again = await restart(engine, { args });
    assert.deepEqual(await reach(again), { connected: 0, displayed: 0, acknowledged: 1,
      answered: 1 });
    await again.stop();
    // What the engine did not write down before it was killed is told again, under the same id.
    assert.equal(new Set(asked.map((one) => one.headers['webhook-id'])).size, 1);
    server.close();
  });
