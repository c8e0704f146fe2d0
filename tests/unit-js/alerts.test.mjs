import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Alerts, alerts_max} from '../../connectors/dashboard/alerts.js';

const hour_ms = 3600 * 1000;
const now = Date.UTC(2026, 10, 21, 17, 30);
let seq = 0;

function bulletin(identifier, changes = {}) {
  const {severity = 'Minor', sent = now, expires = now + hour_ms, ...more} = changes;
  return {
    id: `id of ${identifier}`,
    seq: ++seq,
    severity,
    expires,
    alert: {
      identifier,
      sender: 'c@x.example',
      sent,
      msg_type: 'Alert',
      status: 'Actual',
      scope: 'Public',
      references: [],
      infos: [],
      ...more
    }
  };
}

const names = (list) => list.map(({alert}) => alert.identifier);
const reference = ({alert}) =>
    ({sender: alert.sender, identifier: alert.identifier, sent: alert.sent});
const update = (identifier, named, changes = {}) =>
    bulletin(identifier, {msg_type: 'Update', references: named.map(reference), ...changes});
const cancel = (identifier, named, changes = {}) =>
    bulletin(identifier, {msg_type: 'Cancel', references: named.map(reference), ...changes});

function alerts_of(...bulletins) {
  const alerts = new Alerts();
  for (const one of bulletins) alerts.add(one, now);
  return alerts;
}

test('the severest come first, Unknown with Extreme, then the newest', () => {
  const alerts = alerts_of(
      bulletin('minor', {severity: 'Minor', sent: now + 9}),
      bulletin('old severe', {severity: 'Severe', sent: now - 9}),
      bulletin('severe', {severity: 'Severe'}),
      bulletin('unknown', {severity: 'Unknown', sent: now - 1}),
      bulletin('extreme', {severity: 'Extreme', sent: now - 2}));
  assert.deepEqual(
      names(alerts.shown(now).active), ['unknown', 'extreme', 'severe', 'old severe', 'minor']);
});

test('an alert leaves at the moment it expires', () => {
  const alerts = alerts_of(bulletin('A', {expires: now + 1000}));
  assert.deepEqual(names(alerts.shown(now + 999).active), ['A']);
  assert.deepEqual(names(alerts.shown(now + 1000).active), []);
});

test('the same bulletin twice is one', () => {
  const one = bulletin('A');
  assert.equal(alerts_of(one, one).shown(now).active.length, 1);
});

test('an Update takes the place of what it names, in either order', () => {
  const first = bulletin('A');
  const second = update('B', [first]);
  assert.deepEqual(names(alerts_of(first, second).shown(now).active), ['B']);
  assert.deepEqual(names(alerts_of(second, first).shown(now).active), ['B']);
});

test('an Update of another status takes no place, in either order; a Cancel of any ends', () => {
  const first = bulletin('A');
  const test_of_it = update('T', [first], {status: 'Test'});
  assert.deepEqual(names(alerts_of(first, test_of_it).shown(now).active).sort(), ['A', 'T']);
  assert.deepEqual(names(alerts_of(test_of_it, first).shown(now).active).sort(), ['A', 'T']);
  const meant = update('B', [first]);
  for (const order of [[meant, test_of_it], [test_of_it, meant]]) {
    assert.deepEqual(names(alerts_of(...order, first).shown(now).active).sort(), ['B', 'T']);
  }
  const stop = cancel('C', [first], {status: 'Exercise'});
  assert.deepEqual(names(alerts_of(first, stop).shown(now).active), []);
  assert.deepEqual(names(alerts_of(stop, first).shown(now).active), []);
});

test('what an Update replaced does not come back when the Update ends', () => {
  const first = bulletin('A');
  const alerts = alerts_of(first, update('B', [first], {expires: now + 10}));
  assert.deepEqual(names(alerts.shown(now + 10).active), []);
});

test('a Cancel ends what it names, in either order, and is itself no alert', () => {
  const first = bulletin('A');
  const end = cancel('C', [first]);
  for (const alerts of [alerts_of(first, end), alerts_of(end, first)]) {
    assert.deepEqual(names(alerts.shown(now).active), []);
    assert.deepEqual(names(alerts.shown(now).cancelled), ['C']);
    assert.deepEqual(names(alerts.named_by(end)), ['A']);
  }
});

test('a Cancel is told for as long as what it cancels would have held', () => {
  const first = bulletin('A', {expires: now + 30 * hour_ms});
  const alerts = alerts_of(first, cancel('C', [first], {expires: now + 24 * hour_ms}));
  assert.deepEqual(names(alerts.shown(now + 29 * hour_ms).cancelled), ['C']);
  assert.deepEqual(names(alerts.shown(now + 30 * hour_ms).cancelled), []);
});

test('an alert is ended only by its own sender, and only by its exact identity', () => {
  const first = bulletin('A');
  const foreign = cancel('C', [first]);
  foreign.alert.sender = 'd@y.example';
  const later = update('B', [{alert: {...first.alert, sent: now + 1}}]);
  const alerts = alerts_of(first, foreign, later);
  assert.ok(names(alerts.shown(now).active).includes('A'));
  assert.deepEqual(alerts.named_by(foreign), []);
});

test('Ack and Error are never shown', () => {
  const first = bulletin('A');
  const alerts = alerts_of(
      first,
      ...['Ack', 'Error', 'Other'].map(
          (msg_type) => bulletin(msg_type, {msg_type, references: [reference(first)]})));
  assert.deepEqual(names(alerts.shown(now).active), ['A']);
  assert.deepEqual(names(alerts.shown(now).cancelled), []);
});

test('what was for one reader alone leaves at once when the reader is another', () => {
  const first = bulletin('A', {scope: 'Restricted'});
  const alerts = alerts_of(
      bulletin('P'), first, bulletin('B', {scope: 'Private'}),
      bulletin('C', {msg_type: 'Cancel', scope: 'Restricted', references: [reference(first)]}));
  alerts.keep_public();
  assert.deepEqual(names(alerts.shown(now).active), ['P']);
  assert.deepEqual(names(alerts.shown(now).cancelled), []);
});

test('what is not told again after a new beginning leaves when the list is complete', () => {
  const stays = bulletin('A');
  const alerts = alerts_of(stays, bulletin('B'));
  alerts.start_afresh();
  alerts.add(stays, now);
  assert.equal(alerts.shown(now).active.length, 2, 'not before');
  alerts.settle();
  assert.deepEqual(names(alerts.shown(now).active), ['A']);
});

test('beyond the bound the least severe, oldest leaves and is counted', () => {
  const alerts = new Alerts();
  alerts.add(bulletin('oldest', {sent: now - 1}), now);
  for (let i = 1; i < alerts_max; i++) alerts.add(bulletin(`A${i}`), now);
  assert.equal(alerts.shown(now).active.length, alerts_max);
  assert.equal(alerts.left_out, 0);
  alerts.add(bulletin('extreme', {severity: 'Extreme'}), now);
  const {active} = alerts.shown(now);
  assert.equal(active.length, alerts_max);
  assert.equal(names(active)[0], 'extreme');
  assert.ok(!names(active).includes('oldest'));
  assert.equal(alerts.left_out, 1);
});

test('beyond the bound what nobody is shown leaves first, uncounted', () => {
  const alerts = alerts_of(bulletin('over', {severity: 'Extreme', expires: now}));
  for (let i = 0; i < alerts_max; i++) alerts.add(bulletin(`A${i}`), now);
  assert.equal(alerts.shown(now).active.length, alerts_max);
  assert.equal(alerts.left_out, 0);
});

test('what has ended stays ended however many others are named, by whomever', () => {
  const flood = Array.from({length: 2500}, (_, i) => ({
    sender: 'd@y.example', identifier: `none ${i}`, sent: now,
  }));
  const one = bulletin('one');
  const other = bulletin('flood', {msg_type: 'Cancel', sender: 'd@y.example', references: flood});
  const alerts = alerts_of(one, cancel('C', [one]), other);
  assert.deepEqual(names(alerts.shown(now).active), []);
  alerts.add(one, now);
  assert.deepEqual(names(alerts.shown(now).active), []);
});
