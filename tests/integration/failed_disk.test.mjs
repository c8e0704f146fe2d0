// A disk that fails beneath the real engine. The kernel lets no file of the process grow any more
// (RLIMIT_FSIZE), so the log's next write ends in EFBIG: admission closes and stays closed, even
// when files may grow again, until a restart; readers are served all the while.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { BIN, restart, start } from './support/engine.mjs';
import { assert_problem } from './support/http.mjs';
import { listen } from './support/stream.mjs';

const files_may_grow = (engine, to) =>
  execFileSync('prlimit', ['--pid', `${engine.pid}`, `--fsize=${to}:unlimited`]);

const org = (engine, ...args) =>
  spawnSync(join(BIN, 'tocsin'), ['org', ...args, '--data', engine.data], { encoding: 'utf8' });

const say = (engine, seq) => fetch(`${engine.url}/v1/receipts`, {
  method: 'POST', body: `{"type":"receipt","seq":${seq},"state":"displayed"}\n`,
});

async function problem_of(response) {
  const body = await response.json();
  return { status: response.status, code: body.code, detail: body.detail };
}

async function displayed(engine, seq) {
  const reach = await (await fetch(`${engine.url}/v1/alerts/${seq}/reach`)).json();
  return reach.anonymous.displayed;
}

test('log_unavailable: a write that failed closes admission until a restart, and readers go on',
  async () => {
    const engine = await start();
    const { keys } = engine;
    const first = alert();
    const { seq, epoch } = await engine.admit(first, keys.ann);
    assert.equal((await say(engine, seq)).status, 204);
    assert.equal(org(engine, 'add', 'acme', '--name', 'Acme').status, 0);
    const reader = await listen(engine);

    files_may_grow(engine, 0);
    const doubtful = sealed(alert(), [keys.ann]);
    const refused = await engine.post(doubtful);
    assert_problem(refused, 503, 'log_unavailable');
    assert.match(refused.text, /until the engine is restarted/);
    assert.match(refused.text, /Tell the operator/);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    const receipt = await problem_of(await say(engine, seq));
    assert.equal(receipt.status, 503);
    assert.match(receipt.detail, /restarted/);
    const added = org(engine, 'add', 'other', '--name', 'Other');
    assert.equal(added.status, 1);
    assert.match(added.stderr, /restart/);

    files_may_grow(engine, 'unlimited');
    for (const later of [sealed(alert(), [keys.ann]), sealed(cancel([first]), [keys.canceller])]) {
      assert_problem(await engine.post(later), 503, 'log_unavailable');
    }
    assert.equal((await say(engine, seq)).status, 503);
    assert.equal(org(engine, 'add', 'other', '--name', 'Other').status, 1);
    const ready = await fetch(`${engine.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /restart the engine/);
    const again = await listen(engine, 'after=0');
    assert.deepEqual(again.sequences, [seq]);
    assert.equal((await fetch(`${engine.url}/v1/alerts/${seq}.xml`)).status, 200);
    assert.equal(await displayed(engine, seq), 1);
    await Promise.all([reader.close(), again.close()]);
    assert.equal((await engine.stop()).code, 0, engine.stderr);

    const healed = await restart(engine);
    const answer = await healed.post(doubtful);
    assert.ok([200, 201].includes(answer.status), answer.text);
    const { seq: next, epoch: same } = JSON.parse(answer.text);
    assert.deepEqual([next, same], [seq + 1, epoch]);
    assert.equal((await say(healed, seq)).status, 204);
    assert.equal(await displayed(healed, seq), 2);
    assert.equal(org(healed, 'add', 'third', '--name', 'Third').status, 0);
    assert.equal(org(healed, 'show', 'acme').status, 0);
    await healed.admit(cancel([first]), keys.canceller);
    await healed.stop();
  });
