// What a business sees: alerts as they come, what they replace, what ends them.
import {afterEach, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {alert, cancel, in_seconds, update} from '../integration/support/cap.mjs';
import {start} from '../integration/support/engine.mjs';
import {card, has_active, is_live, open, open_live} from './support/browser.mjs';

let engine;
beforeEach(async () => {
  engine = await start();
});
afterEach(() => engine.stop('SIGKILL'));

test('an alert appears within the second, verified, with all that a person needs', async () => {
  const page = await open_live(engine);
  assert.equal(await page.locator('#none').textContent(), 'No active alerts.');
  // Of three, so that one hiccup of a busy machine is no verdict.
  const took_ms = [];
  let it;
  for (const headline of ['Flood: River Teme', 'Flood: River Wye', 'Flood: River Severn']) {
    const begin = Date.now();
    await engine.admit(
        alert({
          headline,
          event: 'River flood',
          severity: 'Severe',
          description: 'The river is above the wall.',
          instruction: 'Move upstairs now.',
          areas: [{name: 'Camden, north', codes: ['E09000007']}],
        }),
        engine.keys.ann, engine.keys.ben);
    it = card(page, headline);
    await it.waitFor();
    took_ms.push(Date.now() - begin);
  }
  assert.ok(Math.min(...took_ms) < 1000, `${took_ms} ms`);

  const text = await it.innerText();
  for (const words
           of ['Severe', 'River flood', 'Where: Camden, north', 'What to do', 'Move upstairs now.',
               'The river is above the wall.', 'Control One', 'Sent', 'Until']) {
    assert.ok(text.includes(words), `${words} in: ${text}`);
  }
  await it.locator('summary').click();
  const how = await it.locator('details').innerText();
  assert.match(how, /Signed by 2 officers of Control One \(control@one\.example\)\. Number 3 /);
  // As mails have it.
  assert.match(how, /Check code [0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\n/);
  assert.ok(how.includes(engine.keys.ann.keyid) && how.includes(engine.keys.ben.keyid));
  assert.equal(await page.locator('#unverified li').count(), 0);
  assert.deepEqual(page.complaints, []);
});

test('the severest stand first, then the newest, whenever they came', async () => {
  await engine.admit(alert({headline: 'Minor, new', severity: 'Minor'}), engine.keys.ann);
  await engine.admit(
      alert({headline: 'Moderate, old', severity: 'Moderate', sent: in_seconds(-60)}),
      engine.keys.ann);
  const page = await open_live(engine);
  await has_active(page, ['Moderate, old', 'Minor, new']);
  await engine.admit(
      alert({headline: 'Extreme', severity: 'Extreme', sent: in_seconds(-90)}), engine.keys.ann,
      engine.keys.ben);
  await engine.admit(alert({headline: 'Moderate, new', severity: 'Moderate'}), engine.keys.ann);
  await has_active(page, ['Extreme', 'Moderate, new', 'Moderate, old', 'Minor, new']);
  assert.equal(await page.locator('h1').textContent(), 'Active alerts (4)');
});

test('a reload loses nothing, and shows nothing twice', async () => {
  const [one, two] = [alert({headline: 'One'}), alert({headline: 'Two', severity: 'Moderate'})];
  const gone = alert({headline: 'Gone'});
  for (const document of [one, two, gone, cancel([gone])]) {
    await engine.admit(document, engine.keys.ann);
  }
  const page = await open_live(engine);
  for (let i = 0; i < 3; i++) {
    await has_active(page, ['Two', 'One']);
    assert.equal(await page.locator('#cancelled article').count(), 1);
    await page.reload();
    await is_live(page);
  }
});

test('an Update takes the place of what it names', async () => {
  const first = alert({headline: 'River rising'});
  await engine.admit(first, engine.keys.ann);
  const page = await open_live(engine);
  await has_active(page, ['River rising']);
  await engine.admit(update([first], {headline: 'River falling'}), engine.keys.ann);
  await has_active(page, ['River falling']);
});

test('a Cancel is shown in its fixed form: what ended and why, nothing else of it', async () => {
  const first = alert({headline: 'Bridge unsafe'});
  await engine.admit(first, engine.keys.ann);
  const page = await open_live(engine);
  await has_active(page, ['Bridge unsafe']);
  await engine.admit(
      cancel([first], {
        note: 'Inspected and found sound.',
        headline: 'LOUD HEADLINE',
        severity: 'Extreme',
        instruction: 'LOUD INSTRUCTION',
        description: 'LOUD DESCRIPTION',
        event: 'LOUD EVENT',
        areas: [{name: 'LOUD AREA', codes: ['E09000007']}],
      }),
      engine.keys.canceller);
  const ended = page.locator('#cancelled article');
  await ended.waitFor();
  await has_active(page, []);
  const text = await page.locator('body').innerText();
  assert.match(text, /Cancelled: Bridge unsafe/);
  assert.match(text, /Reason: Inspected and found sound\./);
  assert.match(text, /no longer applies/);
  assert.doesNotMatch(await page.locator('body').textContent(), /LOUD|Extreme/);

  // Those who connect later are told as well.
  const later = await open_live(engine);
  assert.match(await later.locator('#cancelled').innerText(), /Inspected and found sound\./);
  await has_active(later, []);
});

test('a Cancel without a note gives the reason of its description', async () => {
  const first = alert({headline: 'Bridge unsafe'});
  await engine.admit(first, engine.keys.ann);
  await engine.admit(cancel([first], {note: null, description: 'Sent in error.'}), engine.keys.ann);
  const page = await open_live(engine);
  assert.match(await page.locator('#cancelled').innerText(), /Reason: Sent in error\./);
});

test('an alert leaves by itself when it expires', async () => {
  await engine.admit(alert({headline: 'Long', severity: 'Moderate'}), engine.keys.ann);
  await engine.admit(alert({headline: 'Short', expires: in_seconds(60)}), engine.keys.ann);
  const page = await open(engine, {before: (one) => one.clock.install()});
  await has_active(page, ['Long', 'Short']);
  await page.clock.fastForward(61_000);
  await has_active(page, ['Long']);
});

test('text is shown as text, and only whole https addresses can be followed', async () => {
  await engine.admit(
      alert({
        headline: 'Links',
        description:
            '<b id="bad">bold</b> <script>document.title = "bad"</script> http://plain.example/ ' +
            'javascript:alert(1) https://who@evil.example/ https://good.example/a?b=1. End'
      }),
      engine.keys.ann);
  const page = await open_live(engine);
  await has_active(page, ['Links']);
  assert.equal(await page.locator('#bad').count(), 0);
  assert.match(await card(page, 'Links').innerText(), /<b id="bad">bold<\/b>/);
  const links = page.locator('#active a');
  assert.equal(await links.count(), 1);
  assert.equal(await links.getAttribute('href'), 'https://good.example/a?b=1');
  assert.equal(await links.getAttribute('rel'), 'noopener noreferrer');
  assert.notEqual(await page.title(), 'bad');
  assert.deepEqual(page.complaints, []);
});

test('a reader gets the language that suits, marked as what it is', async () => {
  const welsh = (xml) => xml.replace(
      /<info>.*<\/info>/s,
      (info) => info + info.replace('en-GB', 'cy').replace('River rising', 'Afon yn codi'));
  await engine.admit(alert({xml: welsh}), engine.keys.ann);
  const cymraeg = await open_live(engine, {locale: 'cy-GB'});
  await has_active(cymraeg, ['Afon yn codi']);
  assert.equal(await cymraeg.locator('#active .title bdi').getAttribute('lang'), 'cy');
  const english = await open_live(engine, {locale: 'en-GB'});
  await has_active(english, ['River rising']);
  assert.equal(await english.locator('#active .title bdi').getAttribute('lang'), 'en-GB');
});

test('text from right to left cannot disturb what stands around it', async () => {
  await engine.admit(alert({headline: 'فيضان: نهر', severity: 'Minor'}), engine.keys.ann);
  const page = await open_live(engine);
  const title = page.locator('#active .title bdi');
  await title.waitFor();
  assert.equal(await title.getAttribute('dir'), 'auto');
  assert.equal(
      await page.locator('#active .title').evaluate((it) => getComputedStyle(it).direction), 'ltr');
  assert.equal(await title.evaluate((it) => getComputedStyle(it).direction), 'rtl');
});

test('the page asks the stream for what its address asks for, and says so', async () => {
  await engine.admit(alert({headline: 'Minor one'}), engine.keys.ann);
  await engine.admit(alert({headline: 'Moderate one', severity: 'Moderate'}), engine.keys.ann);
  const page = await open_live(engine, {query: '?severity=Moderate'});
  await has_active(page, ['Moderate one']);
  assert.match(await page.locator('#filters').innerText(), /severity Moderate/);
});
