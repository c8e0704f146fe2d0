// The command line against the real engine: send, read, watch through a kill, cancel.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel as cancel_of } from '../support/cap.mjs';
import { done, make_system, tocsin, with_passphrase } from '../support/cli.mjs';
import { sealed, sha256_hex } from '../support/dsse.mjs';
import { BIN, launch, scratch, start, within } from '../support/engine.mjs';
import { liar } from '../support/liar.mjs';
import { people, trust_file, trust_payload } from '../support/trust.mjs';

const folder = scratch();
const file = (name) => join(folder, name);
const WAIT_MS = 60_000;
let system, engine, at, trust;

before(async () => {
  system = await make_system(folder);
  engine = await start({ trust: system.trust });
  at = ['--server', engine.url];
  trust = ['--trust', system.trust];
});

let count = 0;
/** A signed alert of one holder's severity; the name of its file. */
async function signed(headline, { severity = 'Moderate', more = [] } = {}) {
  const name = `alert-${++count}`;
  await done('alert', 'draft', ...trust, '--key', system.first, '--out', file(`${name}.xml`),
    '--event', 'Flood', '--category', 'Met', '--urgency', 'Expected', '--severity', severity,
    '--certainty', 'Likely', '--headline', headline, '--instruction', 'Move to higher ground.',
    '--area-desc', 'Camden', '--area', 'E09000007', ...more);
  await done('alert', 'sign', file(`${name}.xml`), ...trust, '--key', system.first,
    ...with_passphrase);
  return file(`${name}.signed`);
}
const objects = (lines) => lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const send = async (name) => JSON.parse(await done('alert', 'send', name, ...at, '--json'));
const cancel = (name, ...more) => tocsin('alert', 'cancel', String(name),
  '--reason', 'The river has gone down.', '--key', system.second,
  ...with_passphrase, ...at, ...more);
const cancelled = async (...more) => {
  const { code, stdout, stderr } = await cancel(...more);
  assert.equal(code, 0, stderr);
  return stdout;
};

test('an alert is sent, repeated without harm, listed and shown as it was signed', async () => {
  const name = await signed('River rising');
  const sent = await send(name);
  assert.equal(sent.repeat, false);
  const repeat = await send(name);
  assert.deepEqual(repeat, { ...sent, repeat: true });
  // Whoever repeats it to see who has it was not there when it went out.
  const waiting = await tocsin('alert', 'send', name, ...at, '--wait', '10s', '--json');
  assert.doesNotMatch(waiting.stderr, /treat it as not received/);
  const seen = objects(waiting.stdout).find(({ event }) => event === 'seen');
  assert.deepEqual({ seq: seen.seq, on: seen.on }, { seq: sent.seq, on: 'list' });

  const listed = await tocsin('alert', 'list', ...at, ...trust, '--json');
  assert.equal(listed.code, 0, listed.stderr);
  const mine = objects(listed.stdout).find((object) => object.id === sent.id);
  assert.equal(mine.seq, sent.seq);
  assert.equal(mine.verified, true);
  assert.equal(mine.headline, 'River rising');
  writeFileSync(file('listed.ndjson'), listed.stdout);
  assert.equal((await tocsin('verify', file('listed.ndjson'), ...trust)).code, 0);

  for (const which of [String(sent.seq), sent.id]) {
    assert.equal(await done('alert', 'show', which, '--xml', ...at, ...trust),
      readFileSync(name.replace('.signed', '.xml'), 'utf8'));
  }
  const text = await done('alert', 'show', String(sent.seq), ...at, ...trust);
  assert.match(text, /^EXERCISE on system exercise-demo\n/);
  assert.match(text, /Move to higher ground\./);
  assert.match(text, /signed by +reed \(verified\)/);
});

test('without a trust file nothing is called verified without saying by whose word', async () => {
  await send(await signed('By whose word'));
  const listed = await tocsin('alert', 'list', ...at);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stderr, /only as good as the engine/);
  for (const line of listed.stdout.trim().split('\n')) {
    assert.match(line, /the engine's own document only/);
  }
  const one = JSON.parse((await done('alert', 'list', '--json', '--limit', '1', ...at)).trim());
  assert.equal(one.trust, 'engine');
});

test('a list is as long as asked and goes on from a position', async () => {
  for (const each of ['one', 'two', 'three']) await send(await signed(each));
  const numbers = async (...more) =>
    objects(await done('alert', 'list', ...at, ...trust, '--json', ...more)).map((o) => o.seq);
  const all = await numbers();
  assert.deepEqual(await numbers('--limit', '2'), all.slice(0, 2));
  const { epoch } = JSON.parse(await done('status', ...at, '--json'));
  assert.deepEqual(await numbers('--after', `${epoch}:${all[1]}`), all.slice(2));
});

test('one person stops an alert and it is active no more', async () => {
  const sent = await send(await signed('To be stopped'));
  const active = async () =>
    objects(await done('alert', 'list', '--active', ...at, ...trust, '--json')).map((o) => o.id);
  assert.ok((await active()).includes(sent.id));
  const stopped = await cancel(sent.seq, ...trust, '--json');
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.ok(!(await active()).includes(sent.id));
  const { seq } = JSON.parse(stopped.stdout);
  const shown = await done('alert', 'show', String(seq), ...at, ...trust);
  assert.match(shown, /Cancel, Public/);
  assert.match(shown, /The river has gone down\./);
  const of_cancel = await cancel(seq, ...trust);
  assert.equal(of_cancel.code, 1);
  assert.match(of_cancel.stderr, /itself a Cancel/);
});

test('what is cancelled already is cancelled again only where that is said', async () => {
  const sent = await send(await signed('To be stopped twice'));
  const head = async () => JSON.parse(await done('status', ...at, '--json')).head;
  const stopped = JSON.parse(await cancelled(sent.seq, ...trust, '--json'));
  const before = await head();
  const twice = await cancel(sent.seq, ...trust);
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, new RegExp(`cancelled already, by alert ${stopped.seq}:[^]*` +
    '\\s+next: to tell them all once more, in other words, say --again'));
  assert.equal(await head(), before);
  await cancelled(sent.seq, ...trust, '--again');
  assert.equal(await head(), before + 1);
});

test('a Cancel is shown as what it stops and why, whatever else stands in it', async () => {
  const other = await start();
  const { keys } = other;
  const stopped = alert();
  await other.admit(stopped, keys.ann);
  const { seq } = await other.admit(cancel_of([stopped], { severity: 'Extreme',
    headline: 'EXTREME RUN', instruction: 'Leave your house.', description: 'Get out.',
    event: 'Explosion' }), keys.canceller);
  const { code, stdout, stderr } = await tocsin('alert', 'show', String(seq), '--server',
    other.url, '--trust', other.trust);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^message +Cancel, Public$/m);
  const [named, , sent] = [...stopped.toString().matchAll(/<(?:identifier|sender|sent)>([^<]*)/g)]
    .map((found) => found[1]);
  assert.match(stdout, new RegExp(`^cancels +${named}, sent ${sent.slice(0, 19)}`, 'm'));
  assert.match(stdout, /^reason +The river has gone down\.$/m);
  assert.doesNotMatch(stdout, /RUN|Leave|Get out|Explosion|EXTREME|Camden|expires/);
  await other.stop();
});

test('a refusal says why and what to do next', async () => {
  const severe = await send_raw(await signed('Severe', { severity: 'Severe' }));
  assert.equal(severe.code, 1);
  assert.match(severe.stderr, /refused \(needs_approval\)/);
  assert.match(severe.stderr, /could sign: okafor/);
  assert.match(severe.stderr, /next: .*alert approve/);
  const old = await send_raw(await signed('Old', { more: ['--at', '2026-01-01T00:00:00Z'] }));
  assert.equal(old.code, 1);
  assert.match(old.stderr, /refused \((too_old|expired)\)/);
  assert.equal((await tocsin('alert', 'show', '999999', ...at, ...trust)).code, 1);
  assert.equal((await tocsin('alert', 'watch', '--area', 'nowhere', ...at, ...trust)).code, 1);
});
const send_raw = (name) => tocsin('alert', 'send', name, ...at);

test('an engine that is not there is exit code 3', async () => {
  const gone = ['--server', 'http://127.0.0.1:1'];
  const name = await signed('Nobody there');
  for (const command of [['alert', 'send', name], ['alert', 'list', ...trust],
                         ['alert', 'watch', ...trust], ['alert', 'show', '1', ...trust],
                         ['status']]) {
    const { code, stderr } = await tocsin(...command, ...gone);
    assert.equal(code, 3, `${command.join(' ')}: ${stderr}`);
  }
});

test('an answer about something else is no yes and cannot act on the terminal', async () => {
  const answers = [
    [201, { seq: 1, epoch: '0'.repeat(16), id: '0'.repeat(64), at: '2026-11-21T12:00:00Z' }, 3],
    [422, { title: '\x1b[2J', detail: 'x\u202e', code: 'invalid_alert',
            errors: [{ rule: '\x07' }] }, 1],
    [500, '\x1b[31m', 1],
  ];
  const name = await signed('To nobody');
  for (const [status, body, code] of answers) {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(body)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const sent = await tocsin('alert', 'send', name, '--server',
      `http://127.0.0.1:${server.address().port}`);
    server.close();
    assert.equal(sent.code, code, sent.stderr);
    assert.equal(sent.stdout, '');
    assert.doesNotMatch(sent.stderr, /[\x1b\x07\u202e]/);
  }
});

test('who sends without a document hears all the same that the engine\'s expired', async () => {
  const late = ['--at', '2031-01-01T00:00:00Z'];
  const sent = await tocsin('alert', 'send', await signed('Sent late'), ...at, ...late);
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal((sent.stderr.match(/THE TRUST DOCUMENT EXPIRED/g) ?? []).length, 1, sent.stderr);
  assert.doesNotMatch((await send_raw(await signed('Sent in time'))).stderr, /EXPIRE/);
});

test('status tells readiness, the log and the trust document', async () => {
  const status = JSON.parse(await done('status', ...at, '--json'));
  assert.equal(status.ready, true);
  assert.match(status.epoch, /^[0-9a-f]{16}$/);
  assert.equal(status.trust.version, 1);
  assert.equal(status.trust.expired, false);
  assert.match(await done('status', ...at), /system +exercise-demo \(exercise\)\n/);
});

test('a trust document of somebody else makes nothing verify', async () => {
  const other = await make_system(scratch());
  const listed = await tocsin('alert', 'list', ...at, '--trust', other.trust);
  assert.equal(listed.code, 5);
  assert.match(listed.stdout, /NOT VERIFIED, not shown/);
  assert.doesNotMatch(listed.stdout, /River rising/);
  assert.equal((await cancel(1, '--trust', other.trust)).code, 5);
});

/** `tocsin alert watch --json`, its objects and its talk as they come. */
class Watch {
  constructor(...more) {
    this.child = spawn(join(BIN, 'tocsin'), ['alert', 'watch', '--json', ...trust, ...more]);
    this.objects = [];
    this.talk = '';
    this.waiting = [];
    let rest = '';
    this.child.stdout.on('data', (data) => {
      rest += data;
      const lines = rest.split('\n');
      rest = lines.pop();
      for (const line of lines) this.objects.push(JSON.parse(line));
      this.look();
    });
    this.child.stderr.on('data', (data) => { this.talk += data; this.look(); });
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }
  look() { this.waiting = this.waiting.filter(([met, resolve]) => !(met() && (resolve(), true))); }
  until(what, met) {
    const promise = new Promise((resolve) => this.waiting.push([met, resolve]));
    this.look();
    return within(WAIT_MS, `${what}; so far ${JSON.stringify(this.objects)} ${this.talk}`, promise);
  }
  alerts() { return this.objects.filter((object) => object.type === 'alert'); }
  has(id) {
    return this.until(`alert ${id}`, () => this.alerts().some((alert) => alert.id === id));
  }
  times(type, wanted) {
    return this.until(`${wanted} times ${type}`,
      () => this.objects.filter((object) => object.type === type).length >= wanted);
  }
  says(words) { return this.until(`${words}`, () => words.test(this.talk)); }
  async stop() { this.child.kill(); await this.ended; }
}

test('watch loses nothing and says when it is not live while the engine is killed', async () => {
  const watch = new Watch(...at);
  await watch.times('live', 1);
  const one = await send(await signed('Before the kill'));
  await watch.has(one.id);
  assert.equal(watch.alerts().at(-1).verified, true);

  await engine.stop('SIGKILL');
  await watch.times('not_live', 1);
  await watch.says(/NOT LIVE since/);
  const listen = `127.0.0.1:${engine.port}`;
  const again = launch({ data: engine.data, trust: system.trust, listen });
  await within(WAIT_MS, 'the engine again', again.ready);
  engine = Object.assign(again, { url: engine.url, port: engine.port });
  const two = await send(await signed('After the kill'));
  await watch.has(two.id);
  await watch.times('live', 2);
  await watch.says(/Live again/);
  assert.deepEqual(watch.alerts().map((alert) => alert.id), [one.id, two.id]);
  await watch.stop();
});

test('watch begins where it is told to', async () => {
  const all = new Watch(...at, '--after', '0');
  await all.times('live', 1);
  const listed = objects(await done('alert', 'list', ...at, ...trust, '--json'));
  assert.deepEqual(all.alerts().map((alert) => alert.seq), listed.map((alert) => alert.seq));
  await all.stop();

  const gap = new Watch(...at, '--after', '0123456789abcdef:5');
  await gap.times('gap', 1);
  await gap.says(/GAP/);
  await gap.stop();
});

test('no word of an engine acts on the terminal', async () => {
  const keys = people();
  const named = join(scratch(), 'trust.json');
  writeFileSync(named, trust_file(trust_payload(keys), [keys.root]));
  const foul = '\u001b[31m\u009b2J\u202e';
  const server = await liar(keys, ({ hello, live, socket }) => {
    hello({ epoch: foul, system: foul, gap: { from: foul }, recovered: false });
    live(3);
    socket.close(4401, `go ${foul}`);
  }, { answer: (request, response) => {
    if (request.url === '/readyz') {
      response.end(JSON.stringify({ ready: true, problems: [foul], epoch: foul, head: 3 }));
    } else if (request.method === 'POST') {
      response.writeHead(201).end(JSON.stringify({ seq: 4, epoch: foul, at: foul,
        id: sha256_hex(document) }));
    } else return false;
    return true;
  } });
  const document = alert();
  const signed = join(scratch(), 'one.signed');
  writeFileSync(signed, sealed(document, [keys.ann]));
  for (const words of [['alert', 'watch'], ['alert', 'watch', '--json'], ['status'],
    ['status', '--json'], ['alert', 'send', signed], ['alert', 'send', signed, '--json']]) {
    const { stdout, stderr } = await tocsin(...words, '--server', server.url, '--trust', named);
    assert.doesNotMatch(stdout + stderr, /[\u001b\u009b\u202e]/, words.join(' '));
    assert.notEqual(stdout + stderr, '');
  }
  server.close();
});
