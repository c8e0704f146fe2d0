import './support/globals.mjs';
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {new_key, sealed} from '../integration/support/dsse.mjs';
import {in_days, people, trust_file, trust_payload} from '../integration/support/trust.mjs';
import {pins_of, read_trust} from '../../connectors/dashboard/trust.js';

const keys = people();
const named = ({keyid, public: raw, holder}) => ({keyid, public: raw, holder});
const root_of = (threshold, ...roots) => ({root: {threshold, keys: roots.map(named)}});
const file = (changes = {}, signers = [keys.root]) =>
    trust_file(trust_payload(keys, changes), signers);
const refused = (text, pins, code = 'bad_trust') =>
    assert.rejects(read_trust(text, pins), {name: 'Refused', code});

test('a document signed by its root is read', async () => {
  const document = await read_trust(file(), null);
  assert.equal(document.system, 'exercise-test');
  assert.equal(document.kind, 'exercise');
  assert.equal(document.version, 1);
  const sender = document.senders.find(({sender}) => sender === 'control@one.example');
  const ann = sender.officers.find(({keyid}) => keyid === keys.ann.keyid);
  assert.deepEqual([...ann.duties], ['originate', 'approve', 'cancel']);
  assert.equal(document.revoked[0].keyid, keys.gone.keyid);
});

test('a document that has expired is read all the same', async () => {
  const document = await read_trust(file({expires: in_days(-1)}), null);
  assert.ok(document.expires < Date.now());
});

test('a document signed by anyone else is refused', async () => {
  await refused(file({}, [keys.stranger]), null);
  await refused(file({}, [keys.ann]), null);
});

test('a document changed after signing is refused', async () => {
  const whole = JSON.parse(file());
  const bytes = Buffer.from(whole.payload, 'base64');
  bytes[bytes.indexOf('"version"') + 10] ^= 1;
  await refused(JSON.stringify({...whole, payload: bytes.toString('base64')}), null);
});

test('a threshold counts people, not keys', async () => {
  const again = new_key(keys.root.holder);
  const one_person = root_of(2, keys.root, again, keys.second_root);
  await refused(file(one_person, [keys.root, again]), null);
  await read_trust(file(one_person, [keys.root, keys.second_root]), null);
});

test('a signature of a root that does not fit spoils the document', async () => {
  const whole =
      JSON.parse(file(root_of(1, keys.root, keys.second_root), [keys.root, keys.second_root]));
  whole.signatures[1].sig = whole.signatures[0].sig;
  await refused(JSON.stringify(whole), null);
});

test('what is not a trust document is refused', async () => {
  const payload = trust_payload(keys);
  await refused(sealed(JSON.stringify(payload), [keys.root], 'application/cap+xml'), null);
  await refused('{}', null, 'malformed_envelope');
  await refused('no json', null);
  await refused(file().replace('{', '{"payloadType":"x",'), null);
});

const wrong = {
  'an unknown kind': {kind: 'rehearsal'},
  'version 0': {version: 0},
  'a version that is no number': {version: '1'},
  'a time without Z': {expires: '2030-01-01'},
  'no roots': {root: undefined},
  'no senders': {senders: undefined},
  'a threshold of 0': {root: {threshold: 0, keys: [named(keys.root)]}},
};
for (const [what, change] of Object.entries(wrong)) {
  test(`a document with ${what} is refused`, () => refused(file(change), null));
}

test('a key of small order is refused', async () => {
  const weak = Buffer.alloc(32);
  weak[0] = 1;
  const payload = trust_payload(keys);
  payload.senders[0].officers[0].public = weak.toString('base64');
  await refused(trust_file(payload, [keys.root]), null);
});

test('a key id that is not that of its key is refused', async () => {
  const payload = trust_payload(keys);
  payload.senders[0].officers[0].keyid = keys.stranger.keyid;
  await refused(trust_file(payload, [keys.root]), null);
});

test('a key that stands twice is refused', async () => {
  const payload = trust_payload(keys);
  payload.senders[1].officers.push(payload.senders[0].officers[0]);
  await refused(trust_file(payload, [keys.root]), null);
});

test('a member named twice in what is signed is refused', async () => {
  const text = JSON.stringify(trust_payload(keys)).replace('{', '{"version":9,');
  await refused(sealed(text, [keys.root], 'application/vnd.tocsin.trust+json'), null);
});

test('pinned roots: only what they signed is taken', async () => {
  const pins = pins_of(await read_trust(file(), null));
  await read_trust(file({version: 2}), pins);
  await refused(
      file({version: 2, ...root_of(1, keys.stranger)}, [keys.stranger]), pins, 'other_root');
});

test('pinned roots: they may hand over to new ones when both have signed', async () => {
  const pins = pins_of(await read_trust(file(), null));
  const second = root_of(1, keys.second_root);
  await refused(file({version: 2, ...second}, [keys.second_root]), pins, 'other_root');
  await refused(file({version: 2, ...second}, [keys.root]), pins);
  const next = await read_trust(file({version: 2, ...second}, [keys.root, keys.second_root]), pins);
  await refused(file({version: 3}), pins_of(next), 'other_root');
});

test('pinned roots: a holder cannot write himself a second name', async () => {
  const again = new_key(keys.root.holder);
  const pins = pins_of(await read_trust(
      file(root_of(2, keys.root, again, keys.second_root), [keys.root, keys.second_root]), null));
  const renamed = {root: {threshold: 1, keys: [named(keys.root), {...named(again), holder: 'x'}]}};
  await refused(file({version: 2, ...renamed}, [keys.root, again]), pins, 'other_root');
});

test('a version never goes back, and says the same each time', async () => {
  const five = file({version: 5});
  const pins = pins_of(await read_trust(five, null));
  await read_trust(five, pins);
  await refused(file({version: 4}), pins);
  await refused(file({version: 5, revoked: []}), pins);
});

test('a change of roots may carry more signatures than an alert', async () => {
  const others = Array.from({length: 10}, (_, i) => new_key(`root ${i}`));
  const document = await read_trust(file(root_of(10, ...others), [keys.root, ...others]), null);
  assert.equal(document.root.threshold, 10);
});
