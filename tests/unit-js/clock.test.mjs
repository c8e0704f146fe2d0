import assert from 'node:assert/strict';
import {test} from 'node:test';
import {duration, PageClock} from '../../connectors/dashboard/clock.js';

function clock_of() {
  const source = {date: Date.UTC(2026, 10, 21), tick: 0};
  return {source, clock: new PageClock(() => source.date, () => source.tick)};
}

test('time goes on while either source does: asleep, or with the wall clock set back', () => {
  const {source, clock} = clock_of();
  source.date += 60_000;
  assert.equal(clock.steady(), 60_000, 'the other source slept');
  source.date -= 3_600_000;
  source.tick += 5000;
  assert.equal(clock.steady(), 65_000, 'the wall clock was set back');
});

test('a wall clock that is a minute wrong is corrected by the engine’s', () => {
  const {source, clock} = clock_of();
  clock.engine_says(new Date(source.date + 59_000).toISOString());
  assert.equal(clock.now(), source.date);
  clock.engine_says(new Date(source.date + 3_600_000).toISOString());
  assert.equal(clock.now(), source.date + 3_600_000);
  clock.engine_says('no time');
  assert.equal(clock.offset_ms, 3_600_000);
  clock.engine_says(new Date(source.date).toISOString());
  assert.equal(clock.offset_ms, 0);
});

test('durations are said in the two largest units that matter', () => {
  const said = {
    0: '0 s',
    59_999: '59 s',
    60_000: '1 min',
    3_599_000: '59 min',
    3_600_000: '1 h',
    7_500_000: '2 h 5 min',
    172_800_000: '2 days',
    [-5]: '0 s'
  };
  for (const [ms, text] of Object.entries(said)) assert.equal(duration(Number(ms)), text);
});
