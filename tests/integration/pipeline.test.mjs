// Many requests sent in one go on one connection: alerts are worked on beside each other, and every
// answer comes in the order of its request.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { alert, cancel } from './support/cap.mjs';
import { sealed, sha256_hex } from './support/dsse.mjs';
import { start, within } from './support/engine.mjs';
import { raw } from './support/http.mjs';
import { listen } from './support/stream.mjs';

const kAlertsAtOnce = 32;

let engine;
before(async () => { engine = await start(); });

const post = (body, fields = '') => `POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\n${fields}` +
  `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const get = (path, fields = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
const LAST = 'Connection: close\r\n';

/// Each answer's status and body, read by its Content-Length; and whether anything was left over.
function answers_of(text) {
  const answers = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { answers, rest };
    const head = rest.slice(0, end);
    const status = Number(head.slice(9, 12));
    if (status < 200) {
      answers.push({ status });
      rest = rest.slice(end + 4);
      continue;
    }
    const size = Number(/content-length: (\d+)/i.exec(head)[1]);
    answers.push({ status, body: rest.slice(end + 4, end + 4 + size) });
    rest = rest.slice(end + 4 + size);
  }
}

async function sent(...requests) {
  const answer = await raw(engine.port, requests.join(''));
  const { answers, rest } = answers_of(answer.text);
  assert.equal(rest, '');
  return answers;
}

test('more alerts than kAlertsAtOnce in one go are answered in order, and nothing overtakes them',
  async () => {
    const count = kAlertsAtOnce * 3 + 1;
    const reader = await listen(engine);
    const bodies = Array.from({ length: count },
      (_, i) => sealed(alert({ description: `number ${i}` }), [engine.keys.ann]));
    const answers = await sent(...bodies.map((body) => post(body)), get('/v1/alerts?limit=1000'),
      get('/livez', LAST));
    assert.deepEqual(answers.map(({ status }) => status), [...Array(count).fill(201), 200, 200]);
    const seqs = answers.slice(0, count).map(({ body }) => JSON.parse(body).seq);
    assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
    const listed = answers[count].body.trim().split('\n').map((line) => JSON.parse(line).seq);
    assert.deepEqual(listed.slice(-count), seqs, 'a list asked for behind them shows them all');
    await reader.has(seqs.at(-1));
    assert.deepEqual(reader.sequences, seqs);
    for (const [i, shown] of reader.alerts.entries()) {
      assert.deepEqual(shown.envelope, JSON.parse(bodies[i]));
    }
    await reader.close();
  });

test('refused and admitted alerts, a repeat and a Cancel in one go each have their own answer',
  async () => {
    const document = alert({ description: 'first' });
    const one = sealed(document, [engine.keys.ann]);
    const spoiled = one.replace(/"sig":"(.)/, (_, c) => `"sig":"${c === 'A' ? 'B' : 'A'}`);
    const end = sealed(cancel([document]), [engine.keys.ann]);
    const answers = await sent(post(one), post(spoiled), post('{}'), post(one), post(end),
      post(sealed(alert(), [engine.keys.ann]), LAST), post(one));
    assert.deepEqual(answers.map(({ status }) => status), [201, 403, 400, 200, 201, 201],
      'and none to what comes behind the last request');
    assert.equal(JSON.parse(answers[1].body).code, 'bad_signature');
    assert.equal(JSON.parse(answers[2].body).code, 'malformed_envelope');
    assert.equal(JSON.parse(answers[3].body).seq, JSON.parse(answers[0].body).seq);
  });

test('what two servers could read differently ends the connection behind the answers before it',
  async () => {
    const answers = await sent(post(sealed(alert(), [engine.keys.ann])),
      'POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      get('/livez'));
    assert.deepEqual(answers.map(({ status }) => status), [201, 400]);
  });

test('100 Continue comes behind the answers to what came before', async () => {
  const body = sealed(alert(), [engine.keys.ann]);
  const answers = await sent(post(body), post('{"half":', 'Expect: 100-continue\r\n')
    .replace(/Content-Length: \d+/, 'Content-Length: 9000'));
  assert.deepEqual(answers.map(({ status }) => status), [201, 100]);
});

test('no 100 Continue comes for a body that was there already', async () => {
  const [one, two] = [1, 2].map((n) => sealed(alert({ description: `${n}` }), [engine.keys.ann]));
  const answers = await sent(post(one), post(two, 'Expect: 100-continue\r\n'));
  assert.deepEqual(answers.map(({ status }) => status), [201, 201]);
});

test('who says that it has no more to ask still hears the answers', async () => {
  const bodies = [1, 2, 3].map((n) => sealed(alert({ description: `${n}` }), [engine.keys.ann]));
  const answer = await raw(engine.port, bodies.map((body) => post(body)).join(''),
    { half_close: true });
  assert.deepEqual(answers_of(answer.text).answers.map(({ status }) => status), [201, 201, 201]);
  assert.equal(answer.closed, true);
});

test('a stream that is asked for behind alerts begins when they are answered', async () => {
  const answer = await raw(engine.port, post(sealed(alert(), [engine.keys.ann])) +
    get('/v1/stream', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'), { quiet_ms: 800 });
  const statuses = [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  assert.deepEqual(statuses, ['201', '101']);
  assert.match(answer.text, /"type":"hello"[^]*"type":"live"/);
});

test('wherever what is sent is cut, each alert has its own answer, in order', async () => {
  const documents = Array.from({ length: 2 * kAlertsAtOnce }, () => alert());
  const all = documents.map((document, i) => post(sealed(document, [engine.keys.ann]),
    i + 1 < documents.length ? '' : LAST)).join('');
  const socket = connect(engine.port, '127.0.0.1');
  socket.setNoDelay();
  let text = '';
  socket.on('data', (data) => { text += data.toString('latin1'); });
  const closed = once(socket, 'close');
  const piece = 997;  // a prime, so that cuts fall into heads, ends of heads and bodies
  for (let at = 0; at < all.length; at += piece) {
    await new Promise((resolve) => socket.write(all.slice(at, at + piece), resolve));
  }
  await within(60_000, 'the last answer', closed);
  const { answers, rest } = answers_of(text);
  assert.equal(rest, '');
  assert.deepEqual(answers.map(({ status }) => status), documents.map(() => 201));
  assert.deepEqual(answers.map(({ body }) => JSON.parse(body).id),
    documents.map((document) => sha256_hex(document)));
});
