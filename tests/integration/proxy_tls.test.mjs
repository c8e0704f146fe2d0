// A proxy that passes connections on unread names their client first, and the client shakes hands
// behind that: the header and TLS on one connection, however they are cut into packets.
import { connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { before, test } from 'node:test';
import { connect as shake_hands } from 'node:tls';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { scratch, start, within } from './support/engine.mjs';
import { header, LOCAL, of, of6 } from './support/proxy_header.mjs';
import { ask, authority, certificate, figure, flags, shake } from './support/tls.mjs';

const LATE_MS = 20_000;
let ca, engine;
before(async () => {
  ca = authority();
  const config = join(scratch(), 'tocsin.toml');
  writeFileSync(config, '[limits]\nconnections_per_address = 2\n' +
    'trusted_proxies = ["127.0.0.1"]\nproxy_protocol = true\n');
  engine = await start({ args: [...flags(certificate(ca, 'engine')), '--config', config] });
});
let clients = 0;
const client = () => `198.18.7.${++clients}`;
const itself = header(LOCAL, 0, Buffer.alloc(0));
/** From where no proxy is, so that no header is wanted. */
const STRANGER = { localAddress: '127.0.0.2' };
const octet_by_octet = (octets) => [...octets].map((octet) => Buffer.from([octet]));
/** Cut where the fixed part ends, and in the middle of the addresses. */
const in_pieces = (octets) => [octets.subarray(0, 16), octets.subarray(16, 21),
  octets.subarray(21)].filter((piece) => piece.length > 0);

/** A connection whose first octets `begin` makes of the client's own, piece by piece. */
function proxied(begin) {
  const bare = connect({ port: engine.port, host: '127.0.0.1', noDelay: true });
  let begun = false;
  const piece = (octets) => new Promise((resolve) => bare.write(octets, resolve));
  const through = new Duplex({
    async write(octets, _, done) {
      const pieces = begun ? [octets] : begin(octets);
      begun = true;
      for (const each of pieces) await piece(each);
      done();
    },
    read() {},
    final(done) { bare.end(done); },
    destroy(error, done) { bare.destroy(); done(error); },
  });
  bare.on('data', (data) => through.push(data));
  bare.on('end', () => through.push(null));
  bare.on('error', () => through.destroy());
  return through;
}

/** Shakes hands behind a proxy; `begin` as above. */
const behind = (begin, options = {}) => shake(engine, ca, { socket: proxied(begin), ...options });

async function answer_to(socket, request) {
  const ended = new Promise((resolve) => { socket.once('end', resolve).once('close', resolve); });
  socket.write(request);
  await within(LATE_MS, 'the end', ended);
  socket.destroy();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(socket.heard)?.[1] ?? 0),
           code: /"code":"([a-z_]+)"/.exec(socket.heard)?.[1] };
}
const get = (path, fields = '') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n`;

const cuts = {
  'in one packet with the ClientHello': (named) => (hello) => [Buffer.concat([named, hello])],
  'before the ClientHello': (named) => (hello) => [named, hello],
  'in pieces': (named) => (hello) => [...in_pieces(named), hello],
  'octet by octet, and so the ClientHello':
    (named) => (hello) => octet_by_octet(Buffer.concat([named, hello])),
  'with the first octets of the ClientHello': (named) => (hello) =>
    [...in_pieces(named).slice(0, -1),
     Buffer.concat([in_pieces(named).at(-1), hello.subarray(0, 3)]), hello.subarray(3)],
};
for (const [how, cut] of Object.entries(cuts)) {
  test(`a header that comes ${how} is read, and hands are shaken behind it`, async () => {
    for (const version of ['TLSv1.3', 'TLSv1.2']) {
      const socket = await behind(cut(of(client())), { minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      assert.equal((await answer_to(socket, get('/v1/trust'))).status, 200);
    }
    const six = of6('20010db8000000000000000000000007');
    assert.equal((await answer_to(await behind(cut(six)), get('/v1/trust'))).status, 200);
    // Who it is that asks is what the header says, and nothing inside of TLS.
    const near = await behind(cut(of('127.0.0.9')));
    assert.deepEqual(await answer_to(near, get('/metrics')), { status: 403, code: 'forbidden' });
    const nobody = await behind(cut(itself));
    assert.deepEqual(await answer_to(nobody, get('/livez')), { status: 400, code: 'bad_query' });
  });
}

test('a stream and an alert come through, and the client has its connections', async () => {
  const from = of(client()), whole = cuts['in one packet with the ClientHello'](from);
  const reader = await behind(whole);
  reader.write('GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
  const heard = async (text) => {
    while (!reader.heard.includes(text)) {
      await within(LATE_MS, text, new Promise((resolve) => { reader.once('data', resolve); }));
    }
  };
  await heard('"type":"live"');
  const body = sealed(alert(), [engine.keys.ann]);
  const posted = await behind(whole);
  assert.equal((await answer_to(posted, 'POST /v1/alerts HTTP/1.1\r\nHost: localhost\r\n' +
    `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)).status, 201);
  await heard('"type":"alert"');
  const second = await behind(whole);
  await assert.rejects(behind(whole));
  assert.equal((await answer_to(await behind(cuts['before the ClientHello'](of(client()))),
    get('/v1/trust'))).status, 200);
  second.destroy();
  reader.destroy();
});

test('TLS without the header is no header, and a header inside of TLS is no request', async () => {
  const count = (name) => figure(engine, ca, name, STRANGER);
  const failed = await count('tocsin_tls_handshakes_total{outcome="failed"}');
  await assert.rejects(behind((hello) => [hello]));
  assert.equal(await count('tocsin_proxy_headers_refused_total{why="signature"}'), 1);
  assert.equal(await count('tocsin_tls_handshakes_total{outcome="failed"}'), failed);
  const named = await behind(cuts['in pieces'](of(client())));
  const twice = Buffer.concat([of(client()), Buffer.from(get('/v1/trust'))]);
  assert.deepEqual(await answer_to(named, twice), { status: 400, code: 'bad_query' });
});
