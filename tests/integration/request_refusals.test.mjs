// What a request may be refused for, route by route, met with curl; and that no code of
// schemas/refusals.md is left out here and in refusals.test.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { assert_problem, curl } from './support/http.mjs';
import { ROOT, SCHEMAS } from './support/schemas.mjs';
import { behind_a_proxy, by, EVENTS, FORWARDED, JSON_TYPE, receipts, take_the_stream,
         that_cannot_write, UNKNOWN, until_too_many,
         with_organisations } from './support/states.mjs';
import { in_days, trust_file, trust_payload } from './support/trust.mjs';

const REVOCATION = 'application/vnd.tocsin.revocation+json';
let engine, proxied, stuck, port, by_cookie, elsewhere, invitation, let_go;
before(async () => {
  ({ engine, port, by_cookie, elsewhere } = await with_organisations());
  ({ engine: stuck, invitation } = await that_cannot_write());
  proxied = await behind_a_proxy();
});

const WEBSOCKET = ['-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket', '-H',
  'Sec-WebSocket-Version: 13', '-H', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const LONG = ['-H', `X-Long: ${'x'.repeat(17 * 1024)}`];
const here = (changes, ...signers) => () => trust_file(trust_payload(engine.keys,
  { version: 2, ...changes }), signers.map((name) => engine.keys[name]));
const revocation = (to, changes, signer) => sealed(JSON.stringify({ system: 'exercise-test',
  keyid: to.keys.ben.keyid, since: in_days(0), reason: '', issued: in_days(0), ...changes }),
[to.keys[signer]], REVOCATION);
const too_many = (path, data, ...more) => async () => {
  await until_too_many(proxied, path, data, ...more);
  return data;
};
const no_room = async () => { let_go = await take_the_stream(proxied); };

/** Each: status, code, method, path, curl's arguments, what is sent, which engine. */
const REFUSED = [
  [400, 'bad_query', 'GET', '/v1/alerts?nothing=1'],
  [400, 'bad_query', 'GET', '/v1/alerts?area=London'],
  [400, 'bad_query', 'POST', '/v1/alerts?dry_run=2', [], () => '{}'],
  [400, 'bad_query', 'GET', '/v1/stream?severity=worst', EVENTS],
  [400, 'bad_query', 'GET', '/v1/stream?after=yesterday', EVENTS],
  [400, 'bad_query', 'GET', '/v1/stream', [...EVENTS, '-H', 'Last-Event-ID: 7']],
  [400, 'bad_query', 'GET', '/v1/stream?after=x', WEBSOCKET],
  [400, 'bad_query', 'GET', '/v1/stream',
    [...WEBSOCKET, '-H', 'Sec-WebSocket-Protocol: tocsin.v9']],
  [400, 'bad_query', 'GET', '/v1/feed.atom?limit=1'],
  [400, 'bad_query', 'POST', '/v1/session', JSON_TYPE, () => '{"token":"a","invitation":"b"}'],
  [400, 'bad_query', 'POST', '/v1/session', [], () => '{"token":"a"}'],
  [400, 'bad_query', 'POST', '/v1/session?token=a', JSON_TYPE, () => '{}'],
  [400, 'bad_query', 'POST', '/v1/receipts', [], () => ''],
  [400, 'bad_query', 'POST', '/v1/receipts', [], () => '{"type":"receipt","seq":1}'],
  [400, 'bad_query', 'POST', '/v1/trust?now=1', [], () => '{}'],
  [400, 'bad_query', 'GET', '/v1/trust', [], undefined, () => proxied],
  [401, 'unauthenticated', 'GET', '/v1/alerts', UNKNOWN],
  [401, 'unauthenticated', 'GET', '/v1/alerts', ['-H', 'Authorization: Basic eDp5']],
  [401, 'unauthenticated', 'GET', '/v1/alerts',
    ['-H', 'Cookie: tocsin_session=x; tocsin_session=y']],
  [401, 'unauthenticated', 'GET', '/v1/alerts/2'],
  [401, 'unauthenticated', 'GET', '/v1/alerts/2.xml'],
  [401, 'unauthenticated', 'GET', '/v1/alerts/2.json'],
  [401, 'unauthenticated', 'GET', '/v1/alerts/2/reach'],
  [401, 'unauthenticated', 'GET', '/v1/stream', [...EVENTS, ...UNKNOWN]],
  [401, 'unauthenticated', 'GET', '/v1/stream', [...WEBSOCKET, ...UNKNOWN]],
  [401, 'unauthenticated', 'GET', '/v1/feed.atom', UNKNOWN],
  [401, 'unauthenticated', 'GET', '/v1/session', UNKNOWN],
  [401, 'unauthenticated', 'POST', '/v1/session', JSON_TYPE, () => '{"token":"wrong"}'],
  [401, 'unauthenticated', 'POST', '/v1/session', JSON_TYPE, () => '{"invitation":"wrong"}'],
  [401, 'unauthenticated', 'POST', '/v1/receipts', UNKNOWN, () => receipts(1)],
  [403, 'forbidden', 'GET', '/v1/alerts/2', () => by(port)],
  [403, 'forbidden', 'GET', '/v1/alerts/2.xml', () => by(port)],
  [403, 'forbidden', 'GET', '/v1/alerts/2.json', () => by(port)],
  [403, 'forbidden', 'GET', '/v1/alerts/2/reach', () => by(port)],
  [403, 'forbidden', 'GET', '/v1/stream', () => [...EVENTS, ...elsewhere]],
  [403, 'forbidden', 'GET', '/v1/stream', () => [...WEBSOCKET, ...elsewhere]],
  [403, 'forbidden', 'POST', '/v1/receipts', () => elsewhere, () => receipts(1)],
  ...['http', 'https', 'http:/', 'https://', 'null'].map((origin) => [403, 'forbidden', 'GET',
    '/v1/stream', () => [...EVENTS, ...by_cookie, '-H', `Origin: ${origin}`]]),
  [403, 'forbidden', 'GET', '/livez', FORWARDED, undefined, () => proxied],
  [403, 'forbidden', 'GET', '/readyz', FORWARDED, undefined, () => proxied],
  [403, 'forbidden', 'GET', '/metrics', FORWARDED, undefined, () => proxied],
  [404, 'not_found', 'GET', '/v1/nothing'],
  [404, 'not_found', 'GET', '/v1/alerts/99'],
  [404, 'not_found', 'GET', '/v1/alerts/99.json'],
  [404, 'not_found', 'GET', '/v1/alerts/one'],
  [404, 'not_found', 'GET', '/v1/alerts/99/reach'],
  [404, 'not_found', 'GET', `/v1/alerts?after=${'0'.repeat(16)}:1`],
  [404, 'not_found', 'POST', '/v1/receipts', [], () => receipts(99)],
  [405, 'method_not_allowed', 'DELETE', '/v1/alerts'],
  [405, 'method_not_allowed', 'POST', '/v1/alerts/1', [], () => '{}'],
  [405, 'method_not_allowed', 'POST', '/v1/alerts/1/reach', [], () => '{}'],
  [405, 'method_not_allowed', 'GET', '/v1/receipts'],
  [405, 'method_not_allowed', 'POST', '/v1/stream', EVENTS, () => ''],
  [405, 'method_not_allowed', 'POST', '/v1/feed.atom', [], () => ''],
  [405, 'method_not_allowed', 'PUT', '/v1/session', [], () => '{}'],
  [405, 'method_not_allowed', 'PUT', '/v1/trust', [], () => '{}'],
  [405, 'method_not_allowed', 'POST', '/v1/trust/revocations', [], () => '{}'],
  [413, 'too_large', 'POST', '/v1/session', JSON_TYPE, () => ' '.repeat(1025)],
  [413, 'too_large', 'POST', '/v1/receipts', [], () => ' '.repeat(65 * 1024)],
  [413, 'too_large', 'POST', '/v1/receipts', [], () => receipts(1, 65)],
  [413, 'too_large', 'POST', '/v1/trust', [], () => ' '.repeat(9 << 20)],
  [426, 'upgrade_required', 'GET', '/v1/stream'],
  [429, 'too_many', 'POST', '/v1/session', [...JSON_TYPE, ...FORWARDED],
    too_many('/v1/session', '{"token":"wrong"}', ...JSON_TYPE), () => proxied],
  [429, 'too_many', 'POST', '/v1/receipts', FORWARDED,
    too_many('/v1/receipts', receipts(1, 64)), () => proxied],
  [429, 'too_many', 'POST', '/v1/trust', FORWARDED, too_many('/v1/trust', '{}'), () => proxied],
  [429, 'too_many', 'GET', '/v1/stream', [...EVENTS, ...FORWARDED], no_room, () => proxied],
  [429, 'too_many', 'GET', '/v1/stream', [...WEBSOCKET, ...FORWARDED], no_room, () => proxied],
  [431, 'header_too_large', 'GET', '/v1/alerts', LONG],
  [431, 'header_too_large', 'GET', '/v1/stream', [...WEBSOCKET, ...LONG]],
  [431, 'header_too_large', 'POST', '/v1/trust', LONG, () => '{}'],
  [400, 'malformed_envelope', 'POST', '/v1/trust', [], () => '{}'],
  [400, 'malformed_envelope', 'POST', '/v1/trust', [],
    () => revocation(engine, { system: 7 }, 'ann')],
  [403, 'bad_signature', 'POST', '/v1/trust', [], here({}, 'ann')],
  [403, 'bad_signature', 'POST', '/v1/trust', [], () => revocation(engine, {}, 'ann')],
  [409, 'identity_conflict', 'POST', '/v1/trust', [], here({ version: 1, expires: in_days(9) },
    'root')],
  [412, 'precondition_failed', 'PUT', '/v1/organisation',
    () => [...by(port), ...JSON_TYPE, '-H', 'If-Match: "what it was"'],
    () => '{"profile":{"language":"cy"}}'],
  [415, 'unsupported_type', 'POST', '/v1/trust', [], () => sealed(alert(), [engine.keys.ann])],
  [422, 'wrong_system', 'POST', '/v1/trust', [], here({ system: 'another' }, 'root')],
  [422, 'wrong_system', 'POST', '/v1/trust', [],
    () => revocation(engine, { system: 'another' }, 'root')],
  [503, 'log_unavailable', 'POST', '/v1/alerts', [],
    () => sealed(alert(), [stuck.keys.ann]), () => stuck],
  [503, 'log_unavailable', 'POST', '/v1/receipts', [], () => receipts(1), () => stuck],
  [503, 'log_unavailable', 'POST', '/v1/session', JSON_TYPE,
    () => JSON.stringify({ invitation }), () => stuck],
];

for (const [status, code, method, path, args = [], make, to = () => engine] of REFUSED) {
  const how = typeof args === 'function' ? '' : args.filter((each) => each !== '-H')
    .map((each) => each.slice(0, 40)).join(', ');
  test(`${code}: ${method} ${path} ${how}`.trim(), async () => {
    const data = make ? await make() : undefined;
    const more = typeof args === 'function' ? args() : args;
    const answer = await curl(to().url + path, { args: ['-X', method, ...more], data });
    assert_problem(answer, status, code);
    if (status === 405) assert.ok(answer.headers.allow);
    if (status === 429) assert.ok(Number(answer.headers['retry-after']) > 0);
    let_go?.();
    let_go = undefined;
  });
}

test('no code of refusals.md is left out', () => {
  const page = readFileSync(join(SCHEMAS, 'refusals.md'), 'utf8');
  const codes = [...page.matchAll(/^\|(?: \d+ \|)? `([a-z_]+)` \| \d{3} \|/gm)]
    .map(([, code]) => code);
  assert.equal(codes.length, 29);
  const met = new Set(REFUSED.map(([, code]) => code));
  // What takes an alert to be refused; log_full takes a disk of its own.
  for (const file of ['refusals.test.mjs', 'full_disk.test.mjs']) {
    const text = readFileSync(join(ROOT, 'tests/integration', file), 'utf8');
    for (const [, code] of text.matchAll(/\b[45]\d\d,\s+'([a-z_]+)'/g)) met.add(code);
  }
  assert.deepEqual(codes.filter((code) => !met.has(code)), []);
  assert.deepEqual([...met].filter((code) => !codes.includes(code)), []);
});
