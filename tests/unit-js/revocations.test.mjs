import './support/globals.mjs';
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sealed} from '../integration/support/dsse.mjs';
import {people, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {TrustKeeper} from '../../connectors/dashboard/pins.js';
import {
  read_revocation, revocation_type, Revocations, revocations_max,
} from '../../connectors/dashboard/revocations.js';
import {read_trust} from '../../connectors/dashboard/trust.js';
import {expiry} from '../../connectors/dashboard/words.js';

const keys = people();
const named = ({keyid, public: raw, holder}) => ({keyid, public: raw, holder});
const file = (changes = {}) => trust_file(
    trust_payload(keys, {revocation: [named(keys.second_root)], ...changes}), [keys.root]);
const says = (changes = {}) => JSON.stringify({
  system: 'exercise-test', keyid: keys.ann.keyid, since: '2026-11-21T10:00:00Z',
  reason: 'Stolen.', issued: '2026-11-21T10:05:00Z', ...changes,
});
const revocation = (changes = {}, signers = [keys.second_root], type = revocation_type) =>
    sealed(says(changes), signers, type);
const revoked = (trust, key) => trust.revoked.some(({keyid}) => keyid === key.keyid);

test('a revocation by one revocation key takes a key away', async () => {
  const trust = await read_trust(file(), null);
  assert.deepEqual(
      await read_revocation(revocation(), trust),
      {keyid: keys.ann.keyid, since: Date.parse('2026-11-21T10:00:00Z')});
  const applied = await new Revocations([revocation()]).applied_to(trust);
  assert.ok(revoked(applied, keys.ann));
  assert.ok(!revoked(applied, keys.ben));
  assert.ok(!revoked(trust, keys.ann));
});

test('one that is not properly made counts for nothing', async () => {
  const trust = await read_trust(file(), null);
  const bent = JSON.parse(revocation());
  const bytes = Buffer.from(bent.signatures[0].sig, 'base64');
  bytes[3] ^= 1;
  bent.signatures[0].sig = bytes.toString('base64');
  for (const line of [
         revocation({}, [keys.root]), revocation({}, [keys.ben]), JSON.stringify(bent),
         revocation({system: 'live-gb'}), revocation({keyid: keys.root.keyid}),
         revocation({keyid: keys.second_root.keyid}), revocation({keyid: 'x'}),
         revocation({since: 'now'}), revocation({}, [keys.second_root], 'application/json'), '{}',
       ]) {
    await assert.rejects(read_revocation(line, trust), {name: 'Refused'}, line);
    assert.ok(!revoked(await new Revocations([line]).applied_to(trust), keys.ann));
  }
});

test('as many revocations are kept as an engine keeps, and no more', () => {
  const line = number => revocation({keyid: number.toString(16).padStart(64, '0')});
  const all = new Revocations(Array.from({length: revocations_max}, (_, i) => line(i)));
  assert.equal(all.lines.length, revocations_max);
  assert.equal(all.add(line(0)), false);
  assert.equal(all.add(line(revocations_max)), false);
  assert.equal(all.lines.length, revocations_max);
});

test('what was revoked stays so on every later visit, whatever is served then', async () => {
  const stored = new Map();
  const storage = {
    getItem: place => stored.get(place) ?? null,
    setItem: (place, text) => stored.set(place, text),
  };
  let served = file();
  let lines = '';
  const visit = async () => {
    const keeper = new TrustKeeper(storage, async () => served, async () => lines);
    await keeper.remember();
    return keeper;
  };
  const first = await visit();
  assert.equal(await first.refresh(1), true);
  assert.ok(!revoked(first.document, keys.ann));
  lines = `${revocation()}\n`;
  assert.equal(await first.refresh(2), true);
  assert.ok(revoked(first.document, keys.ann));
  assert.equal(await first.refresh(3), false);

  lines = '';
  const second = await visit();
  assert.ok(revoked(second.document, keys.ann));
  served = file({version: 2});
  assert.equal(await second.refresh(4), true);
  assert.equal(second.document.version, 2);
  assert.ok(revoked(second.document, keys.ann));
});

test('the time that runs out is said from 30 days before, and louder from 7', () => {
  const day_ms = 24 * 3600 * 1000;
  const trust = {expires: 100 * day_ms};
  const said = left_ms => expiry(trust, trust.expires - left_ms)?.[0] ?? null;
  assert.equal(expiry(null, 0), null);
  assert.equal(said(30 * day_ms + 1), null);
  assert.match(said(30 * day_ms), /soon/);
  assert.match(said(7 * day_ms + 1), /soon/);
  assert.match(said(7 * day_ms), /within a week/);
  assert.match(said(1), /within a week/);
  assert.match(said(0), /has expired/);
});
