// The road by the commands alone: an officer drafts and signs, another approves, the page shows it.
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {done, make_system, with_passphrase} from '../integration/support/cli.mjs';
import {scratch, start} from '../integration/support/engine.mjs';
import {card, has_active, is_live, open_live} from './support/browser.mjs';

let system;
let engine;
let to_engine;

before(async () => {
  system = await make_system(scratch());
  engine = await start({trust: system.trust});
  to_engine = ['--server', engine.url, '--trust', system.trust];
});

/** Drafts, signs, approves and sends by the commands; where its files lie. */
async function send(headline) {
  const name = join(scratch(), 'alert');
  const trust = ['--trust', system.trust];
  await done(
      'alert', 'draft', trust, '--key', system.first, '--out', `${name}.xml`, '--event',
      'Warehouse fire', '--category', 'Fire', '--urgency', 'Immediate', '--severity', 'Severe',
      '--certainty', 'Observed', '--headline', headline, '--instruction',
      'Stay inside until this is cancelled.', '--area-desc', 'Southwark riverside', '--circle',
      '51.505,-0.095 0.8');
  await done('alert', 'sign', `${name}.xml`, trust, '--key', system.first, ...with_passphrase);
  await done(
      'alert', 'approve', `${name}.signed`, trust, '--key', system.second, '--area-name',
      'Southwark riverside', ...with_passphrase);
  return done('alert', 'send', `${name}.signed`, to_engine, '--json');
}

test(
    'an alert sent by the commands appears verified, lasts over a reload, and is cancelled',
    async () => {
      const page = await open_live(engine);
      const {seq} = JSON.parse(await send('Close windows and doors: smoke'));
      const it = card(page, 'Close windows and doors: smoke');
      await it.waitFor();
      const text = await it.innerText();
      for (const words
               of ['EXERCISE', 'Severe', 'Warehouse fire', 'Where: Southwark riverside',
                   'Stay inside until this is cancelled.', 'Thames Control']) {
        assert.ok(text.includes(words), `${words} in: ${text}`);
      }
      await it.locator('summary').click();
      assert.match(await it.innerText(), /Signed by 2 officers of Thames Control/);
      assert.equal(await page.locator('#unverified li').count(), 0);

      await page.reload();
      await is_live(page);
      await has_active(page, ['Close windows and doors: smoke']);

      await done(
          'alert', 'cancel', String(seq), to_engine, '--key', system.first, '--reason',
          'The fire is out.', ...with_passphrase);
      await page.locator('#cancelled article').waitFor();
      await has_active(page, []);
      assert.match(
          await page.locator('#cancelled').innerText(),
          /Cancelled: Close windows and doors: smoke[^]*Reason: The fire is out\./);
      assert.deepEqual(page.complaints, []);
    });
