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
let engine;
const open = new Set();

before(async () => {
  const config = join(scratch(), 'tocsin.toml');
  writeFileSync(config, `[limits]\nconnections = ${STREAMS}\n`);
  engine = await start({ args: ['--config', config] });
});
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

/** A connection that says nothing; what the engine says first, if it hangs up. */
function silent() {
  return new Promise((resolve) => {
    const socket = connect(engine.port, '127.0.0.1');
    open.add(socket);
    let text = '';
    socket.on('data', (data) => { text += data; });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.on('connect', () => setTimeout(() => resolve(null), 1000));
  });
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
  const answers = await Promise.all(Array.from({ length: REQUEST_PLACES + 20 }, silent));
  const turned_away = answers.filter((answer) => answer !== null);
  assert.ok(turned_away.length >= 20, `${turned_away.length} were turned away`);
  assert.match(turned_away[0], /^HTTP\/1\.1 429 /);
  assert.match(turned_away[0], /"too_many"/);
});
