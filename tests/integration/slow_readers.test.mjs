// Readers whose sockets are full most of the time: they lose nothing, and hear that they are live.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { start } from './support/engine.mjs';

/**
 * Reads from the beginning, resting between any two pieces, until `live`: how many alerts came. So
 * the engine's socket is full most of the time, and often just when there is one thing more to say.
 */
function read_slowly(port, rest_ms) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(
      'GET /v1/stream?after=0 HTTP/1.1\r\nHost: x\r\n' +
      'Connection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'));
    const marker = '{"type":"alert","seq":';
    let tail = '', count = 0;
    const limit = setTimeout(() => finish(new Error(`${count} alerts came, and live did not`)),
      30_000);
    const finish = (fault) => {
      clearTimeout(limit);
      socket.destroy();
      if (fault) reject(fault);
      else resolve(count);
    };
    socket.on('error', finish);
    socket.on('end', () => finish(new Error(`closed after ${count} alerts`)));
    socket.on('data', (data) => {
      const text = tail + data.toString('latin1');
      count += text.split(marker).length - 1;
      tail = text.slice(1 - marker.length);
      if (text.includes('{"type":"live"')) return finish();
      socket.pause();
      setTimeout(() => socket.resume(), rest_ms);
    });
  });
}

test('readers that take their time get everything, live included', async () => {
  const own = await start();
  const count = 120;
  for (let i = 0; i < count; ++i) {
    await own.admit(alert({ description: 'x'.repeat(150_000) }), own.keys.ann);
  }
  const rests = [1, 2, 3, 5, 8];
  assert.deepEqual(await Promise.all(rests.map((rest_ms) => read_slowly(own.port, rest_ms))),
                   rests.map(() => count));
});

/** What the kernel holds of the engine's connection to that port of a reader, in octets. */
function held_by_the_kernel(engine_port, reader_port) {
  const hex = (port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const row = readFileSync('/proc/net/tcp', 'ascii').split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local === hex(engine_port) && remote === hex(reader_port));
  assert.ok(row, 'the connection is open');
  return parseInt(row[4].split(':')[0], 16);
}

test('the kernel holds little of a reader that takes nothing', async () => {
  const own = await start();
  const reader = connect(own.port, '127.0.0.1');
  reader.pause();
  await new Promise((resolve) => reader.once('connect', resolve));
  reader.write('GET /v1/stream?after=0 HTTP/1.1\r\nHost: x\r\n' +
    'Connection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  for (let i = 0; i < 40; ++i) {
    await own.admit(alert({ description: 'x'.repeat(100_000) }), own.keys.ann);
  }
  // 128 KiB unsent (kUnsentBytes), a segment of 64 KiB begun below that, and one on its way.
  let most = 0;
  for (let i = 0; i < 20; ++i, await pause(10)) {
    most = Math.max(most, held_by_the_kernel(own.port, reader.localPort));
  }
  assert.ok(most > 32 * 1024, `only ${most} octets wait: nothing was shown`);
  assert.ok(most <= 256 * 1024, `${most} octets wait`);
  reader.destroy();
});
