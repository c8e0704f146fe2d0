// The line to the engine: one WebSocket, resumed by itself with the last position. No page in here;
// sockets, timers and the clock are parameters. Promises in order: each object is settled before
// the next is looked at.

export const no_beat_max_ms = 40 * 1000;
const hello_max_ms = 10 * 1000;
const backoff_min_ms = 500;
const backoff_max_ms = 10 * 1000;
const told_delay_max_ms = 60 * 1000;
const filters = ['area', 'category', 'severity', 'status', 'sender'];

/** The filters of the stream among the parameters of the page's own address. */
export function filters_of(search) {
  return [...new URLSearchParams(search)].filter(([name]) => filters.includes(name));
}

/** How long to wait before try number `attempt` (from 0): doubling, jittered, 0.5 to 10 s. */
export function backoff_ms(attempt, random) {
  const ceiling = Math.min(backoff_max_ms, backoff_min_ms * 2 ** Math.min(attempt + 1, 10));
  return backoff_min_ms + random() * (ceiling - backoff_min_ms);
}

/** What a close reason asks for (`reconnect_ms=N`), or null. */
export function told_delay_ms(reason) {
  const told = /\breconnect_ms=(\d{1,9})\b/.exec(reason ?? '');
  return told === null ? null : Math.min(Number(told[1]), told_delay_max_ms);
}

/**
 * `events`: on_hello(hello), async on_alert(object), on_afresh(), on_live(), on_gap(gap),
 * on_beat(beat), on_change(). `host`: WebSocket, now(), set_timeout, clear_timeout, random().
 */
export class Stream {
  constructor(url, parameters, events, host) {
    this.url_ = url;
    this.parameters_ = parameters;
    this.events_ = events;
    this.host_ = host;
    this.socket_ = null;
    this.timer_ = null;
    this.attempt_ = 0;
    this.epoch_ = null;
    this.settled_ = null;  // the newest sequence this page has dealt with; null: ask what is active
    this.seen_ = 0;        // the newest of a list of active alerts that is not complete yet
    this.missing_at_ = null;  // where a beat said that something is missing, the last time
    this.acknowledged_ = null;
    this.caught_up_ = false;
    this.heard_at_ = null;  // the last octet of any kind
    this.beat_at_ = null;   // the last hello or beat
    this.queue_ = Promise.resolve();
  }

  /** When the engine was last heard, or null. */
  get heard_at() {
    return this.heard_at_;
  }

  /** Live: connected, caught up, and beats have not stopped. */
  live() {
    return this.socket_ !== null && this.caught_up_ &&
        this.host_.now() - this.beat_at_ < no_beat_max_ms;
  }

  start() {
    this.connect_();
  }

  /**
   * To be called every second or so: a line without beats is dropped and made anew, and the engine
   * is told how far this page has come.
   */
  tick() {
    if (this.socket_ === null || this.beat_at_ === null) return;
    if (this.host_.now() - this.beat_at_ >= no_beat_max_ms) return this.drop_(0);
    if (this.acknowledged_ !== this.settled_ && this.send_({type: 'ack', seq: this.settled_})) {
      this.acknowledged_ = this.settled_;
    }
  }

  /** Asks again what is active, as on the first day: everything is judged anew. */
  restart_afresh() {
    this.settled_ = null;
    this.drop_(0);
  }

  /** The network is back, or the page is looked at again: no reason to wait any longer. */
  hurry() {
    if (this.socket_ === null)
      this.connect_();
    else
      this.tick();
  }

  /** Tells the engine that a person could see this alert; false when there is no line. */
  tell_displayed(seq) {
    return this.send_({type: 'receipt', seq, state: 'displayed'});
  }

  send_(object) {
    if (this.socket_?.readyState !== 1) return false;
    this.socket_.send(JSON.stringify(object));
    return true;
  }

  connect_() {
    this.host_.clear_timeout(this.timer_);
    const query = new URLSearchParams(this.parameters_);
    query.set('after', this.settled_ === null ? 'active' : `${this.epoch_}:${this.settled_}`);
    const socket = new this.host_.WebSocket(`${this.url_}?${query}`, 'tocsin.v1');
    this.socket_ = socket;
    this.caught_up_ = false;
    this.beat_at_ = null;
    this.seen_ = 0;
    this.timer_ = this.host_.set_timeout(() => this.drop_(), hello_max_ms);
    if (this.settled_ === null) this.events_.on_afresh();
    // What a socket said before it was given up is settled or asked for again, never both.
    socket.onmessage = ({data}) => this.in_turn_(() => this.on_message_(socket, data));
    socket.onclose = ({reason}) => this.in_turn_(() => {
      if (this.socket_ === socket) this.drop_(told_delay_ms(reason));
    });
    this.events_.on_change();
  }

  // One thing after another. A fault in one must not leave the page deaf for the next.
  in_turn_(work) {
    this.queue_ = this.queue_.then(work).catch(error => {
      console.error(error);
      this.drop_();
    });
  }

  /** Gives the socket up and tries again after `delay_ms`, or after the usual time. */
  drop_(delay_ms = null) {
    const socket = this.socket_;
    this.socket_ = null;
    this.caught_up_ = false;
    if (socket !== null) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.host_.clear_timeout(this.timer_);
    const wait_ms = delay_ms ?? backoff_ms(this.attempt_++, this.host_.random);
    this.timer_ = this.host_.set_timeout(() => this.connect_(), wait_ms);
    this.events_.on_change();
  }

  async on_message_(socket, data) {
    if (this.socket_ !== socket) return;
    this.heard_at_ = this.host_.now();
    for (const line of String(data).split('\n')) {
      if (line.trim() === '' || this.socket_ !== socket) continue;
      let object;
      try {
        object = JSON.parse(line);
      } catch {
        return this.drop_();  // an engine that speaks no JSON: come again, from the last position
      }
      await this.on_object_(object);
    }
  }

  async on_object_(object) {
    switch (object?.type) {
      case 'hello':
        return this.on_hello_(object);
      case 'alert':
        return this.on_alert_(object);
      case 'live':
        return this.on_live_(object);
      case 'beat':
        return this.on_beat_(object);
      default:
        return undefined;  // what a later engine may add
    }
  }

  on_hello_(hello) {
    this.host_.clear_timeout(this.timer_);
    this.beat_at_ = this.host_.now();
    this.events_.on_hello(hello);
    const resumed = this.settled_ !== null;
    if (hello.recovered !== true || (resumed && hello.epoch !== this.epoch_)) {
      this.events_.on_gap(hello.gap ?? null);
      if (resumed) return this.restart_afresh();
    }
    this.epoch_ = hello.epoch;
    return undefined;
  }

  async on_alert_(object) {
    await this.events_.on_alert(object);
    if (!Number.isSafeInteger(object.seq)) return;
    // Until `live`, a list of what is active is no position: what is older may be missing.
    if (this.settled_ === null)
      this.seen_ = Math.max(this.seen_, object.seq);
    else
      this.settled_ = Math.max(this.settled_, object.seq);
  }

  on_live_(live) {
    const seq = Number.isSafeInteger(live.seq) ? live.seq : 0;
    this.settled_ = Math.max(this.settled_ ?? 0, this.seen_, seq);
    this.caught_up_ = true;
    this.attempt_ = 0;
    this.events_.on_live();
    this.events_.on_change();
  }

  on_beat_(beat) {
    this.beat_at_ = this.host_.now();
    this.events_.on_beat(beat);
    if (this.settled_ === null || !(beat.last > this.settled_)) {
      this.missing_at_ = null;
      return undefined;
    }
    // Something that concerns us did not come: ask for it; if that does not help, for everything.
    if (this.missing_at_ !== this.settled_) {
      this.missing_at_ = this.settled_;
      return this.drop_(0);
    }
    this.missing_at_ = null;
    this.events_.on_gap({from: this.settled_ + 1, to: beat.last});
    return this.restart_afresh();
  }
}
