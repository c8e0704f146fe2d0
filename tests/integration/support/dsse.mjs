// Keys, signatures and DSSE envelopes by node:crypto: a signer that shares nothing with the engine.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify }
  from 'node:crypto';

export const CAP_TYPE = 'application/cap+xml';
export const TRUST_TYPE = 'application/vnd.tocsin.trust+json';

// What stands in front of the 32 bytes in DER (RFC 8410).
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const sha256_hex = (bytes) => createHash('sha256').update(bytes).digest('hex');

export const public_key_of = (raw) =>
  createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });

/** A person's key. `seed` (32 bytes, hex) makes it the same one every time. */
export function new_key(holder, seed) {
  const private_key = seed
    ? createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, Buffer.from(seed, 'hex')]),
                         format: 'der', type: 'pkcs8' })
    : generateKeyPairSync('ed25519').privateKey;
  const raw = createPublicKey(private_key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { holder, private_key, raw, keyid: sha256_hex(raw), public: raw.toString('base64') };
}

/** DSSE's pre-authentication encoding. */
export function encoding(type, payload) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

export function signature_by(key, payload, type = CAP_TYPE) {
  return { keyid: key.keyid,
           sig: sign(null, encoding(type, Buffer.from(payload)),
             key.private_key).toString('base64') };
}

/** The envelope as an object; JSON.stringify makes it the file. */
export function envelope(payload, keys, type = CAP_TYPE) {
  const bytes = Buffer.from(payload);
  return { payloadType: type, payload: bytes.toString('base64'),
           signatures: keys.map((key) => signature_by(key, bytes, type)) };
}

export const sealed = (payload, keys, type) => JSON.stringify(envelope(payload, keys, type));

export function holds(object, raw_public, index = 0) {
  return verify(null, encoding(object.payloadType, Buffer.from(object.payload, 'base64')),
                public_key_of(raw_public), Buffer.from(object.signatures[index].sig, 'base64'));
}
