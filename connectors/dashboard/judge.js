// Whether an alert that arrived may be shown: the questions of admission that a reader can ask for
// itself, cheap before dear, and nothing parsed before it is trusted. Places are the engine's
// question alone: this page holds no map.

import {expires_of, parse_cap, rank, severity_of} from './cap.js';
import {
  cap_type, hex, pre_authentication_encoding, read_envelope, sha256, strict_base64, verify,
} from './dsse.js';
import {refuse, require_that} from './refused.js';
import {instant} from './trust.js';

const payload_max = 1 << 20;
const sent_ahead_max_ms = 2 * 60 * 1000;      // an engine admits from 2 min before `sent`
const sent_age_max_ms = 24 * 60 * 60 * 1000;  // to 24 h after it, and a Cancel however late

/**
 * The verified bulletin of a stream's `alert` object, or a Refused: {id, seq, at, alert, severity,
 * expires, sender, sender_name, holders, keyids}. `parse` turns payload bytes into an alert.
 */
export async function judge(object, trust, parse = parse_cap) {
  require_that(
      typeof object.id === 'string' && Number.isSafeInteger(object.seq), 'malformed_envelope',
      'The engine sent it in an unknown form.');
  const at = instant(object.at);
  require_that(!Number.isNaN(at), 'malformed_envelope', 'The engine sent it in an unknown form.');
  const envelope = read_envelope(object.envelope, payload_max);
  require_that(envelope.payload_type === cap_type, 'unsupported_type', 'It is no CAP document.');
  const id = hex(await sha256(envelope.payload));
  require_that(id === object.id, 'wrong_id', 'Its id is not that of its contents.');

  const {sender, officers} = signers_of(envelope.signatures, trust, at);
  await require_signatures(envelope, officers);

  const alert = parse(envelope.payload);
  // That the key was whole when this came is the engine's word; when it was sent, the officers'.
  for (const officer of officers) require_not_revoked(officer, trust, alert.sent);
  require_same_system(alert, trust);
  require_that(
      alert.sender === sender.sender, 'outside_authority',
      'Its sender is not the one whose officers have signed it.');
  const severity = severity_of(alert);
  require_duties(officers, alert.msg_type);
  if (alert.msg_type !== 'Cancel') {
    require_within(sender.authority, alert, severity);
    require_approved(sender, officers, alert.status, severity);
  }
  require_that(
      alert.references.every(named => named.sender === alert.sender), 'foreign_reference',
      'It names alerts of another sender.');
  require_in_time(alert, at);
  return {
    id,
    seq: object.seq,
    at,
    alert,
    severity,
    expires: expires_of(alert),
    sender: sender.sender,
    sender_name: sender.name,
    holders: new Set(officers.map(officer => officer.holder)).size,
    keyids: officers.map(officer => officer.keyid),
  };
}

function signers_of(signatures, trust, at) {
  let sender = null;
  const officers = signatures.map(({keyid}) => {
    for (const candidate of trust.senders) {
      const officer = candidate.officers.find(known => known.keyid === keyid);
      if (officer === undefined) continue;
      require_that(
          sender === null || sender === candidate, 'unknown_key',
          'Officers of different senders have signed it.');
      require_that(
          officer.not_before <= at && at < officer.not_after, 'key_expired',
          `The key ${keyid.slice(0, 16)}… that signed it was not valid when it came.`);
      require_not_revoked(officer, trust, at);
      sender = candidate;
      return officer;
    }
    return refuse('unknown_key', `The key ${keyid.slice(0, 16)}… that signed it is not known.`);
  });
  return {sender, officers};
}

async function require_signatures(envelope, officers) {
  const message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (let i = 0; i < officers.length; i++) {
    const right = await verify(
        strict_base64(officers[i].public, 32), message, envelope.signatures[i].signature);
    require_that(right, 'bad_signature', 'A signature does not fit its contents.');
  }
}

function require_not_revoked({keyid}, trust, time) {
  const revoked = trust.revoked.some(entry => entry.keyid === keyid && entry.since <= time);
  require_that(
      !revoked, 'key_revoked', `The key ${keyid.slice(0, 16)}… that signed it has been revoked.`);
}

// Nobody signed `at`, so it is held against `sent`: an engine that lies about it gains a day.
function require_in_time({sent, msg_type}, at) {
  require_that(
      sent <= at + sent_ahead_max_ms, 'sent_in_future',
      'It came before it was sent, as the engine says.');
  require_that(
      msg_type === 'Cancel' || sent >= at - sent_age_max_ms, 'too_old',
      'It came more than a day after it was sent, as the engine says.');
}

function require_same_system(alert, trust) {
  const named = alert.codes.filter(name => name.startsWith('system:'));
  require_that(
      named.length === 1 && named[0] === `system:${trust.system}`, 'wrong_system',
      'It was not made for this system.');
  const statuses = trust.kind === 'live' ? ['Actual', 'Exercise', 'Test'] : ['Exercise', 'Test'];
  require_that(
      statuses.includes(alert.status), 'wrong_system',
      `Its status is not one of ${trust.kind === 'live' ? 'a live' : 'an exercise'} system.`);
}

function require_duties(officers, msg_type) {
  const may = duty => officer => officer.duties.has(duty);
  if (msg_type === 'Cancel') {
    require_that(
        officers.some(may('cancel')), 'outside_authority', 'Nobody who signed it may cancel.');
    return;
  }
  require_that(
      officers.every(officer => may('originate')(officer) || may('approve')(officer)),
      'outside_authority', 'Somebody signed it who may only cancel.');
}

function require_within(authority, alert, severity) {
  const within = authority.statuses.has(alert.status) && authority.scopes.has(alert.scope) &&
      rank(severity) <= rank(authority.max_severity) &&
      alert.infos.every(info => info.categories.every(name => authority.categories.has(name)));
  require_that(within, 'outside_authority', 'It lies outside what its sender may say.');
}

/** How many distinct holders an alert of this kind needs of that sender. */
export function holders_needed(sender, status, severity) {
  const matching = sender.approvals.filter(
      rule => rule.status === status && rank(severity) >= rank(rule.severity_at_least));
  if (matching.length === 0) return status === 'Actual' ? 2 : 1;
  return Math.max(...matching.map(rule => rule.holders));
}

function require_approved(sender, officers, status, severity) {
  const have = new Set(officers.map(officer => officer.holder)).size;
  const need = holders_needed(sender, status, severity);
  require_that(
      have >= need, 'needs_approval', `It needs ${need} officers; ${have} have signed it.`);
  require_that(
      officers.some(officer => officer.duties.has('originate')), 'needs_approval',
      'Nobody who signed it may originate an alert.');
}
