// What ./ops/up shows beside the engine: its text messages and mails leave to sinks of our own, and
// a page lists them. npm's smpp and curl speak to the sinks; then the demo itself is run, with the
// programs as they are built.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import smpp from 'smpp';
import { alert } from './support/cap.mjs';
import { done, with_passphrase } from './support/cli.mjs';
import { BIN, scratch, within } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { ROOT } from './support/schemas.mjs';

const HEAD_BYTES = 8192;
const children = new Set();
after(() => { for (const child of children) child.kill('SIGKILL'); });

/** The sinks, with the ports that they say. */
async function sinks({ nofile } = {}) {
  const program = join(BIN, 'tocsin_sinks');
  assert.ok(existsSync(program), `${program} is missing: build first`);
  const command = nofile ? ['prlimit', `--nofile=${nofile}`, program] : [program];
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const ended = new Promise((resolve) => { child.on('close', (code) => resolve(code)); });
  const lines = createInterface({ input: child.stdout });
  const { value } = await within(10_000, 'the sinks', lines[Symbol.asyncIterator]().next());
  return { child, ended, ...JSON.parse(value) };
}

/** What the page is told. */
const shown = async (page, number = 0) =>
  (await (await fetch(`${page}/messages?after=${number}`)).json()).messages;

/** Asks until it holds. */
async function until(what, holds) {
  return within(60_000, what, (async () => {
    for (;;) {
      const found = await holds();
      if (found) return found;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  })());
}

/** Whether somebody listens there. */
const listens = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

test('sinks out of descriptors take in who connects kAcceptPause later', async () => {
  const { child, ended, smtp } = await sinks({ nofile: 16 });
  const crowd = Array.from({ length: 30 }, () => connect(smtp, '127.0.0.1').on('error', () => {}));
  const greeting = (socket) => new Promise((resolve) => { socket.once('data', resolve); });
  await within(10_000, 'a greeting', Promise.any(crowd.map(greeting)));
  await Promise.all(crowd.map((socket) => socket.connecting
    && new Promise((resolve) => { socket.once('connect', resolve); })));
  for (const socket of crowd) socket.destroy();
  const late = connect(smtp, '127.0.0.1');
  const said = await within(10_000, 'a later greeting', greeting(late));
  assert.match(String(said), /^220 /);
  late.destroy();
  child.kill();
  assert.equal(await ended, 0);
});

test('a text message of npm\'s smpp and a mail of curl are shown as they are', async () => {
  const { child, ended, page, smpp: smpp_port, smtp } = await sinks();
  const session = smpp.connect({ url: `smpp://127.0.0.1:${smpp_port}` });
  const receipt = new Promise((resolve) => {
    session.on('deliver_sm', (pdu) => { session.send(pdu.response()); resolve(pdu); });
  });
  await new Promise((resolve) => {
    session.bind_transceiver({ system_id: 'x', password: 'y' }, (pdu) => {
      assert.equal(pdu.command_status, 0);
      resolve();
    });
  });
  const text = '<script>alert(1)</script> \u0175';
  const taken = await new Promise((resolve) => {
    session.submit_sm({ destination_addr: '447700900101', short_message: text, data_coding: 8,
      registered_delivery: 1 }, resolve);
  });
  assert.equal(taken.command_status, 0);
  assert.match((await receipt).short_message.message.toString(),
    new RegExp(`^id:${taken.message_id} .*DELIVRD`));

  const mail = join(scratch(), 'mail');
  writeFileSync(mail, 'Subject: Drill\r\nContent-Type: text/plain\r\n\r\nHello\r\n');
  execFileSync('curl', ['-sS', `smtp://127.0.0.1:${smtp}`, '--mail-from', 'a@b.example',
    '--mail-rcpt', 'c@d.example', '--upload-file', mail]);
  assert.deepEqual((await shown(page)).map(({ way, to, subject, text: its }) =>
    [way, to, subject, its]),
    [['sms', '+447700900101', '', text], ['email', 'c@d.example', 'Drill', 'Hello']]);
  assert.equal((await shown(page, 1)).length, 1);

  const strange = await curl(`${page}/messages`, { args: ['-H', 'Host: evil.example'] });
  assert.equal(strange.status, 403);
  session.close();
  child.kill('SIGTERM');
  assert.equal(await within(10_000, 'their end', ended), 0);
});

test('a head of kHeadBytes is answered and a longer one is hung up on', async () => {
  const { child, page } = await sinks();
  const begin = 'GET / HTTP/1.1\r\nHost: localhost\r\nX: ';
  for (const octets of [HEAD_BYTES, HEAD_BYTES + 5000]) {
    const said = await within(10_000, 'an end', new Promise((resolve) => {
      const socket = connect(Number(new URL(page).port), '127.0.0.1');
      let text = '';
      socket.on('data', (data) => { text += data; });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.write(begin + 'x'.repeat(octets - begin.length - 4) + '\r\n\r\n');
    }));
    assert.equal(said.startsWith('HTTP/1.1 200'), octets === HEAD_BYTES);
  }
  child.kill('SIGTERM');
});

/** The demo as ./ops/up runs it once everything is built: its words, and its end. */
function demo(data) {
  const libraries = ['say', 'demo', 'sinks', 'engine']
    .map((name) => `source ${ROOT}/ops/lib/${name}.sh`);
  const child = spawn('bash', ['-c', `set -euo pipefail; root=${ROOT} bin=${BIN}; ` +
    `${libraries.join('; ')}; hold_demo ${data}; make_demo ${data}; run_engine ${data} 0`],
  { stdio: ['ignore', 'inherit', 'pipe'], cwd: ROOT });
  children.add(child);
  const it = { child, words: '' };
  child.stderr.on('data', (data_) => { it.words += data_; });
  it.ended = new Promise((resolve) => { child.on('close', (code) => resolve(code)); });
  return it;
}

/** Once it says what to do: where its page is, and where what people are sent is. */
async function up(it) {
  await until('the demo', () => it.words.includes('Watch as partners do'));
  const [, url] = /Open {3}(http:\S+)/.exec(it.words);
  const [, page] = /See {4}(http:\S+)/.exec(it.words);
  return { url, page };
}

test('an alert of the demo leaves as text messages and mails, which the page shows', async () => {
  const data = join(scratch(), 'demo');
  const it = demo(data);
  const { url, page } = await up(it);
  assert.deepEqual(await shown(page), []);
  assert.equal(statSync(join(data, 'smpp.password')).mode & 0o077, 0);

  const draft = join(data, 'fire.xml');
  writeFileSync(draft, alert({ sender: 'control@thames.example', system: 'exercise-demo',
    severity: 'Severe', headline: 'Close windows & doors: smoke < 1', instruction: 'Stay inside.',
    areas: [{ circles: ['51.505,-0.095 0.8'] }] }));
  await done('alert', 'sign', draft, '--trust', join(data, 'trust.json'),
    '--key', join(data, 'keys', 'thames-reed.key'), ...with_passphrase);
  await done('alert', 'send', join(data, 'fire.signed'), '--server', url);
  const messages = await until('the messages', async () => {
    const all = await shown(page);
    return all.length >= 5 && all;
  });
  assert.deepEqual(messages.map(({ to }) => to).sort(), ['+447700900101', '+447700900102',
    '+447700900103', 'office@bankside-school.example', 'post@swyddfa-de.example']);
  assert.ok(messages.every(({ text }) => text.includes('EXERCISE') || text.includes('YMARFER')));
  assert.ok(messages.some(({ subject }) => subject.includes('Close windows & doors: smoke < 1')));

  it.child.kill('SIGTERM');
  assert.equal(await within(60_000, 'its end', it.ended), 0, it.words);
  for (const port of [url, page].map((each) => Number(new URL(each).port))) {
    assert.equal(await listens(port), false, 'nobody listens there any more');
  }
  assert.match(it.words, /Stopped\. Everything sent is kept/);

  // Again: the organisations are there still, and nobody is told twice.
  const again = demo(data);
  const second = await up(again);
  assert.match(readFileSync(join(data, 'tocsin.toml'), 'utf8'), /\[sms\.demo\]/);
  assert.deepEqual(await shown(second.page), []);
  again.child.kill('SIGTERM');
  assert.equal(await within(60_000, 'its end', again.ended), 0);
});
