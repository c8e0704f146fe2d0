// Nothing is shown but what this browser has verified, whoever stands between it and the officers.
import {afterEach, beforeEach, test} from 'node:test';
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {alert, cancel} from '../integration/support/cap.mjs';
import {envelope, new_key, sealed, sha256_hex, TRUST_TYPE} from '../integration/support/dsse.mjs';
import {scratch, start} from '../integration/support/engine.mjs';
import {SCHEMAS} from '../integration/support/schemas.mjs';
import {in_days, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {
  has_active, in_between, is_live, open, open_live, trust_served, visitor,
} from './support/browser.mjs';

let engine;
beforeEach(async () => {
  engine = await start();
});
afterEach(() => engine.stop('SIGKILL'));

const named = ({keyid, public: raw, holder}) => ({keyid, public: raw, holder});

/** What the stream would say of an envelope that no engine has admitted. */
function object_of(document, keys, seq = 99) {
  return {
    type: 'alert',
    seq,
    at: new Date().toISOString(),
    id: sha256_hex(document),
    envelope: envelope(document, keys)
  };
}

async function is_refused(page, reason) {
  await page.locator('#unverified li').first().waitFor();
  const text = await page.locator('#unverified').innerText();
  assert.match(text, /could not be verified; do not act on it/);
  assert.match(text, reason);
  assert.doesNotMatch(await page.locator('body').textContent(), /FORGED|River rising/);
  assert.equal(await page.locator('article').count(), 0);
}

test('an alert in which one byte was changed on the way is not shown, and said', async () => {
  const change = (object) => {
    if (object.type !== 'alert') return object;
    const bytes = Buffer.from(object.envelope.payload, 'base64');
    bytes[bytes.indexOf('River')] ^= 1;
    object.envelope.payload = bytes.toString('base64');
    object.id = sha256_hex(bytes);
    return object;
  };
  const page = await open_live(engine, {before: in_between(change)});
  await engine.admit(alert(), engine.keys.ann);
  await is_refused(page, /A signature does not fit its contents/);
  assert.match(await page.locator('#notices').innerText(), /An alert could not be verified/);
});

const forgeries = {
  'signed by a stranger': [/is not known/, (keys) => object_of(alert(), [keys.stranger])],
  'under the id of another': [
    /id is not that of its contents/,
    (keys) => ({...object_of(alert(), [keys.ann]), id: sha256_hex('another')})
  ],
  'of another system':
      [/not made for this system/, (keys) => object_of(alert({system: 'live-gb'}), [keys.ann])],
  'that is Actual in an exercise': [
    /status is not one of/, (keys) => object_of(alert({status: 'Actual'}), [keys.ann, keys.ben])
  ],
  'in the name of another sender': [
    /not the one whose officers/,
    (keys) => object_of(alert({sender: 'control@two.example'}), [keys.ann])
  ],
  'with too few officers': [
    /needs 2 officers; 1 have signed/, (keys) => object_of(alert({severity: 'Severe'}), [keys.ann])
  ],
  'by a revoked key': [/has been revoked/, (keys) => object_of(alert(), [keys.gone])],
  'by a key that had ended': [/not valid when it came/, (keys) => object_of(alert(), [keys.late])],
  'that came long after it was sent': [
    /more than a day after it was sent/,
    (keys) => object_of(alert({sent: '2020-01-01T00:00:00-00:00'}), [keys.ann])
  ],
  'that came before it was sent': [
    /came before it was sent/,
    (keys) => ({...object_of(alert(), [keys.ann]), at: new Date(Date.now() - 3e6).toISOString()})
  ],
  'with a DOCTYPE': [
    /has a DOCTYPE/,
    (keys) => object_of(
        alert({xml: (text) => text.replace('<alert', '<!DOCTYPE alert><alert')}), [keys.ann])
  ],
  'that is no XML': [
    /not well-formed/,
    (keys) => object_of(alert({xml: (text) => text.replace('</alert>', '')}), [keys.ann])
  ],
  'in another namespace': [
    /not a CAP 1\.2 alert/,
    (keys) => object_of(alert({xml: (text) => text.replace('cap:1.2', 'cap:1.1')}), [keys.ann])
  ],
  'that is not UTF-8':
      [/not UTF-8/, (keys) => object_of(Buffer.concat([alert(), Buffer.from([0xff])]), [keys.ann])],
  'whose Cancel nobody may give':
      [/may cancel/, (keys) => object_of(cancel([alert()]), [keys.writer])],
};
for (const [what, [reason, forge]] of Object.entries(forgeries)) {
  test(`an alert ${what} is not shown, and said why`, async () => {
    const page = await open_live(engine, {before: in_between((object) => object)});
    page.say(forge(engine.keys));
    await is_refused(page, reason);
    // Chromium styles its own report of an XML error, and its own policy forbids that.
    assert.deepEqual(
        page.complaints.filter((said) => !said.startsWith('Applying inline style')), []);
  });
}

test('the test vectors of schemas are judged as they say by this browser', async () => {
  const vectors = JSON.parse(
      readFileSync(join(SCHEMAS, 'examples', 'vectors', 'bulletins.json'), 'utf8'));
  const page = await open_live(engine);
  const said = await page.evaluate(async ({trust, alerts}) => {
    const {judge} = await import('/judge.js');
    const {read_trust} = await import('/trust.js');
    const by = await read_trust(JSON.stringify(trust), null);
    const code_of = ({object}) => judge(object, by).then(() => null, (error) => error.code);
    return Promise.all(alerts.map(code_of));
  }, vectors);
  for (const [index, {what, code}] of vectors.alerts.entries()) {
    assert.equal(said[index], code, what);
  }
});

test('a stream that speaks nonsense shows nothing and stops nothing', async () => {
  const page = await open_live(engine, {before: in_between((object) => object)});
  for (const nonsense of [{type: 'alert'}, {type: 'alert', seq: 5, envelope: []}, {type: 'news'}]) {
    page.say(nonsense);
  }
  await page.locator('#unverified li').nth(1).waitFor();
  await engine.admit(alert({headline: 'A true one'}), engine.keys.ann);
  await has_active(page, ['A true one']);
});

test('roots are pinned: another trust document is refused and the first one goes on', async () => {
  const context = await visitor();
  await (await open_live(engine, {context})).close();
  const intruder = new_key('intruder');
  const theirs =
      trust_payload(engine.keys, {version: 9, root: {threshold: 1, keys: [named(intruder)]}});
  const page =
      await open_live(engine, {context, before: trust_served(trust_file(theirs, [intruder]))});
  const notice = await page.locator('#notices').innerText();
  assert.match(notice, /trust document was not taken.*not signed by the roots.*Version 1,/s);
  await engine.admit(alert({headline: 'A true one'}), engine.keys.ann);
  await has_active(page, ['A true one']);
  assert.match(await page.locator('#how').textContent(), new RegExp(engine.keys.root.keyid));
});

test('a person who compares and types may pin new roots, and who types wrong may not', async () => {
  const context = await visitor();
  await (await open_live(engine, {context})).close();
  const next_root = new_key('next root');
  const next = trust_payload(engine.keys, {root: {threshold: 1, keys: [named(next_root)]}});
  const page =
      await open_live(engine, {context, before: trust_served(trust_file(next, [next_root]))});
  await page.getByText('The roots have really changed').click();
  const input = page.getByLabel('First 8 characters');
  for (const wrong of ['', next_root.keyid.slice(0, 7), engine.keys.root.keyid.slice(0, 8)]) {
    await input.fill(wrong);
    await page.getByRole('button', {name: 'Pin the new roots'}).click();
    await page.getByText('not how the id of a root').waitFor();
  }
  await input.fill(next_root.keyid.slice(0, 8));
  await input.press('Enter');
  await page.locator('#notices > *', {hasText: 'was not taken'}).waitFor({state: 'detached'});
  assert.match(await page.locator('#how').textContent(), new RegExp(next_root.keyid));
  await is_live(page);
});

test('a trust document that goes back is refused', async () => {
  const context = await visitor();
  const five = trust_file(trust_payload(engine.keys, {version: 5}), [engine.keys.root]);
  await (await open_live(engine, {context, before: trust_served(five)})).close();
  const page = await open_live(engine, {context});
  assert.match(await page.locator('#notices').innerText(), /seen version 5 already/);
});

test('without a trust document nothing is shown', async () => {
  await engine.admit(alert(), engine.keys.ann);
  const page = await open_live(
      engine, {before: (one) => one.route('**/v1/trust', (route) => route.fulfill({status: 503}))});
  await is_refused(page, /no trust document/i);
  assert.match(await page.locator('#notices').innerText(), /Nothing can be verified/);
});

const only_in_the_newer_one = {
  'names': [/is not known/, (officers) => officers.slice(1)],
  'knows to be valid still': [
    /not valid when it came/, ([ann, ...others]) => [{...ann, not_after: in_days(-1)}, ...others]
  ],
};
for (const [what, [reason, before]] of Object.entries(only_in_the_newer_one)) {
  test(`a key that only a newer trust document ${what} is looked up there`, async () => {
    const {keys} = engine;
    const trust = join(scratch(), 'trust.json');
    writeFileSync(trust, trust_file(trust_payload(keys, {version: 2}), [keys.root]));
    const newer = await start({keys, trust});
    const older = trust_payload(keys);
    older.senders[0].officers = before(older.senders[0].officers);
    const body = trust_file(older, [keys.root]);
    let times = 0, served_again;
    const again = new Promise((resolve) => served_again = resolve);
    const serve = (route) => {
      if (++times === 2) served_again();
      return route.fulfill({body, contentType: 'application/json'});
    };
    const page = await open_live(newer, {
      before: async (one) => {
        await one.clock.install();
        await one.route('**/v1/trust', serve);
      }
    });
    // It asks as it starts, and within so long of each hello; then only for a reason.
    await page.clock.runFor(5_000);
    await again;
    await newer.admit(alert({headline: 'By Ann'}), keys.ann);
    await page.getByText(reason).waitFor();
    await page.unroute('**/v1/trust');
    const next = new Promise((resolve) => {
      page.on('request', (request) => request.url().endsWith('/v1/trust') && resolve('trust'));
      page.on('websocket', () => resolve('stream'));
    });
    await page.clock.runFor(31_000);
    assert.equal(await next, 'trust', 'and not because another stream begins');
    await has_active(page, ['By Ann']);
    assert.equal(await page.locator('#unverified li').count(), 0);
  });
}

test('a key that is revoked takes with it what it signed since', async () => {
  const page = await open_live(engine, {before: (one) => one.clock.install()});
  await engine.admit(alert({headline: 'By Ann'}), engine.keys.ann);
  await has_active(page, ['By Ann']);
  const payload = trust_payload(engine.keys, {version: 2});
  payload.revoked.push({keyid: engine.keys.ann.keyid, since: in_days(-1), reason: 'Stolen.'});
  await trust_served(trust_file(payload, [engine.keys.root]))(page);
  await page.clock.runFor(6 * 60_000);
  await has_active(page, []);
  await page.getByText('has been revoked').waitFor();
});

test('an expired trust document is said loudly, and alerts go on', async () => {
  const payload = trust_payload(engine.keys, {expires: in_days(-1)});
  const page =
      await open_live(engine, {before: trust_served(trust_file(payload, [engine.keys.root]))});
  assert.match(await page.locator('#notices').innerText(), /The trust document has expired\./);
  await engine.admit(alert({headline: 'All the same'}), engine.keys.ann);
  await has_active(page, ['All the same']);
});

test('a trust document with a key of small order is refused', async () => {
  const weak = Buffer.alloc(32);
  weak[0] = 1;
  const payload = trust_payload(engine.keys);
  const keyid = sha256_hex(weak);
  payload.senders[0].officers.push(
      {...payload.senders[0].officers[0], keyid, public: weak.toString('base64')});
  const text = sealed(JSON.stringify(payload), [engine.keys.root], TRUST_TYPE);
  const page = await open(engine, {before: trust_served(text)});
  await page.locator('#notices', {hasText: 'not an acceptable Ed25519 key'}).waitFor();
});

test('a browser without Ed25519 says so and shows nothing as verified', async () => {
  await engine.admit(alert(), engine.keys.ann);
  const page = await open_live(engine, {
    before: (one) => one.addInitScript(() => {
      crypto.subtle.importKey = async () => {
        throw new DOMException('', 'NotSupportedError');
      };
    })
  });
  const notice = page.locator('#notices');
  await page.waitForFunction(
      () => document.querySelector('#notices').textContent.includes('1 arrived'));
  assert.match(await notice.innerText(), /Not verified here\./);
  await is_refused(page, /cannot check signatures/);
});

test('what verified means is explained, with its limit and the roots to compare', async () => {
  const page = await open_live(engine);
  await page.getByText('How this page verifies').click();
  const text = await page.locator('#how').innerText();
  assert.match(text, /protects against everyone but whoever serves this page/);
  assert.match(text, /tocsin verify/);
  assert.match(text, /version 1, until/);
  assert.ok(text.includes(engine.keys.root.keyid));
});
