// Writes schemas/examples/vectors/bulletins.json: a trust document, its root's id, a bulletin with
// every step of verifying it spelt out, and forgeries with what is wrong. Run by hand; the keys'
// seeds are SHA-256 of names, so that anybody can sign more of them, and nobody believes them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alert, cancel } from './cap.mjs';
import { encoding, envelope, new_key, sha256_hex, CAP_TYPE, TRUST_TYPE } from './dsse.mjs';
import { SCHEMAS } from './schemas.mjs';

const key = (holder) => new_key(holder, sha256_hex(Buffer.from(holder)));
const [root, ann, ben, eve] = ['Test Root', 'Test Ann', 'Test Ben', 'Test Eve'].map(key);
const person = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });
const officer = (each, changes = {}) => ({ ...person(each),
  duties: ['originate', 'approve', 'cancel'], not_before: '2026-11-01T00:00:00Z',
  not_after: '2027-11-01T00:00:00Z', ...changes });
const trust = {
  system: 'exercise-vectors', kind: 'exercise', version: 1, issued: '2026-11-01T00:00:00Z',
  expires: '2027-11-01T00:00:00Z', root: { threshold: 1, keys: [person(root)] }, revocation: [],
  senders: [{ sender: 'control@london.example', name: 'London control',
    officers: [officer(ann), officer(ben),
      officer(eve, { not_after: '2026-11-20T00:00:00Z' })],
    authority: { areas: ['E12000007'], categories: ['Met', 'Safety'], max_severity: 'Extreme',
                 statuses: ['Exercise', 'Test'], scopes: ['Public'] },
    approvals: [{ status: 'Exercise', severity_at_least: 'Severe', holders: 2 }],
    rate_per_hour: 60 }],
  revoked: [],
};
const parts = { identifier: '2026-11-21-0008', sender: 'control@london.example',
  sent: '2026-11-21T19:29:58-00:00', expires: '2026-11-21T22:29:58-00:00',
  system: 'exercise-vectors', severity: 'Severe', headline: 'EXERCISE: Flooding in Camden' };
const document = alert(parts);
const at = '2026-11-21T19:30:00.125Z';
const object = (bytes, signers, changes = {}) => ({ type: 'alert', seq: 1, at,
  id: sha256_hex(bytes), envelope: envelope(bytes, signers), ...changes });
const sound = object(document, [ann, ben]);
const [first, second] = sound.envelope.signatures;
const signed_by = (signatures) => ({ ...sound, envelope: { ...sound.envelope, signatures } });
const altered = Buffer.from(document);
altered[altered.indexOf('Severe')] ^= 0x20;
const altered_object = { ...sound, id: sha256_hex(altered),
  envelope: { ...sound.envelope, payload: altered.toString('base64') } };
const cancelled = cancel([document], { ...parts, identifier: '2026-11-21-0009' });
const came = (bytes, when) => object(bytes, [ann, ben], { at: when });
const minor = (changes) => alert({ ...parts, severity: 'Minor', ...changes });

const vectors = {
  note: 'Made for testing; the seed of each key is the SHA-256 of its holder.',
  root_id: root.keyid,
  trust: envelope(JSON.stringify(trust), [root], TRUST_TYPE),
  keys: [root, ann, ben, eve].map((each) => ({ holder: each.holder,
    seed: sha256_hex(Buffer.from(each.holder)), public: each.public, keyid: each.keyid })),
  bulletin: { payload_utf8: document.toString(),
    pae_hex: encoding(CAP_TYPE, document).toString('hex'), id: sha256_hex(document),
    signatures_hex: sound.envelope.signatures
      .map(({ sig }) => Buffer.from(sig, 'base64').toString('hex')) },
  alerts: [
    { what: 'as it was signed, by the two it takes', code: null, object: sound },
    { what: 'Minor takes one', code: null, object: object(minor(), [ann]) },
    { what: 'a Cancel takes one', code: null, object: object(cancelled, [ben]) },
    { what: 'one octet of the document altered', code: 'bad_signature', object: altered_object },
    { what: 'the signatures swapped', code: 'bad_signature', object: signed_by(
      [{ ...first, sig: second.sig }, { ...second, sig: first.sig }]) },
    { what: 'one signature twice', code: 'malformed_envelope', object: signed_by([first, first]) },
    { what: 'no signature', code: 'malformed_envelope', object: signed_by([]) },
    { what: 'one holder where it takes two', code: 'needs_approval',
      object: signed_by([first]) },
    { what: 'signed by a root, who is no officer', code: 'unknown_key',
      object: object(document, [root]) },
    { what: 'a key that was valid no longer when it came', code: 'key_expired',
      object: object(minor(), [eve]) },
    { what: 'an engine that moves the time back to when that key was valid', code: 'sent_in_future',
      object: object(minor(), [eve], { at: '2026-11-19T19:30:00Z' }) },
    { what: 'an id that is not the SHA-256 of the payload', code: 'wrong_id',
      object: { ...sound, id: sha256_hex(Buffer.from('')) } },
    { what: 'another system', code: 'wrong_system',
      object: object(minor({ system: 'live-gb' }), [ann]) },
    { what: 'Actual on an exercise system', code: 'wrong_system',
      object: object(alert({ ...parts, status: 'Actual' }), [ann, ben]) },
    { what: 'a category beyond the authority', code: 'outside_authority',
      object: object(minor({ category: 'CBRNE' }), [ann]) },
    { what: 'another sender\'s alert cancelled', code: 'foreign_reference', object: object(
      cancel([alert({ ...parts, sender: 'a@b' })], { ...parts, identifier: 'x' }), [ann]) },
    { what: 'it came two minutes before it was sent, as clocks go', code: null,
      object: came(document, '2026-11-21T19:27:58Z') },
    { what: 'it came earlier than that', code: 'sent_in_future',
      object: came(document, '2026-11-21T19:27:57.999Z') },
    { what: 'it came hours before it was sent', code: 'sent_in_future',
      object: came(document, '2026-11-21T10:00:00Z') },
    { what: 'it came a day after it was sent', code: null,
      object: came(document, '2026-11-22T19:29:58Z') },
    { what: 'it came later than that', code: 'too_old',
      object: came(document, '2026-11-22T19:29:58.001Z') },
    { what: 'it came eight days after it was sent', code: 'too_old',
      object: came(document, '2026-11-29T19:30:00Z') },
    { what: 'it came before its keys were valid', code: 'key_expired',
      object: came(document, '1999-12-31T23:59:59Z') },
    { what: 'it came when its keys had ended', code: 'key_expired',
      object: came(document, '2036-11-21T19:30:00Z') },
    { what: 'a Cancel that came eight days after it was sent', code: null,
      object: came(cancelled, '2026-11-29T19:30:00Z') },
    { what: 'a Cancel that came hours before it was sent', code: 'sent_in_future',
      object: came(cancelled, '2026-11-21T10:00:00Z') },
  ],
};
const folder = join(SCHEMAS, 'examples', 'vectors');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'bulletins.json'), `${JSON.stringify(vectors, null, 2)}\n`);
