// Machines that only send alerts out, and what all machines of a cluster share beside the alerts:
// whom they trust.
import { test } from 'node:test';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { again, have_leader, log_of, start_edge, start_node, start_servers, until_current }
  from './support/cluster.mjs';
import { sealed } from './support/dsse.mjs';
import { launch, within } from './support/engine.mjs';
import { client_of, nats_server_program } from './support/nats.mjs';
import { listen } from './support/stream.mjs';
import { in_days, public_part, trust_file, trust_payload } from './support/trust.mjs';

const { program, why } = nats_server_program();
const skip = program ? false : why;
const LATE_MS = 60_000;
const REVOCATION = 'application/vnd.tocsin.revocation+json';

let servers;
let a;
let b;
let edge;

/** Two nodes that take alerts, and an edge. */
async function world() {
  if (edge) return;
  servers = await start_servers(program);
  a = await start_node(servers, 'a');
  [b, edge] = await Promise.all([start_node(servers, 'b', { like: a }),
    start_edge(servers, 'edge', { like: a })]);
  await Promise.all([a, b, edge].map((node) => until_current(node)));
  await until('each heard of', async () => {
    const told = await Promise.all([a, b, edge].map(status_of));
    return told.every(({ cluster: { nodes } }) =>
      nodes.length === 2 && nodes.every(({ current, gone }) => current && !gone));
  });
}

/** Asked again until it holds. */
const until = (what, holds) => within(LATE_MS, what, (async () => {
  while (!await holds()) await sleep(100);
})());

async function admit(node) {
  const post = () => node.post(sealed(alert(), [node.keys.ann]));
  let answer = await post();
  for (const end = Date.now() + LATE_MS; answer.status === 503 && Date.now() < end;) {
    await sleep(500);
    answer = await post();
  }
  assert.equal(answer.status, 201, answer.text);
  return JSON.parse(answer.text);
}

const status_of = async (node) => {
  return JSON.parse(await done('status', '--data', node.data, '--json'));
};

test('an edge sends out what nodes take, and takes nothing', { skip }, async () => {
  await world();
  const reader = await listen(edge, '');
  const { seq, epoch } = await admit(a);
  await reader.has(seq);
  assert.equal(edge.epoch, epoch);
  await reader.close();
  assert.deepEqual(await log_of(edge, seq), await log_of(a, seq));

  const { status, text } = await edge.post(sealed(alert(), [edge.keys.ann]));
  assert.equal(status, 503);
  const { code, detail } = JSON.parse(text);
  assert.equal(code, 'log_unavailable');
  assert.match(detail, /only sends them out\. Send it to another node: .*: [ab](, b)?\.$/);
  const newer = trust_file(trust_payload(edge.keys, { version: 2 }), [edge.keys.root]);
  const offered = await fetch(`${edge.url}/v1/trust`, { method: 'POST', body: newer });
  assert.equal(offered.status, 503);
  assert.equal((await offered.json()).code, 'log_unavailable');
});

test('status says at each of them who is an edge', { skip }, async () => {
  await world();
  const others = (status) => status.cluster.nodes.map(({ node, edge: only }) => [node, only]);
  assert.deepEqual(others(await status_of(a)), [['b', false], ['edge', true]]);
  assert.deepEqual(others(await status_of(edge)), [['a', false], ['b', false]]);
  const text = await done('status', '--data', a.data);
  assert.match(text, /^edge +edge: in order; head \d+(, \d+ behind this one)?; \d+ streams$/m);
});

test('a trust document and a revocation that one node takes count at all', { skip }, async () => {
  await world();
  const { keys } = a;
  const payload = trust_payload(keys, { version: 2,
    revocation: [public_part(keys.second_root)] });
  const revocation = JSON.stringify({ system: 'exercise-test', keyid: keys.ben.keyid,
    since: in_days(-0.01), reason: 'Stolen.', issued: in_days(0) });
  const offer = (body) => fetch(`${b.url}/v1/trust`, { method: 'POST', body });
  // One that is away hears of it when it is back.
  await a.stop();
  const offers = [trust_file(payload, [keys.root]),
    sealed(revocation, [keys.second_root], REVOCATION)];
  for (const body of offers) {
    const answer = await offer(body);
    assert.equal(answer.status, 200, await answer.text());
  }
  a = await again(a);
  const of = async (node, path) => (await fetch(`${node.url}${path}`)).text();
  for (const path of ['/v1/trust', '/v1/trust/revocations']) {
    const wanted = await of(b, path);
    for (const node of [a, edge]) {
      await until(`${path} at ${node.node}`, async () => await of(node, path) === wanted);
    }
  }
  const { status, text } = await a.post(sealed(alert(), [keys.ben]));
  assert.equal(status, 403);
  assert.equal(JSON.parse(text).code, 'key_revoked');
});

test('an edge gives the order no beginning, and goes on once nodes have', { skip }, async () => {
  await world();
  const { seq: before } = await admit(a);
  await Promise.all([a.stop(), b.stop()]);
  await Promise.all(servers.map((server) => server.kill()));
  for (const { store } of servers) rmSync(store, { recursive: true, force: true });
  await Promise.all(servers.map((server) => server.start()));
  await have_leader(servers);
  await until_current(edge, false);
  // A stream without a message, as a node makes it before it begins the order.
  const client = await client_of(servers[0]);
  const manager = await client.jetstreamManager();
  await manager.streams.add({ name: 'TOCSIN_ORDER', subjects: ['tocsin.order'], num_replicas: 3,
    storage: 'file' });
  // With a new folder it has to learn first which log it is.
  const lone = launch({ keys: a.keys, trust: a.trust,
    args: ['--cluster', servers[0].url, '--node', 'lone', '--edge'] });
  await sleep(4000);  // longer than it takes a node to begin
  assert.equal((await manager.streams.info('TOCSIN_ORDER')).state.last_seq, 0);
  assert.equal(lone.stdout, '', 'it does not know which log it is');
  [a, b] = await Promise.all([again(a), again(b)]);
  const { seq } = await admit(b);
  assert.equal(seq, before + 1);
  await Promise.all([a, b, edge].map((node) => until_current(node)));
  assert.deepEqual(await log_of(edge, seq), await log_of(a, seq));
  const line = await within(LATE_MS, 'the ready line of lone', lone.ready);
  assert.equal(line.epoch, edge.epoch);
  await lone.stop();
});

test('an edge that was away has what came meanwhile', { skip }, async () => {
  await world();
  await edge.stop('SIGKILL');
  await until('the edge shown as gone', async () =>
    / GONE, last heard \d+ s ago; /.test(await done('status', '--data', a.data)));
  const { seq } = await admit(a);
  edge = await again(edge);
  await until_current(edge);
  assert.deepEqual(await log_of(edge, seq), await log_of(b, seq));
});
