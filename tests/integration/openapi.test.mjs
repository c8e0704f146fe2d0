// The engine's description of itself: it is what stands in schemas/, it holds together, and what is
// answered is described.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, in_seconds } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { curl, raw } from './support/http.mjs';
import { assert_described, description, path_of } from './support/openapi.mjs';
import { ROOT, SCHEMAS } from './support/schemas.mjs';
import { behind_a_proxy, by, EVENTS, FORWARDED, JSON_TYPE, receipts, take_the_stream,
         that_cannot_write, UNKNOWN, until_too_many,
         with_organisations } from './support/states.mjs';
import { in_days, trust_file, trust_payload } from './support/trust.mjs';
import { OPENAPI, schemas_for } from './support/write_openapi.mjs';

let engine, proxied, stuck, police, port, elsewhere, cookie, invitation, invited, let_go;
before(async () => {
  ({ engine, police, port, elsewhere, cookie } = await with_organisations());
  ({ engine: stuck, invitation, invited } = await that_cannot_write());
  proxied = await behind_a_proxy();
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
    const methods = [...new Set(words.join(' ').match(/\b(GET|POST|PUT|DELETE)\b/g))];
    const paths = words.map((word) => word.replace(/^[A-Z]+ ?/, '').replace(/\?.*/, ''))
      .filter((path) => path !== '');
    for (const route of methods.flatMap((method) => paths.map((path) =>
      `${method} ${path.replace('<seq or id>', '{alert}').replace('<code>', '{code}')}`))) {
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

const signed = (parts, to = engine) => sealed(alert(parts), [to.keys.ann]);
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

const too_many = (path, data, ...more) => async () => {
  await until_too_many(proxied, path, data, ...more);
  return data;
};

const OWN = '/v1/organisation', CODES = `${OWN}/codes`, CONFIRMED = `${OWN}/confirmations`;
const PHONE = '{"way":"sms","address":"+447700900123"}';
const CODE = '{"way":"sms","address":"+447700900123","code":"123456"}';
const as = (token) => [...by(token), ...JSON_TYPE];

const LEAVE = 'List-Unsubscribe=One-Click';

/** Until an organisation may ask no more about itself. */
async function asked_much() {
  for (let i = 0; i < 100; ++i) {
    if ((await curl(engine.url + OWN, { args: by(police) })).status === 429) return;
  }
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
  ['POST', '/v1/receipts', 204, [], () => receipts(1)],
  ['POST', '/v1/receipts', 400, [], () => '{}'],
  ['POST', '/v1/receipts', 401, UNKNOWN, () => '{}'],
  ['POST', '/v1/receipts', 403, () => elsewhere, () => receipts(1)],
  ['POST', '/v1/receipts', 404, [], () => receipts(99)],
  ['POST', '/v1/receipts', 413, [], () => ' '.repeat(65 * 1024)],
  ['POST', '/v1/receipts', 429, FORWARDED, too_many('/v1/receipts', receipts(1, 64)),
    () => proxied],
  ['POST', '/v1/receipts', 503, [], () => receipts(1), () => stuck],
  ['GET', '/v1/stream?area=London', 400, EVENTS],
  ['GET', '/v1/stream', 401, [...EVENTS, ...UNKNOWN]],
  ['GET', '/v1/stream', 403, () => [...EVENTS, ...elsewhere]],
  ['GET', '/v1/stream', 426],
  ['GET', '/v1/stream', 429, [...EVENTS, ...FORWARDED],
    async () => { let_go = await take_the_stream(proxied); }, () => proxied],
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
    too_many('/v1/session', '{"token":"wrong"}', ...JSON_TYPE), () => proxied],
  ['POST', '/v1/session', 503, JSON_TYPE, () => JSON.stringify({ invitation }), () => stuck],
  ['GET', '/v1/session', 200, () => ['-H', `Cookie: ${cookie}`]],
  ['DELETE', '/v1/session', 204],
  ['DELETE', '/v1/session', 503, () => ['-H', `Cookie: ${invited}`], null, () => stuck],
  ['GET', OWN, 200, () => by(port)], ['GET', `${OWN}?of=met`, 400, () => by(port)],
  ['GET', OWN, 304, () => [...by(port), '-H', 'If-None-Match: *']],
  ['GET', OWN, 401],
  ['PUT', OWN, 200, () => as(port), () => '{"profile":{"language":"cy"}}'],
  ['PUT', OWN, 400, () => as(port), () => '{"name":"Police"}'], ['PUT', OWN, 401, [], () => '{}'],
  ['PUT', OWN, 412, () => [...as(port), '-H', 'If-Match: "other"'],
    () => '{"profile":{"language":"cy"}}'],
  ['PUT', OWN, 403, () => elsewhere, () => '{}'],
  ['PUT', OWN, 413, () => as(port), () => ' '.repeat(300 * 1024)],
  ['PUT', OWN, 503, () => [...JSON_TYPE, '-H', `Cookie: ${invited}`], () => '{"profile":{}}',
    () => stuck],
  ['POST', CODES, 400, () => as(port), () => '{"way":"fax","address":"1"}'],
  ['POST', CODES, 401, [], () => PHONE], ['POST', CODES, 403, () => elsewhere, () => PHONE],
  ['POST', CODES, 404, () => as(port), () => PHONE],
  ['POST', CODES, 413, () => as(port), () => ' '.repeat(300 * 1024)],
  ['POST', CONFIRMED, 400, () => as(port), () => PHONE],
  ['POST', CONFIRMED, 401, [], () => PHONE], ['POST', CONFIRMED, 403, () => elsewhere, () => PHONE],
  ['POST', CONFIRMED, 404, () => as(port), () => CODE],
  ['POST', CONFIRMED, 413, () => as(port), () => ' '.repeat(300 * 1024)],
  ['POST', CONFIRMED, 503, () => [...JSON_TYPE, '-H', `Cookie: ${invited}`], () => CODE,
    () => stuck],
  ['DELETE', OWN, 400, () => as(port)], ['DELETE', OWN, 401],
  ['DELETE', OWN, 403, () => elsewhere, () => '{"erase":"port"}'],
  ['DELETE', OWN, 413, () => as(port), () => ' '.repeat(300 * 1024)],
  ['DELETE', OWN, 503, () => [...JSON_TYPE, '-H', `Cookie: ${invited}`], () => '{"erase":"early"}',
    () => stuck],
  ['GET', OWN, 429, () => by(police), asked_much],
  ['DELETE', OWN, 200, () => as(port), () => '{"erase":"port"}'],
  ...['/answer', '/unsubscribe'].flatMap((path) => [
    ['GET', `${path}/0`, 404], ['POST', `${path}/0`, 404, [], () => LEAVE],
    ['POST', `${path}/0`, 413, [], () => ' '.repeat(513 * 1024)]]),
  ['POST', '/unsubscribe/0', 400, [], () => 'x'],
  ['GET', '/v1/trust', 200], ['GET', '/v1/trust', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/trust/revocations', 200],
  ['POST', '/v1/trust', 200, [], () => readFileSync(engine.trust)],
  ['POST', '/v1/trust', 400, [], () => '{}'],
  ['POST', '/v1/trust', 403, [], () => newer({}, 'ann')],
  ['POST', '/v1/trust', 409, [], () => newer({ version: 1, expires: in_days(9) })],
  ['POST', '/v1/trust', 413, [], () => ' '.repeat(9 << 20)],
  ['POST', '/v1/trust', 415, [], () => signed()],
  ['POST', '/v1/trust', 422, [], () => newer({ system: 'another' })],
  ['POST', '/v1/trust', 503, [],
    () => trust_file(trust_payload(stuck.keys, { version: 2 }), [stuck.keys.root]), () => stuck],
  ['POST', '/v1/trust', 429, FORWARDED, too_many('/v1/trust', '{}'), () => proxied],
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
    let_go?.();
    let_go = undefined;
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
const CODED = ['tests/integration/organisation.test.mjs',
  'an address that an organisation adds is sent alerts once its code was typed in'];
const own = (name) => ['tests/unit/web/api_organisation_test.cpp', name];
const ASKS_MUCH = own('an organisation asks about itself kOwnAtOnce times and once more every');
const UNREAD = own('what cannot be read is not told as something else');
const NO_ROOM = own('without room on the disk nothing is changed and that is said');
const link = (name) => ['tests/unit/web/api_answers_test.cpp', name];
const LOOKED_AT = link('to look at a link changes nothing');
const TRIED = link('an address that tries codes is kept out for a while');
const LATER = link('what cannot be read now is asked for again later');
const ELSEWHERE = {
  'GET /answer/{code} 200': LOOKED_AT,
  'GET /answer/{code} 429': TRIED,
  'GET /answer/{code} 503': LATER,
  'POST /answer/{code} 200': link('what is sent from the page is a receipt of the organisation'),
  'POST /answer/{code} 400': link('a form that says nothing is asked again'),
  'POST /answer/{code} 429': TRIED,
  'POST /answer/{code} 503': LATER,
  'GET /unsubscribe/{code} 200': LOOKED_AT,
  'GET /unsubscribe/{code} 429': TRIED,
  'GET /unsubscribe/{code} 503': LATER,
  'POST /unsubscribe/{code} 200': link('one click ends the mails to that contact'),
  'POST /unsubscribe/{code} 429': TRIED,
  'POST /unsubscribe/{code} 503': LATER,
  'GET /v1/organisation 503': UNREAD,
  'PUT /v1/organisation 429': ASKS_MUCH,
  'PUT /v1/organisation 507': NO_ROOM,
  'DELETE /v1/organisation 429': ASKS_MUCH,
  'DELETE /v1/organisation 507': NO_ROOM,
  'POST /v1/organisation/codes 202': CODED,
  'POST /v1/organisation/codes 429': ASKS_MUCH,
  'POST /v1/organisation/codes 503': UNREAD,
  'POST /v1/organisation/codes 507': NO_ROOM,
  'POST /v1/organisation/confirmations 200': CODED,
  'POST /v1/organisation/confirmations 429': ASKS_MUCH,
  'POST /v1/organisation/confirmations 507': NO_ROOM,
  'GET /v1/alerts 429': ANSWERS,
  'GET /v1/alerts 503': ROTTEN,
  'GET /v1/alerts/{alert} 503': ROTTEN,
  'GET /v1/alerts/{alert}/reach 429': ['tests/unit/web/reach_test.cpp',
    'strangers watch up to kReachStrangers counts and members up to kReachWatchers'],
  'GET /v1/alerts/{alert}/reach 503': ROTTEN,
  'GET /v1/feed.atom 503': ROTTEN,
  'POST /v1/alerts 507': FULL,
  'DELETE /v1/session 429': ['tests/unit/web/api_session_test.cpp',
    'a full clerk leaves who is signed in so and does not say that it signed anybody out'],
  'POST /v1/trust 507': FULL,
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
