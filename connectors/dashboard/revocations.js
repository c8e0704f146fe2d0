// Revocations: what one key may say alone, between two versions of the trust document. They only
// take away, so those that were seen once are kept, whatever is served next time.

import {pre_authentication_encoding, read_envelope, strict_base64, verify} from './dsse.js';
import {require_that} from './refused.js';
import {parse_strict_json} from './strict_json.js';
import {instant_at} from './trust.js';

export const revocation_type = 'application/vnd.tocsin.revocation+json';
export const revocations_max = 1000;

const payload_max = 4 << 10;
const code = 'bad_revocation';

/** {keyid, since} of a revocation that counts under `trust`, or a Refused. */
export async function read_revocation(line, trust) {
  const envelope = read_envelope(parse_strict_json(line, code), payload_max);
  require_that(envelope.payload_type === revocation_type, code, 'It is not a revocation.');
  const text = new TextDecoder('utf-8', {fatal: true}).decode(envelope.payload);
  const {system, keyid, ...rest} = parse_strict_json(text, code);
  require_that(system === trust.system, code, 'It is for another system.');
  require_that(/^[0-9a-f]{64}$/.test(keyid), code, 'It names no key.');
  const keys = [...trust.root.keys, ...trust.revocation];
  require_that(!keys.some(key => key.keyid === keyid), code, 'It names a root or revocation key.');
  await require_signed(envelope, trust);
  return {keyid, since: instant_at(rest, 'since')};
}

async function require_signed(envelope, trust) {
  const message = pre_authentication_encoding(revocation_type, envelope.payload);
  let signed = false;
  for (const {keyid, signature} of envelope.signatures) {
    const key = trust.revocation.find(known => known.keyid === keyid);
    if (key === undefined || trust.revoked.some(entry => entry.keyid === keyid)) continue;
    const right = await verify(strict_base64(key.public, 32), message, signature);
    require_that(right, code, 'A signature of it does not fit.');
    signed = true;
  }
  require_that(signed, code, 'None of the revocation keys has signed it.');
}

/** {keyid, since} of a line that counts under `trust`; null for any other. */
async function counted(line, trust) {
  try {
    return await read_revocation(line, trust);
  } catch {
    return null;
  }
}

/** The revocations seen so far. Only what verifies takes room that another could need. */
export class Revocations {
  constructor(lines = []) {
    this.lines_ = lines;
  }

  /** What is worth keeping: those that count, and then what may count under a later document. */
  get lines() {
    return this.lines_;
  }

  /**
   * `trust` with those among its `revoked` that count under it: of what was seen before, and of
   * `text`, one a line. Of several about one key it is the one with the earliest time; what the
   * document says itself is kept no longer.
   */
  async take(text, trust) {
    const seen = new Set(this.lines_);
    const counting = new Map();  // keyid -> {keyid, since, line}
    const waiting = [];
    for (const line of new Set([...seen, ...text.split('\n')])) {
      const entry = await counted(line, trust);
      if (entry === null) {
        if (seen.has(line)) waiting.push(line);
        continue;
      }
      const {keyid, since} = entry;
      if (trust.revoked.some(known => known.keyid === keyid && known.since <= since)) continue;
      const known = counting.get(keyid);
      if (known === undefined ? counting.size < revocations_max : since < known.since)
        counting.set(keyid, {keyid, since, line});
    }
    const kept = [...counting.values()];
    this.lines_ = [...kept.map(({line}) => line), ...waiting].slice(0, revocations_max);
    return {
      ...trust,
      revoked: [...trust.revoked, ...kept.map(({keyid, since}) => ({keyid, since}))]
    };
  }
}
