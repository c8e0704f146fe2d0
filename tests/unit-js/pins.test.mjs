import './support/globals.mjs';
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {people, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {TrustKeeper} from '../../connectors/dashboard/pins.js';

const keys = people();
const named = ({keyid, public: raw, holder}) => ({keyid, public: raw, holder});
const file = (changes = {}, signers = [keys.root]) =>
    trust_file(trust_payload(keys, changes), signers);
const other_root = (version) =>
    file({version, root: {threshold: 1, keys: [named(keys.stranger)]}}, [keys.stranger]);

/** One browser: its storage outlives its visits. */
class Browser {
  constructor() {
    this.stored = new Map();
    this.served = file();
    this.storage = {
      getItem: (place) => this.stored.get(place) ?? null,
      setItem: (place, text) => {
        this.stored.set(place, text);
      },
    };
  }
  async visit() {
    const keeper = new TrustKeeper(this.storage, async () => {
      if (this.served === null) throw new Error('no engine');
      return this.served;
    });
    await keeper.remember();
    keeper.changed = await keeper.refresh(1000);
    return keeper;
  }
}

test('the first document is taken and its roots are pinned', async () => {
  const keeper = await new Browser().visit();
  assert.equal(keeper.changed, true);
  assert.equal(keeper.document.version, 1);
  assert.equal(keeper.pinned_since, 1000);
  assert.deepEqual(keeper.pinned_keys.map(({keyid}) => keyid), [keys.root.keyid]);
});

test('the same document again is no change, and pins stay as old as they are', async () => {
  const browser = new Browser();
  await browser.visit();
  const keeper = await browser.visit();
  assert.equal(keeper.changed, false);
  assert.equal(keeper.refused, null);
  browser.served = file({version: 2});
  assert.equal(await keeper.refresh(2000), true);
  assert.equal(keeper.document.version, 2);
  assert.equal(keeper.pinned_since, 1000);
});

test('a document of other roots is not taken, on this visit or the next', async () => {
  const browser = new Browser();
  const keeper = await browser.visit();
  browser.served = other_root(9);
  assert.equal(await keeper.refresh(2000), false);
  assert.equal(keeper.refused.code, 'other_root');
  assert.equal(keeper.document.version, 1);
  const next = await browser.visit();
  assert.equal(next.refused.code, 'other_root');
  assert.equal(next.document.version, 1);
});

test('an older version is not taken on the next visit', async () => {
  const browser = new Browser();
  browser.served = file({version: 5});
  await browser.visit();
  browser.served = file({version: 4});
  const keeper = await browser.visit();
  assert.equal(keeper.refused.code, 'bad_trust');
  assert.equal(keeper.document.version, 5);
});

test('without an engine the document of the last visit is in force', async () => {
  const browser = new Browser();
  await browser.visit();
  browser.served = null;
  const keeper = await browser.visit();
  assert.equal(keeper.document.version, 1);
  assert.equal(keeper.refused, null);
});

test('without an engine and without a past there is no document, and it says why', async () => {
  const browser = new Browser();
  browser.served = null;
  const keeper = await browser.visit();
  assert.equal(keeper.document, null);
  assert.equal(keeper.refused.code, 'unreachable');
});

test('a person may pin new roots, and from then on the old ones do not count', async () => {
  const browser = new Browser();
  const keeper = await browser.visit();
  browser.served = other_root(1);
  await keeper.refresh(2000);
  assert.deepEqual((await keeper.served_roots()).map(({keyid}) => keyid), [keys.stranger.keyid]);
  await keeper.pin_served(3000, keys.stranger.keyid.slice(0, 8));
  assert.equal(keeper.refused, null);
  assert.equal(keeper.pinned_since, 3000);
  browser.served = file({version: 2});
  assert.equal((await browser.visit()).refused.code, 'other_root');
});

test('a browser that keeps nothing says so and still works', async () => {
  const browser = new Browser();
  browser.storage.setItem = () => {
    throw new Error('full');
  };
  const keeper = await browser.visit();
  assert.equal(keeper.durable, false);
  assert.equal(keeper.document.version, 1);
});

test('a storage that was tampered with is not believed', async () => {
  const browser = new Browser();
  await browser.visit();
  const [[place, text]] = browser.stored;
  const kept = JSON.parse(text);
  kept.text = file({version: 7}, [keys.stranger]);
  browser.stored.set(place, JSON.stringify(kept));
  const keeper = new TrustKeeper(browser.storage, async () => browser.served);
  await keeper.remember();
  assert.equal(keeper.document, null);
  assert.equal(keeper.forgot, true);
});

test('a browser that refuses to be asked for its storage is one that keeps nothing', async () => {
  const keeper = new TrustKeeper(null, async () => file());
  await keeper.remember();
  await keeper.refresh(1000);
  assert.equal(keeper.document.version, 1);
  assert.deepEqual([keeper.durable, keeper.forgot], [false, false]);
});

for (const [what, changes] of Object.entries({
       'system': {system: 'another-system'},
       'kind': {kind: 'live'},
     })) {
  test(`a document for another ${what} is not taken, whatever its version`, async () => {
    const browser = new Browser();
    const keeper = await browser.visit();
    browser.served = file({version: 9, ...changes});
    assert.equal(await keeper.refresh(2000), false);
    assert.equal(keeper.refused.code, 'wrong_system');
    assert.equal(keeper.document.version, 1);
    assert.equal((await browser.visit()).refused.code, 'wrong_system');
  });

  test(`pins of before, which name no ${what}, are completed by the document`, async () => {
    const browser = new Browser();
    await browser.visit();
    const [[place, text]] = browser.stored;
    const kept = JSON.parse(text);
    delete kept.pins.system;
    delete kept.pins.kind;
    browser.stored.set(place, JSON.stringify(kept));
    browser.served = file({version: 9, ...changes});
    const keeper = await browser.visit();
    assert.equal(keeper.refused.code, 'wrong_system');
    assert.equal(keeper.document.version, 1);
  });
}

test('what is asked twice at once is asked one after the other', async () => {
  const browser = new Browser();
  const asked = [];
  const keeper = new TrustKeeper(browser.storage, async () => {
    asked.push('begun');
    await new Promise((resolve) => { setImmediate(resolve); });
    asked.push('ended');
    return browser.served;
  });
  await Promise.all([keeper.refresh(1), keeper.refresh(2)]);
  assert.deepEqual(asked, ['begun', 'ended', 'begun', 'ended']);
});

test('only a root that has signed what is served now can be pinned by its id', async () => {
  const browser = new Browser();
  const keeper = await browser.visit();
  const root = {threshold: 1, keys: [named(keys.second_root), named(keys.stranger)]};
  browser.served = file({version: 9, root}, [keys.stranger]);
  await keeper.refresh(2000);
  await assert.rejects(keeper.pin_served(3000, keys.second_root.keyid), {code: 'other_root'});
  await assert.rejects(keeper.pin_served(3000, keys.root.keyid), {code: 'other_root'});
  assert.equal(keeper.document.version, 1);
  await keeper.pin_served(3000, keys.stranger.keyid);
  assert.equal(keeper.document.version, 9);
});
