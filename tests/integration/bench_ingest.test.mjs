// The client of bench/ that measures how fast bulletins are taken in: it counts what was answered
// 201, and anything else is an error that ends it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { start_servers } from './support/cluster.mjs';
import { BIN, scratch, start, stop_writing } from './support/engine.mjs';
import { nats_server_program } from './support/nats.mjs';

const LIMIT_MS = 60_000;
const absent = ['bench_ingest', 'make_bulletins'].filter((name) => !existsSync(join(BIN, name)));
const options = { skip: absent.length > 0 && `not built: ${absent.join(', ')}` };

/** An engine and a file of bulletins that it admits. */
async function engine_and_bodies(count) {
  const folder = scratch();
  const trust = join(folder, 'trust.json'), bodies = join(folder, 'bodies.ndjson');
  writeFileSync(bodies, execFileSync(join(BIN, 'make_bulletins'),
    ['--count', String(count), '--trust-out', trust], { maxBuffer: 1 << 26 }));
  return { engine: await start({ trust }), bodies };
}

/** Its exit status, what it printed, and what it complained of. */
function ingest(mode, ...args) {
  const { status, stdout, stderr } = spawnSync(join(BIN, 'bench_ingest'),
    [mode, ...args.map(String)], { encoding: 'utf8', timeout: LIMIT_MS });
  return { status, told: stdout ? JSON.parse(stdout) : null, stderr };
}

/** How many alerts are in that log. */
async function listed(engine) {
  const response = await fetch(`${engine.url}/v1/alerts?limit=1000&status=Exercise`);
  return (await response.text()).split('\n').filter((line) => line).length;
}

test('every line is posted once and every 201 is counted', options, async () => {
  const { engine, bodies } = await engine_and_bodies(300);
  const post = (...args) => ingest('http', '--port', engine.port, '--bodies', bodies, ...args);
  const many = post('--clients', 16, '--count', 200);
  assert.equal(many.status, 0, many.stderr);
  assert.equal(many.told.answered, 200);
  assert.equal(many.told.errors, 0);
  assert.ok(many.told.per_s > 0 && many.told.p50_us > 0);
  assert.ok(many.told.p50_us <= many.told.p99_us && many.told.p99_us <= many.told.max_us);
  const piped = post('--skip', 200, '--pipeline', 16, '--warm', 40);
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(piped.told.answered, 60, 'those before the clock started are not counted');
  assert.equal(await listed(engine), 300);
});

test('connections go to all the ports in turn', options, async () => {
  const { engine, bodies } = await engine_and_bodies(20);
  const other = await start({ trust: engine.trust });
  const { status, stderr } = ingest('http', '--port', engine.port, other.port, '--bodies', bodies,
    '--clients', 2);
  assert.equal(status, 0, stderr);
  const counts = [await listed(engine), await listed(other)];
  assert.equal(counts[0] + counts[1], 20);
  assert.ok(Math.min(...counts) > 0, `${counts}`);
});

const { program, why } = nats_server_program();
const with_nats = { skip: options.skip || (!program && why) };

test('lines are published to a stream that all servers keep, each once', with_nats, async () => {
  const servers = await start_servers(program);
  const bodies = join(scratch(), 'bodies');
  writeFileSync(bodies, Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join(''));
  const { status, told, stderr } = ingest('nats', '--port', ...servers.map(({ port }) => port),
    '--bodies', bodies, '--clients', 8, '--replicas', 3);
  assert.equal(status, 0, stderr);
  assert.equal(told.answered, 200);
  const [{ state, config }] = (await (await fetch(
    `http://127.0.0.1:${servers[0].monitor}/jsz?streams=1&config=1`)).json())
    .account_details[0].stream_detail;
  assert.equal(state.messages, 200);
  assert.equal(config.num_replicas, 3);
});

test('a repeat is answered 200, and that is an error', options, async () => {
  const { engine, bodies } = await engine_and_bodies(3);
  const post = () => ingest('http', '--port', engine.port, '--bodies', bodies);
  assert.equal(post().told.answered, 3);
  const again = post();
  assert.equal(again.status, 1);
  assert.equal(again.told.answered, 0);
  assert.equal(again.told.errors, 1);
  assert.match(again.stderr, /HTTP\/1\.1 200/);
});

test('a refusal is an error, and so is a server that is not there', options, async () => {
  const { engine, bodies } = await engine_and_bodies(1);
  const lines = readFileSync(bodies, 'utf8');
  writeFileSync(bodies, lines.replace('"payload":"', '"payload":"!'));
  const refused = ingest('http', '--port', engine.port, '--bodies', bodies);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /HTTP\/1\.1 4/);
  await engine.stop();
  const gone = ingest('http', '--port', engine.port, '--bodies', bodies);
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /connect: /);
});

test('503 is counted where it may be said, and is no answer', options, async () => {
  const { engine, bodies } = await engine_and_bodies(30);
  stop_writing(engine);
  const post = (...args) => ingest('http', '--port', engine.port, '--bodies', bodies, ...args);
  assert.match(post('--count', 1).stderr, /HTTP\/1\.1 503/);
  const { told } = post('--skip', 1, '--may-refuse');
  assert.equal(told.answered, 0);
  assert.equal(told.refused, 29);
  assert.equal(told.errors, 0);
});

test('what the disk allows is measured with every write synced', options, () => {
  for (const [mode, clients] of [['file', 1], ['rocks', 4]]) {
    const { status, told, stderr } = ingest(mode, scratch(), '--clients', clients,
      '--seconds', 0.2);
    assert.equal(status, 0, stderr);
    assert.equal(told.clients, clients);
    assert.ok(told.answered >= clients);
  }
});
