// The page of an engine that speaks TLS itself.
import {before, test} from 'node:test';
import assert from 'node:assert/strict';
import {alert} from '../integration/support/cap.mjs';
import {start} from '../integration/support/engine.mjs';
import {admit, authority, certificate, flags} from '../integration/support/tls.mjs';
import {
  add_organisation, card, has_active, open_live, secret_of, sign_in,
} from './support/browser.mjs';

const PUBLIC = 'For everyone';
const SECRET = 'For wardens alone';
let ca;
let engine;

before(async () => {
  ca = authority();
  engine = await start({args: flags(certificate(ca, 'page'))});
  await add_organisation(engine, 'acme', 'Acme Ltd', 'wardens');
  await admit(engine, ca, alert({headline: PUBLIC, severity: 'Moderate'}));
  await admit(
      engine, ca, alert({headline: SECRET, scope: 'Restricted', restriction: 'wardens'}));
});

test('the page is live, verifies and signs in by https, without a complaint', async () => {
  // The certificate is of nobody the browser knows.
  const page = await open_live(engine, {ignoreHTTPSErrors: true});
  await has_active(page, [PUBLIC]);
  await card(page, PUBLIC).getByText('Verified').first().waitFor();
  await sign_in(page, (await secret_of(engine, 'acme')).secret);
  await has_active(page, [PUBLIC, SECRET]);
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.name, '__Host-tocsin_session');
  assert.equal(cookie.secure, true);
  const headline = 'Said while the page is open';
  await admit(engine, ca, alert({headline, severity: 'Moderate'}));
  await card(page, headline).waitFor();
  assert.deepEqual(page.complaints, []);
});
