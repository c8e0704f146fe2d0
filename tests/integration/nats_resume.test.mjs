// Nothing skipped and nothing twice on NATS, whatever happens to the server, its stream, or the
// engine; and nobody else notices.
import { test } from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { headers } from 'nats';
import assert from 'node:assert/strict';
import { through_kills } from '../partners/kills.mjs';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { restart, scratch, start, within } from './support/engine.mjs';
import { client_of, free_port, id_of, Listener, NatsServer, nats_server_program }
  from './support/nats.mjs';

const LATE_MS = 30_000;
const { program, why } = nats_server_program();
const skip = program ? false : why;

const readiness = async (engine) => (await fetch(`${engine.url}/readyz`)).json();

/** Until /readyz says of NATS what it is to say; null: nothing. */
function until_said(engine, pattern) {
  const told = (async () => {
    for (;;) {
      const { ready, warnings } = await readiness(engine);
      assert.equal(ready, true, 'nobody else is touched by it');
      const of_nats = warnings.filter((each) => each.includes('NATS'));
      if (pattern === null ? of_nats.length === 0 : of_nats.some((each) => pattern.test(each))) {
        return;
      }
      await sleep(50);
    }
  })();
  return within(LATE_MS, `${pattern} on /readyz`, told);
}

async function admit(engine, count, parts) {
  const ids = [];
  for (let i = 0; i < count; ++i) ids.push((await engine.admit(alert(parts), engine.keys.ann)).id);
  return ids;
}

/** The ids that the stream keeps once it has as many. */
async function kept(client, count) {
  const manager = await client.jetstreamManager();
  const all_there = (async () => {
    for (;;) {
      const info = await manager.streams.info('TOCSIN_ALERTS').catch(() => null);
      if (info?.state.messages >= count) return info;
      await sleep(30);
    }
  })();
  const { state, config } = await within(LATE_MS, `${count} in the stream`, all_there);
  assert.equal(config.storage, 'file');
  assert.equal(config.deny_delete && config.deny_purge, true);
  const ids = [];
  for (let seq = state.first_seq; seq <= state.last_seq; ++seq) {
    const { header } = await manager.streams.getMessage('TOCSIN_ALERTS', { seq });
    ids.push(header.get('Nats-Msg-Id'));
  }
  return ids;
}

test('each alert comes, whichever is killed', { skip }, async () => {
  const seed = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000);
  const result = await through_kills(program, { bulletins: 300, kills: 2, seed });
  assert.equal(result.bulletins, 300, `TOCSIN_SEED=${seed}`);
  assert.equal(result.kept_twice, 0, `TOCSIN_SEED=${seed}`);
});

test('a server that was away is told what it missed, and nobody waits for it', { skip },
  async () => {
    const server = new NatsServer(program, { store: join(scratch(), 'store'),
                                             port: await free_port() });
    const engine = await start({ args: ['--nats', server.url] });
    const ids = await admit(engine, 5);
    await until_said(engine, /not reached: .* 5 bulletins wait/);
    await server.start();
    assert.deepEqual(await kept(await client_of(server), 5), ids);
    await until_said(engine, null);
    await server.kill();
    ids.push(...await admit(engine, 3));
    await until_said(engine, /3 bulletins wait/);
    await server.start();
    assert.deepEqual(await kept(await client_of(server), 8), ids);
    assert.equal((await engine.stop()).code, 0);
  });

test('an engine ends as ever while its server is away', { skip }, async () => {
  const engine = await start({ args: ['--nats', `nats://127.0.0.1:${await free_port()}`] });
  await admit(engine, 1);
  assert.equal((await engine.stop()).code, 0);
});

test('a stream that was lost is filled again', { skip }, async () => {
  const store = join(scratch(), 'store');
  const server = await new NatsServer(program, { store }).start();
  const engine = await start({ args: ['--nats', server.url] });
  const ids = await admit(engine, 6);
  assert.deepEqual(await kept(await client_of(server), 6), ids);
  await server.kill();
  rmSync(store, { recursive: true });
  await server.start();
  assert.deepEqual(await kept(await client_of(server), 6), ids);
});

test('what the stream has is not kept twice where the progress was lost', { skip }, async () => {
  const server = await new NatsServer(program, { store: join(scratch(), 'store') }).start();
  const engine = await start({ args: ['--nats', server.url] });
  const client = await client_of(server);
  const ids = await admit(engine, 4);
  assert.deepEqual(await kept(client, 4), ids);
  await engine.stop('SIGKILL');
  rmSync(join(engine.data, 'nats.json'));
  const all = await new Listener(client, 'alerts.>').ready();
  const again = await restart(engine, { args: ['--nats', server.url] });
  ids.push(...await admit(again, 1));
  assert.deepEqual(await kept(client, 5), ids);
  await all.until((messages) => messages.length === 1, 'the new one');
  assert.deepEqual(all.messages.map(id_of), ids.slice(-1));
});

test('what a stranger put into the stream silences nobody', { skip }, async () => {
  const server = await new NatsServer(program, { store: join(scratch(), 'store') }).start();
  const engine = await start({ args: ['--nats', server.url] });
  const client = await client_of(server);
  const ids = await admit(engine, 2);
  const { epoch } = await engine.admit(alert(), engine.keys.ann);
  await kept(client, 3);
  await engine.stop('SIGKILL');
  const forged = headers();
  forged.set('Tocsin-Epoch', epoch);
  forged.set('Tocsin-Seq', '4');
  forged.set('Nats-Msg-Id', 'f'.repeat(64));
  client.publish('alerts.exercise.alert.minor.met.x', 'forged', { headers: forged });
  await kept(client, 4);
  const away = await restart(engine);
  ids.push(...await admit(away, 2));
  await away.stop();
  await restart(engine, { args: ['--nats', server.url] });
  assert.deepEqual((await kept(client, 6)).slice(4), ids.slice(2));
});

test('without JetStream each alert comes, and after a crash some twice under their ids', { skip },
  async () => {
    const server = await new NatsServer(program).start();
    const engine = await start({ args: ['--nats', server.url] });
    const all = await new Listener(await client_of(server), 'alerts.>').ready();
    const ids = await admit(engine, 20);
    await all.until((messages) => new Set(messages.map(id_of)).size === 20, 'twenty');
    await engine.stop('SIGKILL');
    const again = await restart(engine, { args: ['--nats', server.url] });
    ids.push(...await admit(again, 20));
    await all.until((messages) => new Set(messages.map(id_of)).size === 40, 'forty');
    assert.deepEqual([...new Set(all.messages.map(id_of))], ids);
  });

test('a server whose JetStream is gone is told nothing that its stream would lack', { skip },
  async () => {
    const server = await new NatsServer(program, { store: join(scratch(), 'store') }).start();
    const engine = await start({ args: ['--nats', server.url] });
    const ids = await admit(engine, 2);
    assert.deepEqual(await kept(await client_of(server), 2), ids);
    await server.kill();
    const bare = await new NatsServer(program, { port: server.port }).start();
    const all = await new Listener(await client_of(bare), 'alerts.>').ready();
    await until_said(engine, /has no JetStream now/);
    ids.push(...await admit(engine, 2));
    await until_said(engine, /2 bulletins wait/);
    assert.deepEqual(all.messages, []);
    await bare.kill();
    await server.start();
    assert.deepEqual(await kept(await client_of(server), 4), ids);
  });

test('what the server does not permit us is not counted as told', { skip }, async () => {
  const folder = scratch();
  const file = join(folder, 'server.conf');
  const configured = (denied) => writeFileSync(file, `authorization { users: [
    { user: all, password: all }
    { user: engine, password: secret, permissions: { publish: { deny: [${denied}] } } }
  ] }\n`);
  configured('"areas.>"');
  const args = ['-c', file];
  const server = await new NatsServer(program, { args, store: join(folder, 'store') }).start();
  const config = join(folder, 'tocsin.toml');
  writeFileSync(join(folder, 'nats.password'), 'secret\n', { mode: 0o600 });
  writeFileSync(config, `[nats]\nurl = "${server.url}"\nuser = "engine"\n` +
    'password_file = "nats.password"\n');
  const engine = await start({ args: ['--config', config] });
  const all = await new Listener(await client_of(server, { user: 'all', pass: 'all' }),
                                 'areas.e09000007.>').ready();
  const ids = await admit(engine, 2);
  await until_said(engine, /Permissions Violation for Publish to "areas\..* 2 bulletins wait/);
  await server.kill();
  configured('');
  await server.start();
  await all.until((messages) => new Set(messages.map(id_of)).size === 2, 'the copies');
  assert.deepEqual([...new Set(all.messages.map(id_of))], ids.map((id) => `${id}.E09000007`));
  await until_said(engine, null);
});

test('a server that takes too little in one message is told so', { skip }, async () => {
  const file = join(scratch(), 'small.conf');
  writeFileSync(file, 'max_payload: 256KB\n');
  const server = await new NatsServer(program, { args: ['-c', file] }).start();
  const engine = await start({ args: ['--nats', server.url] });
  await until_said(engine, /max_payload is 262144, and must be at least 524288/);
});

test('requests that were taken are answered before the engine ends', { skip }, async () => {
  const server = await new NatsServer(program).start();
  const engine = await start({ args: ['--nats', server.url] });
  const client = await client_of(server);
  await until_said(engine, null);
  const asked = Array.from({ length: 20 }, () =>
    client.request('tocsin.ingest', sealed(alert(), [engine.keys.ann]), { timeout: 4000 })
      .then((reply) => reply.headers.get('Tocsin-Status'), () => 'none'));
  const first = await Promise.race(asked);
  const ended = engine.stop();
  const answers = await Promise.all(asked);
  assert.equal(first, '201');
  assert.equal((await ended).code, 0);
  // What was not taken any more has no answer, and is in no log.
  const again = await restart(engine);
  const list = await (await fetch(`${again.url}/v1/alerts?after=0`)).text();
  const count = list.trim().split('\n').length;
  assert.equal(answers.filter((status) => status === '201').length, count);
});
