// A WebSocket client that can do everything wrong: frames built octet by octet, and the server's
// frames read without any library, each held against what a server may send.
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import assert from 'node:assert/strict';

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const LATE_MS = 15_000;

/**
 * A frame. `rsv` is the three reserved bits as a number; `form` chooses how the length is written
 * (7, 16 or 64 bits), `length` says another one than the payload has; `mask` null leaves it out.
 */
export function frame(opcode, payload = '', options = {}) {
  const body = Buffer.from(payload);
  const { fin = true, rsv = 0, mask = randomBytes(4), length = BigInt(body.length) } = options;
  const size = BigInt(length);
  const form = options.form ?? (size < 126n ? 7 : size < 65536n ? 16 : 64);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode,
                (mask ? 0x80 : 0) | (form === 7 ? Number(size) : form === 16 ? 126 : 127)];
  const extended = Buffer.alloc(form === 7 ? 0 : form / 8);
  if (form === 16) extended.writeUInt16BE(Number(size));
  if (form === 64) extended.writeBigUInt64BE(size);
  const masked = mask ? body.map((octet, index) => octet ^ mask[index % 4]) : body;
  return Buffer.concat([Buffer.from(head), extended, mask ? Buffer.from(mask) : Buffer.alloc(0),
                        masked]);
}

export const close_frame = (code, reason = '', options) => {
  const two = Buffer.alloc(2);
  two.writeUInt16BE(code);
  return frame(OP.close, Buffer.concat([two, Buffer.from(reason)]), options);
};

/** Cuts bytes into pieces of one octet, or at the places given. */
export const chopped = (bytes) => [...bytes].map((octet) => Buffer.from([octet]));
export const cut_at = (bytes, places) => {
  const edges = [0, ...places, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

export class RawClient {
  /** By plain TCP, unless a test says otherwise. */
  static connect = (port) => connect(port, '127.0.0.1');

  /** Connects and upgrades; `early` is sent in the same breath as the handshake. */
  static async open(port, { early = Buffer.alloc(0), query = '' } = {}) {
    const client = new RawClient();
    const key = randomBytes(16).toString('base64');
    client.socket = RawClient.connect(port);
    client.socket.setNoDelay(true);
    client.buffer = Buffer.alloc(0);
    client.frames = [];
    client.waiting = [];
    client.ended = false;
    client.socket.on('error', () => {});
    client.socket.on('data', (data) => client.#take(data));
    client.socket.on('close', () => { client.ended = true; client.#look(); });
    client.expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    client.socket.write(Buffer.concat([Buffer.from(
      `GET /v1/stream${query} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n` +
      `Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n` +
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n'), early]));
    await client.until(() => client.head, 'the answer to the upgrade');
    return client;
  }

  #take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    if (!this.head) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.buffer.subarray(0, end + 2).toString('latin1');
      this.buffer = this.buffer.subarray(end + 4);
      try {
        assert.match(this.head, /^HTTP\/1\.1 101 /);
        assert.match(this.head, /sec-websocket-accept: /i);
        assert.ok(this.head.includes(`: ${this.expected}\r\n`), 'the accept value, to the letter');
        assert.doesNotMatch(this.head, /sec-websocket-extensions/i);
      } catch (fault) {
        this.fault = fault;
      }
    }
    try {
      while (this.#read_frame());
    } catch (fault) {
      this.fault = fault;
    }
    this.#look();
  }

  /** What a server sends is unmasked, unreserved, in the shortest form, and whole. */
  #read_frame() {
    const bytes = this.buffer;
    if (bytes.length < 2) return false;
    const [first, second] = bytes;
    assert.equal(first & 0x70, 0, 'reserved bits');
    assert.equal(second & 0x80, 0, 'a masked frame from a server');
    assert.equal(first & 0x80, 0x80, 'a fragment from a server that makes none');
    assert.ok(Object.values(OP).includes(first & 15), 'an opcode that exists');
    const short = second & 127;
    const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
    if (bytes.length < head) return false;
    const length = short === 126 ? bytes.readUInt16BE(2)
      : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (short >= 126) assert.ok(length >= (short === 126 ? 126 : 65536), 'the shortest form');
    if ((first & 15) >= 8) assert.ok(length <= 125);
    if (bytes.length < head + length) return false;
    assert.ok(!this.close, 'nothing comes after a close');
    const payload = Buffer.from(bytes.subarray(head, head + length));
    this.buffer = bytes.subarray(head + length);
    const it = { opcode: first & 15, payload };
    this.frames.push(it);
    if (it.opcode === OP.close) {
      assert.notEqual(length, 1, 'a close code of one octet');
      this.close = { code: length ? payload.readUInt16BE(0) : 1005,
        reason: payload.subarray(2).toString() };
    }
    return true;
  }

  #look() {
    for (const each of this.waiting) each();
  }

  until(found, what) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(new Error(`${what}: not within ${LATE_MS} ms`)),
        LATE_MS);
      const look = () => {
        if (this.fault) settle(this.fault);
        else if (found()) settle();
        else if (this.ended) settle(new Error(`the connection ended before ${what}`));
      };
      const settle = (fault) => {
        clearTimeout(timer);
        this.waiting = this.waiting.filter((each) => each !== look);
        if (fault) reject(fault);
        else resolve();
      };
      this.waiting.push(look);
      look();
    });
  }

  /** Writes each piece by itself, a turn of the loop apart. */
  async send(...pieces) {
    for (const piece of pieces.flat()) {
      if (this.ended || this.socket.destroyed) return;
      this.socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get pongs() {
    return this.frames.filter(({ opcode }) => opcode === OP.pong).map(({ payload }) => payload);
  }

  /** Waits for the server's close and the end of the connection; the code. */
  async closed() {
    await this.until(() => this.close, 'a close');
    if (!this.answered) this.socket.write(frame(OP.close, this.close.code === 1005 ? '' :
      Buffer.from([this.close.code >> 8, this.close.code & 255])));
    this.answered = true;
    await this.until(() => this.ended, 'the end');
    return this.close.code;
  }

  /** The connection is in order: it answers a ping, and a close with the same code. */
  async is_open() {
    await this.send(frame(OP.ping, 'still there'));
    await this.until(() => this.pongs.at(-1)?.toString() === 'still there', 'a pong');
    this.answered = true;
    await this.send(close_frame(1000));
    assert.equal(await this.closed(), 1000);
  }
}
