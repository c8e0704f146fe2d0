// Trust documents made here, signed by node:crypto, and the people of the tests' control rooms.
import { SYSTEM } from './cap.mjs';
import { new_key, sealed, TRUST_TYPE } from './dsse.mjs';

const DAY_MS = 24 * 3600 * 1000;
const utc = (time_ms) => new Date(time_ms).toISOString().replace(/\.\d+Z$/, 'Z');
export const in_days = (days) => utc(Date.now() + days * DAY_MS);

const public_part = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });

/** An officer for a trust document; every duty and ten days around now unless told otherwise. */
export function officer(key, changes = {}) {
  return { ...public_part(key), duties: ['originate', 'approve', 'cancel'],
           not_before: in_days(-5), not_after: in_days(5), ...changes };
}

export const authority = (changes = {}) => ({
  areas: ['E12000007'], categories: ['Met', 'Safety', 'Security'], max_severity: 'Extreme',
  statuses: ['Exercise', 'Test'], scopes: ['Public', 'Restricted', 'Private'], ...changes,
});

/**
 * Two control rooms. The first has London and all the people the refusals need; the second may
 * speak about anywhere.
 */
export function people() {
  const names = ['root', 'second_root', 'ann', 'ben', 'ann_again', 'writer', 'approver', 'canceller',
                 'late', 'early', 'gone', 'dora', 'eve', 'quick', 'stranger'];
  const keys = Object.fromEntries(names.map((name) => [name, new_key(name)]));
  keys.ann_again.holder = 'ann';
  return keys;
}

export const SENDERS = ['control@one.example', 'control@two.example', 'rare@three.example'];

export function senders_of(keys) {
  return [
    { sender: SENDERS[0], name: 'Control One', officers: [
        officer(keys.ann), officer(keys.ben), officer(keys.ann_again),
        officer(keys.writer, { duties: ['originate'] }),
        officer(keys.approver, { duties: ['approve'] }),
        officer(keys.canceller, { duties: ['cancel'] }),
        officer(keys.late, { not_after: in_days(-1) }),
        officer(keys.early, { not_before: in_days(1) }),
        officer(keys.gone)],
      authority: authority(),
      approvals: [{ status: 'Exercise', severity_at_least: 'Severe', holders: 2 }],
      rate_per_hour: 10000 },
    { sender: SENDERS[1], name: 'Control Two', officers: [officer(keys.dora), officer(keys.eve)],
      authority: authority({
        areas: ['*'], categories: ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health',
                                   'Env', 'Transport', 'Infra', 'CBRNE', 'Other'] }),
      approvals: [], rate_per_hour: 10000 },
    { sender: SENDERS[2], name: 'Speaks rarely', officers: [officer(keys.quick)],
      authority: authority({ scopes: ['Public'], max_severity: 'Severe' }), approvals: [],
      rate_per_hour: 2 },
  ];
}

/** The payload of a trust document. */
export function trust_payload(keys, changes = {}) {
  return {
    system: SYSTEM, kind: 'exercise', version: 1, issued: in_days(-5), expires: in_days(5),
    root: { threshold: 1, keys: [public_part(keys.root)] }, revocation: [],
    senders: senders_of(keys),
    revoked: [{ keyid: keys.gone.keyid, since: in_days(-1), reason: 'Lost.' }], ...changes,
  };
}

/** trust.json, signed by the root, or by whom it is told. */
export const trust_file = (payload, signers) =>
  sealed(JSON.stringify(payload), signers, TRUST_TYPE);
