// The webhook channel and receivers: Node's https with certificates made here, the signatures
// judged by npm's standardwebhooks, and receivers that redirect, flood, dawdle and lie.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { Channel, listening } from './support/channel.mjs';
import { authority, certificate } from './support/tls.mjs';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ca = authority();
const own = certificate(ca, 'receiver');
const LOOPBACK = { allow: ['127.0.0.0/8', '::1'] };

/** A receiver that does `answer(request, response, body)`. */
async function receiver(answer, files = own) {
  const asked = [];
  const key = readFileSync(files.key), cert = readFileSync(files.certificate);
  const server = createServer({ key, cert },
    (request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        asked.push({ method: request.method, path: request.url, headers: request.headers, body });
        answer(request, response, body);
      });
    });
  server.on('tlsClientError', () => {});
  const port = await listening(server);
  return { asked, url: `https://127.0.0.1:${port}/hook?a=1`, port };
}

const channel = (more = {}) => new Channel('webhook',
  { ...LOOPBACK, ca_file: ca.certificate, connect_ms: 1500, whole_ms: 2000, ...more });

async function one(answer, more = {}, options = {}) {
  const peer = await receiver(answer);
  const hooks = channel(options);
  const outcome = await hooks.send(peer.url, { secret: SECRET, ...more });
  assert.equal(await hooks.stop(), 0);
  return { peer, outcome };
}

test('standardwebhooks believes what arrives, and it is the event', async () => {
  const { peer, outcome } = await one((_, response) => response.writeHead(204).end());
  assert.deepEqual([outcome.fate, outcome.uncertain, outcome.gateway], ['sent', false, 'webhook']);
  const [asked] = peer.asked;
  const event = new Webhook(SECRET).verify(asked.body, asked.headers);
  assert.deepEqual([asked.method, asked.path, asked.headers['content-type']],
    ['POST', '/hook?a=1', 'application/json']);
  assert.equal(asked.headers['webhook-id'], `msg_${'1'.padStart(32, '0')}`);
  assert.deepEqual(Object.keys(event), ['type', 'timestamp', 'data']);
  assert.equal(event.type, 'alert');
  assert.equal(event.timestamp, '2026-07-04T16:45:00Z');
  assert.deepEqual(Object.keys(event.data), ['seq', 'id', 'expires', 'earlier', 'envelope']);
  assert.equal(event.data.seq, 7);
  assert.deepEqual(event.data.earlier, ['msg_00112233445566778899aabbccddee07']);
  assert.deepEqual(Object.keys(event.data.envelope), ['payloadType', 'payload', 'signatures']);
});

test('each secret of several signs', async () => {
  const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  const { peer } = await one((_, response) => response.end(), { secret: `${other} ${SECRET}` });
  for (const secret of [SECRET, other]) {
    new Webhook(secret).verify(peer.asked[0].body, peer.asked[0].headers);
  }
});

test('an answer may be a receipt, and nothing else of it counts', async () => {
  const rows = [
    ['{"state":"acknowledged","answer":"safe, 12 people"}',
      { state: 'acknowledged', answer: 'safe, 12 people' }],
    ['{"state":"displayed"}', { state: 'displayed', answer: '' }],
    ['{"more":1,"state":"acknowledged"}', { state: 'acknowledged', answer: '' }],
    [`{"state":"acknowledged","answer":"${'x'.repeat(1000)}"}`,
      { state: 'acknowledged', answer: 'x'.repeat(1000) }],
    [`{"state":"acknowledged","answer":"${'x'.repeat(1001)}"}`, undefined],
    ['{"state":"acknowledged","answer":7}', undefined],
    ['{"state":"read"}', undefined],
    ['["acknowledged"]', undefined],
    ['{"state":"acknowledged"', undefined],
    [`{"state":"displayed","deep":${'['.repeat(50)}${']'.repeat(50)}}`, undefined],
    ['ok', undefined],
    ['', undefined],
  ];
  for (const [body, said] of rows) {
    const { outcome } = await one((_, response) => response.end(body));
    assert.deepEqual([outcome.fate, outcome.said], ['sent', said], body.slice(0, 60));
  }
  const { outcome } = await one((_, response) =>
    response.writeHead(500).end('{"state":"acknowledged"}'));
  assert.deepEqual([outcome.fate, outcome.said], ['later', undefined]);
});

test('what an answer means', async () => {
  const rows = [[200, {}, 'sent'], [202, {}, 'sent'], [404, {}, 'later'], [500, {}, 'later'],
    [410, {}, 'permanent', true], [429, { 'Retry-After': '120' }, 'later', false, 120_000],
    [503, { 'Retry-After': '9999999' }, 'later', false, 600_000],
    [503, { 'Retry-After': 'Sun, 22 Nov 2037 12:00:00 GMT' }, 'later']];
  for (const [status, headers, fate, dead = false, wait] of rows) {
    const { outcome } = await one((_, response) => response.writeHead(status, headers).end());
    assert.deepEqual([outcome.fate, outcome.dead, outcome.not_before_ms], [fate, dead, wait],
      String(status));
    assert.equal(outcome.why, `HTTP ${status}`);
  }
});

test('a redirection is not followed', async () => {
  const target = await receiver((_, response) => response.end());
  for (const status of [301, 302, 303, 307, 308]) {
    const { outcome } = await one((_, response) =>
      response.writeHead(status, { Location: target.url }).end());
    assert.equal(outcome.fate, 'later');
  }
  assert.equal(target.asked.length, 0);
});

test('private addresses are not asked, however they are named', async () => {
  const peer = await receiver((_, response) => response.end());
  const hooks = channel({ allow: [] });
  for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.1', '169.254.169.254',
    'localhost', '0x7f000001', '127.1', '[64:ff9b::7f00:1]']) {
    const outcome = await hooks.send(`https://${host}:${peer.port}/`, { secret: SECRET });
    // What may be asked is this engine's to say, so it says nothing of the contact.
    assert.deepEqual([outcome.fate, outcome.dead], ['permanent', false], host);
  }
  assert.equal(await hooks.stop(), 0);
  assert.equal(peer.asked.length, 0);
});

test('a name that stands for a private address is not asked: the address decides', async () => {
  const peer = await receiver((_, response) => response.end());
  // With any network allowed a local name may be entered; what it stands for is judged by itself.
  const hooks = channel({ allow: ['192.0.2.0/24'] });
  const outcome = await hooks.send(`https://localhost:${peer.port}/`, { secret: SECRET });
  assert.equal(outcome.fate, 'later');
  assert.match(outcome.why, /not a public one/);
  assert.equal(outcome.uncertain, false);
  assert.equal(await hooks.stop(), 0);
  assert.equal(peer.asked.length, 0);
  const allowed = channel();
  assert.equal((await allowed.send(`https://localhost:${peer.port}/`, { secret: SECRET })).fate,
    'sent');
  assert.equal(await allowed.stop(), 0);
});

test('a certificate of nobody or one that has expired gets nothing', async () => {
  const strangers = await receiver((_, response) => response.end(),
    certificate(authority(), 'stranger'));
  const old = await receiver((_, response) => response.end(),
    certificate(ca, 'old', { since_s: 1000, until_s: -10 }));
  const hooks = channel();
  for (const url of [strangers.url, old.url]) {
    const outcome = await hooks.send(url, { secret: SECRET });
    assert.equal(outcome.fate, 'later', url);
    assert.match(outcome.why, /certificate/);
    assert.equal(outcome.uncertain, false);
  }
  assert.equal(await hooks.stop(), 0);
  for (const peer of [strangers, old]) assert.equal(peer.asked.length, 0);
});

test('of an answer without end its status is all that counts', async () => {
  const { outcome } = await one((_, response) => {
    response.writeHead(200);
    const pour = () => { while (!response.destroyed && response.write('x'.repeat(65_536))); };
    response.on('drain', pour);
    pour();
  });
  assert.deepEqual([outcome.fate, outcome.said], ['sent', undefined]);
  const endless = await one((request) => {
    request.socket.write('HTTP/1.1 200 OK\r\n');
    const pour = () => {
      while (!request.socket.destroyed && request.socket.write(`X-A: ${'y'.repeat(4000)}\r\n`));
    };
    request.socket.on('drain', pour);
    request.socket.on('error', () => {});
    pour();
  });
  assert.equal(endless.outcome.uncertain, false);
});

test('a receiver that never answers is given up, and may have it', async () => {
  const { outcome } = await one(() => {}, {}, { whole_ms: 500 });
  assert.deepEqual([outcome.fate, outcome.uncertain], ['later', true]);
  const hung = await one((request) => request.socket.destroy());
  assert.deepEqual([hung.outcome.fate, hung.outcome.uncertain], ['later', true]);
});

test('receivers that wait are served in turn, whatever their names', async () => {
  const order = [];
  const ports = [];
  const held = [];
  const peers = await Promise.all([1, 2].map(() => receiver((request, response) => {
    order.push(ports.indexOf(request.socket.localPort));
    held.push(response);
  })));
  const [first, last] = peers.sort((a, b) => (String(a.port) < String(b.port) ? -1 : 1));
  ports.push(first.port, last.port);
  const hooks = channel({ at_once: 1, whole_ms: 15_000 });
  const sent = Array.from({ length: 6 }, () => hooks.send(first.url, { secret: SECRET }));
  sent.push(hooks.send(last.url, { secret: SECRET }));
  const free = setInterval(() => { if (sent.length === 7) held.splice(0, 1)[0]?.end(); }, 5);
  for (const outcome of await Promise.all(sent)) assert.equal(outcome.fate, 'sent');
  clearInterval(free);
  assert.ok(order.indexOf(1) <= 2, `served as ${order}`);
  assert.equal(await hooks.stop(), 0);
});

test('a slow receiver is asked four at a time, and holds nobody else up', async () => {
  const held = [];
  let most = 0;
  const slow = await receiver((_, response) => {
    held.push(response);
    most = Math.max(most, held.length);
  });
  const quick = await receiver((_, response) => response.end());
  const hooks = channel({ whole_ms: 15_000 });
  const waiting = Array.from({ length: 40 }, () => hooks.send(slow.url, { secret: SECRET }));
  for (let i = 0; i < 20; ++i) {
    assert.equal((await hooks.send(quick.url, { secret: SECRET })).fate, 'sent');
  }
  // Four are under way, thirty-two wait, and the last four heard that it is busy.
  const busy = await Promise.all(waiting.slice(36));
  for (const outcome of busy) {
    assert.deepEqual([outcome.fate, outcome.not_before_ms, outcome.put_off], ['later', 5000, true]);
  }
  const free = setInterval(() => { for (const response of held.splice(0)) response.end(); }, 5);
  for (const outcome of await Promise.all(waiting.slice(0, 36))) assert.equal(outcome.fate, 'sent');
  clearInterval(free);
  assert.equal(most, 4);
  assert.equal(await hooks.stop(), 0);
});

test('an address or a secret that cannot be used has to be mended', async () => {
  const hooks = channel();
  for (const [url, secret] of [['http://127.0.0.1:8080/', SECRET],
    ['https://a@127.0.0.1:8080/', SECRET],
    ['https://127.0.0.1:8080/#a', SECRET], ['https://127.0.0.1:22/', SECRET], ['nothing', SECRET],
    ['https://127.0.0.1:8080/', ''], ['https://127.0.0.1:8080/', 'whsec_AAAA'],
    ['https://127.0.0.1:8080/', Array(5).fill(SECRET).join(' ')]]) {
    const outcome = await hooks.send(url, { secret });
    assert.deepEqual([outcome.fate, outcome.dead], ['permanent', false], url);
    assert.doesNotMatch(outcome.why, /whsec_[A-Za-z0-9+/]/);
  }
  assert.equal(await hooks.stop(), 0);
});

test('it stops when what is under way has ended', async () => {
  let late;
  const peer = await receiver((_, response) => { late = response; });
  const hooks = channel();
  const outcome = hooks.send(peer.url, { secret: SECRET });
  while (late === undefined) await new Promise((resolve) => setImmediate(resolve));
  const stopped = hooks.stop();
  late.end();
  assert.equal(await stopped, 0);
  assert.equal((await outcome).fate, 'sent');
});
