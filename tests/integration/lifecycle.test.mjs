// The process: its start, its end, kill -9, a folder that is taken, descriptors that run out, and a
// trust document that never goes back.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { launch, restart, scratch, start, within } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { checked } from './support/schemas.mjs';
import { listen } from './support/stream.mjs';
import { in_days, people, trust_file, trust_payload } from './support/trust.mjs';

/** The engine ends by itself, unready, with a sentence that says why. */
async function ends_with(engine, sentence) {
  const { code } = await within(30_000, 'the end', engine.exited);
  assert.ok(code > 0, `exit code ${code}`);
  await assert.rejects(engine.ready);
  assert.match(engine.stderr, sentence);
  assert.doesNotMatch(engine.stderr, /terminate called|Sanitizer|what\(\)/);
}

function write_trust(keys, changes, signers = [keys.root]) {
  const file = join(scratch(), 'trust.json');
  writeFileSync(file, trust_file(trust_payload(keys, changes), signers));
  return file;
}

test('one line of JSON says that it is ready', async () => {
  const engine = await start();
  const ready = await engine.ready;
  assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(engine.stdout.split('\n').length, 2, 'and nothing else is on standard output');
});

test('whatever the engine keeps is its owner\'s alone', async () => {
  const engine = await start({ data: join(scratch(), 'data') });
  await engine.admit(alert(), engine.keys.ann);
  assert.equal(statSync(engine.data).mode & 0o777, 0o700);
  const open = execFileSync('find', [engine.data, '-perm', '/077', '-printf', '%P\n'],
    { encoding: 'utf8' });
  assert.equal(open, 'trust.json\n', 'whom the engine trusts is no secret');
  await engine.stop();
});

test('where operators could not reach it the engine ends in order, and says why', async () => {
  const data = join(scratch(), 'data');
  mkdirSync(join(data, 'admin.sock', 'in the way'), { recursive: true });
  const engine = launch({ data });
  await ends_with(engine, /cannot listen on .*admin\.sock/);
  assert.equal((await engine.exited).signal, null);
});

test('SIGTERM: streams are told to come back, each after a time of its own, and the exit is 0',
  async () => {
  const engine = await start();
  const readers = await Promise.all(Array.from({ length: 20 }, () => listen(engine)));
  const { seq } = await engine.admit(alert(), engine.keys.ann);
  await Promise.all(readers.map((reader) => reader.has(seq)));
  const idle = connect(engine.port, '127.0.0.1');
  idle.on('error', () => {});
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
  const delays = await Promise.all(readers.map(async (reader) => {
    const { code, reason } = await reader.closed;
    assert.equal(code, 1001);
    assert.match(reason, /^reconnect_ms=\d+$/);
    return Number(reason.slice('reconnect_ms='.length));
  }));
  assert.ok(delays.every((each) => each >= 0 && each <= 8000));
  assert.ok(new Set(delays).size > 10, 'they are spread');
});

test('SIGTERM does not wait for those who do not close', async () => {
  const engine = await start();
  const reader = await listen(engine);
  reader.socket._socket.pause();
  const began = Date.now();
  assert.equal((await engine.stop()).code, 0);
  assert.ok(Date.now() - began < 12_000);
  reader.socket.terminate();
});

test('SIGINT ends it as well', async () => {
  assert.deepEqual(await (await start()).stop('SIGINT'), { code: 0, signal: null });
});

test('a second engine on the same folder ends with a sentence, and the first goes on', async () => {
  const first = await start();
  await ends_with(launch(first), /folder|data|use/i);
  await first.admit(alert(), first.keys.ann);
});

test('a second engine on the same port ends with a sentence', async () => {
  const first = await start();
  await ends_with(launch({ listen: `127.0.0.1:${first.port}` }), /address|port|listen/i);
});

test('without a trust document, with a file that is none, or with one cut off, it does not start',
  async () => {
  const folder = scratch();
  await ends_with(launch({ trust: join(folder, 'missing.json') }), /missing\.json/);
  writeFileSync(join(folder, 'other.json'), '{}');
  await ends_with(launch({ trust: join(folder, 'other.json') }), /trust/i);
  const keys = people();
  writeFileSync(join(folder, 'cut.json'), trust_file(trust_payload(keys), [keys.root]).slice(0,
    -40));
  await ends_with(launch({ trust: join(folder, 'cut.json') }), /trust|JSON/i);
});

test('what was answered 201 is there after a restart, unchanged, under the same epoch',
  async () => {
  let engine = await start();
  const posted = new Map();
  for (let round = 0; round < 3; ++round) {
    for (let i = 0; i < 10; ++i) {
      const document = alert();
      posted.set((await engine.admit(document, engine.keys.ann)).seq, document);
    }
    await engine.stop();
    engine = await restart(engine);
    const reader = await listen(engine, 'after=0');
    assert.deepEqual(reader.sequences, [...posted.keys()]);
    for (const { seq, xml } of reader.alerts) assert.deepEqual(xml, posted.get(seq));
    await reader.close();
  }
});

test('kill -9 in the middle of posts: everything that was answered is there, and a reader resumes',
  async () => {
  let engine = await start();
  const answered = new Map();
  const documents = new Map();
  let position = '0';
  const heard = [];
  for (let round = 0; round < 5; ++round) {
    const reader = await listen(engine, { after: position });
    assert.equal(reader.hello.recovered, true);
    const posts = Array.from({ length: 40 }, async () => {
      const document = alert();
      const body = sealed(document, [engine.keys.ann]);
      documents.set(body, document);
      const { status, text } = await engine.post(body);
      assert.equal(status, 201, text);
      answered.set(body, text);
    });
    await Promise.any(posts);
    await engine.stop('SIGKILL');
    await Promise.allSettled(posts);
    await reader.closed;
    assert.deepEqual(reader.faults, []);
    heard.push(...reader.sequences);
    if (heard.length) position = `${reader.hello.epoch}:${heard.at(-1)}`;
    engine = await restart(engine);
    for (const [body, text] of answered) {
      const again = await engine.post(body);
      assert.deepEqual([again.status, again.text], [200, text]);
    }
  }
  const rest = await listen(engine, { after: position });
  heard.push(...rest.sequences);
  assert.deepEqual(heard, Array.from({ length: rest.hello.head }, (_, index) => index + 1));
  const places = new Set([...answered.values()].map((text) => JSON.parse(text).seq));
  assert.equal(places.size, answered.size);
  const all = await listen(engine, 'after=0');
  for (const [body, text] of answered) {
    const { seq } = JSON.parse(text);
    assert.deepEqual(all.alerts[seq - 1].xml, documents.get(body));
  }
  await Promise.all([rest.close(), all.close()]);
});

test('a new folder is a new log: positions of the old one are told as a gap', async () => {
  const engine = await start();
  const { epoch, seq } = await engine.admit(alert(), engine.keys.ann);
  const other = await start({ keys: engine.keys, trust: engine.trust });
  const answer = await other.admit(alert(), engine.keys.ann);
  assert.notEqual(answer.epoch, epoch);
  const reader = await listen(other, { after: `${epoch}:${seq}` });
  assert.equal(reader.hello.recovered, false);
  await reader.close();
});

test('running out of descriptors is survived: those who are connected stay, and it goes on after',
  async () => {
  const engine = await start({ nofile: 700 });
  const reader = await listen(engine);
  const sockets = [];
  for (let i = 0; i < 900; ++i) {
    await new Promise((resolve) => {
      const socket = connect(engine.port, '127.0.0.1', resolve);
      socket.on('error', resolve);
      sockets.push(socket);
    });
  }
  const refused = await Promise.race([curl(`${engine.url}/livez`, { args: ['--max-time', '2'] })
    .then(({ status }) => status).catch(() => 0)]);
  assert.ok([0, 200, 429, 503].includes(refused), String(refused));
  for (const socket of sockets) socket.destroy();
  // Those that were refused or waiting have to be noticed first.
  const until = Date.now() + 20_000;
  let status = 0;
  while (status !== 200 && Date.now() < until) {
    status = await fetch(`${engine.url}/livez`).then((answer) => answer.status).catch(() => 0);
  }
  assert.equal(status, 200);
  const { seq } = await engine.admit(alert(), engine.keys.ann);
  await reader.has(seq);
  await reader.close();
  assert.equal((await engine.stop()).code, 0);
});

async function served_version(engine) {
  const { body } = await curl(`${engine.url}/v1/trust`);
  const { payload } = checked('trust-envelope', body.toString());
  return JSON.parse(Buffer.from(payload, 'base64')).version;
}

/** With that file the engine starts, says that it does not take it, and keeps the one it has. */
async function keeps(before_it, trust, version) {
  const engine = await restart({ ...before_it, trust });
  assert.match(engine.stderr, /trust_refused/);
  assert.equal(await served_version(engine), version);
  await engine.stop();
  return engine;
}

test('the version of the trust document never goes back, across restarts', async () => {
  const keys = people();
  let engine = await start({ keys, trust: write_trust(keys, { version: 7 }) });
  assert.equal(await served_version(engine), 7);
  await engine.stop();
  engine = await keeps(engine, write_trust(keys, { version: 6 }), 7);
  engine = await keeps(engine, write_trust(keys, { version: 7, revoked: [] }), 7);
  engine = await restart({ ...engine, trust: write_trust(keys, { version: 9 }) });
  assert.equal(await served_version(engine), 9);
  await engine.stop('SIGKILL');
  await keeps(engine, write_trust(keys, { version: 8 }), 9);
});

test('SIGHUP reads the file again, and takes nothing older', async () => {
  const keys = people();
  const trust = write_trust(keys, { version: 2 });
  const engine = await start({ keys, trust });
  const rewrite = (version) => writeFileSync(trust, trust_file(trust_payload(keys, { version }),
    [keys.root]));
  const says = async (words) => {
    const until = Date.now() + 10_000;
    while (!words.test(engine.stderr) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.match(engine.stderr, words);
  };
  rewrite(3);
  engine.child.kill('SIGHUP');
  await says(/trust_taken.*version="?3/);
  assert.equal(await served_version(engine), 3);
  rewrite(2);
  engine.child.kill('SIGHUP');
  await says(/trust_refused/);
  assert.equal(await served_version(engine), 3);
});

test('roots are pinned: a document signed by others is not taken', async () => {
  const keys = people();
  const engine = await start({ keys });
  await engine.stop();
  const { root, second_root } = keys;
  const part = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });
  const strange = write_trust(keys, { version: 2, root: { threshold: 1,
    keys: [part(second_root)] } }, [second_root]);
  await keeps(engine, strange, 1);
  const chained = write_trust(keys, { version: 2, root: { threshold: 1,
    keys: [part(second_root)] } }, [second_root, root]);
  const next = await restart({ ...engine, trust: chained });
  assert.equal(await served_version(next), 2);
  await next.stop();
  await keeps(next, write_trust(keys, { version: 3 }), 2);
});

test('--root pins by id, and refuses a first document of another root', async () => {
  const keys = people();
  await ends_with(launch({ keys, args: ['--root', keys.second_root.keyid] }), /root key|roots?\b/i);
  const engine = await start({ keys, args: ['--root', keys.root.keyid] });
  await engine.admit(alert(), keys.ann);
});

test('an expired trust document goes on admitting alerts, and readyz says so', async () => {
  const keys = people();
  const trust = write_trust(keys, { issued: in_days(-9), expires: in_days(-1) });
  const engine = await start({ keys, trust });
  await engine.admit(alert(), keys.ann);
  const ready = await curl(`${engine.url}/readyz`);
  assert.equal(ready.status, 200);
  assert.match(ready.body.toString(), /expired/);
});

test('secrets and payloads are not in what it says', async () => {
  const engine = await start();
  await engine.admit(alert({ headline: 'Quite singular words' }), engine.keys.ann);
  await engine.post(sealed(alert({ headline: 'Quite singular words', system: 'other' }),
    [engine.keys.ann]));
  await engine.stop();
  assert.match(engine.stderr, /wrong_system/);
  assert.doesNotMatch(engine.stderr, /singular/);
});
