import assert from 'node:assert/strict';
import {test} from 'node:test';
import {check_code} from '../../connectors/dashboard/check_code.js';

const id = (begin) => begin.padEnd(64, '0');

test('a check code is the first fifty bits of an id, as mails and text messages have it', () => {
  assert.equal(check_code(id('')), '00000-00000');
  assert.equal(check_code('f'.repeat(64)), 'ZZZZZ-ZZZZZ');
  assert.equal(check_code(id('e3b0c44298fc1c')), 'WERC8-GMRZG');  // the SHA-256 of nothing
  assert.equal(check_code(id('08')), '10000-00000');
  assert.equal(check_code(id('04')), '0G000-00000');
});

test('the fiftieth bit of an id counts in its check code and the next does not', () => {
  assert.equal(check_code(id('00000000000040')), '00000-00001');
  assert.equal(check_code(id('00000000000020')), '00000-00000');
});
