// Several engines, one log: every alert has the same place everywhere, whatever is killed, cut off
// or wiped; and nobody says yes without a majority.
import { test } from 'node:test';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { alert, in_seconds, reference_to } from './support/cap.mjs';
import { again, have_leader, leader_of_order, log_of, start_node, start_servers, until_current }
  from './support/cluster.mjs';
import { sealed } from './support/dsse.mjs';
import { client_of, nats_server_program } from './support/nats.mjs';
import { listen, Reader } from './support/stream.mjs';

const { program, why } = nats_server_program();
const skip = program ? false : why;
const RETRIES = 180;

let servers;
let nodes;

async function three() {
  if (nodes) return nodes;
  servers = await start_servers(program);
  const a = await start_node(servers, 'a');
  nodes = [a, ...await Promise.all(['b', 'c'].map((name) => start_node(servers, name,
    { like: a })))];
  await Promise.all(nodes.map((node) => until_current(node)));
  return nodes;
}

/** Sends it until it is answered, as a sender does who hears "again in a moment". */
async function answered(node, document) {
  for (let i = 0; i < RETRIES; ++i) {
    const answer = await node.post(sealed(document, [node.keys.ann]));
    if (answer.status !== 503) return answer;
    await sleep(500);
  }
  throw new Error(`${node.node} takes nothing`);
}

async function admit(node, document) {
  const { status, text } = await answered(node, document);
  assert.ok(status === 201 || status === 200, text);
  return JSON.parse(text);
}

const same_everywhere = async (count) => {
  const logs = await Promise.all(nodes.map((node) => log_of(node, count)));
  for (const log of logs) assert.deepEqual(log, logs[0]);
  assert.deepEqual(logs[0].map(({ seq }) => seq), logs[0].map((_, i) => i + 1));
  return logs[0];
};

test('every node takes alerts, and each has the same place and time everywhere', { skip },
  async () => {
    const [a, b, c] = await three();
    assert.equal(new Set([a.epoch, b.epoch, c.epoch]).size, 1);
    const answers = [];
    for (const node of [a, b, c, a]) answers.push(await admit(node, alert()));
    assert.deepEqual(answers.map(({ epoch, seq }) => [epoch, seq]),
      [1, 2, 3, 4].map((seq) => [a.epoch, seq]));
    const log = await same_everywhere(4);
    assert.deepEqual(log.map(({ id }) => id), answers.map(({ id }) => id));
    assert.deepEqual(log.map(({ at }) => at), answers.map(({ at }) => at));
  });

test('alerts that come to all nodes at once have one order, each once', { skip }, async () => {
  await three();
  const before = (await log_of(nodes[0], 1)).length;
  const all = nodes.flatMap((node) => Array.from({ length: 20 }, () => admit(node, alert())));
  const positions = (await Promise.all(all)).map(({ seq }) => seq).sort((x, y) => x - y);
  assert.deepEqual(positions, Array.from({ length: 60 }, (_, i) => before + i + 1));
  await same_everywhere(before + 60);
});

test('of two alerts of one name at two nodes the first in the order wins everywhere', { skip },
  async () => {
    const [a, b] = await three();
    for (let i = 0; i < 10; ++i) {
      const identifier = `T-conflict-${i}`;
      const sent = in_seconds(0);
      const answers = await Promise.all([[a, 'one'], [b, 'other']].map(([node, event]) =>
        answered(node, alert({ identifier, sent, event }))));
      const lost = answers.filter(({ status }) => status === 409);
      assert.equal(lost.length, 1, answers.map(({ text }) => text).join());
      assert.equal(JSON.parse(lost[0].text).code, 'identity_conflict');
    }
    const count = (await log_of(a, 1)).length;
    await same_everywhere(count);
  });

test('a Cancel goes at every node to those whom its alert reached', { skip }, async () => {
  const [a, b, c] = await three();
  const document = alert({ areas: [{ codes: ['E09000033'] }] });
  await same_everywhere((await admit(a, document)).seq);
  const there = await Promise.all(nodes.map((node) => listen(node, { area: 'E09000033' })));
  const elsewhere = await Promise.all(nodes.map((node) => listen(node, { area: 'E09000007' })));
  const cancel = await admit(b, alert({ msg_type: 'Cancel', references: reference_to(document),
    info: false, note: 'It is over.' }));
  const areas = [{ codes: ['E09000033'] }, { codes: ['E09000007'] }];
  const last = await admit(c, alert({ areas }));
  for (const reader of there) {
    await reader.has(last.seq);
    assert.deepEqual(reader.sequences, [cancel.seq, last.seq]);
  }
  for (const reader of elsewhere) {
    await reader.has(last.seq);
    assert.deepEqual(reader.sequences, [last.seq]);
  }
  await Promise.all([...there, ...elsewhere].map((reader) => reader.close()));
});

test('a repeat at another node has the place that it has', { skip }, async () => {
  const [a, b] = await three();
  const document = alert();
  const first = await admit(a, document);
  const second = await answered(b, document);
  assert.equal(second.status, 200);
  assert.equal(JSON.parse(second.text).seq, first.seq);
});

test('a dashboard resumes at another node where it was', { skip }, async () => {
  const [a, b, c] = await three();
  const reader = await listen(a, { after: '0' });
  const seen = reader.alerts.at(-1).seq;
  await reader.cut();
  const missed = [await admit(b, alert()), await admit(c, alert())];
  const resumed = await listen(c, { after: `${a.epoch}:${seen}` });
  assert.equal(resumed.hello.recovered, true);
  await resumed.has(missed[1].seq);
  assert.deepEqual(resumed.sequences, missed.map(({ seq }) => seq));
  await resumed.close();
});

test('a node that was killed has everything when it is back', { skip }, async () => {
  const [a, b, c] = await three();
  await c.stop('SIGKILL');
  const missed = [await admit(a, alert()), await admit(b, alert())];
  nodes[2] = await again(c);
  assert.equal(nodes[2].epoch, a.epoch);
  await until_current(nodes[2]);
  await same_everywhere(missed[1].seq);
  assert.equal((await admit(nodes[2], alert())).seq, missed[1].seq + 1);
});

test('without a majority nothing is taken, readers are told by silence, and it heals', { skip },
  async () => {
    const [a, b] = await three();
    const before = (await log_of(a, 1)).length;
    // A leader that loses its majority goes on answering for some seconds, as if it had one.
    const leader = servers[await leader_of_order(servers)];
    const kept = servers.find((server) => server !== leader);
    const lost = servers.filter((server) => server !== kept);
    await Promise.all(lost.map((server) => server.kill()));
    const begun = Date.now();
    const refusal = await a.post(sealed(alert(), [a.keys.ann]));
    assert.equal(refusal.status, 503);
    assert.equal(JSON.parse(refusal.text).code, 'log_unavailable');
    assert.ok(Number(refusal.headers.get('retry-after')) > 0);
    assert.ok(Date.now() - begun < 20_000, 'soon, and not when it heals');
    await until_current(a, false);
    await until_current(b, false);
    const reader = new Reader(a, { after: '0' });
    await reader.until(() => reader.alerts.length >= before, 'what is known');
    await sleep(2500);  // `live` comes with the last alert, or at a full second
    assert.deepEqual(reader.of_type('live'), []);
    await Promise.all(lost.map((server) => server.start()));
    await have_leader(servers);
    const next = await admit(b, alert());
    await Promise.all(nodes.map((node) => until_current(node)));
    await same_everywhere(next.seq);
    assert.ok(next.seq > before);
    await (await reader.live()).has(next.seq);
    await reader.close();
  });

test('a node that is cut off names those that took alerts', { skip }, async () => {
  const [a] = await three();
  const lone = await start_node([servers[0]], 'lone', { like: a });
  await until_current(lone);
  await sleep(1500);  // it hears of the others once a second
  await servers[0].pause();
  try {
    const refusal = await lone.post(sealed(alert(), [lone.keys.ann]));
    assert.equal(refusal.status, 503);
    const { code, detail } = JSON.parse(refusal.text);
    assert.equal(code, 'log_unavailable');
    assert.match(detail, /took alerts when they were last heard: [abc](, [bc])*\./);
    await admit(nodes[1], alert());
  } finally {
    servers[0].child.kill('SIGCONT');
  }
  await until_current(lone);
  const next = await admit(lone, alert());
  await same_everywhere(next.seq);
  await lone.stop();
});

test('what is no batch in the order is passed over by all, whoever put it there', { skip },
  async () => {
    const [a, b, c] = await three();
    const stranger = await client_of(servers[0]);
    const litter = async () => {
      await stranger.jetstream().publish('tocsin.order', '{"type":"an answer to somebody"}');
      await stranger.jetstream().publish('tocsin.order', new Uint8Array([1, 2, 3]));
    };
    await litter();
    const first = await admit(b, alert());
    await litter();
    await c.stop();
    const last = await admit(a, alert());
    await litter();
    nodes[2] = await again(c);
    await until_current(nodes[2]);
    assert.equal(last.seq, first.seq + 1);
    assert.equal((await admit(nodes[2], alert())).seq, last.seq + 1);
    await same_everywhere(last.seq + 1);
  });

test('servers that have forgotten everything are told again, and a new node has it all', { skip },
  async () => {
    const [a] = await three();
    const before = await same_everywhere((await log_of(a, 1)).length);
    await Promise.all(servers.map((server) => server.kill()));
    for (const { store } of servers) rmSync(store, { recursive: true, force: true });
    await Promise.all(servers.map((server) => server.start()));
    await have_leader(servers);
    const next = await admit(nodes[1], alert());
    assert.equal(next.seq, before.length + 1);
    assert.equal(next.epoch, a.epoch);
    await Promise.all(nodes.map((node) => until_current(node)));
    const fresh = await start_node(servers, 'fresh', { like: a });
    assert.equal(fresh.epoch, a.epoch);
    nodes.push(fresh);
    const log = await same_everywhere(next.seq);
    assert.deepEqual(log.slice(0, before.length), before);
    assert.equal((await admit(fresh, alert())).seq, next.seq + 1);
    nodes.pop();
    await fresh.stop();
  });
