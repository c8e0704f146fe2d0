// What an unfriendly client does to a server of HTTP: shapes of requests that two servers could
// read differently, and many connections that do nothing useful. Each attack says what came of it.
import { connect } from 'node:net';

const HOST = 'Host: localhost\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const post = (fields, body = '', version = '1.1') =>
  `POST /v1/alerts HTTP/${version}\r\n${HOST}${fields}\r\n${body}`;

/** Each: its name, the bytes (or a function that makes more and more of them), the status. */
export const SHAPES = [
  ['a header line of 64 KiB', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(65536)}\r\n\r\n`, 431],
  ['a request line of 64 KiB', `GET /${'x'.repeat(65536)} HTTP/1.1\r\n${HOST}\r\n`, 431],
  ['2,000 headers', `GET / HTTP/1.1\r\n${HOST}${'X-Many: xxxxx\r\n'.repeat(2000)}\r\n`, 431],
  ['a million trailers', [post(CHUNKED, '0\r\n'), 'X-Trailer: y\r\n', 1_000_000], 400],
  ['a chunk extension of 1 GiB', [post(CHUNKED, '1;x='), 'x'.repeat(65536), 16_384], 400],
  ['chunked', post(CHUNKED, '0\r\n\r\n'), 400],
  ['Content-Length with Transfer-Encoding', post(`Content-Length: 5\r\n${CHUNKED}`, 'hello'), 400],
  ['Transfer-Encoding with Content-Length', post(`${CHUNKED}Content-Length: 5\r\n`, 'hello'), 400],
  ['a transfer encoding that is none', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400],
  ['one that does not end in chunked', post('Transfer-Encoding: chunked, gzip\r\n'), 400],
  ['chunked twice', post(`${CHUNKED}${CHUNKED}`, '0\r\n\r\n'), 400],
  ['chunked behind a tab', post('Transfer-Encoding:\tchunked\r\n', '0\r\n\r\n'), 400],
  ['chunked, its colon behind a space', post('Transfer-Encoding : chunked\r\n'), 400],
  ['chunked in HTTP/1.0', post(CHUNKED, '0\r\n\r\n', '1.0'), 400],
  ['two different lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'), 400],
  ['two equal lengths', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
  ['a list of lengths', post('Content-Length: 5, 5\r\n', 'hello'), 400],
  ['a length with a sign', post('Content-Length: +5\r\n', 'hello'), 400],
  ['a negative length', post('Content-Length: -1\r\n', 'hello'), 400],
  ['a length in hexadecimal', post('Content-Length: 0x5\r\n', 'hello'), 400],
  ['a length of 2^64', post('Content-Length: 18446744073709551616\r\n'), 400],
  ['a length of 1 GiB', post('Content-Length: 1073741824\r\n'), 413],
  ['a folded line', `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, 400],
  ['a NUL in a value', `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400],
  ['a NUL in the target', `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['line feeds alone, then a real end', `GET / HTTP/1.1\n${HOST}\r\n\r\n`, 400],
  ['a carriage return by itself', `GET / HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`, 400],
  ['a space before a colon', `GET / HTTP/1.1\r\n${HOST}X : a\r\n\r\n`, 400],
  ['a line without a colon', `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`, 400],
  ['the absolute form', `GET http://localhost/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['the authority form', `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`, 400],
  ['HTTP/2 without a question', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
];

/** Sends and reads until the end; a list is `[head, piece, how often]`, sent as far as it goes. */
export function ask(port, what, { limit_ms = 20_000 } = {}) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '', left = 0, sent = 0;
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((found) => +found[1]);
      resolve({ statuses, closed, sent });
    };
    const timer = setTimeout(() => finish(false), limit_ms);
    const more = () => {
      while (left > 0 && !socket.destroyed && !text) {
        const pieces = Math.min(left, 4096);
        left -= pieces;
        const block = what[1].length > 1000 ? what[1] : what[1].repeat(pieces);
        if (what[1].length > 1000) left += pieces - 1;
        sent += block.length;
        if (!socket.write(block, 'latin1')) return;
      }
    };
    socket.on('connect', () => {
      if (!Array.isArray(what)) return socket.write(what, 'latin1');
      left = what[2];
      socket.write(what[0], 'latin1');
      more();
    });
    socket.on('drain', more);
    socket.on('data', (data) => { text += data.toString('latin1'); });
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
  });
}

const source = (index) => `127.${1 + (index >> 14)}.${(index >> 7) & 127}.${1 + (index & 127)}`;

/** Opens that many connections, a few hundred at a time. */
export async function crowd(port, count, greet) {
  const all = [];
  for (let i = 0; i < count; i += 250) {
    const batch = Array.from({ length: Math.min(250, count - i) }, (_, index) =>
      new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', localAddress: source(i + index) });
        const it = { socket, closed: false, heard: 0, status: 0 };
        all.push(it);
        socket.on('connect', () => { greet(it); resolve(); });
        socket.on('error', () => {});
        socket.on('close', () => { it.closed = true; resolve(); });
      }));
    await Promise.all(batch);
  }
  return all;
}

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const end = (all) => { for (const { socket } of all) socket.destroy(); };
const count_closed = (all) => all.filter(({ closed }) => closed).length;

/** Heads that never end, an octet at a time. All are let go once a head has had its time. */
export async function slowloris(port, count) {
  const all = await crowd(port, count, (it) => {
    it.socket.resume();
    it.socket.write(`GET /v1/trust HTTP/1.1\r\n${HOST}X: `);
  });
  for (let second = 0; second < 16 && count_closed(all) < count; ++second) {
    for (const { socket, closed } of all) if (!closed) socket.write('x');
    await pause(1000);
  }
  const closed = count_closed(all);
  end(all);
  return { closed, count };
}

/** Large answers of which nobody reads more than a little. Either bounded, or told to wait. */
export async function slow_readers(port, count, seconds = 15) {
  const all = await crowd(port, count, (it) => {
    it.socket.once('data', (data) => {
      it.status = Number(data.toString('latin1').slice(9, 12));
      it.socket.pause();
    });
    it.socket.write(`GET /v1/alerts?limit=1000 HTTP/1.1\r\n${HOST}\r\n`);
  });
  await pause(seconds * 1000);
  const with_status = (status) => all.filter((it) => it.status === status).length;
  const result = { count, listed: with_status(200), told_to_wait: with_status(429),
                   silent: with_status(0) };
  end(all);
  return result;
}

/** Streams from the beginning that nobody reads. */
export async function deaf_streams(port, count, seconds = 20) {
  const all = await crowd(port, count, (it) => {
    it.socket.once('data', (data) => {
      it.status = Number(data.toString('latin1').slice(9, 12));
      it.socket.pause();
    });
    it.socket.write(`GET /v1/stream?after=0 HTTP/1.1\r\n${HOST}` +
      'Accept: text/event-stream\r\n\r\n');
  });
  await pause(seconds * 1000);
  const result = { count, begun: all.filter(({ status }) => status === 200).length };
  end(all);
  return result;
}

/** Requests one behind the other on one connection, all sent before anything is read. */
export async function pipelined(port, count) {
  const request = `GET /v1/nothing HTTP/1.1\r\n${HOST}\r\n`;
  const last = `GET /v1/nothing HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  const { statuses, closed } = await ask(port, request.repeat(count - 1) + last,
    { limit_ms: 120_000 });
  return { count, answered: statuses.filter((status) => status === 404).length, closed };
}
