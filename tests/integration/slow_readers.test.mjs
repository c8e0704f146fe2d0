// Readers whose sockets are full most of the time: they lose nothing, and hear that they are live.
import { connect } from 'node:net';
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
