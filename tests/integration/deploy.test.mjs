// What ops/deploy says is so: systemd takes its units, the engine knows every flag and every key
// that they name, and the container installs what the machines do.
import { test } from 'node:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { unpacked_package } from './support/debian.mjs';
import { BIN, launch, scratch, within } from './support/engine.mjs';
import { ROOT } from './support/schemas.mjs';
import { authority, certificate } from './support/tls.mjs';

const DEPLOY = join(ROOT, 'ops', 'deploy');
const read = (...path) => readFileSync(join(DEPLOY, ...path), 'utf8');
const UNIT = read('systemd', 'tocsind.service');
const CONTAINER = read('container', 'Containerfile');

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
const package_of_nats = systemd ? unpacked_package('nats-server') : {};
const skip = systemd ? package_of_nats.why ?? false : 'systemd-analyze is not installed';

/** Both units, with programs where they look for them, checked by systemd; what it complains of. */
function complaints(change = (text) => text) {
  const { root } = package_of_nats;
  const folder = scratch();
  const to = (text) => change(text).replace('/usr/local/bin/tocsind', join(BIN, 'tocsind'))
    .replace('/usr/sbin/nats-server', join(root, 'usr', 'sbin', 'nats-server'))
    .replace(/^Documentation=.*\n/m, '');
  cpSync(join(root, 'lib', 'systemd', 'system', 'nats-server.service'),
    join(folder, 'nats-server.service'));
  mkdirSync(join(folder, 'nats-server.service.d'));
  writeFileSync(join(folder, 'nats-server.service.d', 'tocsin.conf'),
    to(read('systemd', 'nats-server.service.d', 'tocsin.conf')));
  writeFileSync(join(folder, 'tocsind.service'), to(UNIT));
  const units = ['tocsind.service', 'nats-server.service'].map((name) => join(folder, name));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units],
    { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` } });
  const said = stderr.split('\n').filter((line) => line.includes(folder) ||
    /^(tocsind|nats-server)\.service/.test(line));
  return { status, said };
}

test('systemd takes the units, and complains of one that is wrong', { skip }, () => {
  const { status, said } = complaints();
  assert.deepEqual(said, []);
  assert.equal(status, 0);
  const wrong = complaints((text) => text.replace('RestrictRealtime=', 'RestrictReal=')).said;
  assert.match(wrong.join('\n'), /RestrictReal/);
});

test('every flag that the unit or the container gives tocsind is one that it has', () => {
  const help = execFileSync(join(BIN, 'tocsind'), ['--help'], { encoding: 'utf8' });
  const known = new Set(help.match(/--[a-z-]+/g));
  const start = UNIT.match(/^ExecStart=(.*(?:\\\n.*)*)/m)[1];
  const entry = CONTAINER.slice(CONTAINER.indexOf('ENTRYPOINT'));
  const used = [...start.matchAll(/--[a-z-]+/g), ...entry.matchAll(/--[a-z-]+/g)].map(([f]) => f);
  assert.ok(used.includes('--data') && used.includes('--listen'), used.join());
  assert.deepEqual(used.filter((flag) => !known.has(flag)), []);
});

test('every flag that the runbook gives ops/nats_config is one that it has', () => {
  const help = execFileSync(join(ROOT, 'ops', 'nats_config'), ['--help'], { encoding: 'utf8' });
  const known = new Set(help.match(/--[a-z-]+/g));
  const runbook = read('README.md').replaceAll('\\\n', ' ');
  const calls = runbook.match(/ops\/nats_config .*/g).map((line) => line.replace(/#.*/, ''));
  const used = [...new Set(calls.join(' ').match(/--[a-z-]+/g))];
  assert.ok(used.includes('--machine') && used.includes('--engine'), used.join());
  assert.deepEqual(used.filter((flag) => !known.has(flag)), []);
});

test('an engine starts with tocsin.toml and what ops/nats_config puts behind it', async () => {
  const folder = scratch();
  const conf = join(folder, 'conf');
  mkdirSync(conf);
  const ca = authority();
  const its = certificate(ca, 'dashboards');
  execFileSync(join(ROOT, 'ops', 'nats_config'), [join(folder, 'nats'), '--tls-cert', 'a',
    '--tls-key', 'b', '--route-ca', 'c', '--partner', 'bank-a', '--machine', 'a=localhost',
    '--machine', 'b=b.example.org', '--machine', 'c=c.example.org', '--listen', '127.0.0.1:1']);
  const toml = read('tocsin.toml').replace('/var/lib/tocsin', folder)
    .replace('127.0.0.1:9464', '127.0.0.1:0');
  writeFileSync(join(conf, 'tocsin.toml'),
    toml + readFileSync(join(folder, 'nats', 'a.toml'), 'utf8'));
  cpSync(join(folder, 'nats', 'machines', 'a.nk'), join(conf, 'machine.nk'));
  cpSync(join(folder, 'nats', 'engine.nk'), join(conf, 'engine.nk'));
  cpSync(join(folder, 'nats', 'shared.key'), join(conf, 'shared.key'));
  cpSync(ca.certificate, join(conf, 'machines-ca.pem'));
  cpSync(its.certificate, join(conf, 'fullchain.pem'));
  cpSync(its.key, join(conf, 'privkey.pem'));
  chmodSync(join(conf, 'privkey.pem'), 0o600);
  const engine = launch({ args: ['--config', join(conf, 'tocsin.toml')] });
  // There is no server: with an empty log it waits for the order, and says why.
  const waits = (async () => {
    while (!engine.stderr.includes('cluster_not_joined')) {
      await Promise.race([engine.exited.then(() => { throw new Error(engine.stderr); }),
        new Promise((resolve) => { setTimeout(resolve, 20); })]);
    }
  })();
  await within(20_000, { toString: () => `waiting: ${engine.stderr}` }, waits);
  await engine.stop('SIGKILL');
});

test('a machine is told to install what the container installs, and that is what is linked', () => {
  const in_container = CONTAINER.match(/lib[a-z0-9.-]+(?=[ \\\n])/g).filter((name) =>
    name !== 'lib').sort();
  const runbook = read('README.md').match(/apt-get install nats-server ((?:.*\\\n)*.*)/)[1];
  assert.deepEqual(runbook.match(/lib[a-z0-9.-]+/g).sort(), in_container);
  const linked = ['tocsind', 'tocsin'].flatMap((program) =>
    [...execFileSync('ldd', [join(BIN, program)], { encoding: 'utf8' })
      .matchAll(/=> (\/\S+)/g)].map(([, file]) => file.split('/').pop()));
  for (const name of ['boost_json', 'boost_url', 'curl', 'fmt', 'nats', 'rocksdb', 'sodium', 'ssl',
                      'tomlplusplus', 'xml2']) {
    assert.ok(linked.some((file) => file.startsWith(`lib${name}.so`)), name);
    assert.ok(in_container.some((one) => one.startsWith(`lib${name.replace('_', '-')}`)), name);
  }
});

test('every file that the runbook speaks of is there', () => {
  const files = readdirSync(DEPLOY, { recursive: true });
  for (const [, name] of read('README.md').matchAll(/^\| `([^`]+)` \|/gm)) {
    assert.ok(files.includes(name), name);
  }
});
