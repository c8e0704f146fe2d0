// Whoever answers at the address is no engine, or another system's, or one that stands still: no
// command takes what it says for "all is well".
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from '../support/cap.mjs';
import { done, environment, tocsin } from '../support/cli.mjs';
import { sealed } from '../support/dsse.mjs';
import { BIN, scratch, within } from '../support/engine.mjs';
import { bulletin, EPOCH, liar } from '../support/liar.mjs';
import { in_days, people, public_part, trust_file, trust_payload } from '../support/trust.mjs';

const WAIT_MS = 120_000;
const folder = scratch();
const keys = people();
const ours = trust_file(trust_payload(keys), [keys.root]);
const trust = join(folder, 'trust.json');
const signed = join(folder, 'one.signed');
writeFileSync(trust, ours);
writeFileSync(signed, sealed(alert(), [keys.ann]));

/** What `tocsin …` does beside a liar that answers so, and asks so often. */
async function beside(answer, words, options = {}) {
  let asked = 0;
  const counted = (request, response) => (++asked, answer(request, response));
  const server = await liar(keys, () => {}, { trust: ours, ...options, answer: counted });
  const ended = await tocsin(...words, '--server', server.url, '--trust', trust);
  server.close();
  return { ...ended, asked };
}

const path_of = ({ url }) => url.split('?')[0];
/** Lists as given, and else what the liar says by itself. */
const lists = (positions, lines = '') => (request, response) => {
  if (path_of(request) !== '/v1/alerts') return false;
  const position = positions(request);
  response.writeHead(200, position === null ? {} : { 'Tocsin-Position': position }).end(lines);
  return true;
};
const redirect = (request, response) => {
  response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
  return true;
};
const page = (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in</html>');
  return true;
};

test('a redirect and a page are no answer to any command', async () => {
  for (const words of [['alert', 'list', '--active'], ['alert', 'list'], ['alert', 'watch'],
                       ['alert', 'show', '1'], ['alert', 'send', signed], ['status']]) {
    const { code, stdout, stderr } = await beside(redirect, words);
    assert.equal(code, 3, `${words.join(' ')}: ${stdout}${stderr}`);
    assert.match(stderr, /not? .*engine's/);
    assert.doesNotMatch(stderr, /Nothing is active|nothing to list|Live on/);
    assert.equal(stdout, '');
  }
  for (const words of [['alert', 'list', '--active'], ['alert', 'list'], ['alert', 'send', signed],
                       ['alert', 'send', signed, '--dry-run']]) {
    const { code, stdout, stderr } = await beside(page, words);
    assert.equal(code, 3, `${words.join(' ')}: ${stdout}${stderr}`);
    assert.doesNotMatch(stderr, /Nothing is active|nothing to list/);
  }
});

test('a list says where it stands, moves forward and comes to an end', async () => {
  const step = (by) => ({ url }) => {
    const after = Number(/%3A(\d+)|:(\d+)/.exec(url)?.slice(1).find(Boolean) ?? 5000);
    return `${EPOCH}:${after + by}`;
  };
  const epochs = ['0', 'a'].map((digit) => digit.repeat(16));
  for (const [what, positions] of [['none', () => null], ['no position', () => 'there'],
    ['without end', step(1)], ['backwards', step(-1)],
    ['another log', ({ url }) => `${url.includes(epochs[0]) ? epochs[1] : epochs[0]}:7`]]) {
    const { code, stdout, stderr, asked } = await beside(lists(positions), ['alert', 'list']);
    assert.equal(code, 3, `${what}: ${stdout}${stderr}`);
    assert.match(stderr, /the answer is not an engine's/);
    assert.doesNotMatch(stderr, /nothing to list/);
    assert.ok(asked < 1100, `${what}: asked ${asked} times`);
  }
  // Pages without an alert that concerns the reader are none of that.
  const end = 900;
  const { code, stderr } = await beside(
    lists((request) => `${EPOCH}:${Math.min(Number(step(1)(request).split(':')[1]), 5000 + end)}`),
    ['alert', 'list']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /There is nothing to list/);
});

test('nothing is active only where the engine of that system says so', async () => {
  const nothing = lists(() => `${EPOCH}:3`);
  const other = people();
  const impostor = trust_file(trust_payload(other), [other.root]);
  const served = (changes) => trust_file(trust_payload(keys, changes), [keys.root]);
  const active = ['alert', 'list', '--active'];
  for (const [words, theirs] of [
    [/engine speaks for the exercise system other-drill, and --trust is of the exercise system/,
      served({ system: 'other-drill' })],
    [/engine speaks for the live system exercise-test/, served({ kind: 'live' })],
    [/both version 1 and say different things/, served({ expires: '2099-01-01T00:00:00Z' })],
    [/engine's trust document does not hold/, impostor],
    [/engine's trust document does not hold/, '<html>'],
  ]) {
    const { code, stderr } = await beside(nothing, active, { trust: theirs });
    assert.equal(code, 5, `${words}: ${stderr}`);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /Nothing is active/);
  }
  for (const version of [1, 2]) {
    const theirs = version === 1 ? ours : served({ version });
    const { code, stderr } = await beside(nothing, active, { trust: theirs });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Nothing is active/);
  }
});

const begun = [];
after(() => begun.forEach((end) => end()));

/** A liar that plays streams and says that it is ready; it ends with the test file. */
async function playing(play, options = {}) {
  const timers = [];
  const ready = (request, response) => {
    if (request.url !== '/readyz') return options.answer?.(request, response) ?? false;
    response.end(JSON.stringify({ ready: true, problems: [], epoch: EPOCH, head: 3 }));
    return true;
  };
  const each_second = (what) => timers.push(setInterval(what, 1000));
  const server = await liar(keys, (stream) => play({ ...stream, each_second }),
    { trust: ours, ...options, answer: ready });
  begun.push(() => {
    timers.forEach(clearInterval);
    server.close();
  });
  return server;
}

/** `tocsin …` beside that server; answers with a wait until it has said something. */
function running(server, words, trusted = ['--trust', trust]) {
  const child = spawn(join(BIN, 'tocsin'), [...words, '--server', server.url, ...trusted],
    { env: { ...process.env, ...environment } });
  begun.push(() => child.kill());
  let said = '', look = () => {};
  const hear = (data) => {
    said += data;
    look();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return (what) => within(WAIT_MS, `${what}`, new Promise((resolve) => {
    look = () => what.test(said) && resolve(said);
    look();
  }));
}

test('a stream that says anything but beats is not live', async () => {
  const server = await playing(({ hello, live, say, each_second }) => {
    hello();
    live(3);
    each_second(() => say({ type: 'later' }));
  });
  const watch = running(server, ['alert', 'watch']);
  const monitor = running(server, ['monitor', '--every', '1s', '--format', 'json']);
  await Promise.all([
    watch(/Live on system[^]*NOT LIVE since .*: no beat was heard for 40 s/),
    monitor(/live at 3[^]*CRITICAL","detail":"no beat of the stream was heard in time/),
  ]);
});

test('the watcher and status are content with the right system and its roots alone', async () => {
  const other = people();
  const served = (changes, who = keys) => trust_file(trust_payload(who, changes), [who.root]);
  const of = (changes) => ({ hello, live, beat }) => (hello(changes), live(3), beat(3));
  const far = { expires: in_days(300) };
  const sound = served(far);
  writeFileSync(join(folder, 'far.json'), sound);
  const both = async (theirs, play = of({})) => {
    const server = await playing(play, { trust: theirs });
    const at = ['--server', server.url, '--trust', join(folder, 'far.json')];
    return {
      monitor: await tocsin('monitor', '--once', '--patience', '5s', '--format', 'nagios', ...at),
      status: await tocsin('status', ...at),
    };
  };
  const good = await both(sound);
  assert.match(good.monitor.stdout, /^TOCSIN OK/);
  assert.equal(good.status.code, 0, good.status.stderr);
  const follows = await both(served({ ...far, version: 2 }));
  assert.match(follows.monitor.stdout, /^TOCSIN OK/);
  assert.match(follows.status.stderr, /--trust is version 1, the engine's is 2/);
  for (const [theirs, words] of [
    [served({ ...far, system: 'other-drill' }), /speaks for the exercise system other-drill/],
    [served({ ...far, kind: 'live' }), /speaks for the live system exercise-test/],
    [served(far, other), /trust document does not hold/],
    [served({ ...far, version: 2 }, other), /trust document does not hold/],
    [served({ ...far, rate: 1 }), /both version 1 and say different things/],
  ]) {
    const { monitor, status } = await both(theirs);
    assert.equal(monitor.code, 2, monitor.stdout);
    assert.match(monitor.stdout, words);
    assert.equal(status.code, 5, status.stdout);
    assert.match(status.stderr, words);
    assert.equal(status.stdout, '');
  }
  for (const changes of [{ system: 'other-drill' }, { kind: 'live' }]) {
    const { monitor } = await both(sound, of(changes));
    assert.equal(monitor.code, 2, monitor.stdout);
    assert.match(monitor.stdout, /stream: the stream is of the .* system .*, and not of the exer/);
  }
});

test('a context without a document holds the engine to its roots', async () => {
  const other = people();
  for (const [who, code, critical] of [[keys, 0, false], [other, 5, true]]) {
    const server = await playing(({ hello, live, beat }) => (hello(), live(3), beat(3)),
      { trust: trust_file(trust_payload(who, { expires: in_days(300) }), [who.root]) });
    const name = `roots-${code}`;
    await done('context', 'add', name, '--server', server.url, '--root', keys.root.keyid);
    const status = await tocsin('status', '--context', name);
    assert.equal(status.code, code, status.stderr);
    const monitor = await tocsin('monitor', '--once', '--patience', '5s', '--format', 'nagios',
      '--context', name);
    assert.equal(/trust: the engine's trust document does not hold/.test(monitor.stdout), critical,
      monitor.stdout);
    assert.equal(monitor.code, critical ? 2 : 0, monitor.stdout);
  }
});

test('while it is connected, watch asks what became of keys every 20 beats', async () => {
  const first = trust_payload(keys, { expires: in_days(300) });
  let document = trust_file(first, [keys.root]);
  let asked = 0, say_alert;
  const server = await playing(({ hello, live, beat, say }) => {
    hello();
    live(3);
    // Ben's key goes now; nothing but asking tells the reader, who knows it well.
    document = trust_file({ ...first, version: 2, expires: in_days(3),
      revoked: [{ keyid: keys.ben.keyid, since: in_days(-1), reason: 'Stolen.' }] }, [keys.root]);
    for (let count = 0; count < 19; ++count) beat(3);
    say(bulletin(4, alert(), [keys.ben]));
    beat(4);
    say_alert = () => say(bulletin(5, alert(), [keys.ben]));
  }, { answer: (request, response) => {
    if (request.url === '/v1/trust') response.end(document);
    else if (request.url === '/v1/trust/revocations') {
      response.end();
      if (++asked === 2) say_alert();
    } else return false;
    return true;
  } });
  const watch = running(server, ['alert', 'watch', '--json'], []);
  const said = await watch(/THE TRUST DOCUMENT EXPIRES in[^]*"seq":5[^]*\n/);
  const verified = said.split('\n').filter((line) => line.startsWith('{"type":"alert"'))
    .map((line) => JSON.parse(line)).map(({ seq, verified }) => [seq, verified]);
  assert.deepEqual(verified, [[4, true], [5, false]]);
});

test('a trust file that is swapped under a running watch is held to the one known', async () => {
  const impostors = people(), file = join(folder, 'swapped.json');
  const of = (who, root, changes = {}) =>
    trust_file(trust_payload(who, { expires: in_days(300), ...changes }), [root]);
  const theirs = { ...keys, ben: impostors.ben };
  for (const [swapped, verified] of [
    [of(impostors, impostors.root), false],
    [of(impostors, impostors.root, { version: 2 }), false],
    [of(theirs, keys.root), false],  // the same version with other people in it
    [of(theirs, keys.root, { version: 2 }), true],
  ]) {
    writeFileSync(file, of(keys, keys.root));
    const server = await playing(({ hello, live, say }) => {
      hello();
      live(3);
      writeFileSync(file, swapped);
      say(bulletin(4, alert(), [impostors.ben]));
    });
    const watch = running(server, ['alert', 'watch', '--json'], ['--trust', file]);
    const said = await watch(/"seq":4[^]*\n/);
    const [line] = said.split('\n').filter((one) => one.startsWith('{"type":"alert"'));
    assert.equal(JSON.parse(line).verified, verified, said);
    assert.equal(/does not follow the one known, which stays/.test(said), !verified, said);
  }
});

test('an engine whose roots were replaced since is told from one that is another', async () => {
  const changed = { version: 2, expires: in_days(300),
    root: { threshold: 1, keys: [public_part(keys.second_root)] } };
  const file = join(folder, 'rotated.json');
  const both = [keys.root, keys.second_root];
  writeFileSync(file, trust_file(trust_payload(keys, changed), both));
  const other = people();
  for (const [who, words] of [
    [keys, /has not heard yet that its roots were replaced/],
    [other, /trust document does not hold/],
  ]) {
    const server = await playing(({ hello, live, beat }) => (hello(), live(3), beat(3)),
      { trust: trust_file(trust_payload(who, { expires: in_days(300) }), [who.root]) });
    const status = await tocsin('status', '--server', server.url, '--trust', file);
    assert.equal(status.code, 5, status.stdout);
    assert.match(status.stderr, words);
    assert.equal(status.stdout, '');
  }
});
