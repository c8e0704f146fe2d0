// The engine's description of itself: it is what stands in schemas/, it holds together, and what is
// answered is described.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, in_seconds } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { sealed } from './support/dsse.mjs';
import { scratch, start, stop_writing } from './support/engine.mjs';
import { curl, raw } from './support/http.mjs';
import { assert_described, description, path_of } from './support/openapi.mjs';
import { ROOT, SCHEMAS } from './support/schemas.mjs';
import { in_days, trust_file, trust_payload } from './support/trust.mjs';
import { OPENAPI, schemas_for } from './support/write_openapi.mjs';

// `engine` has an alert for everybody and one for the police. Behind `proxied` everybody has an
// address that counts, and there is room for one stream. `stuck` can write nothing any more.
let engine, proxied, stuck, police, port, cookie, invitation;

const configured = (text) => {
  const file = join(scratch(), 'tocsin.toml');
  writeFileSync(file, text);
  return { args: ['--config', file] };
};
const org = (to, ...args) => done('org', ...args, '--data', to.data);
const secret = async (to, ...args) => JSON.parse(await org(to, ...args, '--json')).secret;

before(async () => {
  engine = await start();
  await engine.admit(alert(), engine.keys.ann);
  await engine.admit(alert({ scope: 'Restricted', restriction: 'police' }), engine.keys.ann);
  police = await secret(engine, 'add', 'met', '--name', 'Met', '--group', 'police');
  port = await secret(engine, 'add', 'port', '--name', 'Port');
  const session = await curl(`${engine.url}/v1/session`, { data: JSON.stringify({ token: port }),
    args: ['-H', 'Content-Type: application/json'] });
  cookie = session.headers['set-cookie'].split(';')[0];
  proxied = await start(configured('[limits]\nconnections = 1\n' +
    'trusted_proxies = ["127.0.0.1"]\n'));
  stuck = await start({ survives_full_files: true });
  await stuck.admit(alert(), stuck.keys.ann);
  invitation = await secret(stuck, 'add', 'late', '--name', 'Late', '--invite');
  stop_writing(stuck);
});

test('the engine serves the description of schemas/, and honours its tag', async () => {
  const answer = await curl(`${engine.url}/v1/openapi.json`);
  assert.equal(answer.status, 200);
  assert.equal(answer.type, 'application/json');
  assert.deepEqual(answer.body, readFileSync(OPENAPI));
  const again = await curl(`${engine.url}/v1/openapi.json`,
    { args: ['-H', `If-None-Match: ${answer.headers.etag}`] });
  assert.equal(again.status, 304);
});

test('the schemas in it are those of schemas/', () => {
  assert.equal(description.openapi, '3.1.0');
  assert.deepEqual(description.components.schemas, schemas_for(description),
    'run node tests/integration/support/write_openapi.mjs');
});

test('whatever is referred to is there, and every operation has a name of its own', () => {
  const ids = new Set();
  const look = (value) => {
    if (!value || typeof value !== 'object') return;
    if (typeof value.$ref === 'string') {
      const found = value.$ref.slice(2).split('/').reduce((at, key) => at?.[key], description);
      assert.ok(found, value.$ref);
    }
    Object.values(value).forEach(look);
  };
  look(description);
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const [method, { operationId, responses }] of Object.entries(operations)) {
      assert.ok(!ids.has(operationId), operationId);
      ids.add(operationId);
      assert.ok(Object.keys(responses).length > 0, `${method} ${path}`);
      for (const { description: words } of Object.values(responses)) assert.ok(words);
    }
  }
});

test('the table of http.md has the same routes and statuses', () => {
  const table = {};
  const [, rows] = /^\| request \| answers \|\n\|---\|---\|\n((?:\|.*\n)+)/m
    .exec(readFileSync(join(SCHEMAS, 'http.md'), 'utf8'));
  for (const row of rows.trim().split('\n')) {
    const [requests, answers, ...more] = row.slice(2, -2).split(' | ');
    assert.deepEqual(more, [], row);
    const words = requests.match(/`[^`]*`/g).map((word) => word.slice(1, -1));
    const methods = [...new Set(words.join(' ').match(/\b(GET|POST|DELETE)\b/g))];
    const paths = words.map((word) => word.replace(/^[A-Z]+ ?/, '').replace(/\?.*/, ''))
      .filter((path) => path !== '');
    for (const route of methods.flatMap((method) => paths.map((path) =>
      `${method} ${path.replace('<seq or id>', '{alert}')}`))) {
      // What one path of several alone answers stands before its name.
      const own = answers.replace(/(\d{3}) \(`([^`]*)`\)/g,
        (_, status, path) => (route.endsWith(path) ? status : ''));
      table[route] = [...new Set([...table[route] ?? [], ...own.match(/\b[1-5]\d\d\b/g)])].sort();
    }
  }
  const described = {};
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      described[`${method.toUpperCase()} ${path}`] = Object.keys(responses).sort();
    }
  }
  // One row for the three methods of a session: between them they answer what it says.
  const session = (of) => [...new Set(Object.entries(of)
    .filter(([route]) => route.endsWith(' /v1/session')).flatMap(([, each]) => each))].sort();
  assert.deepEqual(session(table), session(described));
  for (const method of ['GET', 'POST', 'DELETE']) {
    assert.ok(table[`${method} /v1/session`]);
    delete table[`${method} /v1/session`];
    delete described[`${method} /v1/session`];
  }
  assert.deepEqual(table, described);
});

const UNKNOWN = ['-H', 'Authorization: Bearer tocsin_t_nobody'];
const by = (token) => ['-H', `Authorization: Bearer ${token}`];
const signed = (parts, to = engine) => sealed(alert(parts), [to.keys.ann]);
const JSON_TYPE = ['-H', 'Content-Type: application/json'];
const FORWARDED = ['-H', 'X-Forwarded-For: 192.0.2.9'];
const EVENTS = ['-H', 'Accept: text/event-stream'];
const receipt = (seq, to = 1) =>
  `{"type":"receipt","seq":${seq},"state":"displayed"}\n`.repeat(to);
const newer = (changes, signer = 'root') => trust_file(trust_payload(engine.keys,
  { version: 2, ...changes }), [engine.keys[signer]]);

/** The same bytes under one identity, and then others. */
async function conflicting() {
  const parts = { identifier: 'twice', sent: in_seconds(-5) };
  await engine.admit(alert(parts), engine.keys.ann);
  return signed({ ...parts, headline: 'Other' });
}

/** What the third of an hour would be. */
async function third() {
  const rare = () => alert({ sender: 'rare@three.example' });
  for (let i = 0; i < 2; ++i) await engine.admit(rare(), engine.keys.quick);
  return sealed(rare(), [engine.keys.quick]);
}

/** Asks until the address has had enough, and hands back what is refused then. */
const until_too_many = (path, body, ...more) => async () => {
  for (let i = 0; i < 100; ++i) {
    const { status } = await curl(proxied.url + path,
      { args: [...FORWARDED, ...more], data: body });
    if (status === 429) break;
  }
  return body;
};

let held;  // the one stream for which there is room
async function no_room() {
  const stop = new AbortController();
  held = { stop, answer: await fetch(`${proxied.url}/v1/stream`, { signal: stop.signal,
    headers: { Accept: 'text/event-stream', 'X-Forwarded-For': '192.0.2.1' } }) };
  assert.equal(held.answer.status, 200);
}

/** Each: method, path, status, curl's arguments, what is sent or done before, which engine. */
const ASKED = [
  ['GET', '/v1/alerts', 200], ['GET', '/v1/alerts?limit=0', 400],
  ['GET', '/v1/alerts', 401, UNKNOWN], ['GET', `/v1/alerts?after=${'0'.repeat(16)}:1`, 404],
  ['POST', '/v1/alerts', 201, [], () => signed()],
  ['POST', '/v1/alerts?dry_run=1', 200, [], () => signed({ severity: 'Severe' })],
  ['POST', '/v1/alerts', 400, [], () => '{}'],
  ['POST', '/v1/alerts', 403, [], () => signed({ severity: 'Severe' })],
  ['POST', '/v1/alerts', 409, [], conflicting],
  ['POST', '/v1/alerts', 413, [], () => signed({ description: 'x'.repeat(256 * 1024) })],
  ['POST', '/v1/alerts', 415, [], () => sealed(alert(), [engine.keys.ann], 'text/xml')],
  ['POST', '/v1/alerts', 422, [], () => signed({ status: 'Actual' })],
  ['POST', '/v1/alerts', 429, [], third],
  ['POST', '/v1/alerts', 503, [], () => signed({}, stuck), () => stuck],
  ['GET', '/v1/alerts/1', 200], ['GET', '/v1/alerts/1.xml', 200],
  ['GET', '/v1/alerts/1.json', 200],
  ['GET', '/v1/alerts/1', 200, ['-H', 'Accept: application/vnd.tocsin.cap+json']],
  ['GET', '/v1/alerts/1', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/alerts/2', 200, () => by(police)],
  ['GET', '/v1/alerts/2', 401], ['GET', '/v1/alerts/2', 403, () => by(port)],
  ['GET', '/v1/alerts/99', 404],
  ['GET', '/v1/alerts/1/reach', 200], ['GET', '/v1/alerts/2/reach', 401],
  ['GET', '/v1/alerts/2/reach', 403, () => by(port)], ['GET', '/v1/alerts/99/reach', 404],
  ['POST', '/v1/receipts', 204, [], () => receipt(1)],
  ['POST', '/v1/receipts', 400, [], () => '{}'],
  ['POST', '/v1/receipts', 401, UNKNOWN, () => '{}'],
  ['POST', '/v1/receipts', 403,
    () => ['-H', `Cookie: ${cookie}`, '-H', 'Origin: https://elsewhere.example'], () => receipt(1)],
  ['POST', '/v1/receipts', 404, [], () => receipt(99)],
  ['POST', '/v1/receipts', 413, [], () => ' '.repeat(65 * 1024)],
  ['POST', '/v1/receipts', 429, FORWARDED, async () => {
    await curl(`${proxied.url}/v1/alerts`, { data: signed({}, proxied), args: FORWARDED });
    return until_too_many('/v1/receipts', receipt(1, 64))();
  }, () => proxied],
  ['POST', '/v1/receipts', 503, [], () => receipt(1), () => stuck],
  ['GET', '/v1/stream?area=London', 400, EVENTS],
  ['GET', '/v1/stream', 401, [...EVENTS, ...UNKNOWN]],
  ['GET', '/v1/stream', 403,
    () => [...EVENTS, '-H', `Cookie: ${cookie}`, '-H', 'Origin: https://elsewhere.example']],
  ['GET', '/v1/stream', 426],
  ['GET', '/v1/stream', 429, [...EVENTS, ...FORWARDED], no_room, () => proxied],
  ['GET', '/v1/feed.atom', 200],
  ['GET', '/v1/feed.atom?limit=1', 400], ['GET', '/v1/feed.atom', 401, UNKNOWN],
  ['GET', '/v1/feed.atom', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/session', 200], ['GET', '/v1/session', 401, UNKNOWN],
  ['POST', '/v1/session', 200, JSON_TYPE, () => JSON.stringify({ token: port })],
  ['POST', '/v1/session', 400, JSON_TYPE, () => '{}'],
  ['POST', '/v1/session', 401, JSON_TYPE, () => '{"token":"wrong"}'],
  ['POST', '/v1/session', 401, JSON_TYPE, () => '{"invitation":"wrong"}'],
  ['POST', '/v1/session', 413, JSON_TYPE, () => ' '.repeat(1025)],
  ['POST', '/v1/session', 429, [...JSON_TYPE, ...FORWARDED],
    until_too_many('/v1/session', '{"token":"wrong"}', ...JSON_TYPE), () => proxied],
  ['POST', '/v1/session', 503, JSON_TYPE, () => JSON.stringify({ invitation }), () => stuck],
  ['DELETE', '/v1/session', 204],
  ['GET', '/v1/trust', 200], ['GET', '/v1/trust', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/trust/revocations', 200],
  ['POST', '/v1/trust', 200, [], () => readFileSync(engine.trust)],
  ['POST', '/v1/trust', 400, [], () => '{}'],
  ['POST', '/v1/trust', 403, [], () => newer({}, 'ann')],
  ['POST', '/v1/trust', 409, [], () => newer({ version: 1, expires: in_days(9) })],
  ['POST', '/v1/trust', 413, [], () => ' '.repeat(9 << 20)],
  ['POST', '/v1/trust', 415, [], () => signed()],
  ['POST', '/v1/trust', 422, [], () => newer({ system: 'another' })],
  ['POST', '/v1/trust', 429, FORWARDED, until_too_many('/v1/trust', '{}'), () => proxied],
  ['GET', '/livez', 200], ['GET', '/livez', 403, FORWARDED, null, () => proxied],
  ['GET', '/readyz', 200], ['GET', '/readyz', 403, FORWARDED, null, () => proxied],
  ['GET', '/readyz', 503, [], null, () => stuck],
  ['GET', '/metrics', 200], ['GET', '/metrics', 403, FORWARDED, null, () => proxied],
  ['GET', '/v1/openapi.json', 200],
  ['GET', '/v1/openapi.json', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/', 200], ['GET', '/', 304, ['-H', 'If-None-Match: *']],
];
for (const [method, path, status, args = [], make, to = () => engine] of ASKED) {
  test(`${method} ${path} ${status} is described`, async () => {
    const data = make ? await make() : undefined;
    const url = to().url + path;
    const more = typeof args === 'function' ? args() : args;
    const answer = await curl(url, { args: ['-X', method, ...more], data });
    assert.equal(answer.status, status, answer.body.toString());
    assert_described(method, url, answer);
    held?.stop.abort();
    held = undefined;
  });
}

test('GET /v1/stream 101 and 200 are described', async () => {
  const { responses } = description.paths['/v1/stream'].get;
  const upgraded = await raw(engine.port, 'GET /v1/stream HTTP/1.1\r\nHost: x\r\n' +
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tocsin.v1\r\n\r\n');
  assert.equal(upgraded.status, 101);
  assert.ok(responses[101]);
  const stop = new AbortController();
  const events = await fetch(`${engine.url}/v1/stream`,
    { signal: stop.signal, headers: { Accept: 'text/event-stream' } });
  assert.equal(events.status, 200);
  assert.ok(responses[200].content[events.headers.get('content-type').split(';')[0]]);
  stop.abort();
});

// What takes a disk that fails while it is read, or one of its own: the case that shows it.
const ROTTEN = ['tests/unit/log/damage_test.cpp',
  'A flipped byte in an old record is never served'];
const FULL = ['tests/integration/full_disk.test.mjs',
  'log_full: refused with 507 while Cancels are taken and readers served'];
const ANSWERS = ['tests/unit/web/http_exchange_test.cpp',
  'answers being made or not read yet may have kAnswersBytes together'];
const ELSEWHERE = {
  'GET /v1/alerts 429': ANSWERS,
  'GET /v1/alerts 503': ROTTEN,
  'GET /v1/alerts/{alert} 503': ROTTEN,
  'GET /v1/alerts/{alert}/reach 503': ROTTEN,
  'GET /v1/feed.atom 503': ROTTEN,
  'POST /v1/alerts 507': FULL,
};
const HERE = ['GET /v1/stream 101', 'GET /v1/stream 200'];

test('every described status was met, or is shown by a case that is named here', () => {
  const met = new Set([...HERE, ...Object.keys(ELSEWHERE), ...ASKED.map(([method, path, status]) =>
    `${method} ${path_of(new URL(path, 'http://x').pathname)} ${status}`)]);
  const described = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`)));
  assert.deepEqual(described.filter((each) => !met.has(each)), [], 'described and never met');
  assert.deepEqual([...met].filter((each) => !described.includes(each)), [], 'met, not described');
  for (const [file, name] of Object.values(ELSEWHERE)) {
    assert.ok(existsSync(join(ROOT, file)), file);
    assert.ok(readFileSync(join(ROOT, file), 'utf8').includes(name), `${file}: ${name}`);
  }
});
