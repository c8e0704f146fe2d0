// The SMS channel and message centres out of npm's smpp, in peace: what is submitted, receipts,
// replies, several gateways, TLS, the contract's rate.
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { centre, deliver, duplicates, gateway, number_of, sender } from './support/sms.mjs';
import { authority, certificate } from './support/tls.mjs';

const LONG = 'Ewch i fyny: mae dŵr yn dod. '.repeat(12);

const receipt = (id, stat, more = {}) => ({
  source_addr: number_of(1), destination_addr: 'TOCSIN', esm_class: 4, data_coding: 0,
  short_message: Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2611211930 ` +
    `done date:2611211931 stat:${stat} err:000 text:Flood`), ...more,
});

test('messages are sent once each, and none is forgotten when it stops', async () => {
  const smsc = await centre();
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 500);
  assert.equal(duplicates(500, smsc), 0);
  assert.deepEqual([tally.later, tally.uncertain], [0, 0]);
  const [pdu] = smsc.submits[0];
  assert.equal(pdu.source_addr, 'TOCSIN');
  assert.equal(pdu.data_coding, 0);
  assert.match(pdu.short_message.message, /^EXERCISE: Knighton: Flood warning/);
  assert.equal(pdu.registered_delivery, 1);
  assert.equal(pdu.priority_flag, 2);
  assert.ok(pdu.validity_period instanceof Date);
  assert.equal(smsc.binds[0].password, 'secret');
  assert.equal(await channel.stop(), true);
  assert.equal(smsc.unbinds, 1);
  assert.ok(!channel.trace.includes('secret') && !channel.trace.includes('44770'));
  smsc.close();
});

test('npm puts the parts of a long text together, and each part is named', async () => {
  const smsc = await centre();
  const channel = sender([gateway('main', smsc)]);
  const tally = await deliver(channel, 20, { text: LONG });
  const texts = new Map();
  for (const [{ destination_addr, short_message }] of smsc.submits) {
    const [udh] = short_message.udh;
    const parts = texts.get(destination_addr) ?? [];
    parts[udh.at(-1) - 1] = short_message.message;
    texts.set(destination_addr, parts);
    assert.equal(udh.at(-2), smsc.submits.length / 20);
  }
  assert.equal(texts.size, 20);
  for (const parts of texts.values()) assert.match(parts.join(''), /dŵr yn dod.*Check [0-9A-Z]/);
  for (const line of tally.lines) {
    assert.deepEqual([...new Set(line.names.map(([, part]) => part))],
      Array.from({ length: line.parts }, (_, part) => part));
  }
  await channel.stop();
  smsc.close();
});

for (const [answered, reported, how] of [['5F3A', '24378', 'hexadecimal, reported in decimal'],
  ['24378', '5f3a', 'decimal, reported in hexadecimal'], ['00A7', 'a7', 'other letters']]) {
  test(`a receipt finds its message by an id answered in ${how}`, async () => {
    const smsc = await centre({
      submit: (pdu, session, self) => {
        self.take(pdu);
        session.send(pdu.response({ message_id: answered }));
      },
    });
    const channel = sender([gateway('main', smsc)]);
    const tally = await deliver(channel, 1);
    smsc.session.deliver_sm(receipt(reported, 'DELIVRD'));
    await channel.until('a report', () => channel.reports.length === 1);
    const [{ report, gateway: from, names }] = channel.reports;
    assert.deepEqual([report, from], ['delivered', 'main']);
    assert.ok(tally.lines[0].names.some(([known]) => names.includes(known)), names.join());
    await channel.stop();
    smsc.close();
  });
}

test('a receipt that comes before its answer is reported after it', async () => {
  const smsc = await centre({
    submit: (pdu, session, self) => {
      const message_id = self.take(pdu);
      session.deliver_sm(receipt(message_id, 'DELIVRD'));
      setTimeout(() => session.send(pdu.response({ message_id })), 20);
    },
  });
  const channel = sender([gateway('main', smsc)]);
  const order = [];
  const tally = deliver(channel, 30);
  const heard = channel.on_line;
  channel.on_line = (line) => {
    heard(line);
    if ('attempted' in line) order.push(...line.names.map(([name]) => name));
    if ('report' in line) assert.ok(order.includes(line.names[0]), `${line.names[0]} came before`);
  };
  await tally;
  await channel.until('30 reports', () => channel.reports.length === 30);
  await channel.stop();
  smsc.close();
});

test('what people answer is handed on, and deliveries are acknowledged', async () => {
  const smsc = await centre();
  const channel = sender([gateway('main', smsc)]);
  await channel.until_up('main');
  const reply = { source_addr_ton: 1, source_addr_npi: 1, source_addr: '447700900123',
    destination_addr: '60006' };
  smsc.session.deliver_sm({ ...reply, data_coding: 0, short_message: Buffer.from('1 SAFE') });
  smsc.session.deliver_sm({ ...reply, data_coding: 8,
    short_message: { message: '2 HELP ni yw dŵr' } });
  await channel.until('two replies', () => channel.said.length === 2);
  assert.deepEqual(channel.said, [{ from: '+447700900123', said: '1 SAFE' },
    { from: '+447700900123', said: '2 HELP ni yw dŵr' }]);
  await smsc.until('two answers', () => smsc.deliveries === 2);
  await channel.stop();
  smsc.close();
});

test('two gateways share the messages by their weights', async () => {
  const [a, b] = [await centre(), await centre()];
  // With room for all at both: one that is full leaves its turns to the other.
  const window = 1000;
  const channel = sender([gateway('a', a, { weight: 3, window }), gateway('b', b, { window })]);
  await channel.until_up('a');
  await channel.until_up('b');
  await deliver(channel, 400);
  assert.equal(duplicates(400, a, b), 0);
  assert.ok(Math.abs(a.submits.length - 300) <= 40, `${a.submits.length} of 400`);
  await channel.stop();
  a.close();
  b.close();
});

test('no more goes out than the contract allows and a hundredth', async () => {
  const rate = 500, count = 2000;
  const smsc = await centre();
  const channel = sender([gateway('main', smsc, { rate, window: 100 })]);
  await channel.until_up('main');
  // From before the first leaves to when the last has come: no shorter than it took.
  const since = performance.now();
  await deliver(channel, count);
  const elapsed = (smsc.submits.at(-1)[1] - since) / 1000;
  assert.ok(count <= rate * 1.01 * (elapsed + 0.01), `${count} in ${elapsed} s`);
  assert.equal(duplicates(count, smsc), 0);
  await channel.stop();
  smsc.close();
});

test('under TLS the centre is believed by its authority and its name alone', async () => {
  const ca = authority(), stranger = authority();
  const files = certificate(ca, 'smsc');
  const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  const smsc = await centre({ tls, host: '0.0.0.0' });
  const over = (host, ca_file) => [gateway('main', smsc,
    { url: `smpps://tocsin@${host}:${smsc.port}`, ...(ca_file ? { ca_file } : {}) })];
  const good = sender(over('localhost', ca.certificate));
  await deliver(good, 50);
  assert.equal(duplicates(50, smsc), 0);
  assert.equal(await good.stop(), true);
  const address = sender(over('127.0.0.1', ca.certificate));
  await address.until_up('main');
  await address.stop();

  const binds = smsc.binds.length;
  for (const [host, ca_file, why] of [
    ['localhost', stranger.certificate, /certificate/],
    ['localhost', undefined, /certificate/],  // the system knows no such authority
    ['127.0.0.2', ca.certificate, /IP address mismatch/],
  ]) {
    const bad = sender(over(host, ca_file));
    await bad.until('a refusal', () => bad.trace.includes('gateway_down'));
    const [state] = await bad.state();
    assert.equal(state.up, false);
    assert.match(state.why, why);
    await bad.stop();
  }
  assert.equal(smsc.binds.length, binds, 'nobody said a password');
  smsc.close();
});

test('TLS older than 1.2 is not spoken, and neither is plain SMPP to who wants TLS', async () => {
  const ca = authority();
  const files = certificate(ca, 'smsc');
  const old = await centre({ tls: {
    cert: readFileSync(files.certificate), key: readFileSync(files.key), maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0',
  } });
  const plain = await centre();
  for (const smsc of [old, plain]) {
    const channel = sender([gateway('main', smsc,
      { url: `smpps://tocsin@localhost:${smsc.port}`, ca_file: ca.certificate })],
    { connect: 1000 });
    await channel.until('a refusal', () => channel.trace.includes('gateway_down'));
    assert.equal((await channel.state())[0].up, false);
    assert.equal(smsc.binds.length, 0);
    await channel.stop();
    smsc.close();
  }
});

test('a password file is read for each bind', async () => {
  const smsc = await centre();
  const [main] = [gateway('main', smsc)];
  const channel = sender([main]);
  await channel.until_up('main');
  writeFileSync(main.password_file, 'another\n');
  smsc.session.socket.destroy();
  await smsc.until('another bind', () => smsc.binds.length === 2);
  assert.deepEqual(smsc.binds.map(({ password }) => password), ['secret', 'another']);
  await channel.stop();
  smsc.close();
});
