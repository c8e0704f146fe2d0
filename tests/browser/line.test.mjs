// Whether the page is live, and what it says when it is not. The engine is stopped, started and cut
// off; the page's clock is moved, so nobody waits 40 s.
import {afterEach, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {alert} from '../integration/support/cap.mjs';
import {restart, start} from '../integration/support/engine.mjs';
import {
  has_active, in_between, is_live, is_not_live, open, open_live,
} from './support/browser.mjs';

let engine;
beforeEach(async () => {
  engine = await start();
});
afterEach(() => engine.stop('SIGKILL'));

const state = (page) => page.locator('#state').innerText();

test('live is said with how long ago the engine was heard', async () => {
  const page = await open_live(engine);
  await page.waitForFunction(
      () => /last heard [1-9] s ago/.test(document.querySelector('#state').innerText));
  assert.match(await state(page), /^Live, last heard \d+ s ago$/);
});

test('an engine that falls silent is not live after 40 s, though the line stands', async () => {
  const page = await open_live(engine, {before: (one) => one.clock.install()});
  await engine.admit(alert({headline: 'Still here'}), engine.keys.ann);
  await has_active(page, ['Still here']);
  engine.child.kill('SIGSTOP');
  try {
    await page.clock.runFor(30_000);
    assert.match(await state(page), /^Live/);
    await page.clock.runFor(11_000);
    assert.match(
        await state(page), /^NOT LIVE since \d\d:\d\d:\d\d\. This list may be out of date\.$/);
    assert.match(await page.title(), /^NOT LIVE/);
    await has_active(page, ['Still here']);
  } finally {
    engine.child.kill('SIGCONT');
  }
  await page.clock.resume();
  await is_live(page);
  assert.doesNotMatch(await page.title(), /NOT LIVE/);
});

test('an empty list that is not live does not say that there are no alerts', async () => {
  const page = await open_live(engine);
  assert.equal(await page.locator('#none').innerText(), 'No active alerts.');
  await engine.stop('SIGKILL');
  await is_not_live(page);
  assert.equal(
      await page.locator('#none').innerText(), 'No alerts were known when this page last heard.');
});

test('before anything was heard the page is not live', async () => {
  const page = await open(engine, {before: (one) => one.routeWebSocket('**/v1/stream*', () => {})});
  await page.waitForFunction(() => document.querySelector('#none').textContent !== 'Loading.');
  assert.match(await state(page), /^NOT LIVE: connecting\. There is no list yet\.$/);
  assert.equal(await page.locator('#none').innerText(), 'Nothing is known yet.');
});

test('after a restart the page comes back by itself and has what came meanwhile', async () => {
  const page = await open_live(engine);
  await engine.admit(alert({headline: 'Before', severity: 'Moderate'}), engine.keys.ann);
  await has_active(page, ['Before']);
  await engine.stop('SIGKILL');
  await is_not_live(page);
  const again = await restart(engine, {listen: `127.0.0.1:${engine.port}`});
  await again.admit(alert({headline: 'After'}), engine.keys.ann);
  await is_live(page);
  await has_active(page, ['Before', 'After']);
  const notices = await page.locator('#notices > *').allInnerTexts();
  assert.deepEqual(notices.filter((each) => !/trust document/.test(each)), [], 'no gap');
});

test('an engine that says when to come back is obeyed', async () => {
  const page = await open_live(engine);
  await engine.stop('SIGTERM');
  await is_not_live(page);
  await restart(engine, {listen: `127.0.0.1:${engine.port}`});
  await is_live(page);
});

test(
    'a log that does not know the page’s position: the gap is told, the list is fetched anew',
    async () => {
      const page = await open_live(engine);
      await engine.admit(alert({headline: 'In the old log'}), engine.keys.ann);
      await has_active(page, ['In the old log']);
      await engine.stop('SIGKILL');
      const {keys, trust} = engine;
      const other = await start({keys, trust, listen: `127.0.0.1:${engine.port}`});
      await other.admit(alert({headline: 'In the new log'}), keys.ann);
      await has_active(page, ['In the new log']);
      assert.match(await page.locator('#notices').innerText(), /There is a gap before/);
    });

test('an alert that was lost on the way is missed at the next beat, and fetched', async () => {
  let lost = 0;
  const page = await open_live(engine, {
    before: in_between((object) => {
      if (object.type === 'beat') return null;  // a true one may come just then and heal too soon
      if (object.type !== 'alert' || lost > 0) return object;
      lost = object.seq;
      return null;
    })
  });
  await engine.admit(alert({headline: 'Lost once'}), engine.keys.ann);
  await page.waitForTimeout(300);
  await has_active(page, []);
  page.say({type: 'beat', head: 1, at: new Date().toISOString(), last: 1, checkpoint: null});
  await has_active(page, ['Lost once']);
  assert.equal(lost, 1);
});

test('the engine is told how far the page has come and what could be seen', async () => {
  const said = [];
  const page = await open_live(engine, {
    before: (one) => one.on(
        'websocket',
        (socket) => {
          socket.on('framesent', ({payload}) => said.push(JSON.parse(payload)));
        })
  });
  const {seq} = await engine.admit(alert(), engine.keys.ann);
  await has_active(page, ['River rising']);
  for (let i = 0; i < 100 && said.length < 3; i++) await page.waitForTimeout(100);
  assert.deepEqual(said.filter(({type}) => type === 'ack').at(-1), {type: 'ack', seq});
  assert.deepEqual(
      said.filter(({type}) => type === 'receipt'), [{type: 'receipt', seq, state: 'displayed'}]);
});

test('a computer whose clock is wrong shows what is active by the engine’s', async () => {
  await engine.admit(alert({headline: 'Now'}), engine.keys.ann);
  const page = await open(engine, {
    before: async (one) => {
      await one.clock.install({time: Date.now() + 24 * 3600 * 1000});
      await in_between((object) => object)(one);
    }
  });
  await is_live(page);
  page.say({type: 'beat', head: 1, at: new Date().toISOString(), last: 1, checkpoint: null});
  await has_active(page, ['Now']);
  assert.match(await page.locator('#notices').innerText(), /clock is wrong/);
});
