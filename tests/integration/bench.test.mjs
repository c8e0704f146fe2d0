// The herd of bench/: what it says of a server can be believed, since it is told otherwise when a
// server keeps a message, says it twice or in another order; and the engine, asked by it, gives
// everybody everything, those behind a filter, those who do not read, and all of them after a kill.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createServer } from 'node:tls';
import assert from 'node:assert/strict';
import { BIN, scratch, start, within } from './support/engine.mjs';
import { ROOT } from './support/schemas.mjs';

const LIMIT_MS = 60_000;
// More of them where that is asked for, a multiple of ten.
const READERS = Number(process.env.TOCSIN_READERS ?? 50);
const absent = ['bench_herd', 'bench_floor', 'make_bulletins']
  .filter((name) => !existsSync(join(BIN, name)));
const options = { skip: absent.length > 0 && `not built: ${absent.join(', ')}` };

/** Runs a program to its end; what it wrote. */
function output_of(name, args) {
  const child = spawn(join(BIN, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '', stderr = '';
  child.stdout.on('data', (data) => { stdout += data; });
  child.stderr.on('data', (data) => { stderr += data; });
  return within(LIMIT_MS, name, new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${name} ended with ${code}: ${stderr}`));
    });
  })).finally(() => child.kill('SIGKILL'));
}

/** What a herd saw of the server on that port. */
const herd = async (port, ...args) => JSON.parse(await output_of('bench_herd', [
  '--port', port, '--conns', READERS, '--settle', 0, '--drain', 20, ...args].map(String)));

/** A floor that ends with the test file: its port and process id. */
async function started_floor(...args) {
  const child = spawn(join(BIN, 'bench_floor'), ['0', ...args], { stdio: ['ignore', 'pipe', 2] });
  after(() => child.kill('SIGKILL'));
  const line = await within(LIMIT_MS, 'the floor', new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', resolve);
  }));
  return { port: JSON.parse(line).port, pid: child.pid };
}
const floor = async (...args) => (await started_floor(...args)).port;

/** That everybody got everything, and only that, once and in order. */
function assert_whole(phase, messages, deliveries = messages * READERS) {
  const { sent, missed, duplicates, out_of_order, unasked, strays } = phase;
  assert.deepEqual(
    { sent, deliveries: phase.deliveries, missed, duplicates, out_of_order, unasked, strays },
    { sent: messages, deliveries, missed: 0, duplicates: 0, out_of_order: 0, unasked: 0,
      strays: 0 });
}

for (const manner of [[], ['coalesce']]) {
  test(`a floor gives everybody everything ${manner}`, options, async () => {
    const seen = await herd(await floor(...manner), '--pub-url', '/', '--phase', 'one',
      '--phase', 'burst:40:20', '--phase', 'paced:200:0.1', '--phase', 'storm',
      '--phase', 'burst:5:1', '--publishers', 4);
    assert.equal(seen.connect.ok, READERS);
    assert.equal(seen.storm.ok, READERS);
    assert_whole(seen.one, 1);
    assert_whole(seen['burst:40:20'], 40);
    assert_whole(seen['paced:200:0.1'], 20);
    assert_whole(seen['burst:5:1'], 5);
    assert.equal(seen.lost, 0);
  });
}

for (const [fault, key] of [['drop', 'missed'], ['repeat', 'duplicates'],
                            ['swap', 'out_of_order']]) {
  test(`a herd says that a floor did one reader wrong: ${fault}`, options, async () => {
    const port = await floor(`${fault}=2`);
    const { 'burst:5:1': phase } = await herd(port, '--pub-url', '/', '--drain', 3,
      '--phase', 'burst:5:1');
    const { missed, duplicates, out_of_order } = phase;
    assert.deepEqual({ missed, duplicates, out_of_order },
                     { missed: 0, duplicates: 0, out_of_order: 0, [key]: 1 });
  });
}

/** A port with TLS before `port`, and the certificate that it shows. */
async function behind_tls(port, folder) {
  const key = join(folder, 'key.pem'), certificate = join(folder, 'certificate.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '1',
    '-subj', '/CN=herd', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:herd.example'],
    { stdio: 'ignore' });
  const pem = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(pem, (secured) => {
    const plain = connect(port, '127.0.0.1');
    for (const socket of [plain, secured]) socket.on('error', () => {});
    secured.pipe(plain).pipe(secured);
    secured.on('close', () => plain.destroy());
  });
  server.on('tlsClientError', () => {});
  after(() => server.close());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { tls_port: server.address().port, certificate };
}

test('with TLS, believed or not, and taken up again', options, async () => {
  const plain = await floor();
  const { tls_port, certificate } = await behind_tls(plain, scratch());
  const more = ['--tls', '--pub-url', '/', '--phase', 'burst:20:5', '--phase', 'storm',
    '--phase', 'burst:10:1'];
  const seen = await herd(tls_port, ...more, '--tls-ca', certificate);
  assert.equal(seen.connect.ok, READERS);
  assert.equal(seen.connect.resumed, 0);
  assert.equal(seen.storm.ok, READERS);
  assert.equal(seen.storm.resumed, READERS);
  assert_whole(seen['burst:20:5'], 20);
  assert_whole(seen['burst:10:1'], 10);
  const named = await herd(tls_port, '--tls', '--tls-ca', certificate, '--tls-name',
    'herd.example', '--pub-url', '/', '--pub-port', plain, '--pub-plain', '--phase', 'one');
  assert_whole(named.one, 1);
  const refused = await herd(tls_port, '--tls', '--tls-ca', certificate, '--tls-name',
    'other.example');
  assert.equal(refused.connect.ok, 0);
});

test('slow readers that are cut off must be told where to go on', options, async () => {
  const asked = herd(await floor(), '--slow', '0.2:1024', '--phase', 'storm');
  await assert.rejects(asked, /storm cuts off slow readers.*--resume-query/);
});

/** An engine, signed bulletins for two regions in turn, and what a herd is told of both. */
async function engine_with_bulletins(count) {
  const folder = scratch();
  const trust = join(folder, 'trust.json');
  const bodies = join(folder, 'bodies.ndjson');
  writeFileSync(bodies, await output_of('make_bulletins', ['--count', count, '--trust-out', trust,
    '--area', 'E12000007', '--area', 'E12000001'].map(String)));
  const engine = await start({ trust });
  return { engine, folder, args: ['--pub-url', '/v1/alerts', '--bodies', bodies] };
}

test('the engine gives everybody everything, and to a floor its words', options, async () => {
  const { engine, folder, args } = await engine_with_bulletins(46);
  const wire = join(folder, 'wire.ndjson');
  const seen = await herd(engine.port, ...args, '--path', '/v1/stream', '--save', wire,
    '--phase', 'one', '--phase', 'burst:5:1', '--phase', 'burst:40:20');
  assert_whole(seen.one, 1);
  assert_whole(seen['burst:5:1'], 5);
  assert_whole(seen['burst:40:20'], 40);
  const saved = readFileSync(wire, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(saved.map(({ seq }) => seq), Array.from({ length: 46 }, (_, i) => i + 1));
  const of_floor = await herd(await floor(), '--pub-url', '/', '--bodies', wire,
    '--phase', 'burst:46:1');
  assert_whole(of_floor['burst:46:1'], 46);
});

test('several who publish at once, and readers behind filters', options, async () => {
  const { engine, folder, args } = await engine_with_bulletins(80);
  const paths = join(folder, 'paths');
  writeFileSync(paths, '/v1/stream\n/v1/stream?area=E12000001 0/2\n' +
    '/v1/stream?area=E12000007 1/2\n/v1/stream?area=W92000004 none\n');
  const filtered = await herd(engine.port, ...args, '--paths', paths, '--phase', 'burst:40:20');
  const of_path = (path) => Math.floor((READERS + 3 - path) / 4);  // readers take them in turn
  assert_whole(filtered['burst:40:20'], 40, of_path(0) * 40 + (of_path(1) + of_path(2)) * 20);
  const again = await engine_with_bulletins(40);
  const seen = await herd(again.engine.port, ...again.args, '--path', '/v1/stream',
    '--publishers', 8, '--phase', 'burst:40:16');
  assert_whole(seen['burst:40:16'], 40);
});

test('what should not concern a reader and came is counted', options, async () => {
  const { engine, folder, args } = await engine_with_bulletins(4);
  const paths = join(folder, 'paths');
  writeFileSync(paths, '/v1/stream 0/2\n');
  const { 'burst:4': phase } = await herd(engine.port, ...args, '--paths', paths,
    '--phase', 'burst:4');
  assert.equal(phase.unasked, 2 * READERS);
  assert.equal(phase.deliveries, 2 * READERS);
});

/** A command that kills that process, starts a program in its place, and says its process id. */
function kill_and_start(pid, program, args, folder) {
  const note = join(folder, 'pid');
  writeFileSync(note, String(pid));
  after(() => {
    try { process.kill(Number(readFileSync(note, 'utf8')), 'SIGKILL'); } catch { /* it is gone */ }
  });
  return `p=$(cat ${note}); kill -9 $p; tail --pid=$p -f /dev/null; ` +
    `${join(BIN, program)} ${args.join(' ')} ` +
    `>${folder}/ready 2>${folder}/trace & echo $! >${note}; cat ${note}`;
}

/** The same with that engine, on its folder and port. */
const engine_again = ({ pid, data, trust, port }, folder) => kill_and_start(pid, 'tocsind',
  ['--data', data, '--trust', trust, '--listen', `127.0.0.1:${port}`], folder);

/** What makes bench/compare throw a round away, of what a herd told. */
const faults_of = (told) => JSON.parse(execFileSync('python3', ['-B', '-c',
  'import json, sys; sys.path.insert(0, sys.argv[1]); from measuring import checks; ' +
  'print(json.dumps(checks.faults_of(json.load(sys.stdin))))',
  join(ROOT, 'bench')], { input: JSON.stringify(told), encoding: 'utf8' }));

test('who was kept one message is not complete after a restart either', options, async () => {
  const { port, pid } = await started_floor('drop=2');
  const seen = await herd(port, '--pub-url', '/', '--drain', 3, '--phase', 'burst:5:1',
    '--phase', 'restart:0', '--restart', kill_and_start(pid, 'bench_floor', [port], scratch()));
  assert.equal(seen['burst:5:1'].missed, 1);
  assert.equal(seen['restart:0'].complete, READERS - 1);
  assert.deepEqual(faults_of(seen), ['burst:5:1: 1 missed',
    `restart:0: ${READERS - 1} of ${READERS} complete`]);
});

test('after a kill of a server that keeps nothing nobody is complete', options, async () => {
  const { port, pid } = await started_floor();
  const seen = await herd(port, '--pub-url', '/', '--drain', 3, '--phase', 'burst:5:1',
    '--phase', 'restart:2', '--restart', kill_and_start(pid, 'bench_floor', [port], scratch()));
  assert_whole(seen['burst:5:1'], 5);
  const { sent, deliveries, missed, complete } = seen['restart:2'];
  assert.deepEqual({ sent, deliveries, missed, complete },
                   { sent: 2, deliveries: 0, missed: 2 * READERS, complete: 0 });
  assert.deepEqual(faults_of(seen), [`restart:2: 0 of ${READERS} complete`,
    `restart:2: ${(2 * READERS).toLocaleString('en')} missed`]);
});

test('after a kill everybody has everything, those too who read nothing', options, async () => {
  const { engine, folder, args } = await engine_with_bulletins(60);
  const seen = await herd(engine.port, ...args, '--path', '/v1/stream',
    '--resume-query', 'after={epoch}:{seq}', '--stopped', 0.1, '--slow', '0.1:2000',
    '--restart', engine_again(engine, folder), '--phase', 'burst:20:1',
    '--phase', 'restart:20', '--phase', 'restart:10:beside', '--phase', 'burst:10:1');
  const prompt = READERS * 0.8;
  assert_whole(seen['burst:20:1'], 20, 20 * prompt);
  assert_whole(seen['restart:20'], 20, 20 * prompt);
  assert.equal(seen['restart:20'].complete, prompt);
  assert_whole(seen['restart:10:beside'], 10, 10 * prompt);
  assert_whole(seen['burst:10:1'], 10, 10 * prompt);
  for (const pace of ['slow', 'stopped']) {
    const { conns, complete, missed, came_back } = seen[pace];
    const few = READERS * 0.1;
    assert.deepEqual({ conns, complete, missed }, { conns: few, complete: few, missed: 0 }, pace);
    assert.ok(came_back >= few, pace);
  }
});
