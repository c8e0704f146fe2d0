// Signed in on a screen that others see too: what is shown to whom, and what is said when it ends.
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {done} from '../integration/support/cli.mjs';
import {alert} from '../integration/support/cap.mjs';
import {restart, start} from '../integration/support/engine.mjs';
import {
  add_organisation, card, has_active, is_live, is_not_live, open, open_live, secret_of, sign_in,
  visitor,
} from './support/browser.mjs';

const PUBLIC = 'For everyone';
const SECRET = 'For wardens alone';
const LOST = 'This browser is signed in no longer.';
let engine;
let data;

before(async () => {
  engine = await start();
  data = await add_organisation(engine, 'acme', 'Acme Ltd', 'wardens');
  await engine.admit(alert({headline: PUBLIC, severity: 'Moderate'}), engine.keys.ann);
  await engine.admit(
      alert({headline: SECRET, scope: 'Restricted', restriction: 'wardens'}), engine.keys.ann);
});

const secret = (...more) => secret_of(engine, 'acme', ...more);
const focused = (page) => page.evaluate(() => document.activeElement.id);
const lost = (page) => page.locator('#notices', {hasText: LOST}).waitFor();
/** For `before`: a clock that stands still until a test moves it. */
const own_clock = (page) => page.clock.install();

test('whoever signs in is told so, and the focus stays where one is', async () => {
  const page = await open_live(engine);
  await has_active(page, [PUBLIC]);
  await sign_in(page, (await secret()).secret);
  assert.equal(await page.locator('#session-said').innerText(), 'Signed in as Acme Ltd.');
  assert.equal(await page.locator('#session-said').getAttribute('role'), 'status');
  assert.equal(await focused(page), 'session-title');
  await has_active(page, [PUBLIC, SECRET]);
  await page.locator('#sign-out').focus();
  await page.keyboard.press('Enter');
  await page.getByText('Signed out.').waitFor();
  assert.equal(await focused(page), 'session-title');
  assert.equal(await page.locator('#notices', {hasText: LOST}).count(), 0);
});

test('what was for an organisation alone leaves the screen with it, line or no line', async () => {
  let cut = false;
  const page = await open_live(engine, {
    before: (one) => one.routeWebSocket('**/v1/stream*', (socket) => {
      if (!cut) socket.connectToServer();
    })
  });
  await sign_in(page, (await secret()).secret);
  await has_active(page, [PUBLIC, SECRET]);
  cut = true;
  await page.locator('#sign-out').click();
  await page.getByText('Signed out.').waitFor();
  await has_active(page, [PUBLIC]);
});

test('a token that is revoked under an open page is said loudly, and stays said', async () => {
  const page = await open_live(engine);
  const token = await secret();
  await sign_in(page, token.secret);
  await has_active(page, [PUBLIC, SECRET]);
  await page.clock.install();
  await done('org', 'revoke', 'acme', '--number', String(token.number), data);
  await is_not_live(page);
  await page.clock.runFor(31_000);
  await lost(page);
  assert.match(await page.locator('#notices').innerText(), /What is meant for Acme Ltd alone/);
  assert.equal(await page.locator('#who').innerText(), '');
  await page.clock.resume();
  await is_live(page);
  await has_active(page, [PUBLIC]);
  await lost(page);
  await sign_in(page, (await secret()).secret);
  assert.equal(await page.locator('#notices', {hasText: LOST}).count(), 0);
  await has_active(page, [PUBLIC, SECRET]);
});

test('a cookie that ended is noticed when the line is made anew', async () => {
  const own = await start();
  await add_organisation(own, 'acme', 'Acme Ltd', 'wardens');
  await own.admit(
      alert({headline: SECRET, scope: 'Restricted', restriction: 'wardens'}), own.keys.ann);
  const page = await open_live(own);
  await sign_in(page, (await secret_of(own, 'acme')).secret);
  await has_active(page, [SECRET]);
  await page.context().clearCookies();
  await own.stop('SIGKILL');
  await is_not_live(page);
  await restart(own, {listen: `127.0.0.1:${own.port}`});
  await is_live(page);
  await lost(page);
  await has_active(page, []);
});

test('a cookie that ended while the line stood is noticed within the hour', async () => {
  const page = await open_live(engine, {before: own_clock});
  await sign_in(page, (await secret()).secret);
  await page.clock.runFor(1000);
  await has_active(page, [PUBLIC, SECRET]);
  await page.context().clearCookies();
  // The engine's beats come by true time: the page believes in a silence in between.
  await page.clock.fastForward(60 * 60 * 1000);
  await lost(page);
});

test('a dead cookie does not keep public alerts away when the first question failed', async () => {
  const context = await visitor();
  await context.addCookies([{name: 'tocsin_session', value: 'tocsin_t_gone', url: engine.url}]);
  let first = true;
  const page = await open(engine, {
    context,
    before: async (one) => {
      await own_clock(one);
      await one.route('**/v1/session', (route) => {
        if (!first) return route.continue();
        first = false;
        return route.abort();
      });
    }
  });
  await page.waitForFunction(() => document.querySelector('#none').textContent !== 'Loading.');
  for (let i = 0; i < 40 && await page.locator('#active .title').count() === 0; i++) {
    await page.clock.runFor(1000);
    await page.waitForTimeout(50);
  }
  await has_active(page, [PUBLIC]);
  await lost(page);
});

test('a cookie that is good is set anew by the page that is opened with it', async () => {
  const context = await visitor();
  const soon = Math.floor(Date.now() / 1000) + 3600;
  await context.addCookies([{
    name: 'tocsin_session', value: (await secret()).secret, url: engine.url, expires: soon,
  }]);
  const page = await open_live(engine, {context});
  await has_active(page, [PUBLIC, SECRET]);
  const [cookie] = await context.cookies();
  assert.ok(cookie.expires > soon + 29 * 24 * 3600, `${cookie.expires}`);
});

test('what an invitation gave ends with signing out', async () => {
  const page = await open_live(engine);
  await sign_in(page, (await secret('--invite')).secret);
  const [{name, value}] = await page.context().cookies();
  const who = () => fetch(`${engine.url}/v1/session`, {headers: {Cookie: `${name}=${value}`}});
  assert.equal((await who()).status, 200);
  await page.locator('#sign-out').click();
  await page.getByText('Signed out.').waitFor();
  assert.equal((await who()).status, 401);
});

test('an organisation that signs in on an open page has seen what stands there', async () => {
  const told = alert({headline: 'Seen by whom', severity: 'Minor'});
  const {seq} = await engine.admit(told, engine.keys.ann);
  const page = await open_live(engine);
  await card(page, 'Seen by whom').waitFor();
  const said = [];
  page.on('websocket', (socket) => socket.on('framesent', ({payload}) => {
    said.push(JSON.parse(payload));
  }));
  await sign_in(page, (await secret()).secret);
  for (let i = 0; i < 200 && !said.some((one) => one.seq === seq && one.state); i++) {
    await page.waitForTimeout(100);
  }
  assert.ok(said.some((one) => one.seq === seq && one.state === 'displayed'));
});

test('“Acknowledged.” is said when the engine has kept it, and not before', async () => {
  const page = await open_live(engine);
  const it = card(page, PUBLIC);
  await it.waitFor();
  assert.equal(await it.getByLabel(`Answer (optional) to ${PUBLIC}:`).count(), 1);
  let answer = (route) => route.abort();
  await page.route('**/v1/receipts', (route) => answer(route));
  const status = it.locator('form [role=status]');
  const says = (text) => it.locator('form', {hasText: text}).waitFor();
  await it.locator('form input').fill('We close at six.');
  await it.locator('form button').click();
  await says('Not acknowledged: The engine did not answer. Try again.');
  const detail = 'Nothing was noted: too much waits to be written. Send these again later.';
  answer = (route) => route.fulfill({
    status: 503, contentType: 'application/problem+json', body: JSON.stringify({ detail }),
  });
  await it.locator('form button').click();
  await says(`Not acknowledged: ${detail}`);
  assert.equal(await it.locator('form input').inputValue(), 'We close at six.');
  let go_on;
  const held = new Promise((resolve) => { go_on = resolve; });
  answer = async (route) => {
    await held;
    await route.continue();
  };
  await it.locator('form button').click();
  await says('Sending.');
  assert.equal(await status.innerText(), 'Sending.');
  go_on();
  await says('Acknowledged.');
  assert.equal(await status.innerText(), 'Acknowledged.');
});

test('until the engine has given its revocations, the page says that it lacks them', async () => {
  const text = 'The revocations could not be fetched.';
  let there = false;
  const page = await open_live(engine, {
    before: async (one) => {
      await one.route('**/v1/trust/revocations',
        (route) => (there ? route.continue() : route.abort()));
    }
  });
  await page.locator('#notices', {hasText: text}).waitFor();
  there = true;
  await page.clock.install();
  await page.clock.runFor(31_000);
  await page.waitForFunction(
      (words) => !document.querySelector('#notices').innerText.includes(words), text);
});
