// What readers who have no stream are given: one alert in its forms, the feed, counts and receipts,
// a dry run, a newer trust document.
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel } from './support/cap.mjs';
import { sealed, sha256_hex } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { assert_problem, curl } from './support/http.mjs';
import { checked } from './support/schemas.mjs';
import { trust_file, trust_payload } from './support/trust.mjs';

let engine, document, answer;
before(async () => {
  engine = await start();
  document = alert({ headline: 'Rivers & "seas" <rising>'.replace(/[<>]/g, ''),
                     description: 'First line.\nSecond < third & so on.' });
  answer = await engine.admit(document, engine.keys.ann);
});
const get = (path, ...args) => curl(engine.url + path, { args });
const post = (path, data, ...args) => curl(engine.url + path, { data, args });

test('a rendition has the texts of the signed document', async () => {
  const shown = await get(`/v1/alerts/${answer.seq}.json`);
  assert.equal(shown.type, 'application/json');
  const { notice, id, alert: cap } = checked('rendition', shown.body.toString());
  assert.match(notice, /not signed/);
  assert.equal(id, sha256_hex(document));
  assert.equal(cap.info[0].description, 'First line.\nSecond < third & so on.');
  assert.deepEqual(cap.info[0].area[0].geocode, [{ valueName: 'ONS', value: 'E09000007' }]);
  assert.equal(cap.status, 'Exercise');
});

test('the signed bytes are the same by ending and by Accept, with q-values', async () => {
  for (const [path, accept] of [[`/v1/alerts/${answer.seq}.xml`, '*/*'],
    [`/v1/alerts/${answer.seq}`, 'application/json;q=0.2, application/cap+xml;q=0.9'],
    [`/v1/alerts/${answer.id}.xml`, 'application/json']]) {
    const shown = await get(path, '-H', `Accept: ${accept}`);
    assert.deepEqual(shown.body, document);
    assert.equal(shown.headers.etag, `"${answer.id}"`);
    const again = await get(path, '-H', `Accept: ${accept}`,
      '-H', `If-None-Match: "${answer.id}"`);
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
  }
});

/** One value of the feed, by an XML parser that nobody here wrote. */
const xpath = (xml, path) => execFileSync('python3', ['-c', `
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
for found in root.findall(sys.argv[1], {'a': 'http://www.w3.org/2005/Atom'}):
    print(found.get(sys.argv[2]) if len(sys.argv) > 2 else found.text)`, ...path],
  { input: xml }).toString().trimEnd().split('\n').filter(Boolean);

test('the feed has what is active, linked to its signed documents, and honours its tag',
  async () => {
  const over = await engine.admit(alert({ headline: 'Over soon' }), engine.keys.ann);
  const whole = await get('/v1/feed.atom');
  assert.equal(whole.type, 'application/atom+xml; charset=utf-8');
  assert.deepEqual(xpath(whole.body, ['a:entry/a:title']),
    ['Exercise: Over soon', 'Exercise: Rivers & "seas" rising']);
  assert.deepEqual(xpath(whole.body, ['a:entry/a:id']),
    [over.id, answer.id].map((id) => `tag:tocsin,2026:alert/${id}`));
  assert.deepEqual(xpath(whole.body, ['a:entry/a:author/a:name']),
    ['control@one.example', 'control@one.example']);
  assert.equal(xpath(whole.body, ['a:updated'])[0], over.at);
  for (const href of xpath(whole.body, ["a:entry/a:link[@rel='alternate']", 'href'])) {
    assert.equal((await get(href)).type, 'application/cap+xml');
  }
  const unchanged = await get('/v1/feed.atom', '-H', `If-None-Match: ${whole.headers.etag}`);
  assert.equal(unchanged.status, 304);
  const { body } = await get(`/v1/alerts/${over.seq}.xml`);
  await engine.admit(cancel([body]), engine.keys.ann);
  const after = await get('/v1/feed.atom', '-H', `If-None-Match: ${whole.headers.etag}`);
  assert.equal(after.status, 200);
  assert.deepEqual(xpath(after.body, ['a:entry/a:title']), ['Exercise: Rivers & "seas" rising']);
  assert.deepEqual(xpath((await get('/v1/feed.atom?category=Met')).body, ['a:entry/a:id']), []);
});

test('a dry run says what would become of an alert, and nothing becomes of it', async () => {
  const severe = alert({ severity: 'Severe' });
  const tried = await post('/v1/alerts?dry_run=1', sealed(severe, [engine.keys.ann]));
  assert.equal(tried.status, 200, tried.body.toString());
  const { id, missing, repeat, concerned } = checked('dry-run', tried.body.toString());
  assert.deepEqual(concerned, { matched: 0, looked_at: 0,
    channels: { sms: 0, email: 0, webhook: 0 }, later: 0, not_contactable: 0 });
  assert.equal(id, sha256_hex(severe));
  assert.deepEqual([missing.have, missing.need, repeat], [1, 2, null]);
  assert_problem(await get(`/v1/alerts/${id}`), 404, 'not_found');
  const known = await post('/v1/alerts?dry_run=1', sealed(document, [engine.keys.ann]));
  const again = checked('dry-run', known.body.toString());
  assert.deepEqual([again.repeat.seq, again.concerned], [answer.seq, null]);
  assert_problem(await post('/v1/alerts?dry_run=1', sealed(alert({ status: 'Actual' }),
    [engine.keys.ann])), 422, 'wrong_system');
});

test('what readers say is counted, and what they may not say is not', async () => {
  const receipt = (state, more) =>
    JSON.stringify({ type: 'receipt', seq: answer.seq, state, ...more });
  const said = await post('/v1/receipts',
    `${receipt('displayed')}\n${receipt('acknowledged', { answer: 'No impact' })}\n`);
  assert.equal(said.status, 204, said.body.toString());
  assert_problem(await post('/v1/receipts', `${receipt('displayed')}\n{}`), 400, 'bad_query');
  const { anonymous, organisations } =
    checked('reach', (await get(`/v1/alerts/${answer.seq}/reach`)).body.toString());
  assert.deepEqual(anonymous, { connected: 0, displayed: 1, acknowledged: 1, answered: 1 });
  assert.deepEqual(organisations, { connected: 0, displayed: 0, acknowledged: 0, answered: 0 });
});

test('a newer trust document is taken without a restart, others with a reason', async () => {
  const of = (changes, signers = [engine.keys.root]) =>
    trust_file(trust_payload(engine.keys, { version: 2, ...changes }), signers);
  assert_problem(await post('/v1/trust', of({ system: 'another' })), 422, 'wrong_system');
  assert_problem(await post('/v1/trust', of({}, [engine.keys.stranger])), 403, 'bad_signature');
  const taken = await post('/v1/trust', of({}));
  assert.equal(taken.status, 200, taken.body.toString());
  assert.equal(checked('trust-taken', taken.body.toString()).version, 2);
  assert_problem(await post('/v1/trust', of({ version: 1 })), 409, 'identity_conflict');
  const fresh = JSON.parse((await get('/v1/trust')).body);
  assert.equal(JSON.parse(Buffer.from(fresh.payload, 'base64')).version, 2);
});
