// For everyone: assistive technology, the keyboard alone, narrow screens, the dark, less motion.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {alert, cancel} from '../integration/support/cap.mjs';
import {start} from '../integration/support/engine.mjs';
import {
  add_organisation, has_active, in_between, is_not_live, nothing_acknowledged, open_live, secret_of,
  sign_in, trust_served,
} from './support/browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LONG = `https://very-long-name.example/${'a-long-path/'.repeat(12)}`;
let engine;

before(async () => {
  engine = await start();
  const {ann, ben} = engine.keys;
  const gone = alert({headline: 'Bridge unsafe'});
  await engine.admit(gone, ann);
  await engine.admit(cancel([gone]), ann);
  for (const severity of ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown']) {
    await engine.admit(
        alert({
          severity,
          headline: `It is ${severity}`,
          description:
              `Read ${LONG} and Donaudampfschifffahrtsgesellschaftskapitänsmütze${'x'.repeat(60)}.`
        }),
        ann, ben);
  }
});

/** A page on which everything is shown that can be: notices, alerts, cancelled and unverified. */
async function full_page(options = {}) {
  const page = await open_live(engine, {...options, before: in_between((object) => object)});
  page.say({type: 'alert', seq: 98});
  await page.locator('#unverified li').waitFor();
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  const {violations: found} = await page.evaluate(
      () => globalThis.axe.run(
          {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}));
  return found.map(
      ({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html}) => html).join(' ')}`);
}

for (const [what, options] of Object.entries({
       'in the light': {},
       'in the dark': {colorScheme: 'dark'},
       'on a narrow screen': {viewport: {width: 320, height: 640}},
     })) {
  test(`axe finds nothing ${what}`, async () => {
    assert.deepEqual(await violations(await full_page(options)), []);
  });
  test(`axe finds nothing ${what} when the page is not live`, async () => {
    const page = await full_page(options);
    await page.routeWebSocket('**/v1/stream*', (socket) => socket.close());
    await page.reload();
    await is_not_live(page);
    assert.deepEqual(await violations(page), []);
  });
}

test('axe finds nothing in the form that pins new roots', async () => {
  const context = (await open_live(engine)).context();
  const {new_key} = await import('../integration/support/dsse.mjs');
  const {trust_file, trust_payload} = await import('../integration/support/trust.mjs');
  const root = new_key('next');
  const {keyid, public: raw, holder} = root;
  const next =
      trust_payload(engine.keys, {root: {threshold: 1, keys: [{keyid, public: raw, holder}]}});
  const page = await open_live(engine, {context, before: trust_served(trust_file(next, [root]))});
  await page.getByText('The roots have really changed').click();
  assert.deepEqual(await violations(page), []);
});

test('axe finds nothing where one is signed in, and where one is no longer', async () => {
  await add_organisation(engine, 'acme', 'Acme Ltd');
  const page = await open_live(engine, {
    before: nothing_acknowledged, viewport: {width: 320, height: 640}
  });
  await sign_in(page, (await secret_of(engine, 'acme')).secret);
  await page.locator('article form button').first().click();
  await page.getByText('Not acknowledged').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.context().clearCookies();
  await page.clock.install();
  await page.clock.fastForward(3600 * 1000);
  await page.getByText('This browser is signed in no longer.').first().waitFor();
  assert.deepEqual(await violations(page), []);
  const widths = await page.evaluate(
      () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(widths[0], widths[1]);
});

test('at 320 pixels nothing has to be scrolled sideways, not even a long address', async () => {
  const page = await full_page({viewport: {width: 320, height: 640}});
  const widths = await page.evaluate(
      () => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(widths[0], widths[1]);
  assert.ok(widths[1] <= 320);
});

test('everything can be reached and used by keyboard, and it shows where one is', async () => {
  const page = await open_live(engine);
  await has_active(
      page, ['It is Unknown', 'It is Extreme', 'It is Severe', 'It is Moderate', 'It is Minor']);
  const wanted = await page.locator(
    ['a', 'summary', 'button', 'input'].map((each) => `${each}:visible`).join()).count();
  const seen = new Set();
  for (let i = 0; i < wanted; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      const style = getComputedStyle(it);
      const box = it.getBoundingClientRect();
      const bar = document.querySelector('#state').getBoundingClientRect();
      const skip = it.classList.contains('skip');
      return {
        name: `${it.tagName} ${it.textContent} ${box.top + scrollY}`,
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        in_sight: box.bottom > 0 && box.top < innerHeight && (skip || box.bottom > bar.bottom)
      };
    });
    assert.ok(at.outlined && at.in_sight, JSON.stringify(at));
    seen.add(at.name);
  }
  assert.equal(seen.size, wanted);

  await page.reload();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.locator('#how summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#trust-facts').isVisible(), true);
});

test('an alert that arrives is announced, and moves neither focus nor what one reads', async () => {
  const other = await start();
  const page = await open_live(other);
  assert.equal(await page.locator('#say-now').getAttribute('role'), 'alert');
  assert.equal(await page.locator('#say-now').textContent(), '');
  await page.evaluate(() => {
    globalThis.said = [];
    for (const id of ['say-now', 'say-soon']) {
      const region = document.getElementById(id);
      new MutationObserver(() => {
        if (region.textContent !== '') globalThis.said.push([id, region.textContent]);
      }).observe(region, {childList: true, characterData: true, subtree: true});
    }
  });
  await page.locator('#how summary').focus();
  await other.admit(
      alert({headline: 'Go upstairs', severity: 'Severe'}), other.keys.ann, other.keys.ben);
  await page.waitForFunction(() => globalThis.said.some(([id]) => id === 'say-now'));
  const said = await page.evaluate(() => globalThis.said);
  assert.deepEqual(
      said.filter(([id]) => id === 'say-now'), [['say-now', 'EXERCISE, Severe: Go upstairs']]);
  assert.equal(
      await page.evaluate(() => document.activeElement.textContent), 'How this page verifies');

  await other.admit(alert({headline: 'Road closed', severity: 'Minor'}), other.keys.ann);
  await page.waitForFunction(
      () => globalThis.said.some(([, text]) => text.includes('Road closed')));
  assert.deepEqual(
      (await page.evaluate(() => globalThis.said)).filter(([, text]) => /Road/.test(text)),
      [['say-soon', 'EXERCISE, Minor: Road closed']]);
});

test('what ticks is never read out', async () => {
  const page = await open_live(engine);
  await page.locator('.age').first().waitFor();
  const ticking = await page.evaluate(
      () => [...document.querySelectorAll('.age, #state-age')]
                .filter(
                    (it) => it.getAttribute('aria-hidden') !== 'true' ||
                        it.closest('[role=alert],[role=status],[aria-live]'))
                .length);
  assert.equal(ticking, 0);
});

test('severity is a word and a shape, not a colour alone', async () => {
  const page = await open_live(engine);
  await has_active(
      page, ['It is Unknown', 'It is Extreme', 'It is Severe', 'It is Moderate', 'It is Minor']);
  const shapes = await page.locator('#active .tag path')
                     .evaluateAll((all) => all.map((it) => it.getAttribute('d')));
  assert.equal(new Set(shapes).size, 5);
  assert.deepEqual(
      await page.locator('#active .tag').allInnerTexts(),
      ['Severity unknown: treat as Extreme', 'Extreme', 'Severe', 'Moderate', 'Minor']);
});

test('nothing moves for those who asked for less motion', async () => {
  const page = await open_live(engine, {reducedMotion: 'reduce'});
  const moving = await page.evaluate(
      () => [...document.querySelectorAll('*')]
                .filter((it) => {
                  const style = getComputedStyle(it);
                  return style.animationName !== 'none' ||
                      parseFloat(style.transitionDuration) > 0 || style.scrollBehavior === 'smooth';
                })
                .length);
  assert.equal(moving, 0);
});

test('the page keeps to its policy, and the policy allows nothing unsafe', async () => {
  const answer = await fetch(engine.url);
  const policy = answer.headers.get('content-security-policy');
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  const page = await full_page();
  assert.deepEqual(page.complaints, []);
});
