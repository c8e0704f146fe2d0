// What is not real cannot look real, and what is real carries no mark of a drill.
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {alert, cancel} from '../integration/support/cap.mjs';
import {scratch, start} from '../integration/support/engine.mjs';
import {people, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {card, has_active, open_live} from './support/browser.mjs';

const ALL = '?status=Actual&status=Exercise&status=Test';
let exercise;
let live;

before(async () => {
  exercise = await start();
  const keys = people();
  const payload = trust_payload(keys, {kind: 'live'});
  payload.senders[0].authority.statuses = ['Actual', 'Exercise', 'Test'];
  const trust = join(scratch(), 'trust.json');
  writeFileSync(trust, trust_file(payload, [keys.root]));
  live = await start({keys, trust});
});

const striped = (locator) => locator.evaluate(
    (it) => getComputedStyle(it).borderImageSource.includes('repeating-linear-gradient'));

test('an exercise system says so over the whole page, in the tab and on each alert', async () => {
  const page = await open_live(exercise);
  assert.match(await page.locator('#drill-banner').innerText(), /^EXERCISE\s+This whole system/);
  assert.match(await page.title(), /^EXERCISE – Tocsin$/);
  assert.equal(await striped(page.locator('#drill-banner')), true);
  const document = alert({headline: 'Evacuate'});
  await exercise.admit(document, exercise.keys.ann);
  const it = card(page, 'Evacuate');
  await it.waitFor();
  assert.equal(await striped(it), true);
  assert.equal(await it.locator('.title').innerText(), 'EXERCISE: Evacuate');
  assert.match(await it.innerText(), /EXERCISE This is a drill, not a real alert\./);
  assert.match(await page.title(), /^EXERCISE – 1 alert – Tocsin$/);
  await exercise.admit(cancel([document]), exercise.keys.ann);
  const ended = page.locator('#cancelled article');
  await ended.waitFor();
  assert.equal(await ended.locator('.title').innerText(), 'EXERCISE: Cancelled: Evacuate');
});

test('on a live system each drill is marked, and what is real is not', async () => {
  const both = [live.keys.ann, live.keys.ben];
  const page = await open_live(live, {query: ALL});
  assert.equal(await page.locator('#drill-banner').isVisible(), false);
  await live.admit(alert({headline: 'A drill'}), live.keys.ann);
  await has_active(page, ['A drill']);
  assert.match(await page.title(), /^EXERCISE – 1 alert – Tocsin$/);
  await live.admit(
      alert({headline: 'A test', status: 'Test', severity: 'Moderate'}), live.keys.ann);
  await live.admit(alert({headline: 'It is real', status: 'Actual', severity: 'Severe'}), ...both);
  await has_active(page, ['It is real', 'A test', 'A drill']);
  assert.equal(await striped(card(page, 'It is real')), false);
  assert.doesNotMatch(await card(page, 'It is real').innerText(), /EXERCISE|TEST|drill/);
  assert.equal(await striped(card(page, 'A test')), true);
  assert.equal(await card(page, 'A test').locator('.title').innerText(), 'TEST: A test');
  assert.match(await page.title(), /^1 alert – 2 for practice – Tocsin$/);
});

test('a live system shows what is real unless it is asked for more', async () => {
  await live.admit(alert({headline: 'Another drill'}), live.keys.ann);
  const page = await open_live(live);
  await has_active(page, ['It is real']);
});
