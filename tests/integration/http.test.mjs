// HTTP: every route's refusals, headers and limits, and what two servers could read differently.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { assert_problem, curl, raw } from './support/http.mjs';
import { checked, checked_event, faults_of } from './support/schemas.mjs';

const HOST = 'Host: localhost\r\n';
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

let engine, first, open_to_all;
before(async () => {
  engine = await start();
  first = await engine.admit(alert(), engine.keys.ann);
  await engine.admit(alert({ scope: 'Restricted', restriction: 'police' }), engine.keys.ann);
  await engine.admit(alert({ scope: 'Private', addresses: 'acme' }), engine.keys.ann);
});
const get = (path, ...args) => curl(engine.url + path, { args });
const method = (name, path) => curl(engine.url + path,
  name === 'HEAD' ? { args: ['-I'] } : { args: ['-X', name, '-H', 'Content-Length: 0'] });

for (const path of ['/v1', '/v1/', '/v2/alerts', '/nothing', '/v1/alerts/0', '/v1/alerts/999999',
  '/v1/alerts/-1', '/v1/alerts/01', '/v1/alerts/1.txt', '/v1/alerts/18446744073709551616',
  `/v1/alerts/${'0'.repeat(64)}`, `/v1/alerts/${'A'.repeat(64)}`, '/v1/alerts/x/y',
  '/..%2f..%2fetc/passwd', '/.git/config', '/v1/alerts/1/']) {
  test(`${path} is not found`, async () => assert_problem(await get(path), 404, 'not_found'));
}

for (const [path, allowed] of [['/v1/alerts', ['GET', 'HEAD', 'POST']],
  ['/v1/alerts/1', ['GET', 'HEAD']], ['/v1/alerts/1/reach', ['GET', 'HEAD']],
  ['/v1/receipts', ['POST']], ['/v1/feed.atom', ['GET', 'HEAD']],
  ['/v1/session', ['GET', 'HEAD', 'POST', 'DELETE']],
  ['/v1/organisation', ['GET', 'HEAD', 'PUT', 'DELETE']], ['/v1/organisation/codes', ['POST']],
  ['/v1/organisation/confirmations', ['POST']], ['/v1/openapi.json', ['GET', 'HEAD']],
  ['/v1/stream', ['GET']], ['/v1/trust', ['GET', 'HEAD', 'POST']],
  ['/livez', ['GET', 'HEAD']], ['/readyz', ['GET', 'HEAD']], ['/metrics', ['GET', 'HEAD']],
  ['/', ['GET', 'HEAD']]]) {
  test(`${path} refuses other methods, and names those it has`, async () => {
    for (const name of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'BREW', 'POST']) {
      if (allowed.includes(name)) continue;
      const answer = await method(name, path);
      assert_problem(answer, 405, 'method_not_allowed');
      const named = answer.headers.allow.split(/, */);
      for (const each of allowed) assert.ok(named.includes(each), `Allow: ${answer.headers.allow}`);
    }
  });
}

for (const path of ['/v1/alerts', '/v1/alerts/1', '/v1/alerts/1.xml', '/v1/alerts/1.json',
  '/v1/alerts/1/reach', '/v1/feed.atom', '/v1/session', '/v1/openapi.json', '/v1/trust', '/livez',
  '/readyz', '/metrics', '/', '/nothing']) {
  test(`HEAD ${path} is GET without the body`, async () => {
    const [whole, head] = [await get(path), await method('HEAD', path)];
    assert.equal(head.status, whole.status);
    assert.equal(head.type, whole.type);
    if (path !== '/metrics') {
      assert.equal(head.headers['content-length'], String(whole.body.length));
    }
    const { text } =
      await raw(engine.port, `HEAD ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    assert.ok(text.endsWith('\r\n\r\n'), 'nothing comes after the head');
  });
}

test('every answer says nosniff, and the XML is in a sandbox', async () => {
  for (const path of ['/', '/v1/alerts', '/v1/alerts/1', '/v1/alerts/1.xml', '/v1/trust',
    '/nothing']) {
    assert.equal((await get(path)).headers['x-content-type-options'], 'nosniff', path);
  }
  for (const answer of [await get('/v1/alerts/1.xml'),
                        await get('/v1/alerts/1', '-H', 'Accept: application/cap+xml')]) {
    assert.match(answer.headers['content-security-policy'], /sandbox/);
    assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
  }
  assert.equal((await get('/nothing')).headers['cache-control'], 'no-store');
});

test('the page allows no inline script, no eval and nothing from elsewhere', async () => {
  const page = await get('/');
  assert.equal(page.status, 200);
  assert.match(page.type, /^text\/html/);
  const policy = page.headers['content-security-policy'];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|http:|\*/);
});

test('Restricted and Private alerts are not for those who are not signed in', async () => {
  for (const seq of [2, 3]) {
    for (const path of [`/v1/alerts/${seq}`, `/v1/alerts/${seq}.xml`]) {
      assert_problem(await get(path), 401, 'unauthenticated');
    }
  }
  const listed = (await get('/v1/alerts')).body.toString().trimEnd().split('\n').map(checked_event);
  assert.deepEqual(listed.map((each) => each.seq), [1]);
});

for (const query of ['after=x', 'after=', 'after=1', 'after=0:0', 'after=active', 'after=0&after=0',
  'limit=0', 'limit=-1', 'limit=x', 'limit=1001', 'limit=', 'active=0', 'active=yes', 'area=London',
  'area=E99999999', 'area=91,0', 'area=51.5', 'area=51.5,-0.1,2', 'area=nan,0', 'area=',
  'category=met', 'category=MET', 'category=', 'severity=extreme', 'severity=5', 'status=exercise',
  'status=', 'sender=', 'unknown=1', 'Area=E12000007',
  `area=${'E12000007&area='.repeat(70)}E12000007`, `sender=${'x'.repeat(5000)}`]) {
  test(`GET /v1/alerts?${query.slice(0, 40)} is not understood`, async () => {
    assert_problem(await get(`/v1/alerts?${query}`), 400, 'bad_query');
  });
}

test('a list after a position that is none of this log is not found', async () => {
  for (const after of [`${'0'.repeat(16)}:0`, `${first.epoch}:999999`]) {
    assert_problem(await get(`/v1/alerts?after=${after}`), 404, 'not_found');
  }
});

test('a list goes on after any position, at most so many, filtered', async () => {
  const more = await Promise.all(Array.from({ length: 12 },
    () => engine.admit(alert({ category: 'Met' }),
                                                                              engine.keys.ann)));
  const list = async (query) => (await get(`/v1/alerts?${query}`)).body.toString().split('\n')
    .filter(Boolean).map((line) => checked_event(line).seq);
  const all = await list('after=0');
  assert.deepEqual(all, [1, ...more.map((each) => each.seq).sort((a, b) => a - b)]);
  assert.deepEqual(await list('limit=5'), all.slice(0, 5));
  assert.deepEqual(await list(`limit=5&after=${first.epoch}:${all[4]}`), all.slice(5, 10));
  assert.deepEqual(await list('category=Met&area=E12000007&severity=Minor'), all.slice(1));
  assert.deepEqual(await list('category=Met&category=Safety&limit=2'), all.slice(0, 2));
  assert.deepEqual(await list(`after=${first.epoch}:${all.at(-1)}`), []);
  assert.deepEqual(await list('severity=Moderate'), []);
  assert.deepEqual(await list('status=Test'), []);
  const answer = await get('/v1/alerts?limit=4');
  assert.match(answer.type, /^application\/x-ndjson/);
  assert.deepEqual(await list(`after=${answer.headers['tocsin-position']}`), all.slice(4));
});

test('POST takes dry_run=1 and no other query', async () => {
  for (const query of ['dry_run=0', 'dry_run=', 'dry_run=1&dry_run=1', 'x=1', 'area=E12000007']) {
    const answer = await curl(`${engine.url}/v1/alerts?${query}`,
      { data: sealed(alert(), [engine.keys.ann]) });
    assert_problem(answer, 400, 'bad_query');
  }
});

test('the trust document is served byte for byte', async () => {
  const answer = await get('/v1/trust');
  assert.equal(answer.type, 'application/json');
  assert.deepEqual(answer.body, readFileSync(engine.trust));
  const payload = Buffer.from(checked('trust-envelope', answer.body.toString()).payload, 'base64');
  assert.equal(faults_of('trust', JSON.parse(payload)), null);
});

test('livez, readyz and metrics', async () => {
  assert.equal((await get('/livez')).status, 200);
  const ready = await get('/readyz');
  assert.equal(ready.status, 200);
  assert.equal(checked('readyz', ready.body.toString().trim()).ready, true);
  const metrics = (await get('/metrics')).body.toString();
  assert.match(metrics, /^tocsin_[a-z_]+(\{[^}]*\})? \d+/m);
  for (const name of metrics.matchAll(/^# TYPE (\S+)/gm)) assert.match(name[1], /^tocsin_[a-z_]+$/);
});

test('a stream needs an upgrade', async () => {
  const answer = await get('/v1/stream');
  assert_problem(answer, 426, 'upgrade_required');
  assert.match(answer.headers.upgrade, /websocket/i);
  const wrong = { 'another version': UPGRADE.replace('13', '8'),
    'no key': UPGRADE.replace(/Sec-WebSocket-Key.*\r\n/, ''),
                  'a short key': UPGRADE.replace('dGhlIHNhbXBsZSBub25jZQ==', 'YQ=='),
                  'another protocol': UPGRADE.replace('websocket', 'h2c') };
  for (const [what, fields] of Object.entries(wrong)) {
    const { status } = await raw(engine.port, `GET /v1/stream HTTP/1.1\r\n${HOST}${fields}\r\n`);
    assert.ok(status === 426 || status === 400, `${what}: ${status}`);
  }
});

const LONG = 'x'.repeat(16 * 1024);
/** Each: what it is, the bytes, and what may be answered. The connection closes after it. */
const SHAPES = [
  ['Content-Length and Transfer-Encoding',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 5\r\n` +
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n', 400],
  ['chunked',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n` +
    '0\r\n\r\n', 400],
  ['chunked in HTTP/1.0',
    'POST /v1/alerts HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['a transfer coding that does not end in chunked',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      400],
  ['Transfer-Encoding behind white space',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n` +
    '0\r\n\r\n', 400],
  ['Transfer-Encoding with a vertical tab',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, 400],
  ['two Content-Lengths',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`, 400],
  ['two equal Content-Lengths',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, 400],
  ['a list of Content-Lengths',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello`, 400],
  ['Content-Length with a sign',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`, 400],
  ['a negative Content-Length', `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`,
    400],
  ['a Content-Length in hexadecimal',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\nhello`, 400],
  ['a Content-Length beyond 64 bits',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551617\r\n\r\nx`, 400, 413],
  ['an empty Content-Length', `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: \r\n\r\n`, 400],
  ['a body over the bound, told beforehand',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: ${512 * 1024 + 1}\r\n\r\n`, 413],
  ['a body of a terabyte',
    `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 1099511627776\r\n\r\nx`, 413],
  ['a folded line', `GET /livez HTTP/1.1\r\n${HOST}X-A: 1\r\n  2\r\n\r\n`, 400],
  ['a folded first line', `GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n`, 400],
  ['NUL in a value', `GET /livez HTTP/1.1\r\n${HOST}X-A: 1\x002\r\n\r\n`, 400],
  ['NUL in the target', `GET /live\x00z HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a carriage return by itself', `GET /livez HTTP/1.1\r\n${HOST}X-A: 1\r2\r\n\r\n`, 400],
  ['line feeds alone', `GET /livez HTTP/1.1\nHost: localhost\n\n\r\n\r\n`, 400],
  ['the absolute form', `GET http://localhost/livez HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['the authority form', `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n`, 400, 405],
  ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET /livez HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ['a version of its own', `GET /livez HTTP/3.0\r\n${HOST}\r\n`, 400, 505],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['a field name with a space', `GET /livez HTTP/1.1\r\n${HOST}X A: 1\r\n\r\n`, 400],
  ['a field without a colon', `GET /livez HTTP/1.1\r\n${HOST}X-A\r\n\r\n`, 400],
  ['white space before the request', ` GET /livez HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a header over 16 KiB', `GET /livez HTTP/1.1\r\n${HOST}X-A: ${LONG}\r\n\r\n`, 431],
  ['a request line over 16 KiB', `GET /${LONG} HTTP/1.1\r\n${HOST}\r\n`, 431, 400],
  ['ten thousand fields', `GET /livez HTTP/1.1\r\n${HOST}${'A: 1\r\n'.repeat(10000)}\r\n`, 431],
  ['a header that does not end', `GET /livez HTTP/1.1\r\n${HOST}${`X-A: ${LONG}\r\n`.repeat(4)}`,
    431],
];
describe('shapes that two servers read differently', { concurrency: 8 }, () => {
  for (const [what, bytes, ...statuses] of SHAPES) {
    test(`${what}: ${statuses.join(' or ')}, and closed`, async () => {
      const answer = await raw(engine.port, bytes, { quiet_ms: 4000 });
      assert.equal(answer.statuses.length, 1, answer.text);
      assert.ok(statuses.includes(answer.status), answer.text);
      assert.match(answer.text, /content-type: application\/problem\+json/i);
      assert.ok(answer.closed, 'the connection is closed');
    });
  }
});

test('what is in order is answered on one connection, in order', async () => {
  const one = `GET /livez HTTP/1.1\r\n${HOST}\r\n`, other = `GET /nothing HTTP/1.1\r\n${HOST}\r\n`;
  const last = `GET /livez HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  const { statuses, closed } = await raw(engine.port, (one + other).repeat(5000) + last,
    { quiet_ms: 10_000 });
  assert.equal(statuses.length, 10_001);
  assert.ok(statuses.every((status, index) => status === (index % 2 ? 404 : 200)));
  assert.ok(closed);
});

test('a request byte by byte, and one whose body comes with the next request', async () => {
  const slow = `GET /livez HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  assert.equal((await raw(engine.port, [...slow])).status, 200);
  const body = sealed(alert(), [engine.keys.ann]);
  const post = `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`;
  assert.deepEqual((await raw(engine.port, post + post + slow)).statuses, [201, 200, 200]);
});

test('a body behind a request for a stream is no request of its own', async () => {
  const hidden = `GET /nothing HTTP/1.1\r\n${HOST}\r\n`;
  const ask = `GET /v1/stream HTTP/1.1\r\n${HOST}Content-Length: ${hidden.length}\r\n\r\n${hidden}`;
  const last = `GET /livez HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  assert.deepEqual((await raw(engine.port, ask + last)).statuses, [426, 200]);
});

test('requests for streams give back the places their bodies took', async () => {
  // As many as all bodies together may be, were they read as requests by mistake.
  for (let size = 512 * 1024; size >= 64 * 1024; size /= 2) {
    const head = `GET /v1/stream HTTP/1.1\r\n${HOST}Content-Length: ${size}\r\n\r\n`;
    await raw(engine.port, head.repeat(Math.ceil(1024 * 1024 / head.length)));
  }
  await engine.admit(alert({ description: 'x'.repeat(200_000) }), engine.keys.ann);
});

test('a connection that stays keeps no memory of a body that is done with', async (context) => {
  const fresh = await start();
  const of_process = (file) => readFileSync(`/proc/${fresh.pid}/${file}`, 'utf8');
  if (of_process('maps').includes('libasan')) return context.skip('a sanitizer keeps everything');
  const resident_kib = () => Number(/VmRSS:\s+(\d+)/.exec(of_process('status'))[1]);
  const before_kib = resident_kib(), body = 'x'.repeat(500_000), sockets = [];
  const post = `POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`;
  for (let i = 0; i < 150; ++i) {
    await new Promise((resolve) => {
      const socket = connect(fresh.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', resolve);
      socket.once('data', resolve);
      socket.write(post);
    });
  }
  const grown_kib = resident_kib() - before_kib;
  for (const socket of sockets) socket.destroy();
  assert.ok(grown_kib < 30_000, `${grown_kib} KiB for 150 idle connections`);
});

test('HTTP/1.0 gets its answer and a closed connection', async () => {
  const answer = await raw(engine.port, 'GET /livez HTTP/1.0\r\n\r\n', { quiet_ms: 4000 });
  assert.equal(answer.status, 200);
  assert.ok(answer.closed);
});

test('curl may ask for a 100 Continue', async () => {
  const big = sealed(alert({ description: 'x'.repeat(200_000) }), [engine.keys.ann]);
  const answer = await curl(`${engine.url}/v1/alerts`,
    { data: big, args: ['-H', 'Expect: 100-continue', '--expect100-timeout', '5'] });
  assert.equal(answer.status, 201, answer.body.toString());
});

/** Writes a first piece, then one byte a second, until the engine closes; how long that took. */
function drip(first_piece) {
  return new Promise((resolve) => {
    const began = Date.now();
    const socket = connect(engine.port, '127.0.0.1', () => socket.write(first_piece));
    const timer = setInterval(() => socket.write('a'), 1000);
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => {
      clearInterval(timer);
      resolve((Date.now() - began) / 1000);
    });
  });
}

describe('those who take their time', { concurrency: true }, () => {
  test('a header that is not there after 10 s', async () => {
    const took_s = await drip(`GET /livez HTTP/1.1\r\n${HOST}X-A: `);
    assert.ok(took_s >= 9 && took_s <= 14, `closed after ${took_s} s`);
  });
  test('a body that is not there after 30 s', async () => {
    const took_s = await drip(`POST /v1/alerts HTTP/1.1\r\n${HOST}Content-Length: 5000\r\n\r\n`);
    assert.ok(took_s >= 28 && took_s <= 36, `closed after ${took_s} s`);
  });
  test('a connection that says nothing for 60 s', 
    { skip: !process.env.TOCSIN_SLOW && 'TOCSIN_SLOW is not set' },
    async () => {
      const { closed, ms } = await raw(engine.port, `GET /livez HTTP/1.1\r\n${HOST}\r\n`,
                                       { quiet_ms: 80_000, limit_ms: 80_000 });
      assert.ok(closed && ms > 55_000 && ms < 70_000, `closed after ${ms} ms`);
    });
  test('while others are answered at once', async () => {
    for (let i = 0; i < 20; ++i) {
      const began = Date.now();
      assert.equal((await fetch(`${engine.url}/livez`)).status, 200);
      assert.ok(Date.now() - began < 1000);
    }
  });
});

test('127.0.0.1 is loopback where the engine listens on every address of IPv6 too', async () => {
  const { port } = await start({ listen: '[::]:0' });
  assert.equal((await curl(`http://127.0.0.1:${port}/livez`)).status, 200);
});

describe('from another address than loopback', () => {
  const outside = Object.values(networkInterfaces()).flat()
    .find((each) => each.family === 'IPv4' && !each.internal)?.address;
  const skip = !outside && 'this machine has no other address';
  before(async () => { if (outside) open_to_all = await start({ listen: '0.0.0.0:0' }); });

  test('livez, readyz and metrics are forbidden, the rest is not', { skip }, async () => {
    for (const path of ['/livez', '/readyz', '/metrics']) {
      assert_problem(await curl(`http://${outside}:${open_to_all.port}${path}`), 403, 'forbidden');
      assert.equal((await curl(`http://127.0.0.1:${open_to_all.port}${path}`)).status, 200);
    }
    assert.equal((await curl(`http://${outside}:${open_to_all.port}/v1/trust`)).status, 200);
  });

  test('one address may have 20 connections, and loopback more', { skip }, async () => {
    const sockets = [];
    const open = (host) => new Promise((resolve) => {
      const socket = connect(open_to_all.port, host, () => resolve(socket));
      socket.on('error', () => {});
      sockets.push(socket);
    });
    const ask = async (host) => {
      const socket = await open(host);
      return new Promise((resolve) => {
        let text = '';
        socket.on('data', (data) => {
          text += data;
          if (/\r\n\r\n/.test(text)) resolve(Number(text.slice(9, 12)));
        });
        socket.on('close', () => resolve(Number(text.slice(9, 12)) || 0));
        socket.write(`GET /v1/trust HTTP/1.1\r\n${HOST}\r\n`);
      });
    };
    const seen = [];
    for (let i = 0; i < 25; ++i) seen.push(await ask(outside));
    assert.deepEqual(seen.slice(0, 20), Array(20).fill(200));
    assert.deepEqual(seen.slice(20), Array(5).fill(429));
    for (let i = 0; i < 25; ++i) assert.equal(await ask('127.0.0.1'), 200);
    for (const socket of sockets) socket.destroy();
  });
});
