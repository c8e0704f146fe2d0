import {ManualTimers} from './support/globals.mjs';
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Announcer} from '../../connectors/dashboard/announcer.js';

class Listener {
  constructor() {
    this.timers = new ManualTimers();
    this.heard = [];
    const region = (name) => (text) => {
      if (text !== '') this.heard.push([name, text]);
    };
    this.announcer = new Announcer(region('now'), region('soon'), this.timers.host);
  }
  after(ms) {
    this.timers.advance(ms);
    return this.heard.splice(0);
  }
}

test('Extreme, Severe and Unknown interrupt, the rest waits for a pause', () => {
  for (const [severity, region] of [
           ['Extreme', 'now'], ['Severe', 'now'], ['Unknown', 'now'], ['Moderate', 'soon'],
           ['Minor', 'soon']]) {
    const listener = new Listener();
    listener.announcer.alert('words', severity);
    assert.deepEqual(listener.after(1000), [[region, 'words']], severity);
  }
});

test('of several at once the severest is said, then how many more', () => {
  const listener = new Listener();
  listener.announcer.alert('minor', 'Minor');
  listener.announcer.alert('extreme', 'Extreme');
  listener.announcer.alert('severe', 'Severe');
  listener.announcer.alert('moderate', 'Moderate');
  assert.deepEqual(listener.after(1000), [['now', 'extreme']]);
  assert.deepEqual(listener.after(60_000), [['soon', '3 more alerts']]);
});

test('one more is one', () => {
  const listener = new Listener();
  listener.announcer.alert('a', 'Severe');
  listener.announcer.alert('b', 'Severe');
  assert.deepEqual(listener.after(60_000), [['now', 'a'], ['soon', '1 more alert']]);
});

test('one announcement is not spoken over by the next', () => {
  const listener = new Listener();
  listener.announcer.alert('first', 'Severe');
  assert.deepEqual(listener.after(1000), [['now', 'first']]);
  listener.announcer.alert('second', 'Severe');
  assert.deepEqual(listener.after(3000), []);
  assert.deepEqual(listener.after(10_000), [['now', 'second']]);
});

test('a state is told once it has lasted', () => {
  const listener = new Listener();
  listener.announcer.state('Live');
  listener.after(60_000);
  listener.announcer.state('NOT LIVE');
  listener.timers.advance(1000);
  listener.announcer.state('Live');
  assert.deepEqual(listener.after(60_000), [['soon', 'Live']]);
});

test('of a crowd of notes only the last few are told', () => {
  const listener = new Listener();
  for (let i = 1; i <= 100; i++) listener.announcer.note(`note ${i}`);
  assert.deepEqual(
      listener.after(600_000).map(([, text]) => text),
      ['note 96', 'note 97', 'note 98', 'note 99', 'note 100']);
});
