// A browser's own EventSource on the stream: it hears, and comes back by itself with its place.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {alert} from '../integration/support/cap.mjs';
import {restart, start} from '../integration/support/engine.mjs';
import {open, PATIENCE_MS} from './support/browser.mjs';

test('an EventSource resumes after a restart, with nothing lost and nothing twice', async () => {
  let engine = await start();
  const page = await open(engine);
  await page.evaluate(() => {
    window.heard = [];
    window.goodbyes = [];
    const source = new EventSource('/v1/stream?after=0');
    source.onmessage = ({data}) => window.heard.push(JSON.parse(data));
    source.addEventListener('close', ({data}) => window.goodbyes.push(JSON.parse(data)));
  });
  const has = (type, count) => page.waitForFunction(
      ([wanted, least]) => window.heard.filter(({type}) => type === wanted).length >= least,
      [type, count], {timeout: 2 * PATIENCE_MS});
  await has('live', 1);
  for (let i = 0; i < 3; ++i) await engine.admit(alert(), engine.keys.ann);
  await has('alert', 3);
  await engine.stop();
  engine = await restart(engine, {listen: `127.0.0.1:${engine.port}`});
  for (let i = 0; i < 2; ++i) await engine.admit(alert(), engine.keys.ann);
  await has('hello', 2);
  await has('alert', 5);
  const heard = await page.evaluate(() => window.heard);
  assert.deepEqual(
      heard.filter(({type}) => type === 'alert').map(({seq}) => seq), [1, 2, 3, 4, 5]);
  assert.deepEqual(heard.filter(({type}) => type === 'hello').map((it) => it.recovered),
                   [true, true]);
  const [goodbye] = await page.evaluate(() => window.goodbyes);
  assert.equal(goodbye.code, 1001);
});
