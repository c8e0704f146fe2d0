// The engine's description of itself: it is what stands in schemas/, it holds together, and what is
// answered is described.
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { assert_described, description, path_of } from './support/openapi.mjs';
import { OPENAPI, schemas_for } from './support/write_openapi.mjs';

let engine;
before(async () => {
  engine = await start();
  await engine.admit(alert(), engine.keys.ann);
  await engine.admit(alert({ scope: 'Restricted', restriction: 'police' }), engine.keys.ann);
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

const UNKNOWN = ['-H', 'Authorization: Bearer tocsin_t_nobody'];
const signed = (parts) => sealed(alert(parts), [engine.keys.ann]);
const JSON_TYPE = ['-H', 'Content-Type: application/json'];
/** Each: method, path, status, curl's arguments, what is sent. */
const ASKED = [
  ['GET', '/v1/alerts', 200], ['GET', '/v1/alerts?limit=0', 400],
  ['GET', '/v1/alerts', 401, UNKNOWN], ['GET', `/v1/alerts?after=${'0'.repeat(16)}:1`, 404],
  ['POST', '/v1/alerts', 201, [], () => signed()],
  ['POST', '/v1/alerts?dry_run=1', 200, [], () => signed({ severity: 'Severe' })],
  ['POST', '/v1/alerts', 400, [], () => '{}'],
  ['POST', '/v1/alerts', 403, [], () => signed({ severity: 'Severe' })],
  ['POST', '/v1/alerts', 413, [], () => signed({ description: 'x'.repeat(256 * 1024) })],
  ['POST', '/v1/alerts', 415, [], () => sealed(alert(), [engine.keys.ann], 'text/xml')],
  ['POST', '/v1/alerts', 422, [], () => signed({ status: 'Actual' })],
  ['GET', '/v1/alerts/1', 200], ['GET', '/v1/alerts/1.xml', 200],
  ['GET', '/v1/alerts/1.json', 200],
  ['GET', '/v1/alerts/1', 200, ['-H', 'Accept: application/vnd.tocsin.cap+json']],
  ['GET', '/v1/alerts/1', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/alerts/2', 401], ['GET', '/v1/alerts/99', 404],
  ['GET', '/v1/alerts/1/reach', 200], ['GET', '/v1/alerts/2/reach', 401],
  ['GET', '/v1/alerts/99/reach', 404],
  ['POST', '/v1/receipts', 204, [], () => '{"type":"receipt","seq":1,"state":"displayed"}'],
  ['POST', '/v1/receipts', 400, [], () => '{}'],
  ['POST', '/v1/receipts', 401, UNKNOWN, () => '{}'],
  ['POST', '/v1/receipts', 404, [], () => '{"type":"receipt","seq":99,"state":"displayed"}'],
  ['POST', '/v1/receipts', 413, [], () => ' '.repeat(65 * 1024)],
  ['GET', '/v1/stream', 426], ['GET', '/v1/feed.atom', 200],
  ['GET', '/v1/feed.atom?limit=1', 400], ['GET', '/v1/feed.atom', 401, UNKNOWN],
  ['GET', '/v1/feed.atom', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/session', 200], ['GET', '/v1/session', 401, UNKNOWN],
  ['POST', '/v1/session', 400, JSON_TYPE, () => '{}'],
  ['POST', '/v1/session', 401, JSON_TYPE, () => '{"token":"wrong"}'],
  ['POST', '/v1/session', 401, JSON_TYPE, () => '{"invitation":"wrong"}'],
  ['POST', '/v1/session', 413, JSON_TYPE, () => ' '.repeat(1025)],
  ['DELETE', '/v1/session', 204],
  ['GET', '/v1/trust', 200], ['GET', '/v1/trust', 304, ['-H', 'If-None-Match: *']],
  ['GET', '/v1/trust/revocations', 200],
  ['POST', '/v1/trust', 200, [], () => readFileSync(engine.trust)],
  ['POST', '/v1/trust', 400, [], () => '{}'],
  ['POST', '/v1/trust', 415, [], () => signed()],
  ['GET', '/livez', 200], ['GET', '/readyz', 200], ['GET', '/metrics', 200],
  ['GET', '/v1/openapi.json', 200], ['GET', '/', 200],
  ['GET', '/', 304, ['-H', 'If-None-Match: *']],
];
for (const [method, path, status, args = [], make] of ASKED) {
  test(`${method} ${path} ${status} is described`, async () => {
    const url = engine.url + path;
    const answer = await curl(url, { args: ['-X', method, ...args],
                                     data: make ? make() : undefined });
    assert.equal(answer.status, status, answer.body.toString());
    assert_described(method, url, answer);
  });
}

test('every described route was asked', () => {
  const asked = new Set(ASKED.map(([method, path]) =>
    `${method} ${path_of(new URL(path, 'http://x').pathname)}`));
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const method of Object.keys(operations)) {
      assert.ok(asked.has(`${method.toUpperCase()} ${path}`), `${method} ${path}`);
    }
  }
});
