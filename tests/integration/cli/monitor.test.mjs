// The watcher: what it finds and how it ends, in the forms that other people's watchers read.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from '../support/cap.mjs';
import { environment, make_system, tocsin } from '../support/cli.mjs';
import { BIN, scratch, start, within } from '../support/engine.mjs';
import { bulletin, EPOCH, liar } from '../support/liar.mjs';
import { people, trust_file, trust_payload } from '../support/trust.mjs';

const WAIT_MS = 60_000;
let system, engine, at;

before(async () => {
  system = await make_system(scratch());
  engine = await start({ trust: system.trust });
  at = ['--server', engine.url, '--trust', system.trust];
});

const once = (...more) => tocsin('monitor', '--once', '--patience', '0s', ...at, ...more);

test('a healthy engine is well in every form', async () => {
  const beat = await tocsin('monitor', '--once', ...at, '--format', 'nagios');
  assert.equal(beat.code, 0, beat.stdout);
  assert.match(beat.stdout,
    /^TOCSIN OK - ready: ready; trust: version 1, .*; stream: live at 0\n$/);
  const json = JSON.parse((await once('--format', 'json')).stdout);
  assert.equal(json.level, 'OK');
  assert.deepEqual(json.checks.map((check) => check.check), ['ready', 'trust', 'stream']);
  const metrics = (await once('--format', 'prometheus')).stdout;
  assert.match(metrics, /^# TYPE tocsin_monitor_level gauge$/m);
  assert.match(metrics, /^tocsin_monitor_level\{server="http:[^"]*",check="stream"\} 0$/m);
  assert.match((await once()).stdout, /^trust +OK +version 1/m);
});

test('a trust document that is nearly over is a warning and then critical', async () => {
  const later = (days) => new Date(Date.now() + days * 86_400_000).toISOString();
  const soon = await once('--format', 'nagios', '--at', later(340));
  assert.equal(soon.code, 1, soon.stdout);
  assert.match(soon.stdout, /^TOCSIN WARNING - trust: the trust document expires in/);
  const over = await once('--format', 'nagios', '--at', later(400));
  assert.equal(over.code, 2, over.stdout);
  assert.match(over.stdout, /^TOCSIN CRITICAL - trust: THE TRUST DOCUMENT EXPIRED/);
  assert.equal(soon.stderr + over.stderr, '');  // some checkers take it for a part of the report
  assert.equal((await once('--at', later(400))).code, 1);
});

test('an engine that is not there is critical and exit code 3 but in nagios', async () => {
  const gone = ['--server', 'http://127.0.0.1:1'];
  const text = await tocsin('monitor', '--once', ...gone);
  assert.equal(text.code, 3);
  const nagios = await tocsin('monitor', '--once', '--format', 'nagios', ...gone);
  assert.equal(nagios.code, 2);
  assert.match(nagios.stdout, /^TOCSIN CRITICAL - ready: no engine answers/);
  assert.equal((await tocsin('monitor', '--every', 'soon')).code, 2);
});

test('a watcher that stays says when the engine goes', async () => {
  const other = await start({ trust: system.trust });
  const child = spawn(join(BIN, 'tocsin'), ['monitor', '--every', '1s', '--format', 'json',
    '--server', other.url, '--trust', system.trust], { env: { ...process.env, ...environment } });
  const levels = [];
  const until = (level) => within(WAIT_MS, level, new Promise((resolve) => {
    const look = () => levels.includes(level) && resolve();
    child.stdout.on('data', look);
    look();
  }));
  let rest = '';
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) levels.push(JSON.parse(line).level);
  });
  await until('OK');
  await other.stop('SIGKILL');
  await until('CRITICAL');
  child.kill();
});

/** A watcher that stays beside a liar; `until(holds)` waits for rounds that it said. */
async function staying(play, ready) {
  const keys = people();
  const trust = join(scratch(), 'trust.json');
  writeFileSync(trust, trust_file(trust_payload(keys), [keys.root]));
  const answer = (request, response) => {
    if (request.url !== '/readyz') return false;
    response.end(JSON.stringify({ ready: true, problems: [], warnings: [], epoch: EPOCH,
                                  ...ready() }));
    return true;
  };
  const server = await liar(keys, (stream) => play({ ...stream, keys }), { answer });
  const child = spawn(join(BIN, 'tocsin'), ['monitor', '--every', '1s', '--format', 'json',
    '--server', server.url, '--trust', trust], { env: { ...process.env, ...environment } });
  const rounds = [];
  let rest = '', look = () => {};
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      rounds.push(JSON.parse(line).checks.find(({ check }) => check === 'stream'));
    }
    look();
  });
  const until = (holds) => within(2 * WAIT_MS, 'what the watcher says', new Promise((resolve) => {
    look = () => holds(rounds) && resolve();
    look();
  }));
  const close = () => {
    child.kill();
    server.close();
  };
  return { rounds, until, close };
}

test('an alert between two beats is no lag', async () => {
  let head = 3, tell;
  const { rounds, until, close } = await staying(({ hello, live, say, keys }) => {
    hello();
    live(3);
    tell = () => say(bulletin(++head, alert(), [keys.ann]));
  }, () => ({ head }));
  await until(({ length }) => length > 0);
  tell();
  await until(() => rounds.some(({ detail }) => detail === 'live at 4'));
  // One that its filters keep from this stream: its head is heard of at the next beat.
  ++head;
  const before_it = rounds.length;
  await until(({ length }) => length > before_it + 3);
  assert.deepEqual(rounds.filter(({ level }) => level !== 'OK'), []);
  close();
});

test('what was missed is said once and asked for, and silence is said and left', async () => {
  const visits = [];
  const { rounds, until, close } = await staying(({ hello, live, beat, query }) => {
    visits.push(query);
    hello();
    live(visits.length === 1 ? 3 : 4);
    if (visits.length !== 2) beat(4);
  }, () => ({ head: 3 }));
  const critical = () => rounds.filter(({ level }) => level === 'CRITICAL');
  await until(() => critical().length > 0 && rounds.at(-1).level === 'OK');
  assert.deepEqual(critical().map(({ detail }) => detail),
    ['a beat named an alert that never came']);
  assert.deepEqual(visits, ['/v1/stream', `/v1/stream?after=${EPOCH}:3`]);
  await until(() => visits.length > 2);
  await until(() => rounds.at(-1).level === 'OK');
  assert.equal(critical().at(-1).detail, 'no beat of the stream was heard in time');
  close();
});
