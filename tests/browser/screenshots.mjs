// node tests/browser/screenshots.mjs FOLDER: pictures of the page of a real engine, for the README.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {alert, cancel} from '../integration/support/cap.mjs';
import {scratch, start} from '../integration/support/engine.mjs';
import {people, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {
  add_organisation, card, is_not_live, nothing_acknowledged, open_live, secret_of, sign_in,
} from './support/browser.mjs';

const folder = process.argv[2];
assert.ok(folder, 'usage: node tests/browser/screenshots.mjs FOLDER');
mkdirSync(folder, {recursive: true});

const FLOOD = {
  headline: 'Flood: River Brent at Wembley',
  event: 'Flood',
  category: 'Met',
  severity: 'Severe',
  description: 'The river is above the wall at Bridge Road and rising.',
  instruction: 'Move upstairs now. Do not drive through water.',
  areas: [{name: 'Wembley, both banks of the Brent', codes: ['E09000007']}]
};
const SMOKE = {
  ...FLOOD,
  headline: 'Close windows and doors: smoke',
  event: 'Warehouse fire',
  category: 'Safety',
  severity: 'Extreme',
  description: 'A warehouse is on fire. The smoke is toxic.',
  instruction: 'Stay inside until this is cancelled. Close windows and doors.',
  areas: [{name: 'Camden Lock', codes: ['E09000007']}]
};

async function engine_of(kind, system) {
  const keys = people();
  const payload = trust_payload(keys, {kind, system});
  payload.senders[0].authority.statuses = ['Actual', 'Exercise', 'Test'];
  payload.senders[0].name = 'London Control Room';
  const trust = join(scratch(), 'trust.json');
  writeFileSync(trust, trust_file(payload, [keys.root]));
  return start({keys, trust});
}

/**
 * The page of an engine on which these alerts are active and the last of them, if so, cancelled.
 */
async function shown(kind, alerts, {cancelled = false, ...options} = {}) {
  const system = kind === 'live' ? 'london' : 'london-exercise';
  const engine = await engine_of(kind, system);
  const status = kind === 'live' ? 'Actual' : 'Exercise';
  const documents = alerts.map((parts) => alert({...parts, status, system}));
  for (const document of documents) await engine.admit(document, engine.keys.ann, engine.keys.ben);
  const page = await open_live(engine, {viewport: {width: 900, height: 800}, ...options});
  await card(page, alerts[0].headline).waitFor();
  if (cancelled) {
    const note = 'The fire is out and the air is clear.';
    const end = cancel([documents.at(-1)], {note, status, system, info: false});
    await engine.admit(end, engine.keys.ann);
    await page.locator('#cancelled article').waitFor();
  }
  return {engine, page};
}

const picture = (page, name, options = {}) =>
    page.screenshot({path: join(folder, `${name}.png`), ...options});

test('live', async () => {
  const {page} = await shown('live', [SMOKE, FLOOD]);
  await picture(page, 'live', {fullPage: true});
});
test('live, in the dark', async () => {
  const {page} = await shown('live', [SMOKE, FLOOD], {colorScheme: 'dark'});
  await picture(page, 'dark', {fullPage: true});
});
test('on a telephone', async () => {
  const {page} = await shown('live', [SMOKE], {viewport: {width: 320, height: 640}});
  await picture(page, 'narrow', {fullPage: true});
});
test('not live', async () => {
  const {engine, page} = await shown('live', [SMOKE]);
  await engine.stop('SIGKILL');
  await is_not_live(page);
  await picture(page, 'not-live');
});
test('an exercise', async () => {
  const {page} = await shown('exercise', [FLOOD]);
  await picture(page, 'exercise', {fullPage: true});
});
test('cancelled', async () => {
  const {page} = await shown('live', [FLOOD, SMOKE], {cancelled: true});
  await picture(page, 'cancelled', {fullPage: true});
});
for (const [where, width] of [['', 900], ['-narrow', 320]]) {
  test(`signed in, acknowledged and not, and signed in no longer, ${width} wide`, async () => {
    const {engine, page} = await shown('live', [FLOOD], {viewport: {width, height: 800}});
    await add_organisation(engine, 'acme', 'Acme Ltd');
    await page.locator('#session summary').click();
    await picture(page, `sign-in${where}`, {fullPage: true});
    await sign_in(page, (await secret_of(engine, 'acme')).secret);
    const form = card(page, FLOOD.headline).locator('form');
    await form.locator('input').fill('Our shop is closed.');
    await nothing_acknowledged(page);
    await form.locator('button').click();
    await form.getByText('Not acknowledged').waitFor();
    await picture(page, `not-acknowledged${where}`, {fullPage: true});
    await page.unroute('**/v1/receipts');
    await form.locator('button').click();
    await form.getByText('Acknowledged.').waitFor();
    await picture(page, `acknowledged${where}`, {fullPage: true});
    await page.context().clearCookies();
    await page.clock.install();
    await page.clock.fastForward(3600 * 1000);
    await page.getByText('signed in no longer').first().waitFor();
    await picture(page, `signed-in-no-longer${where}`, {fullPage: true});
  });
}
