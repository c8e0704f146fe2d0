// What the program takes for a trust document and what its schema takes are the same, one change at
// a time: signed by the root, so that nothing but the change can be wrong with it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { tocsin } from '../support/cli.mjs';
import { new_key } from '../support/dsse.mjs';
import { scratch } from '../support/engine.mjs';
import { faults_of } from '../support/schemas.mjs';
import { in_days, people, trust_file, trust_payload } from '../support/trust.mjs';

const keys = people();
const log = { origin: 'log.example/one', ...(({ keyid, public: raw }) => ({ keyid, public: raw }))(
  new_key('log')) };
const sender = (changes) => (payload) => Object.assign(payload.senders[0], changes);
const officer = (changes) => (payload) => Object.assign(payload.senders[0].officers[0], changes);
const may = (changes) => (payload) => Object.assign(payload.senders[0].authority, changes);
const rule = (changes) => (payload) => Object.assign(payload.senders[0].approvals[0], changes);
const revoked = (changes) => (payload) => Object.assign(payload.revoked[0], changes);
const all = (changes) => (payload) => Object.assign(payload, changes);
const root = (changes) => (payload) => Object.assign(payload.root, changes);
const without = (name) => (payload) => { delete payload[name]; };

const right = {
  'as it is': () => {},
  'null for what may be left out': (payload) => {
    all({ revocation: null, revoked: null, log: null })(payload);
    sender({ approvals: null, rate_per_hour: null })(payload);
  },
  'a log': all({ log }),
  'a tenth of a second': all({ issued: '2026-01-01T00:00:00.5Z' }),
  'a microsecond': officer({ not_before: '2026-01-01T00:00:00.123456Z' }),
  'no officers': sender({ officers: [] }),
  'no senders': all({ senders: [] }),
  'a duty twice': officer({ duties: ['cancel', 'cancel'] }),
  'no reason': revoked({ reason: '' }),
  'a name of 1,000 characters': sender({ name: 'n'.repeat(1000) }),
  'a name of one character': sender({ name: '山' }),
  'spaces within a name': sender({ name: 'Control  One' }),
  'a space of another kind in a sender': sender({ sender: 'control\u00a0one' }),
  'a rate of 1,000,000': sender({ rate_per_hour: 1_000_000 }),
  'eight holders': rule({ holders: 8 }),
};

const wrong = {
  'no area': may({ areas: [] }),
  'no category': may({ categories: [] }),
  'no status': may({ statuses: [] }),
  'no scope': may({ scopes: [] }),
  'no duty': officer({ duties: [] }),
  'no root key': root({ keys: [] }),
  'no threshold': root({ threshold: 0 }),
  'a threshold of 1,001': root({ threshold: 1001 }),
  'no version': all({ version: 0 }),
  'a version beyond what a browser counts': all({ version: 2 ** 53 }),
  'a rate of 0': sender({ rate_per_hour: 0 }),
  'a rate above 1,000,000': sender({ rate_per_hour: 1_000_001 }),
  'no holder': rule({ holders: 0 }),
  'nine holders': rule({ holders: 9 }),
  'a severity nobody is given': may({ max_severity: 'Unknown' }),
  'a status nobody is given': may({ statuses: ['Draft'] }),
  'an area that is no GSS code': may({ areas: ['E1200000'] }),
  'a category of another case': may({ categories: ['safety'] }),
  'a name of 1,001 characters': sender({ name: 'n'.repeat(1001) }),
  'an empty name': sender({ name: '' }),
  'a control character in a name': sender({ name: 'Control\u0007One' }),
  'a line in a holder': officer({ holder: 'Ann\nExample' }),
  'a space before a holder': officer({ holder: ' Ann' }),
  'a space after a name': sender({ name: 'Control One ' }),
  'a deleted character in a reason': revoked({ reason: 'Lost\u007f.' }),
  'a space before a reason': revoked({ reason: ' Lost.' }),
  'null for a reason': revoked({ reason: null }),
  'a comma in a sender': sender({ sender: 'control,one' }),
  'a space in a sender': sender({ sender: 'control one' }),
  'a sender of 1,001 characters': sender({ sender: 's'.repeat(1001) }),
  'a space in an origin': all({ log: { ...log, origin: ' log' } }),
  'a space in a system': all({ system: 'exercise gb' }),
  'a system of 1,001 characters': all({ system: 's'.repeat(1001) }),
  'a kind nobody knows': all({ kind: 'drill' }),
  'a time with an offset': all({ issued: '2026-01-01T00:00:00+00:00' }),
  'a point without a fraction': all({ issued: '2026-01-01T00:00:00.Z' }),
  'an hour that no day has': all({ issued: '2026-01-01T24:00:00Z' }),
  'a month that no year has': all({ issued: '2026-13-01T00:00:00Z' }),
  'a second that no minute has': all({ issued: '2026-01-01T00:00:60Z' }),
  'no senders at all': without('senders'),
  'null for senders': all({ senders: null }),
};

/** Whether the program and the schema take it. */
async function taken(change) {
  const payload = trust_payload(keys, { issued: in_days(-400) });
  change(payload);
  const file = join(scratch(), 'trust.json');
  writeFileSync(file, trust_file(payload, [keys.root]));
  const shown = await tocsin('trust', 'show', file);
  return [shown.code === 0, faults_of('trust', payload) === null, shown.stderr];
}

for (const [expected, cases] of [[true, right], [false, wrong]]) {
  for (const [what, change] of Object.entries(cases)) {
    test(`a trust document with ${what} is ${expected ? 'taken' : 'refused'} by both`, async () => {
      const [by_program, by_schema, said] = await taken(change);
      assert.equal(by_program, expected, said);
      assert.equal(by_schema, expected, 'by the schema');
      if (!expected) assert.match(said, /The trust document's /);
    });
  }
}
