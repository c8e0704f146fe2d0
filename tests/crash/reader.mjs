// A dashboard that lives through every kill: a third-party WebSocket client which comes back with
// its position and must be shown each place of the log once, in order, and never one that the log
// has not.
import WebSocket from 'ws';
import { promised } from './wire.mjs';

const COME_BACK_MS = 10;

export class Reader {
  constructor(url, name) {
    this.url = url.replace('http', 'ws');
    this.name = name;
    this.last = 0;
    this.ids = [];
    this.epoch = null;
    this.connections = 0;
    this.broken = null;
    this.open = true;
    this.waiting = [];
  }

  start() { this.connect(); }

  connect() {
    if (!this.open || this.broken) return;
    const after = this.epoch ? `${this.epoch}:${this.last}` : '0';
    const socket = new WebSocket(`${this.url}/v1/stream?after=${after}`, 'tocsin.v1',
                                 { perMessageDeflate: false });
    this.socket = socket;
    this.greeted = false;
    socket.on('message', (data) => this.guarded(() => this.take(data.toString())));
    socket.on('error', () => {});  // it was killed; `close` follows
    socket.on('close', () => setTimeout(() => this.connect(), COME_BACK_MS));
  }

  guarded(work) {
    try {
      work();
    } catch (fault) {
      this.broken ??= fault;
      this.socket.terminate();
    }
    for (const waiter of this.waiting.splice(0)) waiter();
  }

  take(message) {
    for (const line of message.split('\n').filter(Boolean)) {
      const object = JSON.parse(line);
      if (object.type === 'hello') this.hello(object);
      else promised(this.greeted, `${this.name}: ${object.type} came before hello`);
      if (object.type === 'alert') this.alert(object);
      if (object.type === 'live') {
        promised(object.seq >= this.last, `${this.name}: live at ${object.seq}, in the past`);
      }
    }
  }

  hello({ epoch, head, recovered, gap }) {
    this.greeted = true;
    this.connections += 1;
    this.epoch ??= epoch;
    promised(epoch === this.epoch, `${this.name}: the epoch was ${this.epoch} and is ${epoch}`);
    promised(recovered === true && gap === null, `${this.name}: not recovered at ${this.last}`);
    promised(head >= this.last, `${this.name} was shown ${this.last}, the log ends at ${head}`);
  }

  alert({ seq, id }) {
    promised(seq === this.last + 1, `${this.name}: after ${this.last} came ${seq}`);
    this.last = seq;
    this.ids[seq] = id;
  }

  /** Waits until it was shown everything up to `seq`. */
  async reaches(seq, limit_ms = 20_000) {
    const until = Date.now() + limit_ms;
    while (this.last < seq && !this.broken) {
      promised(Date.now() < until,
               `${this.name} is at ${this.last} and not at ${seq} after ${limit_ms} ms`);
      await Promise.race([new Promise((resolve) => this.waiting.push(resolve)),
                          new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    if (this.broken) throw this.broken;
  }

  /** What it was shown is what the log has. */
  agrees_with(book) {
    if (this.broken) throw this.broken;
    for (let seq = Math.max(1, this.agreed ?? 1); seq <= this.last && seq <= book.head; ++seq) {
      promised(this.ids[seq] === book.ids[seq], `${this.name} was shown another ${seq}`);
      this.agreed = seq;
    }
  }

  stop() {
    this.open = false;
    this.socket?.terminate();
  }
}
