// The partner of ops/verify/ beside engines that say odd things: nothing of it ends the partner or
// becomes a name or a number, and what was revoked stays revoked.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cap_time } from './support/cap.mjs';
import { sealed } from './support/dsse.mjs';
import { scratch } from './support/engine.mjs';
import { bulletin, EPOCH, liar } from './support/liar.mjs';
import { Partner } from './support/partner.mjs';
import { in_days, people, trust_file, trust_payload } from './support/trust.mjs';

const OTHER_EPOCH = '00000000000000a1';
const REVOCATION_TYPE = 'application/vnd.tocsin.revocation+json';
const QUICK = ['--pause', '0.01'];
const HOUR_MS = 3600 * 1000;

test('what is no sequence, id or epoch becomes no name, and ends nothing', async () => {
  const keys = people();
  const sound = bulletin(4, alert(), [keys.ann]);
  const wrong_sequences = ['../../escaped', true, false, 0, -1, 1.5, 2 ** 53, '4', null, [], {}];
  const odd = [
    ...wrong_sequences.map((seq) => ({ ...sound, seq })),
    ...['../../escaped', sound.id.toUpperCase(), null, 7, `${sound.id}\n`]
      .map((id) => ({ ...sound, id })),
    ...['4', true, -1, 2 ** 53].map((seq) => ({ type: 'live', seq })),
    ...['4', true, -1, null].map((last) => ({ type: 'beat', head: 3, last })),
    { type: 'beat', head: '3', last: 3 }, { type: ['alert'] }, {}, [], [[]], 5, null, 'alert',
  ];
  const hellos = [{ epoch: '../../escaped' }, { epoch: EPOCH.toUpperCase() }, { epoch: 5 },
    { head: '3' }, { recovered: 'yes' }, { system: ['exercise-test'] }];
  const raw = ['{', '{"type":"live","seq":NaN}', '{"type":"live","seq":3,"seq":3}',
    `${'['.repeat(100000)}`];
  const server = await liar(keys, ({ hello, live, beat, say, socket, visit }) => {
    if (visit <= hellos.length) return hello(hellos[visit - 1]);
    hello();
    live(3);
    beat(3);
    const index = visit - hellos.length - 1;
    if (index < odd.length) return say(odd[index]);
    if (index < odd.length + raw.length) return socket.send(raw[index - odd.length]);
    return say(sound);
  });
  const parent = scratch();
  const folder = join(parent, 'a', 'b');
  const partner = new Partner(server.url, keys.root.keyid, { folder, args: QUICK });
  await partner.has('verified');
  assert.deepEqual([...new Set(partner.of('NOT BELIEVED').map(({ code }) => code))].sort(),
    ['bad_object', 'malformed_envelope']);
  assert.equal(partner.of('NOT BELIEVED').length, hellos.length + odd.length + raw.length);
  await partner.kill();
  const names = readdirSync(parent, { recursive: true }).filter((name) => !name.endsWith('.new'));
  assert.deepEqual(names.sort(),
    ['a', 'a/b', 'a/b/alerts', `a/b/alerts/${EPOCH}-4-${sound.id}.xml`, 'a/b/position',
      'a/b/refused', 'a/b/trust.json'].sort());
  server.close();
});

test('no object inside an alert ends it either', async () => {
  const keys = people();
  const sound = bulletin(1, alert(), [keys.ann]);
  const signature = sound.envelope.signatures[0];
  const odd = [
    { envelope: [] }, { envelope: null }, { envelope: 'x' }, { at: null }, { at: 5 },
    { at: '2026-11-22' }, { at: '2026-11-22T00:00:00' }, { at: [] }, { at: '٢٠٢٦' },
    { envelope: { ...sound.envelope, signatures: [[]] } },
    { envelope: { ...sound.envelope, signatures: [{ keyid: Number('1'.repeat(15)), sig: 'x' }] } },
    { envelope: { ...sound.envelope, signatures: [{ ...signature, sig: 5 }] } },
    { envelope: { ...sound.envelope, payload: 'é' } },
  ];
  const server = await liar(keys, ({ hello, live, say }) => {
    hello({ head: 0 });
    live(0);
    for (const [index, changes] of odd.entries()) say({ ...sound, ...changes, seq: index + 1 });
    say({ ...sound, seq: odd.length + 1 });
  });
  const partner = new Partner(server.url, keys.root.keyid);
  await partner.has('verified');
  assert.deepEqual(partner.of('NOT VERIFIED').map(({ seq }) => seq), odd.map((_, i) => i + 1));
  assert.deepEqual(partner.of('NOT BELIEVED'), []);
  await partner.kill();
  server.close();
});

test('a delay that is none is not waited for, and ends nothing', async () => {
  const keys = people();
  const reasons = ['reconnect_ms=soon', 'reconnect_ms=-5', 'reconnect_ms=', 'reconnect_ms=1e3',
    'reconnect_ms=٣', 'reconnect_ms=5 ', `reconnect_ms=${'9'.repeat(20)}`, 'reconnect_ms=0'];
  const server = await liar(keys, ({ hello, live, beat, socket, visit }) => {
    hello();
    live(3);
    beat(3);
    if (visit <= reasons.length) socket.close(1001, reasons[visit - 1]);
  });
  const partner = new Partner(server.url, keys.root.keyid, { args: QUICK });
  await partner.has('live', reasons.length + 1);
  assert.deepEqual(partner.of('not live').map(({ reason }) => reason), reasons);
  await partner.kill();
  server.close();
});

test('what is no HTTP, has no end, or never comes is not the end', async () => {
  const keys = people();
  let trickle;
  const answers = [
    ({ socket }) => socket.end('nonsense\r\n\r\n'),
    ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    ({ socket }) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://[/\r\n\r\n'),
    ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(200)}\r\n`),
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
      trickle = setInterval(() => socket.write(' '), 50);
      socket.on('error', () => {});
    },
  ];
  const server = await liar(keys, ({ hello, live }) => { hello(); live(3); }, {
    answer: (request) => {
      const next = answers.shift();
      next?.(request);
      return next !== undefined;
    },
  });
  const partner = new Partner(server.url, keys.root.keyid,
    { args: ['--silence', '2', ...QUICK] });
  await partner.has('live');
  const said = [...partner.of('not live'), ...partner.of('NOT BELIEVED')];
  assert.equal(said.length, 5, JSON.stringify(said));
  assert.match(partner.of('not live').at(-1).reason, /no answer to .v1.trust for 2.0 s/);
  await partner.kill();
  clearInterval(trickle);
  server.close();
});

test('a position beyond the log is let go, also in the same epoch', async () => {
  const keys = people();
  const object = bulletin(2, alert(), [keys.ann]);
  const server = await liar(keys, ({ hello, say, live, beat, visit, query }) => {
    const known = !query.includes('%3A');
    hello(known ? {} : { recovered: false, gap: { from: 1, to: 2 } });
    if (visit === 1) {
      live(3);
      beat(3);
      return say({ type: 'live', seq: 2 ** 53 - 1 });
    }
    if (known) say(object);
    return live(2);
  });
  let partner = new Partner(server.url, keys.root.keyid);
  await partner.has('live', 2);
  await partner.kill();
  partner = new Partner(server.url, keys.root.keyid, { folder: partner.folder });
  await partner.has('gap');
  assert.equal((await partner.has('verified')).id, object.id);
  assert.deepEqual(partner.of('suspicious'), []);
  await partner.has('live');
  assert.equal(partner.position, `${EPOCH}:2`);
  await partner.kill();
  server.close();
});

test('what an earlier epoch held is no replay in the next one', async () => {
  const keys = people();
  const [first, second] = [alert(), alert()];
  const trust = trust_file(trust_payload(keys), [keys.root]);
  const one = await liar(keys, ({ hello, say, live }) => {
    hello();
    say(bulletin(2, first, [keys.ann]));
    say(bulletin(3, second, [keys.ann]));
    live(3);
  }, { trust });
  const old = new Partner(one.url, keys.root.keyid);
  await old.has('live');
  await old.kill();
  one.close();

  const two = await liar(keys, ({ hello, say, live, query }) => {
    const known = query.includes('active') || query.includes(OTHER_EPOCH);
    hello({ epoch: OTHER_EPOCH, ...(known ? {} : { recovered: false, gap: { from: 1, to: 2 } }) });
    if (query.includes('active')) say(bulletin(1, first, [keys.ann]));
    live(1);
    if (query.includes(OTHER_EPOCH)) say(bulletin(2, second, [keys.ann]));
  }, { trust });
  const { folder } = old;
  let partner = new Partner(two.url, keys.root.keyid, { folder });
  await partner.has('verified');
  await partner.has('live');
  await partner.kill();
  // Another start finds the files of both epochs.
  partner = new Partner(two.url, keys.root.keyid, { folder });
  assert.equal((await partner.has('verified')).seq, 2);
  assert.deepEqual(partner.of('suspicious'), []);
  assert.equal(readdirSync(join(folder, 'alerts')).length, 4);
  await partner.kill();
  two.close();
});

const revocation = (key, signers, changes = {}) => sealed(JSON.stringify({
  system: 'exercise-test', keyid: key.keyid, since: in_days(-0.5), reason: 'Stolen.',
  issued: in_days(0), ...changes }), signers, REVOCATION_TYPE);

test('a revoked key is believed for what was sent and admitted before, and stays revoked',
  async () => {
    const keys = people();
    const since_ms = Math.floor(Date.now() / 1000) * 1000 - 12 * HOUR_MS;
    const since = new Date(since_ms).toISOString();
    const trust = trust_file(trust_payload(keys, { revocation: [keys.second_root, keys.gone]
      .map(({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder })),
    senders: trust_payload(keys).senders.map((each) => ({ ...each, officers: each.officers
      .filter(({ keyid }) => keyid !== keys.gone.keyid) })) }), [keys.root]);
    const [right, wrong] = [revocation(keys.ann, [keys.second_root]),
      revocation(keys.ann, [keys.stranger])].map((text) => JSON.parse(text));
    right.signatures[0].sig = wrong.signatures[0].sig;
    const void_ones = [
      ['a stranger', 'unknown_key', revocation(keys.ann, [keys.stranger])],
      ['a root', 'unknown_key', revocation(keys.ann, [keys.root])],
      ['a revocation key that is revoked', 'unknown_key', revocation(keys.ann, [keys.gone])],
      ['another system', 'wrong_system',
        revocation(keys.ann, [keys.second_root], { system: 'other' })],
      ['naming a root', 'outside_authority', revocation(keys.root, [keys.second_root])],
      ['naming a revocation key', 'outside_authority',
        revocation(keys.second_root, [keys.second_root])],
      ['a signature that does not verify', 'bad_signature', JSON.stringify(right)],
      ['no time', 'invalid_alert', revocation(keys.ann, [keys.second_root], { since: 'today' })],
      ['too long', 'too_large',
        revocation(keys.ann, [keys.second_root], { reason: 'x'.repeat(4096) })],
      ['no object', 'malformed_envelope', sealed('[]', [keys.second_root], REVOCATION_TYPE)],
      ['another type', 'unsupported_type', sealed('{}', [keys.second_root], 'text/plain')],
      ['no JSON', 'malformed_envelope', 'soon'],
    ];
    const sound = revocation(keys.ben, [keys.second_root, keys.stranger], { since });
    const revocations = [...void_ones.map(([, , line]) => line), sound,
      revocation(keys.ben, [keys.second_root], { since: in_days(0) }), ''].join('\n');
    const at = (offset_ms) => new Date(since_ms + offset_ms).toISOString();
    const sent = (offset_ms) => cap_time(new Date(since_ms + offset_ms));
    const objects = [
      [-1000, -1000, null], [-1, -1000, null], [0, -1000, 'key_revoked'],
      [HOUR_MS, HOUR_MS, 'key_revoked'], [HOUR_MS, -HOUR_MS, 'key_revoked'],
      [-1000, 0, 'key_revoked'], [-1000, 60_000, 'key_revoked'],
    ].map(([at_ms, sent_ms, code], index) => [code, bulletin(index + 1,
      alert({ sent: sent(sent_ms) }), [keys.ben], { at: at(at_ms) })]);
    const by_ann = bulletin(objects.length + 1, alert(), [keys.ann]);
    const play = ({ hello, live, say }) => {
      hello({ head: 0 });
      live(0);
      for (const [, object] of objects) say(object);
      say(by_ann);
    };
    const one = await liar(keys, play, { trust, revocations });
    let partner = new Partner(one.url, keys.root.keyid);
    await partner.has('verified', 1, ({ seq }) => seq === by_ann.seq);
    for (const [index, [what, code]] of void_ones.entries()) {
      assert.equal(partner.of('NOT BELIEVED')[index]?.code, code, what);
    }
    assert.deepEqual(partner.of('revoked').map(({ key, since: from }) => [key, from]),
      [[keys.ben.keyid, since]], 'a later one takes nothing more away');
    const judged_so = () => {
      for (const [code, { seq }] of objects) {
        assert.equal(partner.of('NOT VERIFIED').find((each) => each.seq === seq)?.code ?? null,
          code, `${seq}`);
      }
    };
    judged_so();
    await partner.kill();
    one.close();

    // Another engine, which serves none, and another folder's worth of alerts.
    const two = await liar(keys, ({ hello, ...rest }) => play({ ...rest,
      hello: (changes) => hello({ ...changes, epoch: OTHER_EPOCH }) }), { trust });
    partner = new Partner(two.url, keys.root.keyid, { folder: partner.folder });
    await partner.has('verified', 1, ({ seq }) => seq === by_ann.seq);
    judged_so();
    await partner.kill();
    two.close();
  });

test('a revocation is heard of while connected', async () => {
  const keys = people();
  const trust = trust_file(trust_payload(keys, { revocation: [keys.second_root]
    .map(({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder })) }), [keys.root]);
  let served = '';
  const document = alert();
  const server = await liar(keys, ({ hello, live, beat, say }) => {
    hello();
    live(3);
    served = revocation(keys.ann, [keys.second_root]);
    for (let i = 0; i < 20; ++i) beat(3);
    say(bulletin(4, document, [keys.ann]));
  }, { trust,
    answer: (request, response) => {
      if (request.url !== '/v1/trust/revocations') return false;
      response.end(served);
      return true;
    } });
  const partner = new Partner(server.url, keys.root.keyid);
  assert.equal((await partner.has('NOT VERIFIED')).code, 'key_revoked');
  assert.equal(partner.of('live').length, 1);
  await partner.kill();
  server.close();
});
