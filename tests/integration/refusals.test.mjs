// Every refusal of questions 1 to 14, provoked from outside with curl.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, cap_time, in_seconds, reference_to, update } from './support/cap.mjs';
import { envelope, sealed, signature_by } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { assert_problem, curl } from './support/http.mjs';

let engine, keys;
before(async () => {
  engine = await start();
  keys = engine.keys;
});

const post = (data) => curl(`${engine.url}/v1/alerts`, { data });
const signed = (parts, ...people) => sealed(alert(parts), people);
const by_ann = (parts) => signed(parts, keys.ann);
const changed = (object, changes) => JSON.stringify({ ...object, ...changes });
const good = () => envelope(alert(), [keys.ann]);

/** Each: what it is, status and code, and what is posted. */
const CASES = [
  // 1
  ['a body over 512 KiB', 413, 'too_large', () => 'x'.repeat(512 * 1024 + 1)],
  ['a payload over 256 KiB', 413, 'too_large',
    () => by_ann({ description: 'x'.repeat(256 * 1024) })],
  ['nine signatures', 413, 'too_large', () => changed(good(),
    { signatures: Array.from({ length: 9 },
    (_, i) => ({ ...good().signatures[0], keyid: String(i).repeat(64) })) })],
  // 2
  ['an empty body', 400, 'malformed_envelope', () => ''],
  ['no JSON', 400, 'malformed_envelope', () => '<alert/>'],
  ['a text after the envelope', 400, 'malformed_envelope', () => `${JSON.stringify(good())} x`],
  ['a key twice', 400, 'malformed_envelope',
    () => JSON.stringify(good()).replace('{', '{"payloadType":"application/cap+xml",')],
  ['a key twice, deep in a member nobody reads', 400, 'malformed_envelope',
    () => JSON.stringify(good()).replace('{', '{"more":{"a":1,"a":2},')],
  ['base64url', 400, 'malformed_envelope', () => changed(good(), { payload: 'PD94_w--' })],
  ['base64 with a line break', 400, 'malformed_envelope',
    () => changed(good(), { payload: good().payload.replace(/^.{8}/, '$&\n') })],
  ['base64 without its padding', 400, 'malformed_envelope',
    () => changed(good(), { payload: 'AA' })],
  ['base64 with stray bits', 400, 'malformed_envelope', () => changed(good(), { payload: 'AB==' })],
  ['a signature of 63 bytes', 400, 'malformed_envelope', () => changed(good(),
    { signatures: [{ keyid: keys.ann.keyid, sig: Buffer.alloc(63).toString('base64') }] })],
  ['a key id that is none', 400, 'malformed_envelope', () => changed(good(),
    { signatures: [{ keyid: 'ann', sig: good().signatures[0].sig }] })],
  ['one key id twice', 400, 'malformed_envelope', () => sealed(alert(), [keys.ann, keys.ann])],
  ['no payload', 400, 'malformed_envelope', () => changed(good(), { payload: undefined })],
  ['JSON a thousand deep', 400, 'malformed_envelope', () => '['.repeat(1000) + ']'.repeat(1000)],
  // 3
  ['another payload type', 415, 'unsupported_type', () => sealed(alert(), [keys.ann], 'text/xml')],
  // 4
  ['a key nobody knows', 403, 'unknown_key', () => signed({}, keys.stranger)],
  ['a key whose time is over', 403, 'key_expired', () => signed({}, keys.late)],
  ['a key whose time has not come', 403, 'key_expired', () => signed({}, keys.early)],
  ['a revoked key', 403, 'key_revoked', () => signed({}, keys.gone)],
  ['a good key and a revoked one', 403, 'key_revoked', () => signed({}, keys.ann, keys.gone)],
  ['officers of two senders', 403, 'unknown_key', () => signed({}, keys.ann, keys.dora)],
  ['two faults, of which the first counts', 403, 'key_expired',
    () => signed({}, keys.late, keys.stranger)],
  ['the same two, turned', 403, 'unknown_key', () => signed({}, keys.stranger, keys.late)],
  // 5
  ['a signature over other bytes', 403, 'bad_signature', () => changed(good(),
    { signatures: [signature_by(keys.ann, alert())] })],
  ['a signature over another type', 403, 'bad_signature', () => {
    const document = alert();
    return changed(envelope(document, []),
                   { signatures: [signature_by(keys.ann, document, 'application/xml')] });
  }],
  ['a second signature that does not hold', 403, 'bad_signature', () => {
    const { signatures, ...rest } = envelope(alert(), [keys.ann]);
    return changed(rest, { signatures: [...signatures, signature_by(keys.ben, 'other')] });
  }],
  ['no parser for strangers: XML is not looked at before the key', 403, 'unknown_key',
    () => sealed('<not xml', [keys.stranger])],
  // 6
  ['no XML', 422, 'invalid_alert', () => sealed('alert', [keys.ann])],
  ['an XML that is no alert', 422, 'invalid_alert', () => sealed('<a/>', [keys.ann])],
  ['UTF-16', 422, 'invalid_alert',
    () => sealed(Buffer.from(`\ufeff${alert()}`.replace('UTF-8', 'UTF-16'), 'utf16le'),
      [keys.ann])],
  ['bytes that are not UTF-8', 422, 'invalid_alert',
    () => sealed(Buffer.concat([Buffer.from('<?xml version="1.0"?>\n<a>'),
      Buffer.from([0xc3, 0x28])]),
                 [keys.ann])],
  ['a DOCTYPE', 422, 'invalid_alert',
    () => by_ann({ xml: (xml) =>
      xml.replace('<alert', '<!DOCTYPE alert [<!ENTITY a "b">]><alert') })],
  ['a processing instruction', 422, 'invalid_alert',
    () => by_ann({ xml: (xml) => xml.replace('<alert', '<?php echo ?><alert') })],
  ['a value the schema does not have', 422, 'invalid_alert', () => by_ann({ severity: 'Serious' })],
  ['a time with Z', 422, 'invalid_alert',
    () => by_ann({ sent: new Date().toISOString().replace(/\.\d+/, '') })],
  ['a polygon that is not closed', 422, 'invalid_alert',
    () => by_ann({ areas: [{ polygons: ['51.5,-0.1 51.6,-0.1 51.6,-0.2 51.5,-0.2'] }] })],
  ['a polygon that crosses itself', 422, 'invalid_alert',
    () => by_ann({ areas: [{ polygons: ['51.5,-0.1 51.6,-0.2 51.6,-0.1 51.5,-0.2 51.5,-0.1'] }] })],
  ['an Update that names nothing', 422, 'invalid_alert', () => by_ann({ msg_type: 'Update' })],
  ['a bidirectional override', 422, 'invalid_alert', () => by_ann({ headline: 'All \u202eclear' })],
  ['markup in the headline', 422, 'invalid_alert', () => by_ann({ headline: '<b>Flood</b>' })],
  ['Restricted without a restriction', 422, 'invalid_alert', () => by_ann({ scope: 'Restricted' })],
  // 7
  ['no system', 422, 'wrong_system', () => by_ann({ system: '' })],
  ['another system', 422, 'wrong_system', () => by_ann({ system: 'live-gb' })],
  ['Actual on an exercise system', 422, 'wrong_system', () => by_ann({ status: 'Actual' })],
  ['a draft', 422, 'wrong_system', () => by_ann({ status: 'Draft', note: 'Not yet.' })],
  ['status System', 422, 'wrong_system', () => by_ann({ status: 'System' })],
  // 8
  ['another sender\'s name', 403, 'outside_authority', () =>
    by_ann({ sender: 'control@two.example' })],
  ['a duty that does not suffice', 403, 'outside_authority', () => signed({}, keys.canceller)],
  ['a place outside', 403, 'outside_authority',
    () => by_ann({ areas: [{ codes: ['S12000036'] }] })],
  ['a polygon outside', 403, 'outside_authority',
    () => by_ann({ areas: [{ polygons: ['55,-3 55.1,-3 55.1,-3.1 55,-3'] }] })],
  ['the country around it', 403, 'outside_authority', () =>
    by_ann({ areas: [{ codes: ['E92000001'] }] })],
  ['a category outside', 403, 'outside_authority', () => by_ann({ category: 'Transport' })],
  ['a severity above', 403, 'outside_authority', () => narrow({ severity: 'Severe' })],
  ['severity Unknown, which counts as Extreme', 403, 'outside_authority',
    () => narrow({ severity: 'Unknown' })],
  ['a status outside', 403, 'outside_authority', () => narrow({ status: 'Exercise' })],
  ['a scope outside', 403, 'outside_authority', () => narrow({ scope: 'Restricted',
    restriction: 'police' })],
  // 9
  ['one holder where two are asked', 403, 'needs_approval', () => by_ann({ severity: 'Severe' })],
  ['two keys of one holder', 403, 'needs_approval',
    () => signed({ severity: 'Severe' }, keys.ann, keys.ann_again)],
  ['nobody who may originate', 403, 'needs_approval', () => signed({}, keys.approver)],
  // 10
  ['an Update of somebody else\'s alert', 403, 'foreign_reference',
    () => sealed(update([alert({ sender: 'control@two.example' })]), [keys.ann])],
  ['a Cancel of somebody else\'s alert', 403, 'foreign_reference',
    () => sealed(cancel([alert({ sender: 'control@two.example' })]), [keys.ann])],
  // 11
  ['sent three minutes from now', 422, 'sent_in_future', () => by_ann({ sent: in_seconds(180) })],
  ['a Cancel from the future', 422, 'sent_in_future',
    () => sealed(cancel([alert()], { sent: in_seconds(180) }), [keys.ann])],
  ['sent 25 hours ago', 422, 'too_old', () => by_ann({ sent: in_seconds(-25 * 3600) })],
  ['expired', 422, 'expired', () => by_ann({ sent: in_seconds(-600), expires: in_seconds(-1) })],
  // 12
  ['nowhere', 422, 'no_place', () => signed({ sender: 'control@two.example', areas: [] },
    keys.dora)],
  ['an area in words alone', 422, 'no_place',
    () => signed({ sender: 'control@two.example', areas: [{ name: 'Everywhere' }] }, keys.dora)],
  ['an area code unknown here', 422, 'no_place',
    () => signed({ sender: 'control@two.example', areas: [{ codes: ['X99999999'] }] }, keys.dora)],
];
const narrow = (parts) => signed({ sender: 'narrow@four.example', category: 'Met', status: 'Test',
                                   severity: 'Minor', ...parts }, keys.nell);

for (const [what, status, code, make] of CASES) {
  test(`${code}: ${what}`, async () => assert_problem(await post(make()), status, code));
}

test('what the narrow sender may say, it may say', async () => {
  const answer = await post(narrow({}));
  assert.equal(answer.status, 201, answer.body.toString());
});

test('invalid_alert lists every rule broken, where, and what to do', async () => {
  const problem = assert_problem(await post(by_ann({
    headline: '<i>x</i>', areas: [{ polygons: ['51.5,-0.1 51.6,-0.1 51.6,-0.2 51.5,-0.2'] }] })),
    422, 'invalid_alert');
  assert.ok(problem.errors.length >= 2);
  for (const { rule, where, message } of problem.errors) {
    assert.match(rule, /^[a-z_0-9]+$/);
    assert.match(where, /line \d+/);
    assert.ok(message.length > 10);
  }
});

test('needs_approval says how many there are, how many it takes, and who could', async () => {
  const problem = assert_problem(await post(by_ann({ severity: 'Extreme' })), 403,
    'needs_approval');
  assert.deepEqual([problem.have, problem.need], [1, 2]);
  assert.ok(problem.could.includes('ben') && problem.could.includes('approver'));
  for (const nobody of ['ann', 'gone', 'late', 'canceller', 'dora']) {
    assert.ok(!problem.could.includes(nobody), nobody);
  }
  assert.equal((await post(signed({ severity: 'Extreme' }, keys.ann, keys.ben))).status, 201);
  assert.equal((await post(signed({ severity: 'Severe' }, keys.writer, keys.approver))).status,
    201);
});

test('identity_conflict: the same identity with other bytes', async () => {
  const parts = { identifier: 'conflict-1', sent: in_seconds(-5) };
  assert.equal((await post(by_ann(parts))).status, 201);
  assert_problem(await post(by_ann({ ...parts, headline: 'Other' })), 409, 'identity_conflict');
  const elsewhere = cap_time(new Date(Date.parse(parts.sent) + 3600_000)).replace('-00:00',
    '+01:00');
  assert_problem(await post(by_ann({ ...parts, sent: elsewhere })), 409, 'identity_conflict');
});

test('already_cancelled: a Cancel may come before its alert', async () => {
  const late = alert();
  assert.equal((await post(sealed(cancel([late]), [keys.canceller]))).status, 201);
  assert_problem(await post(sealed(late, [keys.ann])), 409, 'already_cancelled');
});

test('a Cancel takes one holder with the duty, whatever it names, and however old', async () => {
  const severe = alert({ severity: 'Extreme' });
  assert.equal((await post(sealed(severe, [keys.ann, keys.ben]))).status, 201);
  const old = { sent: in_seconds(-30 * 3600), expires: in_seconds(-3600) };
  assert_problem(await post(sealed(cancel([severe], old), [keys.writer])), 403,
    'outside_authority');
  const answer = await post(sealed(cancel([severe], { ...old, category: 'Transport',
    severity: 'Extreme',
    areas: [{ codes: ['S12000036'] }] }), [keys.canceller]));
  assert.equal(answer.status, 201, answer.body.toString());
});

test('too_many: the third alert of an hour, but never a Cancel or an Extreme alert of two',
  async () => {
  const rare = { sender: 'rare@three.example' };
  const first = alert(rare);
  assert.equal((await post(sealed(first, [keys.quick]))).status, 201);
  assert.equal((await post(signed(rare, keys.quick))).status, 201);
  const third = await post(signed(rare, keys.quick));
  assert_problem(third, 429, 'too_many');
  assert.ok(Number(third.headers['retry-after']) > 0);
  const nothing =
    { sender: rare.sender, references: `${rare.sender},never-seen,${in_seconds(-60)}` };
  assert_problem(await post(sealed(cancel([], nothing), [keys.quick])), 429, 'too_many');
  assert.equal((await post(sealed(first, [keys.quick]))).status, 200, 'a repeat costs nothing');
  const exempt = await post(signed({ ...rare, severity: 'Extreme' }, keys.quick, keys.swift));
  assert.equal(exempt.status, 201, exempt.body.toString());
  const stop = await post(sealed(cancel([first], rare), [keys.quick]));
  assert.equal(stop.status, 201, stop.body.toString());
  assert.match(reference_to(first), /^rare@three/);
});

test('nothing that was refused is in the log', async () => {
  const list = await curl(`${engine.url}/v1/alerts?limit=1000&status=Exercise&status=Test`);
  const lines = list.body.toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 5);
  assert.ok(lines.at(-1).seq <= lines.length + 3, 'no places were spent on refusals');
});
