// Message centres that do what centres should not. What has to hold of each: no message is lost,
// one is sent twice only where its answer was, and it goes on.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { centre, deliver, duplicates, gateway, number_of, sender } from './support/sms.mjs';

const THROTTLED = 0x58, QUEUE_FULL = 0x14;

/** Counts submits, and calls what is right for that one. */
const every = (pick) => {
  let count = 0;
  return (pdu, session, self) => pick(++count, pdu, session, self);
};

for (const [name, status] of [['throttles', THROTTLED], ['says its queue is full', QUEUE_FULL]]) {
  test(`a centre that ${name} is left alone and gets everything`, async () => {
    const smsc = await centre({ submit: every((count, pdu, session, self) =>
      (count % 40 < 10 ? self.refuse(pdu, session, status) : self.accept(pdu, session))) });
    const channel = sender([gateway('main', smsc)]);
    const tally = await deliver(channel, 300);
    assert.equal(duplicates(300, smsc), 0);
    assert.equal(tally.uncertain, 0);
    assert.equal(smsc.submits.length, 300 + tally.later);
    await channel.stop();
    smsc.close();
  });
}

test('answers that are lost leave at most one duplicate each', async () => {
  let lost = 0;
  const smsc = await centre({ submit: every((count, pdu, session, self) => {
    if (count % 9 !== 0) return self.accept(pdu, session);
    self.take(pdu);
    ++lost;
  }) });
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 200);
  assert.ok(lost >= 200 / 9);
  assert.equal(tally.uncertain, lost, 'each is told once');
  assert.ok(duplicates(200, smsc) <= lost);
  await channel.stop();
  smsc.close();
});

test('an answer that comes when it was given up lets its receipt say that it arrived', async () => {
  const smsc = await centre({ submit: (pdu, session, self) => { self.first ??= pdu; } });
  const channel = sender([gateway('main', smsc)], { answer: 150 });
  channel.say({ attempt: 7, to: `+${number_of(7)}`, text: '', language: 'en' });
  await channel.until('given up', () => channel.attempted.length === 1);
  assert.equal(channel.attempted[0].uncertain, true);
  smsc.session.send(smsc.first.response({ message_id: 'late' }));
  smsc.session.deliver_sm({ source_addr: number_of(7), esm_class: 4,
    short_message: Buffer.from('id:late stat:DELIVRD err:000') });
  await channel.until('a report', () => channel.reports.length === 1);
  assert.equal(channel.reports[0].delivery, 7);
  await channel.stop();
  smsc.close();
});

test('answers out of order, twice and to nobody settle each message once', async () => {
  const waiting = [];
  const smsc = await centre({ submit: (pdu, session, self) => {
    waiting.push(pdu.response({ message_id: self.take(pdu) }));
    if (waiting.length < 10) return;
    for (const answer of waiting.splice(0).reverse()) {
      session.send(answer);
      session.send(answer);
    }
    const nobody = pdu.response({ message_id: 'nobody' });
    nobody.sequence_number = 0x7fffffff;
    session.send(nobody);
  } });
  const channel = sender([gateway('main', smsc, { window: 10 })]);
  const tally = await deliver(channel, 300);
  assert.equal(duplicates(300, smsc), 0);
  assert.equal(tally.lines.length, 300);
  await channel.stop();
  smsc.close();
});

test('PDUs that arrive an octet at a time or many at once are the same PDUs', async () => {
  let held = Buffer.alloc(0), session_of;
  const flush = setInterval(() => {
    const octets = held;
    held = Buffer.alloc(0);
    for (let at = 0; at < octets.length; at += at % 3 === 0 ? 1 : 37) {
      session_of.socket.write(octets.subarray(at, at + (at % 3 === 0 ? 1 : 37)));
    }
  }, 5);
  const smsc = await centre({ submit: (pdu, session, self) => {
    session.socket.setNoDelay(true);
    session_of = session;
    held = Buffer.concat([held, pdu.response({ message_id: self.take(pdu) }).toBuffer()]);
  } });
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 300);
  clearInterval(flush);
  assert.equal(duplicates(300, smsc), 0);
  assert.equal(tally.uncertain, 0);
  await channel.stop();
  smsc.close();
});

for (const [name, length] of [['0', 0], ['15', 15], ['4 GiB', 0xffffffff]]) {
  test(`a PDU of length ${name} ends the session, and the next one goes on`, async () => {
    let unanswered = 0;
    const smsc = await centre({ submit: every((count, pdu, session, self) => {
      if (session.poisoned) {
        self.take(pdu);
        ++unanswered;
        return;
      }
      if (count % 60 !== 30) return self.accept(pdu, session);
      self.take(pdu);
      ++unanswered;
      session.poisoned = true;
      const head = Buffer.alloc(16);
      head.writeUInt32BE(length, 0);
      head.writeUInt32BE(0x80000004, 4);
      session.socket.write(head);
    }) });
    const channel = sender([gateway('main', smsc)]);
    const tally = await deliver(channel, 200);
    assert.ok(smsc.binds.length > 2);
    assert.ok(duplicates(200, smsc) <= unanswered);
    assert.ok(tally.uncertain >= smsc.binds.length - 1);
    await channel.stop();
    smsc.close();
  });
}

test('a centre that unbinds in the middle of a window still answers it', async () => {
  const smsc = await centre({ submit: every((count, pdu, session, self) => {
    if (count % 50 === 25) session.unbind();
    setTimeout(() => self.accept(pdu, session), 30);
  }) });
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 200);
  assert.ok(smsc.binds.length > 2);
  assert.equal(duplicates(200, smsc), tally.uncertain);
  await channel.stop();
  smsc.close();
});

test('a centre that hangs up in a window leaves duplicates of that alone', async () => {
  let unanswered = 0;
  const smsc = await centre({ submit: every((count, pdu, session, self) => {
    if (session.over || session.cut) return;
    if (count % 50 !== 25) return self.accept(pdu, session);
    self.take(pdu);
    ++unanswered;
    session.cut = true;
    session.socket.destroy();
  }) });
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 300);
  assert.ok(duplicates(300, smsc) <= tally.uncertain);
  assert.ok(tally.uncertain >= unanswered);
  await channel.stop();
  smsc.close();
});

test('a centre that falls silent is hung up on after two enquiries and called again', async () => {
  const silence = 500, enquiry = 250;
  const smsc = await centre({ submit: () => {} });
  const channel = sender([gateway('main', smsc)], { silence, enquiry, answer: 60_000 });
  await channel.until_up('main');
  smsc.answers_enquiries = false;
  const { enquiries } = smsc;
  channel.say({ attempt: 1, to: `+${number_of(1)}`, text: '', language: 'en' });
  await channel.until('given up', () => channel.attempted.length === 1);
  assert.equal(channel.attempted[0].uncertain, true);
  assert.equal(smsc.enquiries, enquiries + 2);
  assert.match(channel.trace, /The centre fell silent/);
  smsc.answers_enquiries = true;
  await channel.until_up('main');
  await channel.stop();
  smsc.close();
});

test('a centre that stops reading is noticed too', async () => {
  const smsc = await centre({ submit: (pdu, session) => session.pause() });
  const channel = sender([gateway('main', smsc)], { silence: 300, enquiry: 150, answer: 60_000 });
  channel.say({ attempt: 1, to: `+${number_of(1)}`, text: '', language: 'en' });
  await channel.until('given up', () => channel.attempted.length === 1);
  assert.equal(channel.attempted[0].uncertain, true);
  await smsc.until('another bind', () => smsc.binds.length === 2);
  await channel.stop();
  smsc.close();
});

test('a centre that answers enquiries and no message is given up', async () => {
  const smsc = await centre({ submit: (pdu, session, self) => { self.take(pdu); } });
  const channel = sender([gateway('main', smsc, { window: 10 })], { answer: 200 });
  for (let number = 1; number <= 10; ++number) {
    channel.say({ attempt: number, to: `+${number_of(number)}`, text: '', language: 'en' });
  }
  await channel.until('given up', () => channel.attempted.length === 10);
  assert.ok(channel.attempted.every(({ uncertain }) => uncertain));
  await smsc.until('another bind', () => smsc.binds.length === 2);
  await channel.stop();
  smsc.close();
});

test('a gateway that refuses binds is left out while another takes over', async () => {
  const [bad, good] = [await centre(), await centre()];
  bad.bind_status = 0x0d;
  const channel = sender([gateway('bad', bad, { weight: 10 }), gateway('good', good)]);
  await deliver(channel, 200);
  assert.equal(good.submits.length, 200);
  assert.equal(bad.submits.length, 0);
  const refused = (await channel.state()).find(({ name }) => name === 'bad');
  assert.match(refused.why, /ESME_RBINDFAIL/);
  bad.bind_status = 0;
  await channel.until_up('bad');
  await channel.stop();
  bad.close();
  good.close();
});

test('gateways that die in turn lose nothing and try nothing for each other', async () => {
  const cut = every((count, pdu, session, self) => {
    if (session.cut) return;
    if (count % 70 !== 35) return self.accept(pdu, session);
    self.take(pdu);
    session.cut = true;
    session.socket.destroy();
  });
  const [a, b] = [await centre({ submit: cut }), await centre({ submit: cut })];
  const channel = sender([gateway('a', a), gateway('b', b)]);
  const tally = await deliver(channel, 600);
  assert.ok(a.submits.length > 0 && b.submits.length > 0);
  assert.ok(duplicates(600, a, b) <= tally.uncertain);
  // Each attempt is one submit at most: nothing was tried twice behind the outbox's back.
  assert.ok(a.submits.length + b.submits.length <= tally.lines.length);
  await channel.stop();
  a.close();
  b.close();
});

test('PDUs that nobody asked for and that mean nothing change nothing', async () => {
  const smsc = await centre({ submit: every((count, pdu, session, self) => {
    if (count % 10 === 0) session.query_sm({ message_id: 'x' });
    if (count % 10 === 5) session.data_sm({ destination_addr: '1' });
    if (count % 10 === 7) session.enquire_link();
    self.accept(pdu, session);
  }) });
  const channel = sender([gateway('main', smsc)]);
  await deliver(channel, 200);
  assert.equal(duplicates(200, smsc), 0);
  assert.equal(smsc.binds.length, 1);
  await channel.stop();
  smsc.close();
});
