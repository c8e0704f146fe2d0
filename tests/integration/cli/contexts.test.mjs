// Named engines, and whose token reads there.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { done, environment, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { scratch, start } from '../support/engine.mjs';
import { EPOCH } from '../support/liar.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
let system, engine;

before(async () => {
  system = await make_system(folder);
  engine = await start({ trust: system.trust });
});

test('a context is used until a flag or another one says otherwise', async () => {
  await done('context', 'add', 'drill', '--server', engine.url, '--trust', system.trust);
  await done('context', 'add', 'gone', '--server', 'http://127.0.0.1:1', '--trust', system.trust);
  assert.equal((await tocsin('status', '--context', 'gone')).code, 3);
  const used = await tocsin('context', 'use', 'drill');
  assert.match(used.stderr, /From now on: drill \(exercise\)/);
  assert.match(await done('status'), /system +exercise-demo/);
  assert.equal((await tocsin('status', '--server', 'http://127.0.0.1:1')).code, 3);
  const listed = (await done('context', 'list', '--json')).trim().split('\n').map(JSON.parse);
  assert.deepEqual(listed.map(({ context, used, kind }) => [context, used, kind]),
    [['drill', true, 'exercise'], ['gone', false, 'exercise']]);
  assert.match(await done('context', 'list'), /^\* drill/m);
  const kept = join(environment.XDG_CONFIG_HOME, 'tocsin', 'contexts.toml');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
});

test('a command that sends says first where it is about to act', async () => {
  await done('alert', 'draft', '--key', system.first, '--out', file('a.xml'), '--event', 'Fire',
    '--category', 'Fire', '--urgency', 'Immediate', '--severity', 'Minor', '--certainty',
    'Observed', '--headline', 'Smoke', '--area-desc', 'Camden', '--area', 'E09000007');
  await done('alert', 'sign', file('a.xml'), '--key', system.first, ...with_passphrase);
  const { code, stdout, stderr } = await tocsin('alert', 'send', file('a.signed'));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^context drill: exercise system exercise-demo at http/);
  assert.match(stdout, /^seq {2}1\n/);
});

test('a context that is not there or not whole is wrong usage', async () => {
  for (const args of [['status', '--context', 'nobody'], ['context', 'use', 'nobody'],
                      ['context', 'remove', 'nobody'],
                      ['context', 'add', 'a b', '--server', engine.url],
                      ['context', 'add', 'ab', '--server', 'nowhere'],
                      ['context', 'add', 'ab', '--server', engine.url, '--root', 'zz']]) {
    const { code, stderr } = await tocsin(...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
  }
  const root = await tocsin('context', 'add', 'ab', '--server', engine.url, '--trust',
    system.trust, '--root', 'ab'.repeat(32));
  assert.equal(root.code, 5, 'a document that its root has not signed is not kept');
  const taken = await tocsin('context', 'add', 'drill', '--server', engine.url);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /there is a context drill already.*context remove drill/s);
  await done('context', 'remove', 'gone');
  assert.equal((await tocsin('context', 'use', 'gone')).code, 2);
});

test('a token comes from a file of its owner and is sent to this machine alone', async () => {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push([request.url.split('?')[0], request.headers.authorization]);
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson',
                              'Tocsin-Position': `${EPOCH}:0` });
    response.end(request.url === '/v1/trust' ? readFileSync(system.trust) : '');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  writeFileSync(file('token'), 'tok-123_456\n', { mode: 0o600 });
  await done('context', 'add', 'mine', '--server', url, '--trust', system.trust, '--token-file',
    file('token'));
  assert.equal((await tocsin('alert', 'list', '--context', 'mine')).code, 0);
  const asked = () => seen.findLast(([path]) => path === '/v1/alerts');
  assert.deepEqual(asked(), ['/v1/alerts', 'Bearer tok-123_456']);
  await tocsin('alert', 'show', '1', '--context', 'mine');
  assert.deepEqual(seen.pop(), ['/v1/alerts/1', 'Bearer tok-123_456']);
  await tocsin('alert', 'watch', '--context', 'mine');
  assert.deepEqual(seen.pop(), ['/v1/stream', 'Bearer tok-123_456']);
  // It is for that engine: another --server does not get it.
  await tocsin('alert', 'list', '--context', 'mine', '--server', url.replace('127.0.0.1',
    'localhost'));
  assert.deepEqual(asked(), ['/v1/alerts', undefined]);
  server.close();

  const far = await tocsin('alert', 'list', '--server', 'http://192.0.2.1', '--token-file',
    file('token'), '--trust', system.trust);
  assert.equal(far.code, 2);
  assert.match(far.stderr, /for everybody to read/);
  chmodSync(file('token'), 0o640);
  const open = await tocsin('alert', 'list', '--context', 'mine');
  assert.equal(open.code, 2);
  assert.match(open.stderr, /may be read by others[^]*chmod 600/);
  assert.doesNotMatch(open.stderr + far.stderr, /tok-123/);
  assert.doesNotMatch(readFileSync(join(environment.XDG_CONFIG_HOME, 'tocsin', 'contexts.toml'),
    'utf8'), /tok-123/);
});
