// The road: a signed alert goes in by HTTP and comes out, byte for byte, everywhere it is read; and
// openssl verifies it from the bytes alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { encoding, envelope, public_key_of, sealed, sha256_hex } from './support/dsse.mjs';
import { scratch, start } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { checked, checked_event } from './support/schemas.mjs';
import { listen } from './support/stream.mjs';

let engine;
before(async () => { engine = await start(); });

test('an alert is answered 201, its repeat 200 with the same answer, and all readers have it',
  async () => {
  const reader = await listen(engine);
  const document = alert({ description: 'Äöü ŵŷ 漢字 – and a tab\there' });
  const body = sealed(document, [engine.keys.ann]);
  const first = await engine.post(body);
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.get('content-type'), 'application/json');
  const answer = checked('answer', first.text);
  for (const again of [body, sealed(document, [engine.keys.ann, engine.keys.ben])]) {
    const repeat = await engine.post(again);
    assert.equal(repeat.status, 200);
    assert.equal(repeat.text, first.text);
  }
  await reader.has(answer.seq);
  const heard = reader.alerts.at(-1);
  assert.deepEqual(heard.xml, document);
  assert.deepEqual(heard.envelope, envelope(document, [engine.keys.ann]));
  assert.equal(heard.at, answer.at);
  for (const name of [answer.seq, answer.id]) {
    const object = await (await fetch(`${engine.url}/v1/alerts/${name}`)).text();
    assert.deepEqual({ ...checked_event(object.trimEnd()), xml: document }, heard);
    const xml = await fetch(`${engine.url}/v1/alerts/${name}.xml`);
    assert.equal(xml.headers.get('content-type'), 'application/cap+xml');
    assert.deepEqual(Buffer.from(await xml.arrayBuffer()), document);
    const accepted = await curl(`${engine.url}/v1/alerts/${name}`,
                                { args: ['-H', 'Accept: application/cap+xml'] });
    assert.deepEqual(accepted.body, document);
    assert.equal(accepted.type, 'application/cap+xml');
  }
  const list = await curl(`${engine.url}/v1/alerts`);
  const lines = list.body.toString().trimEnd().split('\n').map(checked_event);
  assert.deepEqual(lines.at(-1).envelope, heard.envelope);
  await reader.close();
});

test('curl alone posts an alert', async () => {
  const document = alert();
  const answer = await curl(`${engine.url}/v1/alerts`,
                            { data: sealed(document, [engine.keys.ben]) });
  assert.equal(answer.status, 201);
  assert.equal(checked('answer', answer.body.toString()).id, sha256_hex(document));
});

test('an envelope may be written with spaces, other members and escapes, and is served strictly',
  async () => {
  const reader = await listen(engine);
  const document = alert();
  const signed = envelope(document, [engine.keys.ann]);
  const loose = JSON.stringify({ comment: ['mine'], signatures: signed.signatures,
    payload: signed.payload, payloadType: signed.payloadType }, null, 2)
    .replace('application/cap+xml', 'application\\/cap\\u002bxml');
  const { status, text } = await engine.post(loose);
  assert.equal(status, 201, text);
  await reader.has(JSON.parse(text).seq);
  assert.deepEqual(reader.alerts.at(-1).envelope, signed);
  await reader.close();
});

test('openssl verifies what ws received, and refuses it with any byte changed', async () => {
  const folder = scratch();
  const reader = await listen(engine);
  const document = alert({ severity: 'Extreme' });
  const { seq } = await engine.admit(document, engine.keys.ann, engine.keys.ben);
  await reader.has(seq);
  const { envelope: received } = reader.alerts.at(-1);
  const file = (name, bytes) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const verified = (key, message, signature) => spawnSync('openssl',
    ['pkeyutl', '-verify', '-pubin', '-inkey',
     file('key.pem', public_key_of(key.raw).export({ type: 'spki', format: 'pem' })),
     '-rawin', '-in', file('pae', message), '-sigfile', file('sig', signature)]).status === 0;
  const payload = Buffer.from(received.payload, 'base64');
  const message = encoding('application/cap+xml', payload);
  const flipped = (bytes, at) => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 1;
    return copy;
  };
  for (const [index, key] of [engine.keys.ann, engine.keys.ben].entries()) {
    assert.equal(received.signatures[index].keyid, key.keyid);
    const signature = Buffer.from(received.signatures[index].sig, 'base64');
    assert.ok(verified(key, message, signature), 'the signature holds');
    const middle = Math.floor(message.length / 2);
    for (const at of [0, middle, message.length - 1]) {
      assert.ok(!verified(key, flipped(message, at), signature), `byte ${at} was changed`);
    }
    assert.ok(!verified(key, message, flipped(signature, 5)));
    assert.ok(!verified(engine.keys.dora, message, signature), 'another key');
  }
  assert.equal(execFileSync('sha256sum', [file('xml', payload)]).toString().slice(0, 64),
               reader.alerts.at(-1).id);
  await reader.close();
});

test('twenty alerts posted at once get twenty places without a gap', async () => {
  const reader = await listen(engine);
  const documents = Array.from({ length: 20 }, () => alert());
  const answers = await Promise.all(documents.map((each) => engine.admit(each, engine.keys.ann)));
  const places = answers.map((answer) => answer.seq).sort((a, b) => a - b);
  assert.deepEqual(places, places.map((_, index) => places[0] + index));
  await reader.has(places.at(-1));
  assert.deepEqual(reader.sequences, places);
  await reader.close();
});

test('the same alert posted many times at once is one bulletin', async () => {
  const body = sealed(alert(), [engine.keys.ann]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => engine.post(body)));
  assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
  assert.equal(answers.filter((answer) => answer.status === 200).length, 19);
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
});
