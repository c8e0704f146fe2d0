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
  const applied = await new Revocations([revocation()]).take('', trust);
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
    assert.ok(!revoked(await new Revocations([line]).take('', trust), keys.ann));
  }
});

const of_key = number => revocation({keyid: number.toString(16).padStart(64, '0')});
const many = Array.from({length: revocations_max}, (_, i) => of_key(i));

test('as many revocations are kept as an engine keeps, and no more', async () => {
  const trust = await read_trust(file(), null);
  const all = new Revocations();
  const added = async text => (await all.take(text, trust)).revoked.length - trust.revoked.length;
  assert.equal(await added(many.join('\n')), revocations_max);
  assert.equal(await added(`${of_key(0)}\n${of_key(revocations_max)}\n`), revocations_max);
  assert.equal(all.lines.length, revocations_max);
});

test('lines that nobody signed take no room, now or on a later visit', async () => {
  const trust = await read_trust(file(), null);
  const junk = Array.from({length: revocations_max}, (_, i) => {
    const line = JSON.parse(of_key(i));
    line.signatures[0].sig = Buffer.alloc(64, 1).toString('base64');
    return JSON.stringify(line);
  });
  const fresh = new Revocations();
  assert.ok(revoked(await fresh.take([...junk, revocation()].join('\n'), trust), keys.ann));
  assert.deepEqual(fresh.lines, [revocation()]);
  const filled = new Revocations(junk);
  assert.ok(revoked(await filled.take(revocation(), trust), keys.ann));
  assert.equal(filled.lines[0], revocation());
  assert.equal(filled.lines.length, revocations_max);
});

test('a bad line does not stand for the good one of the same words and key', async () => {
  const trust = await read_trust(file(), null);
  const bad = JSON.parse(revocation());
  bad.signatures[0].sig = Buffer.alloc(64, 1).toString('base64');
  const all = new Revocations();
  assert.ok(!revoked(await all.take(JSON.stringify(bad), trust), keys.ann));
  assert.ok(revoked(await all.take(revocation(), trust), keys.ann));
});

test('of several about one key the one with the earliest time counts and is kept', async () => {
  const trust = await read_trust(file(), null);
  const earlier = revocation({since: '2026-11-21T09:00:00Z'});
  for (const lines of [[earlier, revocation()], [revocation(), earlier]]) {
    const all = new Revocations();
    const applied = await all.take(lines.join('\n'), trust);
    assert.deepEqual(
        applied.revoked.filter(({keyid}) => keyid === keys.ann.keyid),
        [{keyid: keys.ann.keyid, since: Date.parse('2026-11-21T09:00:00Z')}]);
    assert.deepEqual(all.lines, [earlier]);
  }
});

test('what the document itself says is kept no longer, what it does not cover is', async () => {
  const listing = since => file({version: 2, revoked: [
    {keyid: keys.ann.keyid, since, reason: 'Stolen.'},
  ]});
  for (const [since, kept] of [
         ['2026-11-21T10:00:00Z', []], ['2026-11-21T10:00:01Z', [revocation()]],
       ]) {
    const all = new Revocations([revocation()]);
    const applied = await all.take('', await read_trust(listing(since), null));
    assert.ok(revoked(applied, keys.ann));
    assert.deepEqual(all.lines, kept);
  }
});

test('what a document ends that drops the key counts again when another lists it', async () => {
  const all = new Revocations([revocation()]);
  const without = await read_trust(file({version: 2, revocation: []}), null);
  assert.ok(!revoked(await all.take('', without), keys.ann));
  assert.ok(revoked(await all.take('', await read_trust(file({version: 3}), null)), keys.ann));
});

test('it is known whether the engine ever gave its revocations', async () => {
  let lines = null;
  const keeper = new TrustKeeper(null, async () => file(), async () => {
    if (lines === null) throw new Error('no answer');
    return lines;
  });
  await keeper.refresh(1);
  assert.equal(keeper.heard_revocations, false);
  lines = '';
  await keeper.refresh(2);
  assert.equal(keeper.heard_revocations, true);
  lines = null;
  await keeper.refresh(3);
  assert.equal(keeper.heard_revocations, true);
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
