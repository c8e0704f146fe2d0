// Reads a record of the log as schemas/record.md describes version 2, and nothing else: it was
// written from that page. Throws where the octets are not what it says.
import { createHash } from 'node:crypto';
import assert from 'node:assert/strict';

const MESSAGE_TYPES = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'];
const SCOPES = ['Public', 'Restricted', 'Private'];
const STATUSES = ['Actual', 'Exercise', 'System', 'Test', 'Draft'];
const SEVERITIES = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'];
const CATEGORIES = ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Env',
  'Transport', 'Infra', 'CBRNE', 'Other'];

/** CRC-32C a bit at a time (polynomial 0x1edc6f41, mirrored). */
export function crc32c(octets) {
  let sum = 0xffffffff;
  for (const octet of octets) {
    sum ^= octet;
    for (let bit = 0; bit < 8; ++bit) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

class Reader {
  constructor(octets) { this.octets = octets; this.at = 0; }
  raw(count) {
    assert.ok(this.at + count <= this.octets.length, 'its lengths add up');
    this.at += count;
    return this.octets.subarray(this.at - count, this.at);
  }
  one() { return this.raw(1)[0]; }
  two() { return this.raw(2).readUInt16BE(); }
  count() { return this.raw(4).readUInt32BE(); }
  sequence() { return Number(this.raw(8).readBigUInt64BE()); }
  time() { return String(this.raw(8).readBigInt64BE()); }
  text() { return new TextDecoder('utf-8', { fatal: true }).decode(this.raw(this.count())); }
  several(read) { return Array.from({ length: this.count() }, () => read()); }
  texts() { return this.several(() => this.text()); }
  degrees() { return this.raw(4).readInt32BE(); }
  spot() { return [this.degrees(), this.degrees()]; }
  word(words) {
    const index = this.one();
    assert.ok(index < words.length, 'every value is in its range');
    return words[index];
  }
  audience() { return { scope: this.word(SCOPES), names: this.texts() }; }
  identity() { return { sender: this.text(), identifier: this.text(), sent: this.time() }; }
  categories() {
    const bits = this.two();
    return { bits, names: CATEGORIES.filter((_, bit) => bits & (1 << bit)) };
  }
  reach() {
    return { audience: this.audience(), status: this.word(STATUSES),
      severity: this.word(SEVERITIES), categories: this.categories(), sender: this.text(),
      everywhere: this.word([false, true]), geocodes: this.texts(),
      polygons: this.several(() => this.several(() => this.spot())),
      circles: this.several(() => [...this.spot(), this.raw(8).readDoubleBE()]),
      met: this.texts() };
  }
  outline() {
    return { message_type: this.word(MESSAGE_TYPES), audience: this.audience(),
      identity: this.identity(), expires: this.time(),
      references: this.several(() => this.identity()), reaches: this.several(() => this.reach()) };
  }
}

/** The record that `octets` begin with, and how many of them it has. */
export function read_record(octets) {
  const reader = new Reader(octets);
  assert.equal(reader.one(), 2, 'version 2');
  const record = { sequence: reader.sequence(), at: reader.time(),
    id: reader.raw(32).toString('hex') };
  const outline = new Reader(reader.raw(reader.count()));
  record.outline = outline.outline();
  assert.equal(outline.at, outline.octets.length, 'nothing is left over of the outline');
  record.signatures = Array.from({ length: reader.one() }, () => (
    { keyid: reader.raw(32).toString('hex'), sig: reader.raw(64).toString('base64') }));
  record.payload = reader.raw(reader.count());
  const sum = crc32c(octets.subarray(0, reader.at));
  assert.equal(reader.count(), sum, 'the checksum of all octets before it');
  assert.equal(createHash('sha256').update(record.payload).digest('hex'), record.id, 'the id');
  return { record, length: reader.at };
}
