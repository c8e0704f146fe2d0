// Whom of an organisation to reach, said on the page, with a real engine and real gateways: the
// code that leaves by SMS is typed in again.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {scratch, start} from '../integration/support/engine.mjs';
import {centre} from '../integration/support/sms.mjs';
import {add_organisation, open_live, secret_of, sign_in} from './support/browser.mjs';

const PHONE = '+447700900123';
let engine;
let smsc;

before(async () => {
  smsc = await centre();
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', {mode: 0o600});
  writeFileSync(
      join(folder, 'tocsin.toml'),
      `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
          'password_file = "smpp.password"\nsource = "TOCSIN"\n');
  engine = await start({args: ['--config', join(folder, 'tocsin.toml')]});
});

/** A page on which an organisation of that key is signed in, its contacts opened. */
async function opened(key) {
  await add_organisation(engine, key, `The ${key}`);
  const page = await open_live(engine);
  assert.equal(await page.locator('#contacts').isVisible(), false, 'not for anybody');
  await sign_in(page, (await secret_of(engine, key)).secret);
  await page.locator('#contacts-title').click();
  await page.locator('#contact-add').waitFor();
  return page;
}

test('a telephone is added, confirmed by the code that it is sent, and taken away', async () => {
  const page = await opened('acme');
  await page.locator('#contact-address').fill(PHONE);
  await page.keyboard.press('Enter');
  const row = page.locator('#contacts-list li', {hasText: PHONE});
  await row.getByText('Not confirmed: nothing is sent there.').waitFor();
  await smsc.until('the code', () => smsc.submits.length === 1);
  const [, code] = /is (\d{6})\./.exec(smsc.submits[0][0].short_message.message);
  const said = page.locator('#contacts-said');
  await page.waitForFunction(
      () => /code is on its way/.test(document.querySelector('#contacts-said').textContent));
  assert.equal(await said.getAttribute('role'), 'status');
  const typed = row.getByLabel(`Code that was sent: SMS to ${PHONE}`);
  await typed.fill(code === '000000' ? '000001' : '000000');
  await page.keyboard.press('Enter');
  await said.getByText('This is not the code').waitFor();
  await typed.fill(code);
  await page.keyboard.press('Enter');
  await row.getByText('Alerts are sent there.').waitFor();
  await row.getByRole('button', {name: `Stop sending: SMS to ${PHONE}`}).click();
  await row.getByText('Nothing is sent there any more.').waitFor();

  // What is personal does not stay on a screen that others see.
  await page.locator('#contacts-title').click();
  await row.waitFor({state: 'detached'});
  await page.locator('#contacts-title').click();
  await row.waitFor();
  await row.getByRole('button', {name: `Take it away: SMS to ${PHONE}`}).click();
  await row.waitFor({state: 'detached'});
  assert.deepEqual(page.complaints, []);
});

test('what an address holds is text, and signing out takes it from the screen', async () => {
  const page = await opened('bolt');
  await page.locator('#contact-way').selectOption('email');
  await page.locator('#contact-address').fill('<img/src=x>@b.example');
  await page.keyboard.press('Enter');
  await page.locator('#contacts-said', {hasText: 'Nothing was changed'}).waitFor();
  assert.equal(await page.locator('#contacts img').count(), 0);
  await page.locator('#sign-out').click();
  await page.getByText('Signed out.').waitFor();
  assert.equal(await page.locator('#contacts').isVisible(), false);
});

test('of two pages that change contacts neither loses the change of the other', async () => {
  const page = await opened('cafe');
  const other = await open_live(engine);
  await sign_in(other, (await secret_of(engine, 'cafe')).secret);
  await other.locator('#contacts-title').click();
  await other.locator('#contact-add').waitFor();
  const adds = async (on, way, address) => {
    await on.locator('#contact-way').selectOption(way);
    await on.locator('#contact-address').fill(address);
    await on.locator('#contact-address').press('Enter');
  };
  await adds(other, 'email', 'other@cafe.example');
  await other.locator('#contacts-list li', {hasText: 'other@cafe.example'}).waitFor();

  await adds(page, 'sms', PHONE);
  await page.locator('#contacts-said', {hasText: 'your change was not made'}).waitFor();
  const rows = page.locator('#contacts-list li');
  assert.equal(await rows.count(), 1);
  assert.match(await rows.innerText(), /other@cafe\.example/);
  await page.locator('#contact-address').press('Enter');  // what was typed is there still
  await rows.filter({hasText: PHONE}).waitFor();
  assert.match(await rows.first().innerText(), /other@cafe\.example/);
  assert.equal(await rows.count(), 2);
});

test('who leaves types the key, and is signed in no longer', async () => {
  const page = await opened('gone');
  await page.locator('#contact-key').fill('other');
  await page.keyboard.press('Enter');
  await page.locator('#contacts-said', {hasText: 'cannot be taken back'}).waitFor();
  await page.locator('#contact-key').fill('gone');
  await page.keyboard.press('Enter');
  await page.getByText('Everything of your organisation is erased.').waitFor();
  assert.equal(await page.locator('#who').innerText(), '');
  assert.equal(await page.locator('#notices', {hasText: 'signed in no longer'}).count(), 0);
  assert.equal(await page.locator('#contacts').isVisible(), false);
});
