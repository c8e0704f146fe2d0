// Revocations: what one key may say alone, between two versions of the trust document. They only
// take away, so those that were seen once are kept, whatever is served next time.

import {
  hex, pre_authentication_encoding, read_envelope, strict_base64, verify,
} from './dsse.js';
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

/** The revocations seen so far: each line once, by what it says. */
export class Revocations {
  constructor(lines = []) {
    this.lines_ = new Map();
    this.add(lines.join('\n'));
  }

  get lines() {
    return [...this.lines_.values()];
  }

  /** Adds those of `text`, one a line; what is none is passed over. True when any is new. */
  add(text) {
    let fresh = false;
    for (const line of text.split('\n')) {
      if (line === '' || this.lines_.size >= revocations_max) continue;
      let name;
      try {
        const {payload, signatures} = read_envelope(parse_strict_json(line, code), payload_max);
        name = hex(payload) + signatures.map(({keyid}) => keyid).join();
      } catch {
        continue;
      }
      if (this.lines_.has(name)) continue;
      this.lines_.set(name, line);
      fresh = true;
    }
    return fresh;
  }

  /** `trust` with those that count among its `revoked`. */
  async applied_to(trust) {
    const revoked = [...trust.revoked];
    for (const line of this.lines) {
      try {
        revoked.push(await read_revocation(line, trust));
      } catch {
        // It does not count under this document; it may under the next.
      }
    }
    return {...trust, revoked};
  }
}
