// A key is taken away while thousands listen: from the answer on nobody is admitted by it, through
// restarts and newer documents, and readers can learn of it.
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { restart, start, scratch } from './support/engine.mjs';
import { faults_of } from './support/schemas.mjs';
import { listen } from './support/stream.mjs';
import { in_days, people, trust_file, trust_payload } from './support/trust.mjs';

const STREAMS = Number(process.env.TOCSIN_REVOCATION_STREAMS ?? 500);
const EFFECTIVE_MAX_MS = 5000;
const TYPE = 'application/vnd.tocsin.revocation+json';

const named = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });

/** A trust document with a revocation key beside its root. */
function world(version = 1, keys = people()) {
  const file = `${scratch()}/trust.json`;
  const payload = trust_payload(keys, { version, revocation: [named(keys.second_root)] });
  writeFileSync(file, trust_file(payload, [keys.root]));
  return { keys, trust: file };
}

function revocation(key, signer) {
  const payload = { system: 'exercise-test', keyid: key.keyid, since: in_days(-0.01),
                    reason: 'Stolen.', issued: in_days(0) };
  assert.equal(faults_of('revocation', payload), null);
  return sealed(JSON.stringify(payload), [signer], TYPE);
}

const offer = (engine, body) => fetch(`${engine.url}/v1/trust`, { method: 'POST', body });

async function code_of(engine, key) {
  const { status, text } = await engine.post(sealed(alert(), [key]));
  return status === 201 ? 'admitted' : JSON.parse(text).code;
}

test('a revocation is in force when it is answered, whoever listens', async () => {
  const engine = await start(world());
  const { keys } = engine;
  const readers = [];
  for (let i = 0; i < STREAMS; i++) readers.push(await listen(engine, ''));
  assert.equal(await code_of(engine, keys.ben), 'admitted');

  const began = performance.now();
  const answer = await offer(engine, revocation(keys.ben, keys.second_root));
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(await code_of(engine, keys.ben), 'key_revoked');
  const took_ms = performance.now() - began;
  console.log(`in force ${took_ms.toFixed(0)} ms after it was sent, ${STREAMS} streams open`);
  assert.ok(took_ms < EFFECTIVE_MAX_MS);
  assert.equal(await code_of(engine, keys.ann), 'admitted');
  for (const reader of readers) await reader.cut();

  const lines = await (await fetch(`${engine.url}/v1/trust/revocations`)).text();
  assert.equal(JSON.parse(lines).payloadType, TYPE);
  await engine.stop();
  const again = await restart(engine);
  assert.equal(await code_of(again, keys.ben), 'key_revoked');
  const next = await restart(await stopped(again), world(2, keys));
  assert.equal(await code_of(next, keys.ben), 'key_revoked');
});

async function stopped(engine) {
  await engine.stop();
  return engine;
}

test('what is no sound revocation is refused and takes nothing away', async () => {
  const engine = await start(world());
  const { keys } = engine;
  for (const [body, why] of [
    [revocation(keys.ben, keys.ann), 'an officer'],
    [revocation(keys.ben, keys.root), 'a root'],
    [revocation(keys.root, keys.second_root), 'names a root'],
    [revocation(keys.second_root, keys.second_root), 'names a revocation key'],
  ]) {
    const answer = await offer(engine, body);
    assert.ok(answer.status >= 400, why);
  }
  assert.equal(await code_of(engine, keys.ben), 'admitted');
  assert.equal(await (await fetch(`${engine.url}/v1/trust/revocations`)).text(), '');
});
