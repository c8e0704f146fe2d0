// The PROXY protocol from a proxy in front that passes connections on unread: its octets are
// written here by hand, and by haproxy where that is installed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { launch, scratch, start, within } from './support/engine.mjs';
import { header, LOCAL, of, of6, PROXY, TCP4, UNIX } from './support/proxy_header.mjs';
import { listen } from './support/stream.mjs';

const LATE_MS = 30_000;
const PROXY_HEADER_BYTES = 2048;  // kProxyHeaderBytes

const configured = (text) => {
  const file = join(scratch(), 'tocsin.toml');
  writeFileSync(file, text);
  return ['--config', file];
};
let engine;
before(async () => {
  engine = await start({ args: configured('[limits]\nconnections_per_address = 2\n' +
    'trusted_proxies = ["127.0.0.1"]\nproxy_protocol = true\n') });
});

let clients = 0;
/** A client that was not there before, whose places are all free. */
const client = () => `198.18.${clients >> 8}.${clients++ & 0xff}`;
/** The same on this machine, for what comes through a real proxy. */
const neighbour = () => `127.1.${clients >> 8}.${clients++ & 0xff}`;
const get = (path, fields = '') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n`;

/** Sends pieces and reads until the engine closes; where there was no answer the status is 0. */
async function ask(pieces, { from = '127.0.0.1', port = engine.port } = {}) {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.setNoDelay();
  let text = '';
  socket.on('data', (data) => { text += data.toString('latin1'); });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => { socket.on('close', resolve); });
  for (const piece of [pieces].flat()) {
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
  }
  await within(LATE_MS, 'the end of the connection', closed);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
           code: /"code":"([a-z_]+)"/.exec(text)?.[1], text };
}

/** Figures of refused headers by their reason, asked for from where no proxy is. */
async function refused() {
  const { text } = await ask(get('/metrics'), { from: '127.0.0.2' });
  return Object.fromEntries(
    [...text.matchAll(/^tocsin_proxy_headers_refused_total\{why="([a-z_]+)"\} (\d+)$/mg)]
      .map(([, why, count]) => [why, Number(count)]));
}

test('the client that the header names is who asks', async () => {
  assert.equal((await ask([of(client()), get('/v1/trust')])).status, 200);
  const of_six = of6('20010db8000000000000000000000001');
  assert.equal((await ask([of_six, get('/v1/trust')])).status, 200);
  const together = Buffer.concat([of(client()), Buffer.from(get('/v1/trust'))]);
  assert.equal((await ask(together)).status, 200);
  assert.equal((await ask([...together].map((octet) => Buffer.from([octet])))).status, 200);
});

test('a client named as of this machine is not of this machine', async () => {
  for (const named of [of('127.0.0.9'), of6('00000000000000000000000000000001'),
    of6('00000000000000000000ffff7f000009')]) {
    const answer = await ask([named, get('/metrics')]);
    assert.equal(`${answer.status} ${answer.code}`, '403 forbidden');
  }
});

test('a proxy that speaks for itself is who names nobody', async () => {
  const itself = header(LOCAL, 0, Buffer.alloc(0));
  const answer = await ask([itself, get('/livez')]);
  assert.equal(`${answer.status} ${answer.code}`, '400 bad_query');
});

test('Forwarded counts behind a header that names a trusted proxy, and nowhere else', async () => {
  const says = 'forwarded: for=198.51.100.7\r\n';
  assert.equal((await ask([of('127.0.0.1'), get('/v1/trust')])).code, 'bad_query');
  assert.equal((await ask([of('127.0.0.1'), get('/v1/trust', says)])).status, 200);
  assert.equal((await ask([of(client()), get('/v1/trust', 'forwarded: nonsense\r\n')])).status,
    200);
});

test('what begins otherwise is closed unanswered and counted', async () => {
  const earlier = await refused();
  const wrong = {
    signature: Buffer.from(get('/v1/trust')),
    text_header: Buffer.from(`PROXY TCP4 192.0.2.1 10.0.0.1 4242 443\r\n${get('/v1/trust')}`),
    version: header(0x11, TCP4, Buffer.alloc(12)),
    command: header(0x22, TCP4, Buffer.alloc(12)),
    family: header(PROXY, UNIX, Buffer.alloc(216)),
    size: header(PROXY, TCP4, Buffer.alloc(PROXY_HEADER_BYTES - 15)),
    extra: of(client(), Buffer.from([4, 0, 9])),
    checksum: of(client(), Buffer.from([3, 0, 4, 0, 0, 0, 0])),
  };
  for (const [why, octets] of Object.entries(wrong)) {
    assert.deepEqual({ why, text: (await ask(octets)).text }, { why, text: '' });
  }
  const later = await refused();
  for (const why of Object.keys(wrong)) assert.equal(later[why], (earlier[why] ?? 0) + 1, why);
  const traced = / warning proxy_header_refused proxy=127\.0\.0\.1 why=signature\n/;
  while (!traced.test(engine.stderr)) {
    await within(LATE_MS, 'the trace', once(engine.child.stderr, 'data'));
  }
});

test('a client whose proxy does not say who it is cannot say so itself', async () => {
  const earlier = await refused();
  const of_unknown = header(PROXY, 0, Buffer.alloc(0));
  const says = 'forwarded: for=198.51.100.7\r\n';
  assert.equal((await ask([of_unknown, get('/v1/trust', says)])).text, '');
  assert.equal((await refused()).family, (earlier.family ?? 0) + 1);
});

test('a stranger is not believed and needs no header', async () => {
  const stranger = { from: '127.0.0.2' };
  assert.equal((await ask([of(client()), get('/v1/trust')], stranger)).code, 'bad_query');
  assert.equal((await ask(get('/v1/trust'), stranger)).status, 200);
});

test('a client has its connections and no more, however many the proxy has', async () => {
  const one = client();
  const held = await Promise.all([one, one].map(async (address) => {
    const socket = connect(engine.port, '127.0.0.1');
    socket.write(Buffer.concat([of(address), Buffer.from(
      'GET /v1/trust HTTP/1.1\r\nHost: localhost\r\n\r\n')]));
    await within(LATE_MS, 'an answer', once(socket, 'data'));
    return socket;
  }));
  const answer = await ask([of(one), get('/v1/trust')]);
  assert.equal(`${answer.status} ${answer.code}`, '429 too_many');
  assert.equal((await ask([of(client()), get('/v1/trust')])).status, 200);
  for (const socket of held) socket.destroy();
});

test('without the setting a header is a bad request', async () => {
  const plain = await start({ args: configured('[limits]\ntrusted_proxies = ["127.0.0.1"]\n') });
  const answer = await ask([of(client()), get('/v1/trust')], { port: plain.port });
  assert.equal(`${answer.status} ${answer.code}`, '400 bad_query');
});

test('the setting wants a proxy to be named, and says in which line', async () => {
  for (const [wrong, said] of [['proxy_protocol = true', /line 2: .*trusted_proxies/],
    ['trusted_proxies = ["127.0.0.1"]\nproxy_protocol = "v2"', /line 3: .*true or false/]]) {
    const bad = launch({ args: configured(`[limits]\n${wrong}\n`) });
    assert.equal((await within(LATE_MS, 'the end', bad.exited)).code, 2);
    assert.match(bad.stderr, said);
  }
});

// --- a proxy that nobody here wrote

const haproxy = process.env.TOCSIN_HAPROXY ?? ['haproxy', '/usr/sbin/haproxy']
  .find((program) => spawnSync(program, ['-v']).status === 0);
const without = haproxy ? false : 'haproxy is not installed (apt-get install haproxy)';
const proxies = new Set();
after(() => { for (const child of proxies) child.kill('SIGKILL'); });

async function free_port() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens there. */
function knock(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

async function in_front_of(target, options) {
  const port = await free_port();
  const file = join(scratch(), 'haproxy.cfg');
  writeFileSync(file, 'defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 60s\n' +
    `  timeout server 60s\nlisten alerts\n  bind 127.0.0.1:${port}\n` +
    `  server engine 127.0.0.1:${target.port} ${options}\n`);
  const child = spawn(haproxy, ['-db', '-f', file], { stdio: 'ignore' });
  proxies.add(child);
  child.on('exit', () => proxies.delete(child));
  const listens = async () => {
    while (!(await knock(port))) {
      assert.equal(child.exitCode, null, 'haproxy ended');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await within(LATE_MS, 'haproxy', listens());
  return port;
}

/** A request from an address of its own, through the proxy. */
function through(port, path, { from, method = 'GET', body } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, localAddress: from, agent: false };
    const asked = request(options, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ status: response.statusCode, text });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('haproxy in front passes on who asks', { skip: without }, async () => {
  for (const options of ['send-proxy-v2', 'send-proxy-v2 proxy-v2-options crc32c,authority']) {
    const earlier = await refused();
    const port = await in_front_of(engine, `${options} check inter 100`);
    const posted = await through(port, '/v1/alerts',
      { from: neighbour(), method: 'POST', body: sealed(alert(), [engine.keys.ann]) });
    assert.equal(posted.status, 201, posted.text);
    assert.equal((await through(port, '/metrics', { from: neighbour() })).status, 403);
    const base = `http://127.0.0.1:${port}`, from = neighbour();
    const readers = [await listen(engine, {}, { base, from }),
      await listen(engine, {}, { base, from })];
    assert.equal((await through(port, '/v1/trust', { from })).status, 429);
    assert.equal((await through(port, '/v1/trust', { from: neighbour() })).status, 200);
    await Promise.all(readers.map((reader) => reader.close()));
    assert.deepEqual(await refused(), earlier);  // its own checks are no fault either
  }
});

test('haproxy that writes version 1 is refused', { skip: without }, async () => {
  const port = await in_front_of(engine, 'send-proxy');
  const { text_header = 0 } = await refused();
  await assert.rejects(through(port, '/v1/trust', { from: neighbour() }));
  assert.ok((await refused()).text_header > text_header);
});
