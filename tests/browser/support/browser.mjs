// Headless Chromium at the page of a real engine, seen as a person would see it.
import {existsSync} from 'node:fs';
import {after, afterEach} from 'node:test';
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';
import {done} from '../../integration/support/cli.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
];

// How long the page may take for something on a machine that has much else to do.
export const PATIENCE_MS = 20_000;

let launched = null;

function browser() {
  assert.ok(existsSync(CHROMIUM), `${CHROMIUM} is missing: install chromium`);
  if (launched === null) {
    launched = chromium.launch({executablePath: CHROMIUM, args: ARGUMENTS});
  }
  return launched;
}

// One browser for a file of tests; what a test opened in it goes with the test.
after(async () => (await launched)?.close());
afterEach(async () => {
  for (const context of (await launched)?.contexts() ?? []) await context.close();
});

/** Somebody's browser: what it stores lasts for all its pages. `options` are Playwright's. */
export async function visitor(options = {}) {
  const context = await (await browser()).newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    viewport: {width: 900, height: 900},
    ...options
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/**
 * The page of `engine` in a browser of its own, or in `context`. `before(page)` may stand between
 * it and the engine; `query` is added to its address. `page.complaints` are the faults it wrote to
 * the console, violations of its content policy among them.
 */
export async function open(engine, {context, before = () => {}, query = '', ...options} = {}) {
  const page = await (context ?? await visitor(options)).newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    const said = message.text();
    // That an engine cannot be reached is Chromium's to say, and the page's to live with.
    const unreachable = /^Failed to load resource|^WebSocket connection to/.test(said);
    if (['error', 'warning'].includes(message.type()) && !unreachable) page.complaints.push(said);
  });
  await before(page);
  await page.goto(`${engine.url}/${query}`);
  return page;
}

/** The same, once the list is complete. */
export async function open_live(engine, options) {
  const page = await open(engine, options);
  await is_live(page);
  return page;
}

export const is_live = (page) =>
    page.waitForFunction(() => document.querySelector('#state-word').textContent === 'Live');
export const is_not_live = (page) =>
    page.waitForFunction(() => document.querySelector('#state-word').textContent === 'NOT LIVE');

/** Adds an organisation to that engine; its data folder, for further commands. */
export async function add_organisation(engine, key, name, ...groups) {
  const data = ['--data', engine.data];
  await done('org', 'add', key, '--name', name, groups.flatMap((one) => ['--group', one]), data);
  return data;
}

/** A secret of that organisation: {secret, number}. `more`: further words of the command. */
export const secret_of = async (engine, key, ...more) =>
    JSON.parse(await done('org', 'token', key, '--json', ...more, '--data', engine.data));

/** Types a secret into the page's foot; done when it says who is signed in. */
export async function sign_in(page, secret) {
  await page.locator('#session').evaluate((it) => {
    it.open = true;
  });
  await page.locator('#secret').fill(secret);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#who').textContent !== '');
}

/** For `before`: what is acknowledged does not get through. */
export const nothing_acknowledged = (page) =>
    page.route('**/v1/receipts', (route) => route.abort());

/** The card under that headline. */
export const card = (page, headline) => page.locator('article', {hasText: headline});

/** Waits for exactly these headlines in the list, in this order. */
export async function has_active(page, headlines) {
  const titles = () =>
      page.locator('#active .title')
          .evaluateAll((all) => all.map((it) => it.textContent.replace(/^(EXERCISE|TEST): /, '')));
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && (await titles()).join('\n') !== headlines.join('\n')) {
    await page.waitForTimeout(50);
  }
  assert.deepEqual(await titles(), headlines);
}

/**
 * For `before`: stands between page and engine on the stream. `change(object, send)` gives what the
 * page hears instead of each object: another, or null for nothing.
 */
export const in_between = (change) => (page) => page.routeWebSocket('**/v1/stream*', (socket) => {
  const engine = socket.connectToServer();
  page.say = (object) => socket.send(JSON.stringify(object));
  engine.onMessage((text) => {
    const heard =
        text.split('\n').filter((line) => line !== '').map((line) => change(JSON.parse(line)));
    const told = heard.filter((object) => object !== null);
    if (told.length > 0) socket.send(told.map((object) => JSON.stringify(object)).join('\n'));
  });
});

/** For `before`: the trust document that the page is given. */
export const trust_served = (text) => (page) => page.route(
    '**/v1/trust', (route) => route.fulfill({body: text, contentType: 'application/json'}));
