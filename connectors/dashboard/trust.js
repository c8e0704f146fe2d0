// The trust document: who may speak, for whom, and how many of them it takes. Read as the engine
// and the commands read it, and pinned in this browser the first time: from then on only documents
// chained to those roots count, and the version never goes back.

import {
  acceptable_point, hex, pre_authentication_encoding, read_envelope, sha256, strict_base64,
  trust_type, verify,
} from './dsse.js';
import {require_that} from './refused.js';
import {parse_strict_json} from './strict_json.js';

const payload_max = 6 << 20;
const signatures_max = 32;  // a change of roots is signed by the old ones and by the new
const code = 'bad_trust';

/**
 * The document in `text` (the whole envelope), when a threshold of its own roots and a threshold of
 * the pinned ones have signed it. `pins` is what pins_of() gave, or null the first time. Expiry is
 * no reason to refuse it: an overdue paper must not silence a warning.
 */
export async function read_trust(text, pins) {
  const envelope = read_envelope(parse_strict_json(text, code), payload_max, signatures_max);
  require_that(envelope.payload_type === trust_type, code, 'It is not a trust document.');
  const payload_text = new TextDecoder('utf-8', {fatal: true}).decode(envelope.payload);
  const document = await checked(parse_strict_json(payload_text, code));
  document.digest = hex(await sha256(envelope.payload));

  const message = pre_authentication_encoding(trust_type, envelope.payload);
  const own = await holders_of(document.root.keys, envelope.signatures, message);
  require_that(
      own >= document.root.threshold, code,
      `Only ${own} of the ${document.root.threshold} root holders it asks for have signed it.`);
  if (pins !== null) await require_chained(document, pins, envelope.signatures, message);
  return document;
}

async function require_chained(document, pins, signatures, message) {
  const pinned = await holders_of(pins.keys, signatures, message);
  require_that(
      pinned >= pins.threshold, 'other_root',
      'It is not signed by the roots that this browser has pinned.');
  // Pins of a browser that took them before these were kept have neither.
  require_that(
      document.system === (pins.system ?? document.system) &&
          document.kind === (pins.kind ?? document.kind),
      'wrong_system',
      `It is for another system than ${pins.system} (${pins.kind}), which is pinned here.`);
  require_that(
      document.version >= pins.version, code,
      `It is version ${document.version}; this browser has seen version ${pins.version} already.`);
  require_that(
      document.version > pins.version || document.digest === pins.digest, code,
      `It is another document under the same version ${document.version}.`);
}

/** What a browser keeps after taking this document. */
export function pins_of(document) {
  return {
    system: document.system,
    kind: document.kind,
    keys: document.root.keys,
    threshold: document.root.threshold,
    version: document.version,
    digest: document.digest,
  };
}

// How many different people of `keys` have signed: two keys of one holder are one holder. Keys that
// nobody knows here are passed over, as a change of roots needs; a known one's signature must fit.
async function holders_of(keys, signatures, message) {
  const holders = new Set();
  for (const {keyid, signature} of signatures) {
    const key = keys.find(candidate => candidate.keyid === keyid);
    if (key === undefined) continue;
    const bytes = strict_base64(key.public, 32);
    require_that(
        await verify(bytes, message, signature), code,
        `Its signature by the key ${keyid.slice(0, 16)}… does not fit.`);
    holders.add(key.holder);
  }
  return holders.size;
}

// --- the contents

function text_at(object, name) {
  require_that(
      typeof object?.[name] === 'string' && object[name] !== '', code,
      `Its member ${name} is missing or no text.`);
  return object[name];
}

function list_at(object, name) {
  require_that(Array.isArray(object?.[name]), code, `Its member ${name} is missing or no list.`);
  return object[name];
}

function count_at(object, name) {
  require_that(
      Number.isSafeInteger(object?.[name]) && object[name] >= 1, code,
      `Its member ${name} is not a number from 1.`);
  return object[name];
}

/** A time (RFC 3339 with Z) in milliseconds; NaN for anything else. */
export function instant(text) {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : NaN;
}

/** The time of a document under that name. */
export function instant_at(object, name) {
  const ms = instant(text_at(object, name));
  require_that(!Number.isNaN(ms), code, `Its member ${name} is not a time with Z.`);
  return ms;
}

async function checked_key(key, seen) {
  const keyid = text_at(key, 'keyid');
  const bytes = strict_base64(text_at(key, 'public'), 32);
  require_that(
      bytes.length === 32 && acceptable_point(bytes), code,
      'A key in it is not an acceptable Ed25519 key.');
  require_that(hex(await sha256(bytes)) === keyid, code, 'A key id in it is not that of its key.');
  require_that(!seen.has(keyid), code, 'A key in it stands twice.');
  seen.add(keyid);
  return {keyid, public: key.public, holder: text_at(key, 'holder')};
}

async function checked_officer(officer, seen) {
  return {
    ...await checked_key(officer, seen),
    duties: new Set(list_at(officer, 'duties')),
    not_before: instant_at(officer, 'not_before'),
    not_after: instant_at(officer, 'not_after'),
  };
}

async function checked_sender(sender, seen) {
  const officers = [];
  for (const officer of list_at(sender, 'officers')) {
    officers.push(await checked_officer(officer, seen));
  }
  const authority = sender.authority;
  return {
    sender: text_at(sender, 'sender'),
    name: text_at(sender, 'name'),
    officers,
    authority: {
      categories: new Set(list_at(authority, 'categories')),
      max_severity: text_at(authority, 'max_severity'),
      statuses: new Set(list_at(authority, 'statuses')),
      scopes: new Set(list_at(authority, 'scopes')),
    },
    approvals: (sender.approvals ?? []).map(rule => ({
                                              status: text_at(rule, 'status'),
                                              severity_at_least: text_at(rule, 'severity_at_least'),
                                              holders: count_at(rule, 'holders'),
                                            })),
  };
}

async function checked(value) {
  require_that(
      value !== null && typeof value === 'object' && !Array.isArray(value), code,
      'It is not a trust document.');
  const kind = text_at(value, 'kind');
  require_that(kind === 'live' || kind === 'exercise', code, 'Its kind is unknown.');
  const seen = new Set();
  const keys = [];
  for (const key of list_at(value.root, 'keys')) keys.push(await checked_key(key, seen));
  const revocation = [];
  for (const key of value.revocation ?? []) revocation.push(await checked_key(key, seen));
  const senders = [];
  for (const sender of list_at(value, 'senders')) senders.push(await checked_sender(sender, seen));
  return {
    system: text_at(value, 'system'),
    kind,
    version: count_at(value, 'version'),
    issued: instant_at(value, 'issued'),
    expires: instant_at(value, 'expires'),
    root: {threshold: count_at(value.root, 'threshold'), keys},
    revocation,
    senders,
    revoked: (value.revoked ?? []).map(entry => ({
                                         keyid: text_at(entry, 'keyid'),
                                         since: instant_at(entry, 'since'),
                                       })),
  };
}
