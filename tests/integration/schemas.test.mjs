// The written contracts hold together: schemas compile, examples are what they claim to be, and
// every page the folder's README names is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { holds, new_key, sha256_hex } from './support/dsse.mjs';
import { disorder_of, faults_of, schema_names, schema_of, SCHEMAS } from './support/schemas.mjs';

const EXAMPLES = join(SCHEMAS, 'examples');
const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
const read = (file) => JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8'));

/** The longest schema name the file's name begins with. */
function schema_for(file) {
  const stem = file.replace(/^invalid-/, '').replace(/\.json$/, '');
  return schema_names().filter((name) => stem === name || stem.startsWith(`${name}-`))
    .sort((a, b) => b.length - a.length)[0];
}

test('every schema has an id that names its file', () => {
  for (const name of schema_names()) {
    const { $id, $schema, title, description } = schema_of(name);
    assert.ok($id.endsWith(`/schemas/${name}.schema.json`), `${name}: ${$id}`);
    assert.equal($schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.ok(title && description, `${name} says what it is`);
  }
});

test('every schema has a valid example and one that is not', () => {
  for (const name of schema_names()) {
    const mine = files.filter((file) => schema_for(file) === name);
    assert.ok(mine.some((file) => !file.startsWith('invalid-')), `${name}: a valid example`);
    assert.ok(mine.some((file) => file.startsWith('invalid-')), `${name}: an invalid example`);
  }
});

for (const file of files) {
  const name = schema_for(file);
  if (file.startsWith('invalid-')) {
    test(`${file} is refused`, () => assert.notEqual(faults_of(name, read(file)), null));
  } else {
    test(`${file} is valid and in order`, () => {
      assert.equal(faults_of(name, read(file)), null);
      assert.equal(disorder_of(schema_of(name), read(file)), null);
    });
  }
}

test('keys out of order are noticed at any depth', () => {
  const object = read('alert.json');
  const [first, ...others] = object.envelope.signatures;
  const turned = { sig: first.sig, keyid: first.keyid };
  assert.equal(faults_of('alert', object), null);
  assert.match(disorder_of(schema_of('alert'), { seq: 41, ...object }), /instead of/);
  assert.match(disorder_of(schema_of('alert'),
    { ...object, envelope: { ...object.envelope, signatures: [turned, ...others] } }), /sig,keyid/);
});

test('the signatures of the examples hold', () => {
  const ann = new_key('ann', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
  const ben = new_key('ben', '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
  const signed = read('envelope.json');
  assert.deepEqual(signed.signatures.map((each) => each.keyid), [ann.keyid, ben.keyid]);
  assert.ok(holds(signed, ann.raw, 0) && holds(signed, ben.raw, 1));
  assert.ok(!holds(signed, ann.raw, 1), 'one signature is not the other');
  assert.ok(holds(read('trust-envelope.json'), ben.raw));
  const { id, envelope } = read('alert.json');
  assert.equal(id, sha256_hex(Buffer.from(envelope.payload, 'base64')));
});

test('the pages of schemas name only files that exist', () => {
  for (const page of readdirSync(SCHEMAS).filter((file) => file.endsWith('.md'))) {
    const text = readFileSync(join(SCHEMAS, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(SCHEMAS, target)), `${page} names ${target}`);
    }
  }
});
