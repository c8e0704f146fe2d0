// From an officer's alert to telephones by way of message centres that do what centres should not:
// the whole engine with its outbox, some tens of organisations, npm's smpp on the other side. What
// has to hold of each: nobody is left out, nobody is sent a message twice but where its answer was
// lost, and the engine has counted each of those. All engines run at a time, since what an outbox
// tries again it tries after a quarter of a minute.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import assert from 'node:assert/strict';
import { in_seconds } from './support/cap.mjs';
import { scratch } from './support/engine.mjs';
import { COUNT, duplicates as duplicates_of, later, number_of, reached, send, shops,
         uncertain } from './support/shops.mjs';
import { centre } from './support/sms.mjs';

const THROTTLED = 0x58, QUEUE_FULL = 0x14, SYSTEM_ERROR = 0x08, TRY_AGAIN = 0x64;

/** Counts submits, and calls what is right for that one. */
const every = (pick) => {
  let count = 0;
  return (pdu, session, self) => pick(++count, pdu, session, self);
};

const receipt = (pdu, id) => ({
  source_addr: pdu.destination_addr, destination_addr: 'TOCSIN', esm_class: 4, data_coding: 0,
  short_message: Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2611211930 ` +
    'done date:2611211931 stat:DELIVRD err:000 text:Flood'),
});

/** The engine and the centres that it is to use. */
async function world(centres, { window = 10, rate = 10_000 } = {}) {
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  const config = Object.entries(centres).map(([name, smsc]) =>
    `[sms.${name}]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\nsource = "TOCSIN"\n` +
    `password_file = "smpp.password"\nwindow = ${window}\nrate = ${rate}\n`).join('');
  return shops(folder, config, (index) => ({ phone: `+${number_of(index)}` }));
}

const all_sent = ({ sms }) => sms.sent + sms.delivered === COUNT;
const duplicates = (...centres) =>
  duplicates_of(number_of, ...centres.map(({ accepted }) => accepted));

// What costs nothing but a moment, one alert each to one engine: [name, what the centre does].
const AT_ONCE = [
  ['throttles', () => every((count, pdu, session, self) =>
    (count % 16 === 7 ? self.refuse(pdu, session, THROTTLED) : self.accept(pdu, session)))],
  ['says that its queue is full', () => every((count, pdu, session, self) =>
    (count % 16 === 7 ? self.refuse(pdu, session, QUEUE_FULL) : self.accept(pdu, session)))],
  ['answers out of order, twice and to nobody', () => {
    const waiting = [];
    return (pdu, session, self) => {
      waiting.push(pdu.response({ message_id: self.take(pdu) }));
      if (waiting.length < 10) return;
      for (const answer of waiting.splice(0).reverse()) {
        session.send(answer);
        session.send(answer);
      }
      const nobody = pdu.response({ message_id: 'nobody' });
      nobody.sequence_number = 0x7fffffff;
      session.send(nobody);
    };
  }],
  ['cuts its PDUs into octets', () => (pdu, session, self) => {
    session.socket.setNoDelay(true);
    const octets = pdu.response({ message_id: self.take(pdu) }).toBuffer();
    for (const octet of octets) session.socket.write(Buffer.from([octet]));
  }],
  ['asks what nobody asked for', () => every((count, pdu, session, self) => {
    if (count % 10 === 0) session.query_sm({ message_id: 'x' });
    if (count % 10 === 5) session.data_sm({ destination_addr: '1' });
    if (count % 10 === 7) session.enquire_link();
    self.accept(pdu, session);
  })],
];

/** No second has more than the contract and a hundredth; both clocks may be off by a little. */
function check_rate(smsc, rate) {
  const times = smsc.submits.map(([, when]) => when);
  const most = Math.ceil(rate * 1.01) + 1;
  for (let first = 0; first + most < times.length; ++first) {
    const took = times[first + most] - times[first];
    assert.ok(took > 980, `${most + 1} messages came in ${took} ms`);
  }
}

async function costs_a_moment() {
  const rate = 60;
  const smsc = await centre();
  const engine = await world({ main: smsc }, { rate });
  for (const [name, submit] of AT_ONCE) {
    smsc.accepted.clear();
    smsc.submit = submit();
    await reached(engine, await send(engine), `a centre that ${name}`, all_sent);
    assert.equal(duplicates(smsc), 0, name);
  }
  assert.equal(await uncertain(engine), 0);
  assert.equal(smsc.binds.length, 1);
  check_rate(smsc, rate);
  await engine.stop();
  smsc.close();
}

/** Reports before it answers; and it answers only once its report was answered, whatever with. */
async function reports_first() {
  const smsc = await centre();
  const engine = await world({ main: smsc });
  let refused = 0;
  const report = (pdu, session, id, then) => session.deliver_sm(receipt(pdu, id), (answer) => {
    then?.();
    assert.ok([0, TRY_AGAIN].includes(answer.command_status));
    if (answer.command_status === 0) return;
    ++refused;
    setTimeout(() => report(pdu, session, id), 100);
  });
  smsc.submit = (pdu, session, self) => {
    const id = self.take(pdu);
    report(pdu, session, id);
    setTimeout(() => session.send(pdu.response({ message_id: id })), 20);
  };
  let seq = await send(engine);
  await reached(engine, seq, 'receipts before answers', ({ sms }) => sms.delivered === COUNT);
  assert.equal(refused, 0, 'the answers came soon');
  smsc.submit = (pdu, session, self) => {
    const id = self.take(pdu);
    report(pdu, session, id, () => session.send(pdu.response({ message_id: id })));
  };
  seq = await send(engine);
  await reached(engine, seq, 'answers behind receipts', ({ sms }) => sms.delivered === COUNT);
  assert.equal(refused, COUNT, 'each was to be sent again, so that its answer could come');
  assert.equal(duplicates(smsc), COUNT, 'one for each alert');
  assert.equal(await uncertain(engine), 0);
  await engine.stop();
  smsc.close();
}

async function loses_answers() {
  const lost = new Set();
  const smsc = await centre({ submit: every((count, pdu, session, self) => {
    if (count % 9 !== 0 || count > COUNT) return self.accept(pdu, session);
    self.take(pdu);
    lost.add(pdu.destination_addr);
  }) });
  const engine = await world({ main: smsc });
  await reached(engine, await send(engine), 'what was lost, again', all_sent);
  assert.equal(lost.size, Math.floor(COUNT / 9));
  assert.equal(duplicates(smsc), lost.size);
  assert.ok([...lost].every((number) => smsc.accepted.get(number) === 2));
  assert.equal(await uncertain(engine), lost.size, 'each is counted');
  await engine.stop();
  smsc.close();
}

/** In each of its first three sessions it sends a length that none has, and answers no more. */
async function sends_nonsense() {
  const lengths = [0, 15, 0xffffffff];
  let unanswered = 0;
  const smsc = await centre({ submit: (pdu, session, self) => {
    session.count = (session.count ?? 0) + 1;
    if (session.count <= 5 || self.binds.length > lengths.length) return self.accept(pdu, session);
    self.take(pdu);
    ++unanswered;
    if (session.count > 6) return;
    const head = Buffer.alloc(16);
    head.writeUInt32BE(lengths[self.binds.length - 1], 0);
    head.writeUInt32BE(0x80000004, 4);
    session.socket.write(head);
  } });
  const engine = await world({ main: smsc });
  await reached(engine, await send(engine), 'everybody after three sessions', all_sent);
  assert.ok(smsc.binds.length > lengths.length);
  assert.ok(unanswered >= lengths.length);
  assert.equal(duplicates(smsc), unanswered);
  assert.equal(await uncertain(engine), unanswered);
  await engine.stop();
  smsc.close();
}

/** One unbinds in the middle of a window and answers it still; its next session hangs up in one. */
async function goes_away() {
  let unanswered = 0;
  const smsc = await centre({ submit: (pdu, session, self) => {
    session.count = (session.count ?? 0) + 1;
    if (self.binds.length === 1) {
      if (session.count === 5) session.unbind();
      return setTimeout(() => self.accept(pdu, session), 30);
    }
    // Without Nagle: what waits for an acknowledgement is thrown away by a close, said or not.
    session.socket.setNoDelay(true);
    if (self.binds.length > 2 || session.count < 5) return self.accept(pdu, session);
    self.take(pdu);
    ++unanswered;
    session.socket.destroy();
  } });
  const engine = await world({ main: smsc });
  await reached(engine, await send(engine), 'everybody after two sessions', all_sent);
  assert.equal(smsc.binds.length, 3);
  assert.equal(duplicates(smsc), unanswered);
  const counted = await uncertain(engine);
  assert.ok(unanswered <= counted && counted <= 10, `${counted} of a window`);
  assert.ok(smsc.submits.length <= COUNT + counted, 'nothing else was sent again');
  await engine.stop();
  smsc.close();
}

/** Nobody answers a window of messages, nor the link: the other centre takes over. */
async function falls_silent() {
  const silent = await centre({ submit: (pdu, session, self) => { self.take(pdu); } });
  const other = await centre();
  const engine = await world({ silent, other });
  await silent.until('a session', () => silent.binds.length === 1);
  silent.answers_enquiries = false;
  const since = performance.now();
  const seq = await send(engine);
  await silent.until('the dead link noticed', () => silent.session.over);
  assert.ok(performance.now() - since < 60_000, 'within two enquiries');
  silent.bind_status = 0x0d;
  await reached(engine, seq, 'everybody by the other one', all_sent);
  const taken = silent.submits.length;
  assert.ok(taken >= 10);
  assert.equal(duplicates(silent, other), taken);
  assert.equal(other.submits.length, COUNT);
  assert.equal(await uncertain(engine), taken);
  await engine.stop();
  silent.close();
  other.close();
}

/** What nobody takes is tried until the alert is over, and not once after it. */
async function never_takes_any() {
  const smsc = await centre({ submit: (pdu, session, self) =>
    self.refuse(pdu, session, SYSTEM_ERROR) });
  const engine = await world({ main: smsc });
  const over = Date.now() + 27_000;
  const seq = await send(engine, { expires: in_seconds(27) });
  const { concerned } = await reached(engine, seq, 'the end of the alert',
    ({ sms }) => sms.expired === COUNT);
  assert.equal(concerned.failed, COUNT);
  const numbers = smsc.submits.map(([pdu]) => pdu.destination_addr);
  assert.equal(numbers.length, 2 * COUNT, 'twice before it was over');
  assert.equal(new Set(numbers).size, COUNT);
  await later(Math.max(over + 3000 - Date.now(), 0));
  assert.equal(smsc.submits.length, numbers.length);
  assert.equal(await uncertain(engine), 0);
  await engine.stop();
  smsc.close();
}

suite('the engine and a centre that', { concurrency: true }, () => {
  test('costs a moment: nobody is left out, nothing twice, within the contract', costs_a_moment);
  test('reports before it answers is heard, even where it answers only then', reports_first);
  test('loses answers: one duplicate each, each counted', loses_answers);
  test('sends lengths that are none is called again', sends_nonsense);
  test('unbinds in a window, then hangs up in one, is called again', goes_away);
  test('falls silent is hung up on, and another one takes over', falls_silent);
  test('takes no message is asked until the alert is over', never_takes_any);
});
