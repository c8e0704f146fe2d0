// The engine's SMPP against one that nobody here wrote: npm's smpp reads what we write and writes
// what we read, and its GSM alphabet is ours.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import smpp from 'smpp';
import { BIN } from './support/engine.mjs';

const { PDU, encodings } = smpp;
const program = join(BIN, 'smpp_frames');

/** What smpp_frames answers to each of these. */
function ask(...questions) {
  assert.ok(existsSync(program), `${program} is missing: build first`);
  const input = questions.map((question) => JSON.stringify(question) + '\n').join('');
  const ran = spawnSync(program, { input, maxBuffer: 1 << 26 });
  assert.equal(ran.status, 0, ran.stderr?.toString());
  const lines = ran.stdout.toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, questions.length);
  return lines;
}

const read_by_npm = ({ hex }) => PDU.fromBuffer(Buffer.from(hex, 'hex'));

/** What of `expected` npm's PDU has. */
function holds(pdu, expected) {
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(pdu[name], value, name);
}

const addresses = {
  source_addr_ton: 5, source_addr_npi: 0, source_addr: 'TOCSIN',
  dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447700900123',
};
const flags = {
  service_type: 'ALERT', protocol_id: 0, priority_flag: 3, registered_delivery: 1,
  replace_if_present_flag: 0, sm_default_msg_id: 0,
};

test('npm reads a submit_sm of ours as we wrote it', () => {
  const text = 'Rhybudd llifogydd: peidiwch â gyrru drwy ddŵr. '.repeat(3) + '😀';
  const [parts] = ask({ text, reference: 171 });
  assert.equal(parts.coding, 8);
  assert.ok(parts.messages.length > 1);
  const answers = ask(...parts.messages.map((octets, index) => ({
    write: {
      command: 'submit_sm', sequence: index + 1, ...addresses, ...flags, octets,
      esm_class: parts.esm_class, data_coding: parts.coding, validity_period: '000000020000000R',
    },
  })));
  let whole = '';
  answers.forEach((answer, index) => {
    const pdu = read_by_npm(answer);
    holds(pdu, {
      ...addresses, ...flags, command: 'submit_sm', sequence_number: index + 1, esm_class: 64,
      data_coding: 8, schedule_delivery_time: '',
    });
    assert.ok(pdu.validity_period instanceof Date);
    assert.deepEqual(pdu.short_message.udh,
      [Buffer.from([0, 3, 171, parts.messages.length, index + 1])]);
    whole += pdu.short_message.message;
  });
  assert.equal(whole, text);
});

test('npm puts a long GSM text of ours together', () => {
  const text = 'Flood: {act now} @ £5 & more €. '.repeat(12);
  const [parts] = ask({ text, reference: 1 });
  assert.equal(parts.coding, 0);
  assert.equal(parts.messages.length, 3);
  const whole = ask(...parts.messages.map((octets) => ({
    write: { command: 'submit_sm', ...addresses, octets, esm_class: 64 },
  }))).map((answer) => read_by_npm(answer).short_message.message).join('');
  assert.equal(whole, text);
});

test('npm reads everything else that we write', () => {
  const rows = [
    [{ command: 'bind_transceiver', sequence: 1, system_id: 'tocsin', password: 'secret' },
      { system_id: 'tocsin', password: 'secret', interface_version: 0x34, address_range: '' }],
    [{ command: 'bind_transceiver_resp', sequence: 1, system_id: 'centre' },
      { system_id: 'centre' }],
    [{ command: 'submit_sm_resp', sequence: 2, message_id: '5f3a' }, { message_id: '5f3a' }],
    [{ command: 'submit_sm_resp', sequence: 2, status: 0x58 }, { command_status: 0x58 }],
    [{ command: 'deliver_sm_resp', sequence: 3 }, { message_id: '' }],
    [{ command: 'deliver_sm_resp', sequence: 3, status: 0x66 }, { command_status: 0x66 }],
    [{ command: 'enquire_link', sequence: 4 }, {}],
    [{ command: 'enquire_link_resp', sequence: 0x7fffffff }, {}],
    [{ command: 'unbind', sequence: 5 }, {}],
    [{ command: 'unbind_resp', sequence: 5 }, {}],
    [{ command: 'data_sm_resp', sequence: 6, status: 3 }, { command_status: 3 }],
    [{ command: 'generic_nack', sequence: 0, status: 2 }, { command_status: 2 }],
  ];
  ask(...rows.map(([write]) => ({ write }))).forEach((answer, index) => {
    const [write, expected] = rows[index];
    holds(read_by_npm(answer),
      { command: write.command, sequence_number: write.sequence, ...expected });
  });
});

test('we read what npm writes, however it is joined', () => {
  const receipt = 'id:5F3A sub:001 dlvrd:001 submit date:2611211930 done date:2611211931 ' +
    'stat:DELIVRD err:000 text:Flood';
  const rows = [
    [new PDU('bind_transceiver_resp', { sequence_number: 1, system_id: 'centre',
      sc_interface_version: 0x34 }),
    { command: 'bind_transceiver_resp', system_id: 'centre', tlvs: [[0x0210, '34']] }],
    [new PDU('submit_sm_resp', { sequence_number: 2, message_id: '5f3a' }),
      { command: 'submit_sm_resp', message_id: '5f3a' }],
    [new PDU('submit_sm_resp', { sequence_number: 3, command_status: 0x14 }),
      { command: 'submit_sm_resp', status: 0x14, message_id: '' }],
    [new PDU('deliver_sm', { sequence_number: 4, esm_class: 4, source_addr_ton: 1,
      source_addr_npi: 1, source_addr: '447700900123', destination_addr: '60006', data_coding: 0,
      short_message: Buffer.from(receipt), receipted_message_id: '5F3A', message_state: 2 }),
    { command: 'deliver_sm', esm_class: 4, source_addr: '447700900123',
      destination_addr: '60006', octets: Buffer.from(receipt).toString('hex'),
      tlvs: [[0x001e, Buffer.from('5F3A\0').toString('hex')], [0x0427, '02']] }],
    [new PDU('deliver_sm', { sequence_number: 5, source_addr: '447700900123', data_coding: 8,
      short_message: { message: 'dŵr 😀' } }),
    { command: 'deliver_sm', data_coding: 8, octets: '006401750072' + '0020d83dde00' }],
    [new PDU('submit_sm', { sequence_number: 6, ...addresses, ...flags, esm_class: 64,
      data_coding: 8, validity_period: '000000020000000R', short_message: Buffer.from('ab') }),
    { command: 'submit_sm', ...addresses, ...flags, esm_class: 64, octets: '6162',
      validity_period: '000000020000000R' }],
    [new PDU('bind_transceiver', { sequence_number: 7, system_id: 'a', password: 'b' }),
      { command: 'bind_transceiver', system_id: 'a', password: 'b' }],
    ...['enquire_link', 'enquire_link_resp', 'unbind', 'unbind_resp', 'deliver_sm_resp',
      'generic_nack', 'data_sm', 'alert_notification'].map((command, index) =>
      [new PDU(command, { sequence_number: 10 + index }), { command }]),
    [new PDU('query_sm', { sequence_number: 30 }), { command: 'unknown' }],
  ];
  const stream = Buffer.concat(rows.map(([pdu]) => pdu.toBuffer()));
  const [{ pdus, fault }] = ask({ read: stream.toString('hex') });
  assert.equal(fault, false);
  assert.equal(pdus.length, rows.length);
  rows.forEach(([pdu, expected], index) => {
    assert.equal(pdus[index].sequence, pdu.sequence_number);
    holds(pdus[index], expected);
  });
});

test('the GSM alphabet of npm is ours, both ways', () => {
  const characters = [];
  for (let code = 1; code < 0x3000; ++code) {
    // npm takes an escape by itself for a character; the standard has it begin one.
    if (code !== 0x1b) characters.push(String.fromCharCode(code));
  }
  ask(...characters.map((text) => ({ text, reference: 0 }))).forEach((parts, index) => {
    const character = characters[index];
    const theirs = encodings.ASCII.match(character);
    assert.equal(parts.coding === 0, theirs, `U+${character.charCodeAt(0).toString(16)}`);
    if (theirs) {
      assert.equal(parts.messages[0], encodings.ASCII.encode(character).toString('hex'));
    }
  });
  const septets = [];
  for (let septet = 0; septet < 128; ++septet) if (septet !== 0x1b) septets.push(septet);
  const octets = (septet) => Buffer.from([septet]).toString('hex');
  ask(...septets.map((septet) => ({ octets: octets(septet), coding: 0 }))).forEach(
    ({ text }, index) => assert.equal(text, encodings.ASCII.decode(Buffer.from([septets[index]]))));
});

test('Latin-1 and UCS-2 are read as Node reads them', () => {
  const latin = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
  const wide = Buffer.from('ŵŷ 😀 €', 'utf16le').swap16();
  const [a, b] = ask({ octets: latin.toString('hex'), coding: 3 },
    { octets: wide.toString('hex'), coding: 8 });
  assert.equal(a.text, latin.toString('latin1'));
  assert.equal(b.text, 'ŵŷ 😀 €');
});
