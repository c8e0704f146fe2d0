// One connection that sends many alerts before it reads an answer: each is answered, in order, and
// the connection stays.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { alert } from './support/cap.mjs';
import { sealed, sha256_hex } from './support/dsse.mjs';
import { start, within } from './support/engine.mjs';

const COUNT = 64;
const LATE_MS = 60_000;
let engine;
before(async () => { engine = await start(); });

const request = (body, fields = '') => `POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\n${fields}` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** The answers that stand in `octets`, by their Content-Length alone, and what is behind them. */
function answers_in(octets) {
  const answers = [];
  for (;;) {
    const end = octets.indexOf('\r\n\r\n');
    if (end < 0) return { answers, rest: octets };
    const head = octets.subarray(0, end).toString('latin1');
    const size = Number(/^content-length: (\d+)$/mi.exec(head)?.[1]);
    const begin = end + 4;
    if (!(octets.length >= begin + size)) return { answers, rest: octets };
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head,
                   body: octets.subarray(begin, begin + size).toString() });
    octets = octets.subarray(begin + size);
  }
}

/** One connection: `send` writes, `answers(n)` are the next n. */
async function connection() {
  const socket = connect(engine.port, '127.0.0.1');
  await once(socket, 'connect');
  let octets = Buffer.alloc(0), heard = () => {};
  socket.on('data', (data) => { octets = Buffer.concat([octets, data]); heard(); });
  socket.on('close', () => heard());
  return {
    socket,
    send: (text) => socket.write(text),
    answers: (count) => within(LATE_MS, `${count} answers`, new Promise((resolve) => {
      heard = () => {
        const found = answers_in(octets);
        if (found.answers.length < count && !socket.closed) return;
        octets = found.rest;
        heard = () => {};
        resolve(found.answers);
      };
      heard();
    })),
  };
}

function in_order(answers, documents) {
  assert.deepEqual(answers.map(({ status }) => status), documents.map(() => 201));
  const told = answers.map(({ body }) => JSON.parse(body));
  assert.deepEqual(told.map(({ id }) => id), documents.map((document) => sha256_hex(document)));
  for (let i = 1; i < told.length; ++i) assert.ok(told[i].seq > told[i - 1].seq);
}

test(`${COUNT} alerts sent at once are answered in the order in which they were sent`, async () => {
  const one = await connection();
  const documents = Array.from({ length: COUNT }, () => alert());
  one.send(documents.map((document) => request(sealed(document, [engine.keys.ann]))).join(''));
  in_order(await one.answers(COUNT), documents);
  const [again] = [alert()];
  one.send(request(sealed(again, [engine.keys.ann])));  // the connection is as good as before
  in_order(await one.answers(1), [again]);
  one.socket.destroy();
});

test('wherever what is sent is cut, the answers are the same', async () => {
  const one = await connection();
  one.socket.setNoDelay();
  const documents = Array.from({ length: 8 }, () => alert());
  const all = documents.map((document) => request(sealed(document, [engine.keys.ann]))).join('');
  const piece = 997;  // a prime, so that cuts fall into heads, ends of heads and bodies
  for (let at = 0; at < all.length; at += piece) {
    await new Promise((resolve) => one.socket.write(all.slice(at, at + piece), resolve));
  }
  in_order(await one.answers(8), documents);
  one.socket.destroy();
});

test('a document that is refused is answered at its place', async () => {
  const one = await connection();
  const first = alert(), last = alert();
  const repeated = sealed(first, [engine.keys.ann]);
  one.send(request(repeated) + request('no envelope') + request(repeated) +
    request(sealed(last, [engine.keys.ann])));
  const answers = await one.answers(4);
  assert.deepEqual(answers.map(({ status }) => status), [201, 400, 200, 201]);
  assert.equal(JSON.parse(answers[1].body).code, 'malformed_envelope');
  assert.equal(answers[2].body, answers[0].body);
  in_order([answers[0], answers[3]], [first, last]);
  one.socket.destroy();
});

test('what stands behind the request that closes is not read', async () => {
  const one = await connection();
  const document = alert(), unread = alert();
  one.send(request(sealed(document, [engine.keys.ann]), 'Connection: close\r\n') +
    request(sealed(unread, [engine.keys.ann])));
  const answers = await one.answers(2);
  in_order(answers, [document]);
  assert.match(answers[0].head, /^connection: close$/mi);
  assert.equal((await fetch(`${engine.url}/v1/alerts/${sha256_hex(unread)}`)).status, 404);
});
