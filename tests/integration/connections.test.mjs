// How many may connect: as many streams as configured, kRequestPlaces more for requests, and a
// clear no beyond (kDescriptorsReserved keeps the rest). A full house of readers never keeps a
// control room from sending.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { alert } from './support/cap.mjs';
import { scratch, start } from './support/engine.mjs';

const STREAMS = 3;
const REQUEST_PLACES = 256;  // kRequestPlaces
const DESCRIPTORS_RESERVED = 512;  // kDescriptorsReserved
let engine;
const open = new Set();

function config() {
  const file = join(scratch(), 'tocsin.toml');
  writeFileSync(file, `[limits]\nconnections = ${STREAMS}\n`);
  return file;
}
before(async () => { engine = await start({ args: ['--config', config()] }); });
after(() => { for (const one of open) (one.terminate ?? one.destroy).call(one); });

/** A stream, or the answer that refused it. */
function stream() {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${engine.port}/v1/stream`, 'tocsin.v1');
    open.add(socket);
    socket.on('open', () => resolve({ socket }));
    socket.on('error', () => {});
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (data) => { body += data; });
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body),
        retry_after: response.headers['retry-after'] }));
    });
  });
}

/** A connection that says nothing yet: `text` is what it heard, `ended` whether that was all. */
function silent(port) {
  const one = { socket: connect(port, '127.0.0.1'), text: '', ended: false };
  open.add(one.socket);
  one.socket.on('data', (data) => { one.text += data; });
  one.socket.on('error', () => {});
  one.socket.on('close', () => { one.ended = true; });
  return one;
}

async function until(what, holds) {
  const end = Date.now() + 30_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Of `many` connections at once, so many are kept and answered, and the others turned away. */
async function keeps(port, kept, many) {
  const all = Array.from({ length: many }, () => silent(port));
  const ended = () => all.filter((one) => one.ended);
  await until('to be turned away', () => ended().length >= many - kept);
  for (const one of ended()) assert.match(one.text, /^HTTP\/1\.1 429 [^]*"too_many"/);
  const rest = all.filter((one) => !one.ended);
  assert.equal(rest.length, kept);
  for (const { socket } of rest) socket.write('GET /v1/trust HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('an answer', () => rest.every(({ text }) => text.startsWith('HTTP/1.1 200 ')));
  for (const { socket } of all) socket.destroy();
}

test('one stream more than configured is refused, and a control room may still send', async () => {
  const streams = [];
  for (let i = 0; i < STREAMS; ++i) streams.push((await stream()).socket);
  assert.ok(streams.every((socket) => socket));
  const refused = await stream();
  assert.equal(refused.status, 429);
  assert.equal(refused.body.code, 'too_many');
  assert.equal(refused.retry_after, '10');
  await engine.admit(alert(), engine.keys.ann);

  const gone = new Promise((resolve) => streams[0].on('close', resolve));
  streams[0].close();
  await gone;
  assert.ok((await stream()).socket, 'a place is free again');
});

test('connections beyond the places for requests are turned away with a reason', async () => {
  const other = await start({ args: ['--config', config()] });
  await keeps(other.port, STREAMS + REQUEST_PLACES, STREAMS + REQUEST_PLACES + 20);
});

test('as few descriptors as there are, so few connections: what is kept back is there for the log',
  async () => {
  const few = await start({ nofile: 1024 + DESCRIPTORS_RESERVED });
  await keeps(few.port, 1024 + REQUEST_PLACES, 1024 + REQUEST_PLACES + 20);
  await few.admit(alert(), few.keys.ann);
});
