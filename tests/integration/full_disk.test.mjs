// A disk that fills up: alerts are refused in time, Cancels go on from the reserve, readers read
// on, and space that is freed is used again without a restart. Wants to mount a file system.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { start } from './support/engine.mjs';
import { assert_problem } from './support/http.mjs';
import { listen } from './support/stream.mjs';
import { trust_file, trust_payload } from './support/trust.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tocsin-test',
  folder]).status === 0;
after(() => {
  if (mounted) execFileSync('umount', ['-l', folder]);
  rmdirSync(folder);
});

test('log_full: refused with 507 while Cancels are taken and readers served',
  { skip: !mounted && 'mounting a file system takes root' }, async () => {
    const engine = await start({ data: join(folder, 'data') });
    const document = alert();
    const { seq } = await engine.admit(document, engine.keys.ann);
    const reader = await listen(engine);
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - 4 * 1024 * 1024));
    const answer = await engine.post(sealed(alert(), [engine.keys.ann]));
    assert_problem(answer, 507, 'log_full');
    const stop = await engine.admit(cancel([document]), engine.keys.canceller);
    assert.equal(stop.seq, seq + 1);
    const all = await listen(engine, 'after=0');
    assert.deepEqual(all.sequences, [seq, stop.seq]);
    const left = statfsSync(folder);
    writeFileSync(join(folder, 'rest'), Buffer.alloc(left.bavail * left.bsize));
    const newer = trust_file(trust_payload(engine.keys, { version: 2 }), [engine.keys.root]);
    const offered = await fetch(`${engine.url}/v1/trust`, { method: 'POST', body: newer });
    assert_problem({ status: offered.status, headers: offered.headers, text: await offered.text() },
      507, 'log_full');
    rmSync(join(folder, 'rest'));
    rmSync(join(folder, 'filler'));
    const until = Date.now() + 30_000;
    let status = 0;
    while (status !== 201 && Date.now() < until) {
      ({ status } = await engine.post(sealed(alert(), [engine.keys.ann])));
    }
    assert.equal(status, 201, 'freed space is used again');
    await reader.has(stop.seq + 1);
    await Promise.all([reader.close(), all.close()]);
    await engine.stop();
  });
