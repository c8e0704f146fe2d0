import {ManualTimers, settle} from './support/globals.mjs';
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  backoff_ms, filters_of, no_beat_max_ms, Stream, told_delay_ms,
} from '../../connectors/dashboard/stream.js';

/** A stream whose sockets are spoken for by the test. */
class Line {
  constructor(parameters = [], other_events = {}) {
    this.other_events = other_events;
    this.timers = new ManualTimers();
    this.sockets = [];
    this.events = [];
    const line = this;
    class FakeSocket {
      constructor(url, protocol) {
        Object.assign(this, {url: new URL(url), protocol, readyState: 1, sent: [], closed: false});
        line.sockets.push(this);
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close() {
        this.closed = true;
        this.readyState = 3;
      }
    }
    const note = (name) => (value) => {
      this.events.push([name, value]);
    };
    this.stream = new Stream(
        'ws://engine.example/v1/stream', parameters, {
          on_hello: note('hello'),
          on_alert: async (object) => {
            note('alert')(object.seq);
          },
          on_afresh: note('afresh'),
          on_live: note('live'),
          on_gap: note('gap'),
          on_beat: note('beat'),
          on_change: () => {},
          ...this.other_events,
        },
        {...this.timers.host, WebSocket: FakeSocket});
    this.stream.start();
  }

  get socket() {
    return this.sockets[this.sockets.length - 1];
  }
  get after() {
    return this.socket.url.searchParams.get('after');
  }
  names(name) {
    return this.events.filter(([one]) => one === name).map(([, value]) => value);
  }

  async say(...objects) {
    this.socket.onmessage({data: objects.map((one) => JSON.stringify(one)).join('\n')});
    await settle();
  }
  async hang_up(reason = '') {
    this.socket.onclose({code: 1001, reason});
    await settle();
  }
  hello(changes = {}) {
    return this.say(hello(changes));
  }

  /** Connected, with nothing active and the head at `seq`. */
  static async live(seq = 5) {
    const line = new Line();
    await line.say(hello(), live(seq));
    return line;
  }
}

const hello = (changes = {}) =>
    ({type: 'hello', epoch: 'e1', head: 5, recovered: true, gap: null, ...changes});
const live = (seq) => ({type: 'live', seq});
const alert = (seq) => ({type: 'alert', seq});
const beat = (last) => ({type: 'beat', head: last, at: '', last, checkpoint: null});

test('the first question is what is active, in the contract’s subprotocol', () => {
  const line = new Line([['area', 'E09000033'], ['area', 'E09000001']]);
  assert.equal(line.after, 'active');
  assert.equal(line.socket.protocol, 'tocsin.v1');
  assert.deepEqual(line.socket.url.searchParams.getAll('area'), ['E09000033', 'E09000001']);
  assert.equal(line.names('afresh').length, 1);
});

test('a message holds one or more objects, and they are settled in order', async () => {
  const line = new Line();
  await line.say(hello(), alert(2), alert(4), live(5), beat(4), {type: 'news'});
  assert.deepEqual(
      line.events.map(([name]) => name), ['afresh', 'hello', 'alert', 'alert', 'live', 'beat']);
});

test('it is live after `live`, and not before', async () => {
  const line = new Line();
  assert.equal(line.stream.live(), false);
  await line.hello();
  assert.equal(line.stream.live(), false);
  await line.say(live(5));
  assert.equal(line.stream.live(), true);
});

test('a closed line is not live, and is resumed at the last position', async () => {
  const line = await Line.live(5);
  await line.say(alert(6), alert(9));
  await line.hang_up();
  assert.equal(line.stream.live(), false);
  line.timers.advance(10_000);
  assert.equal(line.after, 'e1:9');
  assert.equal(line.names('afresh').length, 1, 'the list stays');
});

test('a list of active alerts that was cut off is asked for again', async () => {
  const line = new Line();
  await line.say(hello(), alert(3));
  await line.hang_up();
  line.timers.advance(10_000);
  assert.equal(line.after, 'active');
});

test('a reconnect delay that the engine gives is kept to the millisecond', async () => {
  const line = await Line.live();
  await line.hang_up('restarting reconnect_ms=7300');
  line.timers.advance(7299);
  assert.equal(line.sockets.length, 1);
  line.timers.advance(1);
  assert.equal(line.sockets.length, 2);
});

test('what a reason may ask for has bounds', () => {
  assert.equal(told_delay_ms('reconnect_ms=0'), 0);
  assert.equal(told_delay_ms('reconnect_ms=999999999'), 60_000);
  for (const reason of ['', null, 'reconnect_ms=', 'reconnect_ms=-5', 'xreconnect_ms=5']) {
    assert.equal(told_delay_ms(reason), null, String(reason));
  }
});

test('waiting doubles, is jittered, and lies between half a second and ten', () => {
  assert.equal(backoff_ms(0, () => 0), 500);
  for (let attempt = 0; attempt < 40; attempt++) {
    const [least, most] = [backoff_ms(attempt, () => 0), backoff_ms(attempt, () => 1)];
    assert.ok(least >= 500 && most <= 10_000 && most > least, `${attempt}`);
  }
  assert.equal(backoff_ms(0, () => 1), 1000);
  assert.equal(backoff_ms(1, () => 1), 2000);
  assert.equal(backoff_ms(9, () => 1), 10_000);
});

test(
    'a position the engine does not know: the gap is told and everything asked again', async () => {
      const line = await Line.live(5);
      await line.hang_up();
      line.timers.advance(10_000);
      await line.hello({epoch: 'e2', recovered: false, gap: {from: 6, to: 8}});
      assert.deepEqual(line.names('gap'), [{from: 6, to: 8}]);
      line.timers.advance(0);
      assert.equal(line.after, 'active');
      assert.equal(line.names('afresh').length, 2);
    });

test('another epoch is a gap, whatever the engine says', async () => {
  const line = await Line.live(5);
  await line.hang_up();
  line.timers.advance(10_000);
  await line.hello({epoch: 'e2'});
  assert.equal(line.names('gap').length, 1);
  line.timers.advance(0);
  assert.equal(line.after, 'active');
});

test('a beat that names a newer alert than has come asks for it', async () => {
  const line = await Line.live(5);
  await line.say(beat(5));
  assert.equal(line.sockets.length, 1);
  await line.say(beat(7));
  line.timers.advance(0);
  assert.equal(line.after, 'e1:5');
});

test('if asking did not help, the gap is told and everything asked again', async () => {
  const line = await Line.live(5);
  await line.say(beat(7));
  line.timers.advance(0);
  await line.say(hello(), live(5), beat(7));
  assert.deepEqual(line.names('gap'), [{from: 6, to: 7}]);
  line.timers.advance(0);
  assert.equal(line.after, 'active');
});

test('no beat for 40 s: not live whatever the socket says, and it is made anew', async () => {
  const line = await Line.live(5);
  assert.equal(no_beat_max_ms, 40_000);
  line.timers.advance(no_beat_max_ms - 1);
  await line.say(alert(6));
  assert.equal(line.stream.live(), true);
  line.timers.advance(1);
  assert.equal(line.stream.live(), false, 'an alert is no beat');
  line.stream.tick();
  assert.equal(line.sockets[0].closed, true);
  line.timers.advance(0);
  assert.equal(line.after, 'e1:6');
});

test('beats keep it live', async () => {
  const line = await Line.live(5);
  for (let i = 0; i < 10; i++) {
    line.timers.advance(15_000);
    await line.say(beat(5));
    line.stream.tick();
    assert.equal(line.stream.live(), true);
  }
  assert.equal(line.sockets.length, 1);
});

test('a socket that says no hello is given up', async () => {
  const line = new Line();
  line.timers.advance(10_000);
  assert.equal(line.sockets[0].closed, true);
  line.timers.advance(1000);
  assert.equal(line.sockets.length, 2);
});

test('an engine that speaks no JSON is left and asked again', async () => {
  const line = await Line.live(5);
  line.socket.onmessage({data: 'what?'});
  await settle();
  assert.equal(line.sockets[0].closed, true);
});

test('what a given-up socket still says is not heard', async () => {
  const line = await Line.live(5);
  const old = line.socket;
  const {onmessage} = old;
  line.stream.restart_afresh();
  onmessage({data: JSON.stringify(alert(6))});
  await settle();
  assert.deepEqual(line.names('alert'), []);
});

test('the engine is told how far this page has come, once', async () => {
  const line = await Line.live(5);
  line.stream.tick();
  line.stream.tick();
  await line.say(alert(6), alert(7));
  line.stream.tick();
  assert.deepEqual(line.socket.sent, [{type: 'ack', seq: 5}, {type: 'ack', seq: 7}]);
});

test('a receipt is sent when there is a line, and says so when there is none', async () => {
  const line = await Line.live(5);
  assert.equal(line.stream.tell_displayed(5), true);
  assert.deepEqual(line.socket.sent, [{type: 'receipt', seq: 5, state: 'displayed'}]);
  await line.hang_up();
  assert.equal(line.stream.tell_displayed(5), false);
});

test('of the page’s address only the stream’s filters are passed on', () => {
  assert.deepEqual(
      filters_of('?area=E09000033&after=0&severity=Severe&x=1'),
      [['area', 'E09000033'], ['severity', 'Severe']]);
});

test('a fault of the page in one message does not leave it deaf', async (t) => {
  t.mock.method(console, 'error', () => {});
  let faults = 1;
  const line = new Line([], {
    on_live: () => {
      if (faults-- > 0) throw new Error('a fault');
    }
  });
  await line.say(hello(), live(5));
  assert.equal(line.sockets[0].closed, true);
  line.timers.advance(10_000);
  await line.say(hello(), live(5));
  assert.equal(line.stream.live(), true);
});
