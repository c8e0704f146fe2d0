import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  cap_time, expires_of, has_doctype, identity_of, infos_for, parse_references, rank, severity_of,
} from '../../connectors/dashboard/cap.js';

const info = (language, severity = 'Minor', expires = null) => ({language, severity, expires});

test('Unknown ranks with Extreme, and so does an alert without words', () => {
  assert.deepEqual(
      ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'].map(rank), [4, 3, 2, 1, 4]);
  assert.equal(severity_of({infos: [info('en', 'Minor'), info('en', 'Severe')]}), 'Severe');
  assert.equal(severity_of({infos: []}), 'Unknown');
});

test('an alert ends with the latest of its infos, or a day after it was sent', () => {
  const infos = [info('en', 'Minor', 500), info('en', 'Minor', 900), info('en')];
  assert.equal(expires_of({sent: 100, infos}), 900);
  assert.equal(expires_of({sent: 100, infos: [info('en')]}), 100 + 86_400_000);
});

test('times have an offset, and are instants', () => {
  assert.equal(cap_time('2026-11-21T17:30:00-00:00'), Date.UTC(2026, 10, 21, 17, 30));
  assert.equal(cap_time('2026-11-21T18:30:00+01:00'), cap_time('2026-11-21T17:30:00-00:00'));
  for (const text
           of ['2026-11-21T17:30:00Z', '2026-11-21T17:30:00', '2026-11-21', '', 'noon',
               '2026-13-21T17:30:00-00:00']) {
    assert.throws(() => cap_time(text), {code: 'invalid_alert'}, text);
  }
});

test('references are separated by spaces, and named by instant', () => {
  const [first, second] = parse_references(
      'c@x.example,A1,2026-11-21T17:30:00-00:00\n c@x.example,A2,2026-11-21T18:30:00+01:00 ');
  assert.equal(first.identifier, 'A1');
  assert.equal(identity_of({...first, identifier: 'A2'}), identity_of(second));
  assert.deepEqual(parse_references(''), []);
  assert.throws(() => parse_references('c@x.example,A1'), {code: 'invalid_alert'});
});

test('the reader’s language is chosen, whole tag before its first part', () => {
  const alert = {infos: [info('cy'), info('en-US'), info('en-GB'), info('pl-PL')]};
  const chosen = (...languages) => infos_for(alert, languages)[0].language;
  assert.equal(chosen('en-GB', 'cy'), 'en-GB');
  assert.equal(chosen('en'), 'en-US');
  assert.equal(chosen('PL'), 'pl-PL');
  assert.equal(chosen('fr', 'cy-GB'), 'cy');
  assert.equal(chosen('fr'), 'cy');
  assert.equal(chosen(), 'cy');
});

test('all infos of the language are shown, the severest first, and none of another', () => {
  const alert = {infos: [info('en-GB', 'Minor'), info('cy', 'Extreme'), info('EN-gb', 'Severe')]};
  assert.deepEqual(infos_for(alert, ['en-GB']).map(({severity}) => severity), ['Severe', 'Minor']);
});

test('a DOCTYPE is found before the root, and nowhere else', () => {
  for (const text
           of ['<!DOCTYPE a><a/>', '<?xml version="1.0"?>\n<!-- > --><?p ?><!DOCTYPE a []><a/>']) {
    assert.equal(has_doctype(text), true, text);
  }
  for (const text
           of ['<a/>', '<a><![CDATA[<!DOCTYPE a>]]></a>', '<!-- <!DOCTYPE a> --><a/>',
               '<?p <!DOCTYPE a>?><a/>', '', '<!-- unfinished <!DOCTYPE a>']) {
    assert.equal(has_doctype(text), false, text);
  }
});

test('a crowd of comments is looked through once', () => {
  assert.equal(has_doctype(`${'<!---->'.repeat(100_000)}<!DOCTYPE a>`), true);
});

test('a space that is none in XML is part of a name', () => {
  const [named] = parse_references('c@x.example,A\u00a01,2026-11-21T17:30:00-00:00');
  assert.equal(named.identifier, 'A\u00a01');
});
