// A reader of the stream on npm's ws. Every line it hears is held against its schema.
import { once } from 'node:events';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { sha256_hex } from './dsse.mjs';
import { within } from './engine.mjs';
import { checked_event } from './schemas.mjs';

const LATE_MS = 20_000;

/** `{after: 'active', area: ['a', 'b']}` as a query; a string is taken as it is. */
export function query_text(query = {}) {
  if (typeof query === 'string') return query;
  return Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`)).join('&');
}

export class Reader {
  constructor(engine, query, options = {}) {
    const text = query_text(query);
    const base = (options.base ?? engine.url).replace(/^http/, 'ws');
    this.socket = new WebSocket(`${base}/v1/stream${text && '?'}${text}`,
      options.protocols ?? 'tocsin.v1', { perMessageDeflate: options.compressed === true,
                                          localAddress: options.from,
                                          ca: options.ca ?? engine.ca,
                                          headers: options.headers });
    this.events = [];
    this.faults = [];
    this.waiting = [];
    this.socket.on('message', (data, is_binary) => this.#heard(data, is_binary));
    this.socket.on('error', (error) => { this.error = error; });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#settle();
      });
    });
    this.refused = new Promise((resolve) => {
      this.socket.on('unexpected-response', async (request, response) => {
        let body = '';
        for await (const part of response) body += part;
        resolve({ status: response.statusCode, headers: response.headers, body });
        request.destroy();
      });
    });
  }

  #heard(data, is_binary) {
    try {
      assert.equal(is_binary, false, 'a binary message');
      for (const line of data.toString().replace(/\n$/, '').split('\n')) {
        const event = checked_event(line);
        if (event.type === 'alert') {
          event.xml = Buffer.from(event.envelope.payload, 'base64');
          assert.equal(event.id, sha256_hex(event.xml));
        }
        this.events.push(event);
      }
    } catch (fault) {
      this.faults.push(fault);
    }
    this.#settle();
  }

  #settle() {
    for (const each of this.waiting) each();
  }

  of_type(type) { return this.events.filter((event) => event.type === type); }
  get hello() { return this.events[0]; }
  get alerts() { return this.of_type('alert'); }
  get sequences() { return this.alerts.map((alert) => alert.seq); }

  /** Waits until `found()` is true; fails if it is not in time, or the connection is over. */
  async until(found, what = 'what was expected', limit_ms = LATE_MS) {
    let done;
    const happened = new Promise((resolve, reject) => {
      const look = () => {
        if (this.faults.length) reject(this.faults[0]);
        else if (found()) resolve();
        else if (this.socket.readyState === WebSocket.CLOSED) {
          reject(new Error(`closed before ${what} (${this.error?.message ?? 'no error'})`));
        }
      };
      done = look;
      this.waiting.push(look);
      look();
    });
    try {
      await within(limit_ms, what, happened);
    } finally {
      this.waiting = this.waiting.filter((each) => each !== done);
    }
    return this;
  }

  live() { return this.until(() => this.of_type('live').length > 0, 'live'); }
  has(seq) { return this.until(() => this.sequences.includes(seq), `alert ${seq}`); }
  beat(limit_ms = LATE_MS) {
    const before = this.of_type('beat').length;
    return this.until(() => this.of_type('beat').length > before, 'a beat', limit_ms)
      .then(() => this.of_type('beat').at(-1));
  }

  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message)
      ? message : JSON.stringify(message));
  }

  /** Cuts the connection without a word. */
  cut() { this.socket.terminate(); return this.closed; }

  async close() {
    if (this.socket.readyState !== WebSocket.CLOSED) this.socket.close(1000);
    return within(LATE_MS, 'the close', this.closed);
  }
}

/** Connects, and waits until the stream is live. */
export async function listen(engine, query, options) {
  return new Reader(engine, query, options).live();
}

/** Connects where a refusal is expected, and returns it. */
export async function refused(engine, query, options) {
  const reader = new Reader(engine, query, options);
  const opened = once(reader.socket, 'open').then(
    () => { reader.socket.terminate(); throw new Error(`accepted: ${query_text(query)}`); });
  opened.catch(() => {});
  return within(LATE_MS, 'a refusal', Promise.race([reader.refused, opened]));
}
