// The configuration that ops/nats_config makes, by those who may not: each is refused what is not
// in its list, with a real nats-server and npm's client.
import { before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, nkeyAuthenticator } from 'nats';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { done } from './support/cli.mjs';
import { scratch, start, within } from './support/engine.mjs';
import { complaining, free_port, id_of, Listener, may_publish, may_subscribe, NatsServer,
         nats_server_program, verified }
  from './support/nats.mjs';
import { ROOT } from './support/schemas.mjs';
import { authority, certificate } from './support/tls.mjs';

const LATE_MS = 20_000;
const { program, why } = nats_server_program();
const skip = program ? false : why;
const folder = join(scratch(), 'nats');
let server, engine, ca;

const generate = (...more) => execFileSync(join(ROOT, 'ops', 'nats_config'),
  [folder, '--tls-cert', join(ca.folder, 'nats.pem'), '--tls-key', join(ca.folder, 'nats.key'),
   '--partner', 'bank-a', '--partner', 'bank-b', '--control-room', 'thames', ...more],
  { encoding: 'utf8' });

before(async () => {
  if (skip) return;
  ca = authority();
  certificate(ca, 'nats');
  const port = await free_port();
  const snippet = generate('--listen', `127.0.0.1:${port}`);
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, snippet.replace('# url = "tls://…"', `url = "tls://localhost:${port}"`) +
    `ca_file = "${ca.certificate}"\n`);
  execFileSync(program, ['-t', '-c', join(folder, 'nats-server.conf')], { stdio: 'pipe' });
  server = await new NatsServer(program, { args: ['-c', join(folder, 'nats-server.conf')], port })
    .start();
  engine = await start({ args: ['--config', config] });
  await done('org', 'add', 'bank-a', '--name', 'A', '--group', 'banks', '--data', engine.data);
  await done('org', 'add', 'bank-b', '--name', 'B', '--data', engine.data);
});

/** Somebody with the key in that file, and what the server complained of to them. */
async function as(file, options = {}) {
  const authenticator = file && nkeyAuthenticator(
    new TextEncoder().encode(readFileSync(join(folder, file), 'utf8').trim()));
  return complaining({ servers: `localhost:${server.port}`, authenticator,
    tls: { caFile: ca.certificate }, reconnect: false, timeout: LATE_MS, ...options });
}

test('a stranger is not let in, nor anybody without TLS', { skip }, async () => {
  await assert.rejects(as(null), /[Aa]uthorization/);
  await assert.rejects(as(null, { user: 'tocsin', pass: 'tocsin' }), /[Aa]uthorization/);
  const other = join(scratch(), 'other');
  execFileSync(join(ROOT, 'ops', 'nats_config'), [other, '--tls-cert', 'a', '--tls-key', 'b',
    '--partner', 'bank-a']);
  const stranger = nkeyAuthenticator(
    new TextEncoder().encode(readFileSync(join(other, 'partners', 'bank-a.nk'), 'utf8').trim()));
  await assert.rejects(as(null, { authenticator: stranger }), /[Aa]uthorization/);
  await assert.rejects(connect({ servers: `127.0.0.1:${server.port}`, tls: null,
    reconnect: false, timeout: 2000 }));
});

test('the engine speaks to no server of another name or of another authority', { skip },
  async () => {
    const port = await free_port();
    const stranger = authority();
    const cases = {
      'another name': certificate(ca, 'elsewhere', { names: 'DNS:nats.example.org' }),
      'another authority': certificate(stranger, 'stranger'),
    };
    for (const [what, files] of Object.entries(cases)) {
      const file = join(scratch(), 'server.conf');
      writeFileSync(file, `tls { cert_file: "${files.certificate}", key_file: "${files.key}" }\n`);
      const other = await new NatsServer(program, { args: ['-c', file], port }).start();
      for (const host of ['localhost', '127.0.0.1']) {
        const config = join(scratch(), 'tocsin.toml');
        writeFileSync(config, `[nats]\nurl = "tls://${host}:${port}"\n` +
          `ca_file = "${ca.certificate}"\n`);
        const wary = await start({ args: ['--config', config] });
        const told = (async () => {
          for (;;) {
            const { warnings } = await (await fetch(`${wary.url}/readyz`)).json();
            const [why] = warnings.filter((each) => /NATS/.test(each));
            if (!/not been reached yet/.test(why)) return why;
          }
        })();
        assert.match(await within(LATE_MS, what, told), /not reached: .*(certificate|SSL|TLS)/,
                     `${what}, ${host}`);
        await wary.stop();
      }
      await other.kill();
    }
  });

test('a partner hears what is for everybody and for itself, and nothing else', { skip },
  async () => {
    const bank_a = await as('partners/bank-a.nk'), bank_b = await as('partners/bank-b.nk');
    for (const subject of ['alerts.>', 'areas.>', 'tocsin.beat', 'orgs.bank-a.>']) {
      assert.equal(await may_subscribe(bank_a, subject), true, subject);
    }
    for (const subject of ['orgs.bank-b.>', 'orgs.>', 'orgs.*.exercise.minor', '>', 'tocsin.ingest',
                           '*.bank-b.>', '$JS.>', '$SYS.>']) {
      assert.equal(await may_subscribe(bank_a, subject), false, subject);
    }
    const a = await new Listener(bank_a.client, 'alerts.>', 'areas.e09000007.>', 'orgs.bank-a.>')
      .ready();
    const b = await new Listener(bank_b.client, 'alerts.>', 'orgs.bank-b.>').ready();
    const restricted = alert({ scope: 'Restricted', restriction: 'banks' });
    const { id } = await engine.admit(restricted, engine.keys.ann);
    const document = alert();
    const shown = await engine.admit(document, engine.keys.ann);
    await a.until((messages) => messages.length === 3, 'three for bank-a');
    await b.until((messages) => messages.length === 1, 'one for bank-b');
    assert.deepEqual(a.messages.map(id_of), [`${id}.bank-a`, `${shown.id}.E09000007`, shown.id]);
    assert.deepEqual(b.messages.map(id_of), [shown.id]);
    assert.deepEqual(verified(b.messages[0], [engine.keys.ann]), document);
  });

test('a partner publishes nothing and takes nothing away', { skip }, async () => {
  const bank_a = await as('partners/bank-a.nk');
  for (const subject of ['alerts.exercise.alert.minor.met.x', 'areas.e09000007.exercise.minor',
                         'orgs.bank-b.exercise.minor', 'tocsin.beat', 'tocsin.ingest',
                         '$JS.API.STREAM.DELETE.TOCSIN_ALERTS',
                         '$JS.API.STREAM.PURGE.TOCSIN_ALERTS',
                         '$JS.API.STREAM.UPDATE.TOCSIN_ALERTS', '$JS.API.STREAM.CREATE.MINE',
                         '$JS.API.CONSUMER.DURABLE.CREATE.TOCSIN_ALERTS.other',
                         '$JS.API.CONSUMER.CREATE.TOCSIN_ALERTS',
                         '$JS.API.CONSUMER.MSG.NEXT.TOCSIN_ALERTS.bank-b',
                         'TOCSIN.API.CONSUMER.MSG.NEXT.TOCSIN_ALERTS.bank-b',
                         'TOCSIN.API.STREAM.DELETE.TOCSIN_ALERTS',
                         '$JS.API.CONSUMER.DELETE.TOCSIN_ALERTS.bank-a',
                         '$JS.ACK.TOCSIN_ALERTS.bank-b.1.1.1.1.1', '_INBOX.somebody.1']) {
    assert.equal(await may_publish(bank_a, subject), false, subject);
  }
});

test('a partner replays by its own consumer', { skip }, async () => {
  const { client } = await as('partners/bank-a.nk');
  const { id } = await engine.admit(alert(), engine.keys.ann);
  const seen = [];
  const replay = (async () => {
    while (!seen.includes(id)) {
      const consumer = await client.jetstream({ apiPrefix: 'TOCSIN.API' }).consumers
        .get('TOCSIN_ALERTS', 'bank-a');
      for await (const message of await consumer.fetch({ max_messages: 10, expires: 1000 })) {
        verified(message, [engine.keys.ann]);
        seen.push(id_of(message));
        message.ack();
      }
    }
  })();
  await within(LATE_MS, { toString: () => `the replay: ${seen}` }, replay);
  assert.equal(new Set(seen).size, seen.length);
  const others = client.jetstream({ apiPrefix: 'TOCSIN.API', timeout: 1000 }).consumers
    .get('TOCSIN_ALERTS', 'bank-b');
  await assert.rejects(others);
});

test('a control room may send alerts and hears nothing but its answers', { skip }, async () => {
  const room = await as('control-rooms/thames.nk', { inboxPrefix: '_INBOX.thames' });
  const reply = await room.client.request('tocsin.ingest', sealed(alert(), [engine.keys.ann]),
    { timeout: LATE_MS });
  assert.equal(reply.headers.get('Tocsin-Status'), '201');
  assert.equal(await may_publish(room, 'alerts.exercise.alert.minor.met.x'), false);
  for (const subject of ['alerts.>', 'orgs.>', '_INBOX.>', '_INBOX.other.>']) {
    assert.equal(await may_subscribe(room, subject), false, subject);
  }
});

test('a partner is added while the server runs, and nobody else notices', { skip }, async () => {
  const { client } = await as('partners/bank-a.nk');
  const all = await new Listener(client, 'alerts.>').ready();
  generate('--listen', `127.0.0.1:${server.port}`, '--partner', 'bank-d');
  server.child.kill('SIGHUP');
  const added = (async () => {
    for (;;) {
      try {
        return await as('partners/bank-d.nk');
      } catch {
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
    }
  })();
  const bank_d = await within(LATE_MS, 'the new partner', added);
  const its = await new Listener(bank_d.client, 'alerts.>').ready();
  const ids = [];
  for (let i = 0; i < 2; ++i) ids.push((await engine.admit(alert(), engine.keys.ann)).id);
  for (const each of [all, its]) {
    await each.until((messages) => messages.length === 2, 'two alerts');
    assert.deepEqual(each.messages.map(id_of), ids);
  }
  assert.equal(await may_subscribe(bank_d, 'orgs.bank-a.>'), false);
  assert.deepEqual((await (await fetch(`${engine.url}/readyz`)).json()).warnings
    .filter((each) => each.includes('NATS')), []);
});

test('keys are their owner\'s alone, stay, and are not in the configuration', { skip }, () => {
  const seed = readFileSync(join(folder, 'partners', 'bank-a.nk'), 'utf8').trim();
  generate('--partner', 'bank-c');
  assert.equal(readFileSync(join(folder, 'partners', 'bank-a.nk'), 'utf8').trim(), seed);
  const text = readFileSync(join(folder, 'nats-server.conf'), 'utf8');
  for (const file of ['engine.nk', 'partners/bank-a.nk', 'partners/bank-c.nk',
                      'nats-server.conf']) {
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    if (file.endsWith('.nk')) assert.ok(!text.includes(readFileSync(join(folder, file), 'utf8')));
  }
  assert.match(text, /ORG_bank-c/);
  execFileSync(program, ['-t', '-c', join(folder, 'nats-server.conf')], { stdio: 'pipe' });
});
