import './support/globals.mjs';
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {encoding, envelope, new_key, sha256_hex} from '../integration/support/dsse.mjs';
import {
  acceptable_point, can_verify, hex, pre_authentication_encoding, read_envelope, sha256,
  strict_base64, verify,
} from '../../connectors/dashboard/dsse.js';

const data = (name) =>
    JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8'));
const bytes_of = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
const officer = new_key('Ada');
const sealed = (payload = 'words') => envelope(payload, [officer]);
const code_of = (work) => {
  try {
    work();
  } catch (error) {
    return error.code;
  }
  return null;
};

test('base64 is taken in its one strict form', () => {
  for (const [text, length] of [['', 0], ['AA==', 1], ['AAA=', 2], ['AAAA', 3], ['+/+/', 3]]) {
    assert.equal(strict_base64(text, 8).length, length, text);
  }
});

test('base64 in any other form is refused', () => {
  const wrong = [
    'A', 'AA', 'AAA', 'AA=', 'AA===', 'A===', 'AB==', 'AAB=', 'AA==AA==', 'A A=', 'AA==\n',
    ' AA==', '-_-_', 'AAAA=', '=', 'ÄAAA', null, 7, undefined
  ];
  for (const text of wrong) {
    assert.equal(code_of(() => strict_base64(text, 8)), 'malformed_envelope', String(text));
  }
});

test('base64 of more bytes than there may be is too large', () => {
  assert.equal(strict_base64('A'.repeat(16), 12).length, 12);
  assert.equal(code_of(() => strict_base64('A'.repeat(20), 12)), 'too_large');
});

test('an envelope is read as it was signed', () => {
  const read = read_envelope(sealed('words'), 100);
  assert.equal(read.payload_type, 'application/cap+xml');
  assert.equal(Buffer.from(read.payload).toString(), 'words');
  assert.equal(read.signatures[0].keyid, officer.keyid);
  assert.equal(read.signatures[0].signature.length, 64);
});

test('members an envelope does not need are passed over', () => {
  assert.equal(read_envelope({...sealed(), more: 1}, 100).signatures.length, 1);
});

test('an envelope that is not one is refused', () => {
  const block = sealed().signatures[0];
  const changes = {
    'no payload type': {payloadType: 7},
    'no payload': {payload: undefined},
    'no signatures': {signatures: undefined},
    'an empty list': {signatures: []},
    'a key twice': {signatures: [block, block]},
    'a key in capitals': {signatures: [{...block, keyid: block.keyid.toUpperCase()}]},
    'half a key': {signatures: [{...block, keyid: block.keyid.slice(1)}]},
    'half a signature': {signatures: [{...block, sig: block.sig.slice(4)}]},
    'null for a signature': {signatures: [null]},
  };
  for (const [what, change] of Object.entries(changes)) {
    const code = code_of(() => read_envelope({...sealed(), ...change}, 100));
    assert.equal(code, 'malformed_envelope', what);
  }
  for (const value of [null, [], 'text', 7]) {
    assert.equal(code_of(() => read_envelope(value, 100)), 'malformed_envelope');
  }
});

test('eight signatures are taken and nine are too many', () => {
  const people = Array.from({length: 9}, (_, i) => new_key(`officer ${i}`));
  assert.equal(read_envelope(envelope('words', people.slice(0, 8)), 100).signatures.length, 8);
  assert.equal(code_of(() => read_envelope(envelope('words', people), 100)), 'too_large');
});

test('the signed encoding is that of another implementation, to the byte', () => {
  for (const payload of ['', 'words', 'ŵ€😀']) {
    const ours = pre_authentication_encoding('application/cap+xml', Buffer.from(payload));
    assert.deepEqual(Buffer.from(ours), encoding('application/cap+xml', Buffer.from(payload)));
  }
});

test('a key id is the SHA-256 of its key', async () => {
  assert.equal(hex(await sha256(officer.raw)), officer.keyid);
  assert.equal(hex(await sha256(Buffer.from('words'))), sha256_hex('words'));
});

test('a changed byte anywhere ends a signature', async () => {
  const read = read_envelope(sealed('words'), 100);
  const message = pre_authentication_encoding(read.payload_type, read.payload);
  const {signature} = read.signatures[0];
  assert.equal(await verify(officer.raw, message, signature), true);
  for (const bytes of [message, signature]) {
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] ^= 1;
      assert.equal(await verify(officer.raw, message, signature), false, `byte ${i}`);
      bytes[i] ^= 1;
    }
  }
});

test('every signature of Wycheproof is judged as it says', async () => {
  const {testGroups} = data('wycheproof/ed25519_test.json');
  let count = 0;
  for (const group of testGroups) {
    const key = bytes_of(group.publicKey.pk);
    for (const {tcId, msg, sig, result} of group.tests) {
      assert.equal(await verify(key, bytes_of(msg), bytes_of(sig)), result === 'valid', `${tcId}`);
      count++;
    }
  }
  assert.equal(count, 151);
});

test('of the edge cases of speccheck only the third is a signature', async () => {
  const cases = data('speccheck/cases.json');
  const verdicts = [];
  for (const {message, pub_key, signature} of cases) {
    verdicts.push(await verify(bytes_of(pub_key), bytes_of(message), bytes_of(signature)));
  }
  assert.deepEqual(verdicts, cases.map((_, i) => i === 3));
});

test('points of small order and other spellings of a point are no keys', () => {
  const y = [
    '00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`, `ff${'ff'.repeat(30)}7f`
  ];
  for (const text of y) {
    const point = bytes_of(text);
    assert.equal(acceptable_point(point), false, text);
    point[31] |= 0x80;
    assert.equal(acceptable_point(point), false, `${text}, the other sign`);
  }
  assert.equal(acceptable_point(officer.raw), true);
  assert.equal(acceptable_point(officer.raw.subarray(1)), false);
});

test('whether this machine can verify is found out by verifying', async () => {
  assert.equal(await can_verify(), true);
});

test('a machine whose WebCrypto says yes to everything cannot verify', async (t) => {
  t.mock.method(crypto.subtle, 'verify', async () => true);
  assert.equal(await can_verify(), false);
});

test('a machine without Ed25519 cannot verify', async (t) => {
  t.mock.method(crypto.subtle, 'importKey', async () => {
    throw new DOMException('no Ed25519', 'NotSupportedError');
  });
  assert.equal(await can_verify(), false);
});
