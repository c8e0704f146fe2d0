// The octets of the log against schemas/record.md alone: a record that the engine's own test holds,
// and those that a real engine has just written.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, update } from './support/cap.mjs';
import { CAP_TYPE, holds, sha256_hex } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { crc32c, read_record } from './support/record.mjs';
import { SCHEMAS } from './support/schemas.mjs';

const vector = (name) => readFileSync(join(SCHEMAS, 'examples', 'vectors', name), 'utf8');
const shown = ({ record }) => ({ ...record, payload: record.payload.toString() });

test('the record of the vectors is what record.md says it is', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283, 'RFC 3720');
  const octets = Buffer.from(vector('record.hex').trim(), 'hex');
  const read = read_record(octets);
  assert.equal(read.length, octets.length);
  assert.deepEqual(shown(read), JSON.parse(vector('record.json')));
});

test('no changed octet of it is read as a record', () => {
  const octets = Buffer.from(vector('record.hex').trim(), 'hex');
  for (let at = 0; at < octets.length; ++at) {
    octets[at] ^= 1;
    assert.throws(() => read_record(octets), `octet ${at}`);
    octets[at] ^= 1;
  }
  assert.throws(() => read_record(octets.subarray(0, -1)));
});

/** The record of that sequence and id in the journal, where RocksDB puts what it is given. */
function record_in(journal, sequence, id) {
  const start_of = Buffer.concat([Buffer.from([2]), Buffer.alloc(8)]);
  start_of.writeBigUInt64BE(BigInt(sequence), 1);
  for (let at = journal.indexOf(start_of); at >= 0; at = journal.indexOf(start_of, at + 1)) {
    if (journal.subarray(at + 17, at + 49).toString('hex') !== id) continue;
    return read_record(journal.subarray(at)).record;
  }
  return assert.fail(`record ${sequence} is in the journal`);
}

test('what a real engine wrote is read by record.md alone', async () => {
  const engine = await start();
  const { ann, ben, canceller } = engine.keys;
  const first = alert({ severity: 'Severe', category: 'Met', areas: [{ codes: ['E09000007'],
    polygons: ['51.5,-0.12 51.5,-0.1 51.52,-0.1 51.5,-0.12'], circles: ['51.51,-0.11 1.5'] }] });
  const next = update([first], { scope: 'Restricted', restriction: 'police' });
  const last = cancel([next]);
  const sent = [[first, [ann, ben]], [next, [ann]], [last, [canceller]]];
  const answers = [];
  for (const [document, signers] of sent) answers.push(await engine.admit(document, ...signers));
  await engine.stop('SIGKILL');
  const store = join(engine.data, 'log', 'store');
  const journal = Buffer.concat(readdirSync(store).filter((name) => /^\d+\.log$/.test(name)).sort()
    .map((name) => readFileSync(join(store, name))));
  const records = answers.map(({ seq, id }) => record_in(journal, seq, id));

  for (const [index, [document, signers]] of sent.entries()) {
    const { sequence, at, id, payload, signatures, outline } = records[index];
    assert.deepEqual([sequence, id], [answers[index].seq, sha256_hex(document)]);
    assert.equal(Number(at), Date.parse(answers[index].at));
    assert.deepEqual(payload, document);
    const envelope = { payloadType: CAP_TYPE, payload: payload.toString('base64'), signatures };
    for (const [place, { raw, keyid }] of signers.entries()) {
      assert.equal(signatures[place].keyid, keyid);
      assert.ok(holds(envelope, raw, place), 'its signatures hold without the engine');
    }
    assert.equal(outline.identity.sender, 'control@one.example');
    assert.equal(outline.identity.identifier,
      /<identifier>(.*)<\/identifier>/.exec(document.toString())[1]);
  }
  const [of_first, of_next, of_last] = records.map(({ outline }) => outline);
  assert.deepEqual([of_first, of_next, of_last].map(({ message_type }) => message_type),
    ['Alert', 'Update', 'Cancel']);
  const [reach] = of_first.reaches;
  assert.deepEqual([reach.status, reach.severity, reach.categories.names, reach.everywhere],
    ['Exercise', 'Severe', ['Met'], false]);
  assert.deepEqual(reach.audience, { scope: 'Public', names: [] });
  assert.deepEqual(reach.geocodes, ['E09000007']);
  assert.deepEqual(reach.circles, [[515100000, -1100000, 1.5]]);
  assert.deepEqual(reach.polygons.map((ring) => [...ring].sort()), [[[515000000, -1000000],
    [515000000, -1200000], [515200000, -1000000]]]);
  assert.ok(['E09000007', 'E12000007', 'K02000001'].every((code) => reach.met.includes(code)));
  // What the Update took over is for whom it is itself meant, and the Cancel for whom that was.
  const police = { scope: 'Restricted', names: ['police'] };
  for (const outline of [of_next, of_last]) {
    assert.equal(outline.reaches.length, 2);
    for (const { audience } of outline.reaches) assert.deepEqual(audience, police);
    assert.ok(outline.reaches.some(({ circles }) => circles.length === 1));
  }
  assert.deepEqual(of_next.references, [of_first.identity]);
  assert.deepEqual(of_last.references, [of_next.identity]);
});
