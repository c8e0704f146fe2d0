import './support/globals.mjs';
import './support/xml.mjs';
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {envelope, new_key, sha256_hex} from '../integration/support/dsse.mjs';
import {
  authority, in_days, officer, people, trust_file, trust_payload,
} from '../integration/support/trust.mjs';
import {holders_needed, judge} from '../../connectors/dashboard/judge.js';
import {read_trust} from '../../connectors/dashboard/trust.js';

const keys = people();
const now = Date.now();
const hour_ms = 3600 * 1000;

// The XML is the browser's to parse; here the signed bytes are the parsed alert itself.
const parse = (bytes) => JSON.parse(Buffer.from(bytes).toString());
const trust_of = (changes = {}) =>
    read_trust(trust_file(trust_payload(keys, changes), [keys.root]), null);
const trust = await trust_of();

const info = (changes = {}) => ({
  categories: ['Safety'],
  severity: 'Minor',
  language: 'en-GB',
  expires: now + hour_ms,
  ...changes
});
const alert = (changes = {}) => ({
  identifier: 'A1',
  sender: 'control@one.example',
  sent: now,
  status: 'Exercise',
  msg_type: 'Alert',
  scope: 'Public',
  codes: ['system:exercise-test'],
  note: '',
  references: [],
  infos: [info()],
  ...changes,
});
const cancel = (changes = {}) => alert({
  msg_type: 'Cancel',
  infos: [],
  references: [{sender: 'control@one.example', identifier: 'A0', sent: now}],
  ...changes
});

function object_of(document, signers, changes = {}) {
  const payload = JSON.stringify(document);
  return {
    type: 'alert',
    seq: 7,
    at: new Date(now).toISOString(),
    id: sha256_hex(payload),
    envelope: envelope(payload, signers),
    ...changes
  };
}

const verdict = (document, signers, by = trust, changes = {}) =>
    judge(object_of(document, signers, changes), by, parse);
const refused = (code, document, signers, by = trust, changes = {}) =>
    assert.rejects(verdict(document, signers, by, changes), {name: 'Refused', code});

test('an alert signed by an officer of its sender is verified', async () => {
  const bulletin = await verdict(alert(), [keys.ann]);
  assert.equal(bulletin.seq, 7);
  assert.equal(bulletin.sender_name, 'Control One');
  assert.equal(bulletin.holders, 1);
  assert.equal(bulletin.severity, 'Minor');
  assert.equal(bulletin.expires, now + hour_ms);
});

test('a changed document, a changed signature and another id are no bulletin', async () => {
  const object = object_of(alert(), [keys.ann]);
  const other = JSON.stringify(alert({identifier: 'A2'}));
  const payload = Buffer.from(other).toString('base64');
  const edited = {...object, id: sha256_hex(other), envelope: {...object.envelope, payload}};
  await assert.rejects(judge(edited, trust, parse), {code: 'bad_signature'});
  await assert.rejects(
      judge({...object, id: sha256_hex('x')}, trust, parse), {code: 'wrong_id'});
  const sig = Buffer.alloc(64, 1).toString('base64');
  const signatures = [{keyid: keys.ann.keyid, sig}];
  await assert.rejects(
      judge({...object, envelope: {...object.envelope, signatures}}, trust, parse),
      {code: 'bad_signature'});
});

test('nothing is parsed before every signature was right', async () => {
  const object = object_of(alert(), [keys.ann, keys.ben]);
  object.envelope.signatures[1].sig = Buffer.alloc(64, 1).toString('base64');
  await assert.rejects(judge(object, trust, () => assert.fail('parsed')), {code: 'bad_signature'});
});

test('an object in another form is refused', async () => {
  const form = 'malformed_envelope';
  await refused(form, alert(), [keys.ann], trust, {seq: '7'});
  for (const at of ['noon', '2026-11-21T19:30:00', '2026-11-21', now, null]) {
    await refused(form, alert(), [keys.ann], trust, {at});
  }
  await refused(form, alert(), [keys.ann], trust, {id: undefined});
  await refused(form, alert(), [keys.ann], trust, {envelope: null});
  const object = object_of(alert(), [keys.ann]);
  object.envelope = envelope(JSON.stringify(alert()), [keys.ann], 'text/plain');
  await assert.rejects(judge(object, trust, parse), {code: 'unsupported_type'});
});

test('keys that nobody knows, and of two senders, are refused', async () => {
  await refused('unknown_key', alert(), [keys.stranger]);
  await refused('unknown_key', alert(), [keys.ann, keys.dora]);
  await refused('unknown_key', alert(), [keys.root]);
});

test('keys outside their validity, and revoked ones, are refused', async () => {
  await refused('key_expired', alert(), [keys.early]);
  await refused('key_expired', alert(), [keys.late]);
  await refused('key_revoked', alert(), [keys.gone]);
});

test('a key counts from its first moment to before its last, as the alert came', async () => {
  const by = await trust_of({
    senders: [{
      ...trust_payload(keys).senders[0],
      officers: [officer(keys.ann, {not_before: in_days(-1), not_after: in_days(0)})]
    }]
  });
  const {not_before, not_after} = by.senders[0].officers[0];
  for (const document of [alert, cancel]) {
    const came = (ms) => [document({sent: ms}), [keys.ann], by, {at: new Date(ms).toISOString()}];
    await verdict(...came(not_before));
    await verdict(...came(not_after - 1));
    await refused('key_expired', ...came(not_before - 1));
    await refused('key_expired', ...came(not_after));
  }
  // A minute after the key has ended no engine admits it, whatever time it was sent at.
  const late = {at: new Date(not_after + 60_000).toISOString()};
  await refused('key_expired', alert({sent: not_after - 60_000}), [keys.ann], by, late);
});

test('when it came is held against when it was sent, which the officers signed', async () => {
  const came = (document, after_ms) =>
      [document, [keys.ann], trust, {at: new Date(document.sent + after_ms).toISOString()}];
  const since = now - 3 * 24 * hour_ms;
  for (const document of [alert({sent: since}), cancel({sent: since})]) {
    await verdict(...came(document, -120_000));
    await refused('sent_in_future', ...came(document, -120_001));
    await verdict(...came(document, 24 * hour_ms));
  }
  await refused('too_old', ...came(alert({sent: since}), 24 * hour_ms + 1));
  await verdict(...came(cancel({sent: since}), 24 * hour_ms + 1));
});

test('what was sent and admitted before its key was revoked stands', async () => {
  const by = await trust_of(
      {revoked: [{keyid: keys.ann.keyid, since: in_days(1), reason: 'Leaves tomorrow.'}]});
  await verdict(alert(), [keys.ann], by);
  await refused('key_revoked', alert(), [keys.ann], by, {at: in_days(1)});
  const just_before = new Date(Date.parse(in_days(1)) - 60_000).toISOString();
  const sent = now + 25 * hour_ms;
  await refused('key_revoked', alert({sent}), [keys.ann], by, {at: just_before});
});

test('an alert of another system, or of none, or of two is refused', async () => {
  for (const codes of [
           [], ['system:live-gb'], ['exercise-test'], ['system:exercise-test', 'system:live-gb']]) {
    await refused('wrong_system', alert({codes}), [keys.ann]);
  }
  await verdict(alert({codes: ['other', 'system:exercise-test']}), [keys.ann]);
});

test('an exercise system takes no Actual, a live one all but Draft and System', async () => {
  await refused('wrong_system', alert({status: 'Actual'}), [keys.ann, keys.ben]);
  const senders = trust_payload(keys).senders;
  senders[0].authority = authority({statuses: ['Actual', 'Exercise', 'Test', 'Draft', 'System']});
  const live = await trust_of({kind: 'live', senders});
  for (const status of ['Actual', 'Exercise', 'Test']) {
    await verdict(alert({status}), [keys.ann, keys.ben], live);
  }
  for (const status of ['Draft', 'System']) {
    await refused('wrong_system', alert({status}), [keys.ann, keys.ben], live);
  }
});

test('an alert in the name of another sender is refused', async () => {
  await refused('outside_authority', alert({sender: 'control@two.example'}), [keys.ann]);
});

test('what its sender may not say is refused', async () => {
  const narrow = (changes, more = {}) => alert({
    sender: 'narrow@four.example',
    status: 'Test',
    infos: [info({categories: ['Met'], ...changes})],
    ...more
  });
  await verdict(narrow({}), [keys.nell]);
  await refused('outside_authority', narrow({categories: ['Met', 'Safety']}), [keys.nell]);
  await refused('outside_authority', narrow({severity: 'Severe'}), [keys.nell]);
  await refused('outside_authority', narrow({severity: 'Unknown'}), [keys.nell]);
  await refused('outside_authority', narrow({}, {status: 'Exercise'}), [keys.nell]);
  await refused('outside_authority', narrow({}, {scope: 'Private'}), [keys.nell]);
});

test('a rule asks for two people, and two keys of one person are not two', async () => {
  const severe = alert({infos: [info({severity: 'Severe'})]});
  await refused('needs_approval', severe, [keys.ann]);
  await refused('needs_approval', severe, [keys.ann, keys.ann_again]);
  assert.equal((await verdict(severe, [keys.ann, keys.ben])).holders, 2);
});

test('an unknown severity is approved as Extreme, and the severest info decides', async () => {
  await refused('needs_approval', alert({infos: [info({severity: 'Unknown'})]}), [keys.ann]);
  await refused('needs_approval', alert({infos: [info(), info({severity: 'Severe'})]}), [keys.ann]);
});

test('somebody must originate, and who may only cancel signs no alert', async () => {
  await refused('needs_approval', alert(), [keys.approver]);
  await verdict(alert(), [keys.approver, keys.writer]);
  await refused('outside_authority', alert(), [keys.writer, keys.canceller]);
});

test('one who may cancel is enough for a Cancel, and nobody else is', async () => {
  await verdict(cancel(), [keys.canceller]);
  await refused('outside_authority', cancel(), [keys.writer, keys.approver]);
});

test('a Cancel asks nothing of category, severity and age', async () => {
  await verdict(
      cancel({infos: [info({categories: ['CBRNE'], severity: 'Extreme'})]}), [keys.canceller]);
  await verdict(cancel({sent: now - 30 * 24 * hour_ms}), [keys.canceller]);
});

test('alerts of other senders cannot be named', async () => {
  const references = [{sender: 'control@two.example', identifier: 'A0', sent: now}];
  await refused('foreign_reference', cancel({references}), [keys.canceller]);
  await refused('foreign_reference', alert({msg_type: 'Update', references}), [keys.ann]);
});

test('the strictest rule that matches decides; without one Actual needs two', () => {
  const sender = {
    approvals: [
      {status: 'Exercise', severity_at_least: 'Minor', holders: 1},
      {status: 'Exercise', severity_at_least: 'Severe', holders: 3},
      {status: 'Exercise', severity_at_least: 'Extreme', holders: 2}
    ]
  };
  assert.equal(holders_needed(sender, 'Exercise', 'Minor'), 1);
  assert.equal(holders_needed(sender, 'Exercise', 'Extreme'), 3);
  assert.equal(holders_needed(sender, 'Exercise', 'Unknown'), 3);
  assert.equal(holders_needed(sender, 'Actual', 'Minor'), 2);
  assert.equal(holders_needed(sender, 'Test', 'Extreme'), 1);
});

test('no reason holds a word of the alert', async () => {
  const loud = alert({infos: [info({severity: 'Severe', headline: 'LOUD WORDS'})]});
  await assert.rejects(verdict(loud, [keys.ann]), (error) => !/LOUD/.test(error.message));
  await refused('unknown_key', loud, [new_key('LOUD WORDS')]);
});

test('the test vectors of schemas are judged as they say', async () => {
  const vectors = JSON.parse(
      readFileSync(new URL('../../schemas/examples/vectors/bulletins.json', import.meta.url)));
  const by = await read_trust(JSON.stringify(vectors.trust), null);
  assert.deepEqual(by.root.keys.map(({keyid}) => keyid), [vectors.root_id]);
  for (const {what, code, object} of vectors.alerts) {
    const said = await judge(object, by).then(() => null, (error) => error.code ?? error);
    assert.equal(said, code, what);
  }
});
