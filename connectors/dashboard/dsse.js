// DSSE 1.0.2 envelopes and strict Ed25519, with the browser's own WebCrypto. Nothing here knows
// what the payload means, and nothing looks into it before its signatures have been checked.

import {refuse, require_that} from './refused.js';

export const cap_type = 'application/cap+xml';
export const trust_type = 'application/vnd.tocsin.trust+json';

export function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of canonical base64 (RFC 4648 section 4: padded, no spaces, spare bits zero). */
export function strict_base64(text, bytes_max) {
  require_that(typeof text === 'string', 'malformed_envelope', 'A base64 text is missing.');
  require_that(
      text.length <= Math.ceil(bytes_max / 3) * 4, 'too_large',
      `It holds more than ${bytes_max} bytes.`);
  let binary;
  try {
    binary = atob(text);
  } catch {
    refuse('malformed_envelope', 'Its base64 is not well formed.');
  }
  require_that(btoa(binary) === text, 'malformed_envelope', 'Its base64 is not in strict form.');
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/**
 * {payload_type, payload, signatures: [{keyid, signature}]} of an envelope that JSON gave us.
 * Members it does not know are ignored, as DSSE asks.
 */
export function read_envelope(value, payload_max, signatures_max = 8) {
  const well_formed = value !== null && typeof value === 'object' && !Array.isArray(value) &&
      typeof value.payloadType === 'string' && Array.isArray(value.signatures);
  require_that(well_formed, 'malformed_envelope', 'It is not a signed envelope.');
  require_that(value.signatures.length >= 1, 'malformed_envelope', 'It carries no signature.');
  require_that(
      value.signatures.length <= signatures_max, 'too_large',
      `It carries more than ${signatures_max} signatures.`);
  const payload = strict_base64(value.payload, payload_max);
  const seen = new Set();
  const signatures = value.signatures.map(block => {
    const keyid = block?.keyid;
    require_that(
        typeof keyid === 'string' && /^[0-9a-f]{64}$/.test(keyid), 'malformed_envelope',
        'A key id in it is not a SHA-256 in hex.');
    require_that(!seen.has(keyid), 'malformed_envelope', 'A key id in it stands twice.');
    seen.add(keyid);
    const signature = strict_base64(block.sig, 64);
    require_that(signature.length === 64, 'malformed_envelope', 'A signature is not 64 bytes.');
    return {keyid, signature};
  });
  return {payload_type: value.payloadType, payload, signatures};
}

/** DSSE's pre-authentication encoding: what is really signed. */
export function pre_authentication_encoding(payload_type, payload) {
  const encoder = new TextEncoder();
  const type = encoder.encode(payload_type);
  const head = encoder.encode(`DSSEv1 ${type.length} ${payload_type} ${payload.length} `);
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

// The y coordinates of the eight points of small order. WebCrypto lets them pass as keys and
// as R, and then one signature may fit many messages.
const small_order = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Whether these 32 bytes encode a point in its one canonical form, and not of small order. */
export function acceptable_point(bytes) {
  if (bytes.length !== 32) return false;
  const y = Uint8Array.from(bytes);
  y[31] &= 0x7f;  // the sign of x
  const at_least_p = y[31] === 0x7f && y[0] >= 0xed && y.subarray(1, 31).every(b => b === 0xff);
  return !at_least_p && !small_order.has(hex(y));
}

/** Whether this browser can check Ed25519 at all. Outside https and localhost none can. */
export async function can_verify() {
  try {
    // RFC 8032, section 7.1, test 1: a right signature must pass and a wrong one must not.
    const key = new Uint8Array(
        from_hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'));
    const signature = from_hex(
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
        '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b');
    const right = await verify(key, new Uint8Array(0), signature);
    const wrong = await verify(key, new Uint8Array(1), signature);
    return right && !wrong;
  } catch {
    return false;
  }
}

function from_hex(text) {
  return Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
}

/** Whether `signature` over `message` was made with the private half of `public_key`. */
export async function verify(public_key, message, signature) {
  if (signature.length !== 64 || !acceptable_point(public_key)) return false;
  if (!acceptable_point(signature.subarray(0, 32))) return false;
  try {
    const key =
        await crypto.subtle.importKey('raw', public_key, {name: 'Ed25519'}, false, ['verify']);
    return await crypto.subtle.verify({name: 'Ed25519'}, key, signature, message);
  } catch (error) {
    if (error.name === 'NotSupportedError') throw error;
    return false;  // the bytes are no point on the curve
  }
}
