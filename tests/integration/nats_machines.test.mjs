// The configuration that ops/nats_config makes for three machines: engines share a log with exactly
// what it permits them, partners replay at each server, and nobody else has a hand in the order.
import { before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, nkeyAuthenticator } from 'nats';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { have_leader, log_of, start_configured_node, until_current } from './support/cluster.mjs';
import { sealed } from './support/dsse.mjs';
import { scratch, within } from './support/engine.mjs';
import { complaining, free_port, id_of, may_publish, may_subscribe, NatsServer,
         nats_server_program, verified }
  from './support/nats.mjs';
import { ROOT } from './support/schemas.mjs';
import { authority, certificate } from './support/tls.mjs';

const LATE_MS = 30_000;
const NAMES = ['a', 'b', 'c'];
const { program, why } = nats_server_program();
const skip = program ? false : why;
const folder = join(scratch(), 'nats');
let ca, routes, servers, nodes;

const path_of = (name) => join(folder, name);

/** As its operator does: once for all machines. */
function generate(...more) {
  const machines = NAMES.flatMap((name, i) => ['--machine', `${name}=localhost:${routes[i]}`]);
  execFileSync(join(ROOT, 'ops', 'nats_config'),
    [folder, ...machines, '--tls-cert', join(ca.folder, 'nats.pem'),
     '--tls-key', join(ca.folder, 'nats.key'), '--route-ca', ca.certificate,
     '--edge', 'e', '--partner', 'bank-a', ...more], { stdio: 'pipe' });
}

/** The tocsin.toml of one of them: its files are elsewhere here, and so are the servers' ports. */
function configure(name, i) {
  const urls = JSON.stringify(servers.map(({ port }) => `tls://localhost:${port}`));
  const file = path_of(`${name}-tocsin.toml`);
  writeFileSync(file, readFileSync(path_of(`${name}.toml`), 'utf8')
    .replace(/^urls = .*/m, `urls = ${urls}`)
    .replace(/^url = .*/m, `url = "tls://localhost:${servers[i].port}"`)
    .replace('"machine.nk"', JSON.stringify(path_of(`machines/${name}.nk`)))
    .replace('"shared.key"', JSON.stringify(path_of('shared.key')))
    .replace('"engine.nk"', JSON.stringify(path_of('engine.nk')))
    .replaceAll('"machines-ca.pem"', JSON.stringify(ca.certificate)));
  return file;
}

/** What was generated; `change` it. Machines have the same paths, and these are on one. */
function changed(name, as, change) {
  const config = JSON.parse(readFileSync(path_of(`${name}.conf`), 'utf8').replace(/^#.*\n/, ''));
  config.jetstream.store_dir = path_of(`store-${as}`);
  const made = { ...config, ...change(config) };
  const file = path_of(`${as}.json`);
  writeFileSync(file, JSON.stringify(made));
  return file;
}

async function server_of(config) {
  const monitor = await free_port();
  const args = ['-c', config, '-m', String(monitor)];
  return Object.assign(new NatsServer(program, { args, port: await free_port() }), { monitor });
}

before(async () => {
  if (skip) return;
  ca = authority();
  certificate(ca, 'nats');
  routes = [await free_port(), await free_port(), await free_port()];
  generate();
  servers = await Promise.all(NAMES.map((name) =>
    server_of(changed(name, name, () => {}))));
  await Promise.all(servers.map((server) => server.start()));
  await have_leader(servers);
  const first = await start_configured_node('a', configure('a', 0));
  nodes = [first, ...await Promise.all([1, 2].map((i) =>
    start_configured_node(NAMES[i], configure(NAMES[i], i), { like: first })))];
  await Promise.all(nodes.map((node) => until_current(node)));
});

test('nats-server takes each of them, and lets nobody else into its cluster', { skip },
  async () => {
    for (const name of NAMES) {
      execFileSync(program, ['-t', '-c', path_of(`${name}.conf`)], { stdio: 'pipe' });
    }
    const stranger = authority();
    const its = certificate(stranger, 'stranger');
    const port = await free_port();
    const server = await server_of(changed('c', 'stranger', ({ cluster }) => {
      cluster.listen = `127.0.0.1:${port}`;
      Object.assign(cluster.tls, { cert_file: its.certificate, key_file: its.key });
      return { server_name: 'stranger' };
    }));
    await server.start();
    const refused = (async () => {
      while (!/tls: |TLS (route )?handshake error/.test(server.said)) {
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
    })();
    await within(LATE_MS, { toString: () => `a refusal: ${server.said}` }, refused);
    const ask = async (path) => (await fetch(
      `http://127.0.0.1:${servers[0].monitor}/${path}`)).json();
    const { routes: joined } = await ask('routez');
    const { meta_cluster: meta } = await ask('jsz');
    assert.equal(joined.length, 2);
    assert.equal(meta.cluster_size, 3);
    await server.kill();
  });

test('engines share a log with what is permitted to them, and are refused nothing', { skip },
  async () => {
    const answers = [];
    for (const node of [...nodes, ...nodes]) {
      answers.push(await node.admit(alert(), node.keys.ann));
    }
    assert.deepEqual(answers.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6]);
    const logs = await Promise.all(nodes.map((node) => log_of(node, 6)));
    for (const log of logs) assert.deepEqual(log, logs[0]);
    // One that was away asks the others for what is in their logs alone: pages over the cluster.
    const fresh = await start_configured_node('b', configure('b', 1), { like: nodes[0] });
    assert.deepEqual(await log_of(fresh, 6), logs[0]);
    await fresh.stop();
    for (const node of nodes) assert.doesNotMatch(node.stderr, /nats_complained|[Pp]ermission/);
  });

/** Somebody with the key in that file at that server, and what it complained of to them. */
async function as(file, server = servers[0]) {
  const authenticator = nkeyAuthenticator(
    new TextEncoder().encode(readFileSync(path_of(file), 'utf8').trim()));
  return complaining({ servers: `localhost:${server.port}`, authenticator,
    tls: { caFile: ca.certificate }, reconnect: false, timeout: LATE_MS });
}

const OF_THE_ORDER = ['tocsin.order', 'tocsin.cluster.node', 'tocsin.cluster.new',
  'tocsin.cluster.pages.0123456789abcdef', '$JS.API.STREAM.MSG.GET.TOCSIN_ORDER',
  '$JS.API.STREAM.INFO.TOCSIN_ORDER', '$JS.API.STREAM.DELETE.TOCSIN_ORDER',
  '$JS.API.STREAM.PURGE.TOCSIN_ORDER', '$JS.API.STREAM.UPDATE.TOCSIN_ORDER',
  '$JS.API.CONSUMER.CREATE.TOCSIN_ORDER', '$JS.API.STREAM.SNAPSHOT.TOCSIN_ORDER'];

test('a partner and the engine\'s partners\' key neither write nor read the order', { skip },
  async () => {
    for (const who of [await as('partners/bank-a.nk'), await as('engine.nk')]) {
      for (const subject of OF_THE_ORDER) {
        assert.equal(await may_publish(who, subject), false, subject);
        assert.equal(await may_subscribe(who, subject), false, subject);
      }
    }
    assert.equal((await nodes[1].admit(alert(), nodes[1].keys.ann)).seq, 7);
  });

test('a machine\'s key takes nothing away, and is no partner\'s', { skip }, async () => {
  const machine = await as('machines/b.nk');
  assert.equal(await may_subscribe(machine, 'tocsin.cluster.*'), true);
  for (const subject of ['$JS.API.STREAM.DELETE.TOCSIN_ORDER', '$JS.API.STREAM.PURGE.TOCSIN_ORDER',
                         '$JS.API.STREAM.UPDATE.TOCSIN_ORDER', '$JS.API.STREAM.CREATE.OTHER',
                         '$JS.API.STREAM.MSG.DELETE.TOCSIN_ORDER',
                         '$JS.API.STREAM.LEADER.STEPDOWN.TOCSIN_ORDER',
                         '$JS.API.STREAM.PEER.REMOVE.TOCSIN_ORDER',
                         '$JS.API.CONSUMER.CREATE.TOCSIN_ORDER', 'alerts.x', 'orgs.bank-a.x',
                         'tocsin.beat', 'tocsin.ingest', '$SYS.REQ.SERVER.PING']) {
    assert.equal(await may_publish(machine, subject), false, subject);
  }
  for (const subject of ['tocsin.order', 'alerts.>', 'orgs.>', '$SYS.>', '>']) {
    assert.equal(await may_subscribe(machine, subject), false, subject);
  }
});

test('an edge has every alert with what is permitted to it, and no say in anything', { skip },
  async () => {
    const edge = await start_configured_node('e', configure('e', 1), { like: nodes[0] });
    const { seq, id } = await nodes[2].admit(alert(), nodes[2].keys.ann);
    assert.deepEqual((await log_of(edge, seq)).at(-1).id, id);
    assert.equal((await edge.post(sealed(alert(), [edge.keys.ann]))).status, 503);
    assert.doesNotMatch(edge.stderr, /nats_complained|[Pp]ermission/);
    await edge.stop();
    const who = await as('machines/e.nk');
    for (const subject of ['tocsin.order', 'tocsin.cluster.node', 'tocsin.cluster.new',
                           '_INBOX.x.1', '$JS.API.STREAM.CREATE.TOCSIN_ORDER',
                           '$JS.API.STREAM.DELETE.TOCSIN_ORDER', 'alerts.x', 'tocsin.ingest']) {
      assert.equal(await may_publish(who, subject), false, subject);
    }
    assert.equal(await may_subscribe(who, 'tocsin.cluster.pages.*'), false);
  });

test('who has no key is not let in at any of the servers', { skip }, async () => {
  for (const server of servers) {
    await assert.rejects(connect({ servers: `localhost:${server.port}`, reconnect: false,
      tls: { caFile: ca.certificate }, timeout: LATE_MS }), /[Aa]uthorization/);
  }
});

/** What the partner's consumer has for it, by that server, until `last` is there. */
async function replayed(server, last) {
  const { client } = await as('partners/bank-a.nk', server);
  const ids = [];
  const take = async () => {
    const consumer = await client.jetstream({ apiPrefix: 'TOCSIN.API', timeout: 2000 })
      .consumers.get('TOCSIN_ALERTS', 'bank-a');
    for await (const message of await consumer.fetch({ max_messages: 10, expires: 1000 })) {
      verified(message, [nodes[0].keys.ann]);
      ids.push(id_of(message));
      message.ack();
    }
    await client.flush();
  };
  const unanswered = ({ code, message }) => {
    if (code !== 'TIMEOUT' && code !== '503') throw new Error(message);
  };
  const replay = (async () => {
    // While servers elect who leads a consumer nobody answers for it: asked again, they do.
    while (!ids.includes(last)) await take().catch(unanswered);
  })();
  await within(LATE_MS, { toString: () => `the replay: ${ids}` }, replay);
  await client.close();
  return ids;
}

test('a partner replays at any server, though one is lost and another engine tells them', { skip },
  async () => {
    const before_loss = await nodes[2].admit(alert(), nodes[2].keys.ann);
    const log = await log_of(nodes[0], before_loss.seq);
    const first = await replayed(servers[1], before_loss.id);
    assert.deepEqual(first, log.map(({ id }) => id));
    await servers[0].kill();
    await nodes[0].stop('SIGKILL');
    await nodes[1].stop();
    generate('--tells', 'b');
    nodes[1] = await start_configured_node('b', configure('b', 1),
      { like: nodes[1], data: nodes[1].data });
    await until_current(nodes[1]);
    const answer = await nodes[1].admit(alert(), nodes[1].keys.ann);
    assert.equal(answer.seq, before_loss.seq + 1);
    assert.deepEqual(await replayed(servers[2], answer.id), [answer.id]);
  });
