// Trust documents made here, signed by node:crypto, and the people of the tests' control rooms.
import { SYSTEM } from './cap.mjs';
import { new_key, sealed, TRUST_TYPE } from './dsse.mjs';

const DAY_MS = 24 * 3600 * 1000;
const utc = (time_ms) => new Date(time_ms).toISOString().replace(/\.\d+Z$/, 'Z');
export const in_days = (days) => utc(Date.now() + days * DAY_MS);

/** A key as a trust document lists it. */
export const public_part = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });

/** An officer for a trust document; every duty and ten days around now unless told otherwise. */
export function officer(key, changes = {}) {
  return { ...public_part(key), duties: ['originate', 'approve', 'cancel'],
           not_before: in_days(-5), not_after: in_days(5), ...changes };
}

export const authority = (changes = {}) => ({
  areas: ['E12000007'], categories: ['Met', 'Safety', 'Security'], max_severity: 'Extreme',
  statuses: ['Exercise', 'Test'], scopes: ['Public', 'Restricted', 'Private'], ...changes,
});

/** Everybody's key, drawn anew. */
export function people() {
  const names = ['root', 'second_root', 'ann', 'ben', 'ann_again', 'writer', 'approver',
    'canceller',
                 'late', 'early', 'gone', 'dora', 'eve', 'quick', 'swift', 'nell', 'stranger'];
  const keys = Object.fromEntries(names.map((name) => [name, new_key(name)]));
  keys.ann_again.holder = 'ann';
  return keys;
}

const EVERYTHING = ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Env',
                    'Transport', 'Infra', 'CBRNE', 'Other'];

/**
 * Four control rooms: London, with all the people the refusals need; one that may speak about
 * anywhere; one with a rate of two an hour; one with a narrow authority.
 */
export const senders_of = (keys) => [
  { sender: 'control@one.example', name: 'Control One',
    officers: [
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
  { sender: 'control@two.example', name: 'Control Two',
    officers: [officer(keys.dora), officer(keys.eve)],
    authority: authority({ areas: ['*'], categories: EVERYTHING }), approvals: [],
    rate_per_hour: 10000 },
  { sender: 'rare@three.example', name: 'Speaks rarely',
    officers: [officer(keys.quick), officer(keys.swift)],
    authority: authority(), approvals: [], rate_per_hour: 2 },
  { sender: 'narrow@four.example', name: 'Narrow',
    officers: [officer(keys.nell)],
    authority: authority({ areas: ['E09000007'], categories: ['Met'], max_severity: 'Moderate',
                           statuses: ['Test'], scopes: ['Public'] }),
    approvals: [], rate_per_hour: 10000 },
];

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
