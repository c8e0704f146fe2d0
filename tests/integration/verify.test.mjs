// A partner written from schemas/ alone (ops/verify/): beside the real engine it loses nothing and
// repeats nothing over a kill, and beside an engine that lies it believes nothing and says why.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel } from './support/cap.mjs';
import { CAP_TYPE, encoding, new_key, sha256_hex } from './support/dsse.mjs';
import { scratch, start } from './support/engine.mjs';
import { bulletin, EPOCH, liar } from './support/liar.mjs';
import { Partner } from './support/partner.mjs';
import { ROOT, SCHEMAS } from './support/schemas.mjs';
import { people, trust_file, trust_payload } from './support/trust.mjs';

test('a partner follows, is killed, and goes on without loss or repetition', async () => {
  const engine = await start();
  const { keys } = engine;
  const expected = [];
  const send = async (parts, ...signers) => {
    const document = alert(parts);
    const { seq } = await engine.admit(document, ...signers);
    expected.push([seq, document]);
    return document;
  };
  await send({ headline: 'Before' }, keys.ann);
  let partner = new Partner(engine.url, keys.root.keyid, { args: ['--after', '0'] });
  await partner.has('live');
  const stopped = await send({ severity: 'Severe' }, keys.ann, keys.ben);
  for (let round = 0; round < 4; ++round) {
    for (let i = 0; i < 5; ++i) await send({ headline: `Round ${round}, ${i}` }, keys.ann);
    await partner.has('verified', 1);
    await partner.kill();
    await send({ headline: 'Nobody listened', sender: 'control@two.example' }, keys.dora);
    partner = new Partner(engine.url, keys.root.keyid, { folder: partner.folder });
    await partner.has('live');
  }
  const document = cancel([stopped]);
  expected.push([(await engine.admit(document, keys.canceller)).seq, document]);
  const said = await partner.has('verified', 1, (each) => each.msgType === 'Cancel');
  assert.equal(said.reason, 'The river has gone down.');
  assert.equal(said.headline, null, 'a Cancel shows nothing but what it ends, and why');
  await partner.kill();
  partner = new Partner(engine.url, keys.root.keyid, { folder: partner.folder });
  await partner.has('live');
  assert.deepEqual(partner.of('verified'), [], 'nothing comes twice');
  assert.deepEqual(partner.documents, expected);
  assert.equal(partner.position.split(':')[1], String(expected.at(-1)[0]));
  assert.deepEqual([...partner.of('NOT VERIFIED'), ...partner.of('gap'),
    ...partner.of('suspicious')], []);
  await partner.kill();
});

test('a document that a kill interrupted comes again', async () => {
  const keys = people();
  const object = bulletin(2, alert(), [keys.ann]);
  const server = await liar(keys, ({ hello, say, live }) => {
    hello({ head: 2 });
    say(object);
    live(2);
  });
  const folder = scratch();
  mkdirSync(join(folder, 'alerts'));
  writeFileSync(join(folder, 'alerts', `${EPOCH}-2-${object.id}.xml.new`), 'half of');
  const partner = new Partner(server.url, keys.root.keyid, { folder });
  await partner.has('live');
  assert.equal(partner.documents.length, 1);
  await partner.kill();
  server.close();
});

test('what is forged is flagged and never written as an alert', async () => {
  const keys = people();
  const sound = alert();
  const altered = Buffer.from(sound);
  altered[altered.indexOf('River')] ^= 1;
  const signed = bulletin(2, sound, [keys.ann, keys.ben]);
  const [first, second] = signed.envelope.signatures;
  const swapped = [{ ...first, sig: second.sig }, { ...second, sig: first.sig }];
  const with_envelope = (changes) => ({ ...signed, envelope: { ...signed.envelope, ...changes } });
  const severe = alert({ severity: 'Severe' });
  const cases = [
    ['one octet altered', with_envelope({ payload: altered.toString('base64') }), 'bad_signature'],
    ['one octet altered, with its id', { ...with_envelope({ payload: altered.toString('base64') }),
      id: sha256_hex(altered) }, 'bad_signature'],
    ['signatures swapped', with_envelope({ signatures: swapped }), 'bad_signature'],
    ['no signature', with_envelope({ signatures: [] }), 'malformed_envelope'],
    ['one signature twice', with_envelope({ signatures: [first, first] }), 'malformed_envelope'],
    ['another type', with_envelope({ payloadType: 'text/plain' }), 'unsupported_type'],
    ['another id', { ...signed, id: sha256_hex('x') }, 'wrong_id'],
    ['an unknown key', bulletin(2, sound, [keys.stranger]), 'unknown_key'],
    ['a root key', bulletin(2, sound, [keys.root]), 'unknown_key'],
    ['two senders', bulletin(2, sound, [keys.ann, keys.dora]), 'unknown_key'],
    ['an expired key', bulletin(2, sound, [keys.late]), 'key_expired'],
    ['a key not valid yet', bulletin(2, sound, [keys.early]), 'key_expired'],
    ['a revoked key', bulletin(2, sound, [keys.gone]), 'key_revoked'],
    ['one holder for two', bulletin(2, severe, [keys.ann]), 'needs_approval'],
    ['one holder with two keys', bulletin(2, severe, [keys.ann, keys.ann_again]),
      'needs_approval'],
    ['nobody who may originate', bulletin(2, sound, [keys.approver]), 'needs_approval'],
    ['who may only cancel', bulletin(2, sound, [keys.canceller]), 'outside_authority'],
    ['another sender', bulletin(2, alert({ sender: 'control@two.example' }), [keys.ann]),
      'outside_authority'],
    ['a category beyond', bulletin(2, alert({ category: 'CBRNE' }), [keys.ann]),
      'outside_authority'],
    ['another system', bulletin(2, alert({ system: 'live-gb' }), [keys.ann]), 'wrong_system'],
    ['an Actual in an exercise', bulletin(2, alert({ status: 'Actual' }), [keys.ann, keys.ben]),
      'wrong_system'],
    ['a Cancel without the duty', bulletin(2, cancel([sound]), [keys.writer]),
      'outside_authority'],
    ['a Cancel of another sender\'s', bulletin(2, cancel([alert({ sender: 'a@b' })]), [keys.ann]),
      'foreign_reference'],
    ['an old one', bulletin(2, alert({ sent: '2026-01-01T00:00:00-00:00' }), [keys.ann]),
      'too_old'],
    ['a DOCTYPE', bulletin(2, alert({ xml: (text) => `<!DOCTYPE a>${text.slice(39)}` }),
      [keys.ann]), 'invalid_alert'],
  ];
  const sound_one = bulletin(cases.length + 1, sound, [keys.ann, keys.ben]);
  const server = await liar(keys, ({ hello, say, live }) => {
    hello({ head: 0 });
    live(0);
    for (const [index, [, object]] of cases.entries()) say({ ...object, seq: index + 1 });
    say(sound_one);
  });
  const partner = new Partner(server.url, keys.root.keyid);
  await partner.has('verified');
  for (const [index, [what, , expected]] of cases.entries()) {
    const said = partner.of('NOT VERIFIED').find((each) => each.seq === index + 1);
    assert.equal(said?.code, expected, what);
  }
  assert.deepEqual(partner.documents, [[sound_one.seq, sound]], 'only what is verified is kept');
  await partner.kill();
  server.close();
});

test('an old bulletin under a new sequence is flagged', async () => {
  const keys = people();
  const old = bulletin(2, alert(), [keys.ann]);
  const server = await liar(keys, ({ hello, say, live }) => {
    hello({ head: 1 });
    live(1);
    say(old);
    say({ ...old, seq: 3 });
  });
  const partner = new Partner(server.url, keys.root.keyid);
  assert.equal((await partner.has('suspicious')).code, 'replayed');
  assert.equal(partner.documents.length, 1);
  await partner.kill();
  server.close();
});

test('a bulletin that is left out is noticed by the next beat and asked for', async () => {
  const keys = people();
  const missing = bulletin(2, alert(), [keys.ann]);
  const server = await liar(keys, ({ hello, say, live, beat, visit, query }) => {
    hello({ head: 2 });
    if (visit > 1 && query.includes(`after=${EPOCH}%3A1`)) say(missing);
    live(1);
    beat(2);
  });
  const partner = new Partner(server.url, keys.root.keyid);
  const { settled, last } = await partner.has('gap');
  assert.deepEqual([settled, last], [1, 2]);
  await partner.has('verified', 1, (each) => each.seq === 2);
  await partner.kill();
  server.close();
});

test('an engine that does not know the position is said to be a gap', async () => {
  const keys = people();
  const server = await liar(keys, ({ hello, live, query }) => {
    const known = !query.includes('%3A');
    hello(known ? {} : { epoch: '0000000000000001', recovered: false, gap: { from: 1, to: 3 } });
    live(3);
  });
  const partner = new Partner(server.url, keys.root.keyid);
  await partner.has('live');
  await partner.kill();
  const again = new Partner(server.url, keys.root.keyid, { folder: partner.folder });
  assert.deepEqual((await again.has('gap')).missing, { from: 1, to: 3 });
  await again.has('live');
  await again.kill();
  server.close();
});

test('silence is said even where octets trickle in', async () => {
  const keys = people();
  const timers = [];
  const server = await liar(keys, ({ hello, live, socket }) => {
    hello();
    live(3);
    timers.push(setInterval(() => socket.ping(), 100));
  });
  const partner = new Partner(server.url, keys.root.keyid, { args: ['--silence', '1'] });
  assert.match((await partner.has('not live')).reason, /no beat/);
  await partner.kill();
  for (const timer of timers) clearInterval(timer);
  server.close();
});

test('a trust document by other roots is not believed, nor an older one', async () => {
  const keys = people();
  const server = await liar(keys, ({ hello, live }) => { hello(); live(3); });
  const stranger = new Partner(server.url, new_key('nobody').keyid);
  assert.equal((await stranger.has('NOT BELIEVED')).code, 'unknown_key');
  await stranger.kill();

  const folder = scratch();
  const file = join(scratch(), 'trust.json');
  const write = (changes, signers) =>
    writeFileSync(file, trust_file(trust_payload(keys, changes), signers));
  const run = () => new Partner(server.url, keys.root.keyid, { folder, args: ['--trust', file] });
  const public_part = ({ keyid, public: raw, holder }) => ({ keyid, public: raw, holder });
  const new_roots = { version: 3, root: { threshold: 1, keys: [public_part(keys.second_root)] } };

  write({ version: 2 }, [keys.root]);
  let partner = run();
  await partner.has('live');
  await partner.kill();
  for (const [changes, signers, code] of [
    [{ version: 1 }, [keys.root], 'not_newer'],
    [{ version: 2, expires: '2030-01-01T00:00:00Z' }, [keys.root], 'not_newer'],
    [{ version: 3 }, [keys.second_root], 'needs_approval'],
    [{ version: 3, system: 'other' }, [keys.root], 'wrong_system'],
    [new_roots, [keys.second_root], 'needs_approval'],
  ]) {
    write(changes, signers);
    partner = run();
    assert.equal((await partner.has('NOT BELIEVED')).code, code, JSON.stringify(changes));
    await partner.kill();
  }
  write(new_roots, [keys.root, keys.second_root]);
  partner = run();
  assert.equal((await partner.has('trust')).version, 3);
  await partner.kill();
  server.close();
});

const VECTORS = JSON.parse(
  readFileSync(join(SCHEMAS, 'examples', 'vectors', 'bulletins.json'), 'utf8'));

/** Writes each of `contents` to a file, objects as JSON, and gives their names in that order. */
function written(contents) {
  const folder = scratch();
  return contents.map((each, index) => {
    const name = join(folder, `${index}.json`);
    writeFileSync(name, typeof each === 'string' ? each : JSON.stringify(each));
    return name;
  });
}

/** What `follow.py --check` says of these files, and how it ends. */
function check(root, trust, files) {
  const { status, stdout, stderr } = spawnSync('python3', ['-B',
    join(ROOT, 'ops', 'verify', 'follow.py'), '--root', root, '--trust', trust, '--check',
    ...files], { encoding: 'utf8' });
  const said = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  return { status, stderr, said };
}

test('the test vectors of schemas are judged as they say, and so are their own words', async () => {
  const [trust, ...files] = written([VECTORS.trust, ...VECTORS.alerts.map(({ object }) => object)]);
  const { status, stderr, said } = check(VECTORS.root_id, trust, files);
  assert.equal(status, 1, stderr);
  for (const [index, { what, code }] of VECTORS.alerts.entries()) {
    assert.equal(said[index].code ?? null, code, what);
  }
  const { bulletin, alerts: [{ object }] } = VECTORS;
  const payload = Buffer.from(object.envelope.payload, 'base64');
  assert.equal(payload.toString(), bulletin.payload_utf8);
  assert.equal(encoding(CAP_TYPE, payload).toString('hex'), bulletin.pae_hex);
  assert.equal(sha256_hex(payload), bulletin.id);
  assert.equal(object.id, bulletin.id);
});

test('files that are checked end with the exit code of the help, and with a sentence', () => {
  const [sound, forged] = ['as it was signed, by the two it takes', 'the signatures swapped']
    .map((wanted) => VECTORS.alerts.find(({ what }) => what === wanted).object);
  const payload = JSON.parse(Buffer.from(VECTORS.trust.payload, 'base64'));
  for (const officer of payload.senders[0].officers) delete officer.not_after;
  const { holder, seed } = VECTORS.keys.find(({ keyid }) => keyid === VECTORS.root_id);
  const [trust, good, bad, odd, no_json, lacking] = written([VECTORS.trust, sound, forged,
    { ...sound, at: null }, 'soon', trust_file(payload, [new_key(holder, seed)])]);
  const verdicts = (root, document, files) => {
    const { status, stderr, said } = check(root, document, files);
    assert.doesNotMatch(stderr, /Traceback/);
    for (const { said: what, reason } of said) {
      if (what !== 'verified') assert.match(reason, /^[A-Z].+\.$/);
    }
    return [status, ...said.map(({ said: what, code }) => code ?? what)];
  };
  const root = VECTORS.root_id;
  assert.deepEqual(verdicts(root, trust, [good]), [0, 'verified']);
  assert.deepEqual(verdicts(root, trust, [bad, odd, no_json, good]),
    [1, 'bad_signature', 'invalid_alert', 'malformed_envelope', 'verified']);
  assert.deepEqual(verdicts(sha256_hex('nobody'), trust, [good]), [1, 'unknown_key']);
  assert.deepEqual(verdicts(root, no_json, [good]), [1, 'malformed_envelope']);
  assert.deepEqual(verdicts(root, lacking, [good]), [1, 'bad_object']);
  for (const [document, files] of [[`${trust}.none`, [good]], [trust, [`${good}.none`]]]) {
    assert.deepEqual(verdicts(root, document, files), [2]);
    assert.match(check(root, document, files).stderr, /none cannot be read: No such file/);
  }
});
