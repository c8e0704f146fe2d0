// Writes schemas/examples/: run it by hand after a schema changed, and read the difference.
// The keys are RFC 8032's own test keys (section 7.1), so that nobody mistakes them for real ones.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alert } from './cap.mjs';
import { envelope, new_key, sha256_hex, TRUST_TYPE } from './dsse.mjs';
import { SCHEMAS } from './schemas.mjs';

const folder = join(SCHEMAS, 'examples');
mkdirSync(folder, { recursive: true });
const ann = new_key('Ann Example',
                    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const ben = new_key('Ben Example',
                    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');

const document = alert({
  identifier: '2026-11-21-0007', sender: 'control@london.example',
    sent: '2026-11-21T19:29:58-00:00',
  system: 'exercise-demo', severity: 'Severe', event: 'Flood', expires: '2026-11-21T22:29:58-00:00',
  headline: 'EXERCISE: Flooding in Camden', description: 'The canal has left its bed.',
  areas: [{ name: 'Camden', codes: ['E09000007'] }],
});
const signed = envelope(document, [ann, ben]);
const id = sha256_hex(document);
const at = '2026-11-21T19:30:00.125Z';
const epoch = '9f1c0de2a4b65378';
const person = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });
const officer = (key) => ({ ...person(key), duties: ['originate', 'approve', 'cancel'],
                            not_before: '2026-11-01T00:00:00Z',
                              not_after: '2027-11-01T00:00:00Z' });
const trust = {
  system: 'exercise-demo', kind: 'exercise', version: 7, issued: '2026-11-01T00:00:00Z',
  expires: '2027-11-01T00:00:00Z', root: { threshold: 1, keys: [person(ben)] }, revocation: [],
  senders: [{ sender: 'control@london.example', name: 'London control', officers: [officer(ann)],
    authority: { areas: ['E12000007'], categories: ['Security', 'Safety'], max_severity: 'Extreme',
                 statuses: ['Exercise', 'Test'], scopes: ['Public'] },
    approvals: [{ status: 'Exercise', severity_at_least: 'Severe', holders: 2 }],
    rate_per_hour: 60 }],
  revoked: [{ keyid: sha256_hex(Buffer.from('an old key')), since: '2026-11-05T09:00:00Z',
              reason: 'Lost on a train.' }],
};
const hello = { type: 'hello', node: 'tocsin', system: 'exercise-demo', kind: 'exercise', epoch,
                head: 41, recovered: true, gap: null, heartbeat_s: 15 };
const alert_object = { type: 'alert', seq: 41, at, id, envelope: signed };
const beat = { type: 'beat', head: 41, at, last: 41, checkpoint: null };
const answer = { seq: 41, epoch, id, at };
const readyz = { ready: true, problems: [], warnings: [], node: 'tocsin', system: 'exercise-demo',
                 kind: 'exercise', epoch, head: 41, streams: 3,
                 trust: { version: 7, expires: '2027-11-01T00:00:00Z' } };
const dry_run = { id, reach: { stream: { organisations: 3, anonymous: 12 } },
  concerned: { matched: 1200, looked_at: 1000, channels: { sms: 812, email: 540, webhook: 3 },
               later: 20, not_contactable: 40 },
  missing: { have: 1, need: 2, could: ['Ben Example'] },
  warnings: [{ rule: 'instruction_missing', where: 'alert/info[1], line 12',
               message: 'There is no instruction. Say what people should do.' }], repeat: null };
const reach = { seq: 41,
  organisations: { connected: 3, displayed: 2, acknowledged: 1, answered: 1 },
  anonymous: { connected: 12, displayed: 9, acknowledged: 0, answered: 0 }, channels: {} };
const session = { organisation: 'acme', name: 'Acme Ltd', groups: ['police'] };
const door = { number: 7, way: 'sms', address: '+447700900123', consents: true, fallback: false,
  dead: false, hours: '08:00-18:00', confirmed: '2026-11-20T09:00:00Z' };
const organisation = { organisation: 'acme', name: 'Acme Ltd', groups: ['police'],
  subscription: [['severity', 'Severe']], since: '2026-11-01T08:00:00Z',
  profile: { sectors: ['retail'], language: 'en',
    premises: [{ latitude: 51.539, longitude: -0.1426, ons: 'E09000007' }], contacts: [door] } };
const taken = { system: 'exercise-demo', version: 8, expires: '2027-11-01T00:00:00Z' };
const rendition = {
  notice: 'For reading only: this rendition is not signed. The signed document is ' +
    '/v1/alerts/41.xml', seq: 41, at, id,
  alert: { identifier: '2026-11-21-0007', sender: 'control@london.example',
    sent: '2026-11-21T19:29:58-00:00', status: 'Exercise', msgType: 'Alert', scope: 'Public',
    code: ['system:exercise-demo'],
    info: [{ language: 'en-GB', category: ['Safety'], event: 'Flood', urgency: 'Immediate',
      severity: 'Severe', certainty: 'Observed', expires: '2026-11-21T22:29:58-00:00',
      headline: 'EXERCISE: Flooding in Camden', description: 'The canal has left its bed.',
      instruction: 'Move to higher ground.',
      area: [{ areaDesc: 'Camden', geocode: [{ valueName: 'ONS', value: 'E09000007' }] }] }] } };
const without = (object, key) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
const with_signatures = (signatures) => ({ ...signed, signatures });
const of_sender = (changes) => ({ ...trust, senders: [{ ...trust.senders[0], ...changes }] });

const examples = {
  'envelope': signed,
  'envelope-one-signature': with_signatures([signed.signatures[0]]),
  'invalid-envelope-no-signature': with_signatures([]),
  'invalid-envelope-nine-signatures': with_signatures(Array(9).fill(signed.signatures[0])),
  'invalid-envelope-other-type': { ...signed, payloadType: 'application/xml' },
  'invalid-envelope-short-signature':
    with_signatures([{ ...signed.signatures[0], sig: 'AAAA' }]),
  'invalid-envelope-upper-case-keyid':
    with_signatures([{ ...signed.signatures[0], keyid: ann.keyid.toUpperCase() }]),
  'invalid-envelope-base64url': { ...signed, payload: 'PD94_w--' },
  'answer': answer,
  'invalid-answer-seq-zero': { ...answer, seq: 0 },
  'invalid-answer-local-time': { ...answer, at: '2026-11-21T19:30:00+00:00' },
  'hello': hello,
  'hello-empty-log': { ...hello, head: 0 },
  'hello-gap': { ...hello, recovered: false, gap: { from: 1, to: 41 } },
  'hello-gap-empty-log': { ...hello, head: 0, recovered: false, gap: { from: 1, to: 0 } },
  'invalid-hello-gap-unsaid': { ...hello, recovered: false },
  'invalid-hello-gap-but-recovered': { ...hello, gap: { from: 1, to: 41 } },
  'invalid-hello-gap-without-numbers':
    { ...hello, recovered: false, gap: { from: null, to: null } },
  'invalid-hello-kind': { ...hello, kind: 'drill' },
  'alert': alert_object,
  'invalid-alert-no-envelope': without(alert_object, 'envelope'),
  'invalid-alert-seq-zero': { ...alert_object, seq: 0 },
  'live': { type: 'live', seq: 41 },
  'live-empty-log': { type: 'live', seq: 0 },
  'invalid-live-text-seq': { type: 'live', seq: '41' },
  'beat': beat,
  'beat-nothing-concerned': { ...beat, last: 12 },
  'invalid-beat-no-last': without(beat, 'last'),
  'invalid-beat-negative-last': { ...beat, last: -1 },
  'ack': { type: 'ack', seq: 41 },
  'invalid-ack-no-seq': { type: 'ack' },
  'invalid-ack-fraction': { type: 'ack', seq: 4.5 },
  'receipt': { type: 'receipt', seq: 41, state: 'displayed' },
  'receipt-answer': { type: 'receipt', seq: 41, state: 'acknowledged', answer: 'No impact here' },
  'invalid-receipt-state': { type: 'receipt', seq: 41, state: 'seen' },
  'trust': trust,
  'trust-two-roots': { ...trust, root: { threshold: 2, keys: [person(ann), person(ben)] } },
  'invalid-trust-version-zero': { ...trust, version: 0 },
  'invalid-trust-duty': of_sender({ officers: [{ ...officer(ann), duties: ['sign'] }] }),
  'invalid-trust-local-time': { ...trust, expires: '2027-11-01T00:00:00+00:00' },
  'invalid-trust-severity-unknown':
    of_sender({ authority: { ...trust.senders[0].authority, max_severity: 'Unknown' } }),
  'trust-envelope': envelope(JSON.stringify(trust), [ben], TRUST_TYPE),
  'invalid-trust-envelope-cap-type': envelope(JSON.stringify(trust), [ben]),
  'dry-run': dry_run,
  'dry-run-repeat': { ...dry_run, concerned: null, missing: null, warnings: [],
                      repeat: without(answer, 'id') },
  'invalid-dry-run-nobody-needed': { ...dry_run, missing: { have: 0, need: 0, could: [] } },
  'invalid-dry-run-no-reach': without(dry_run, 'reach'),
  'reach': reach,
  'invalid-reach-negative': { ...reach, anonymous: { ...reach.anonymous, displayed: -1 } },
  'invalid-reach-one-sum': without(reach, 'anonymous'),
  'rendition': rendition,
  'invalid-rendition-no-notice': without(rendition, 'notice'),
  'invalid-rendition-category-text': { ...rendition, alert: { ...rendition.alert,
    info: [{ ...rendition.alert.info[0], category: 'Safety' }] } },
  'session': session,
  'session-nobody': { organisation: null, name: null, groups: [] },
  'invalid-session-no-groups': without(session, 'groups'),
  'organisation': organisation,
  'invalid-organisation-hours': { ...organisation, profile: { ...organisation.profile,
    contacts: [{ ...door, hours: '8-18' }] } },
  'invalid-organisation-secret': { ...organisation, profile: { ...organisation.profile,
    contacts: [{ ...door, secret: 'whsec_EXAMPLE' }] } },
  'own-words': { profile: { ...organisation.profile,
    contacts: [door, { way: 'email', address: 'door@acme.example' }] } },
  'own-words-subscription': { subscription: [['severity', 'Severe'], ['area', 'E09000007']] },
  'invalid-own-words-groups': { groups: ['police'] },
  'invalid-own-words-half-a-point': { profile: { premises: [{ latitude: 51.539 }] } },
  'own-address': { way: 'sms', address: '+447700900123' },
  'own-address-code': { way: 'email', address: 'door@acme.example', code: '012345' },
  'invalid-own-address-webhook': { way: 'webhook', address: 'https://acme.example/hook' },
  'invalid-own-address-code-number': { way: 'sms', address: '+447700900123', code: 12345 },
  'sign-in': { token: 'tocsin_t_EXAMPLE' },
  'sign-in-invitation': { invitation: 'tocsin_i_EXAMPLE' },
  'invalid-sign-in-both': { token: 'tocsin_t_EXAMPLE', invitation: 'tocsin_i_EXAMPLE' },
  'invalid-sign-in-neither': {},
  'trust-taken': taken,
  'invalid-trust-taken-version-zero': { ...taken, version: 0 },
  'readyz': readyz,
  'readyz-expired-trust': { ...readyz,
    warnings: ['The trust document expired at 2027-11-01T00:00:00Z.'] },
  'readyz-not': { ...readyz, ready: false, problems: ['The log could not be written.'] },
  'invalid-readyz-no-reason': { ...readyz, ready: false },
  'invalid-readyz-problem-but-ready': { ...readyz, problems: ['The log could not be written.'] },
};
for (const [name, object] of Object.entries(examples)) {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(object, null, 2)}\n`);
}
