// Message centres out of npm's smpp, which do what a test wants; the SMS channel as a program
// (support/send_sms.cpp) that speaks with them; and an outbox in small, which tries again what was
// for later and what nobody knows of, and counts.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import assert from 'node:assert/strict';
import smpp from 'smpp';
import { BIN, scratch, within } from './engine.mjs';

const LATE_MS = 60_000;
const open_centres = new Set(), senders = new Set();

after(() => {
  for (const sender of senders) sender.child.kill('SIGKILL');
  for (const centre of open_centres) centre.close();
});

/** Waits until `holds()` does, asked whenever something has happened. */
export class Happenings {
  waiting = new Set();

  happened() {
    for (const wait of this.waiting) if (wait.holds()) wait.resolve();
  }
  until(what, holds) {
    if (holds()) return Promise.resolve();
    const wait = { holds };
    this.waiting.add(wait);
    const over = new Promise((resolve) => { wait.resolve = resolve; });
    return within(LATE_MS, what, over).finally(() => this.waiting.delete(wait));
  }
}

/** One message centre. `submit(pdu, session, centre)` is called for each submit_sm. */
class Centre extends Happenings {
  sessions = [];
  binds = [];
  submits = [];           // [pdu, when]
  accepted = new Map();   // how often a number's message was taken
  enquiries = 0;
  unbinds = 0;
  deliveries = 0;         // deliver_sm_resp
  bind_status = 0;
  answers_enquiries = true;
  ids = 0;

  constructor({ submit, tls, host = '127.0.0.1' }) {
    super();
    this.submit = submit ?? ((pdu, session) => this.accept(pdu, session));
    this.server = smpp.createServer(tls ?? {}, (session) => this.#begin(session));
    this.server.on('error', () => {});
    open_centres.add(this);
    this.ready = new Promise((resolve) => {
      this.server.listen(0, host, () => {
        this.port = this.server.address().port;
        resolve(this);
      });
    });
  }

  #begin(session) {
    session.on('error', () => {});
    session.on('close', () => { session.over = true; this.happened(); });
    session.on('bind_transceiver', (pdu) => {
      this.binds.push(pdu);
      this.sessions.push(session);
      session.send(pdu.response({ command_status: this.bind_status, system_id: 'centre' }));
    });
    session.on('submit_sm', (pdu) => {
      this.submits.push([pdu, performance.now()]);
      this.submit(pdu, session, this);
    });
    session.on('enquire_link', (pdu) => {
      ++this.enquiries;
      if (this.answers_enquiries) session.send(pdu.response());
    });
    session.on('unbind', (pdu) => { ++this.unbinds; session.send(pdu.response()); });
    session.on('deliver_sm_resp', () => { ++this.deliveries; });
    session.on('pdu', () => setImmediate(() => this.happened()));
  }

  /** The newest session. */
  get session() { return this.sessions.at(-1); }

  /** Takes a message: it is on its way to the telephone, whatever the answer is. */
  take(pdu) {
    const number = pdu.destination_addr;
    this.accepted.set(number, (this.accepted.get(number) ?? 0) + 1);
    return String(++this.ids);
  }
  /** Takes it and says so. */
  accept(pdu, session) {
    session.send(pdu.response({ message_id: this.take(pdu) }));
  }
  refuse(pdu, session, command_status) { session.send(pdu.response({ command_status })); }

  close() {
    open_centres.delete(this);
    for (const session of this.sessions) session.socket.destroy();
    this.server.close();
  }
}

export const centre = (options = {}) => new Centre(options).ready;

const password = () => {
  const file = join(scratch(), 'smpp.password');
  writeFileSync(file, 'secret\n', { mode: 0o600 });
  return file;
};

/** A gateway's configuration; `url` alone may be left out. */
export const gateway = (name, centre, more = {}) => ({
  name, url: `smpp://tocsin@127.0.0.1:${centre.port}`, password_file: password(),
  source: 'TOCSIN', window: 20, rate: 100_000, ...more,
});

/** Short, so that a test need not wait for what takes seconds. */
export const QUICK = {
  answer: 400, silence: 60_000, enquiry: 30_000, back_off_first: 50, back_off_max: 100,
  reconnect_first: 20, reconnect_max: 60, stop: 2_000,
};

/** The channel as a program. */
class Sender extends Happenings {
  attempted = [];
  reports = [];
  said = [];
  states = [];
  rooms = 0;

  constructor(gateways, times) {
    super();
    const program = join(BIN, 'send_sms');
    assert.ok(existsSync(program), `${program} is missing: build first`);
    this.child = spawn(program, [JSON.stringify({ gateways, times: { ...QUICK, ...times } })],
      { stdio: ['pipe', 'pipe', 'pipe'] });
    senders.add(this);
    this.trace = '';
    this.child.stderr.on('data', (data) => { this.trace += data; this.happened(); });
    this.ended = new Promise((resolve) => this.child.on('close', (code) => {
      senders.delete(this);
      this.code = code;
      this.happened();
      resolve(code);
    }));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.#hear(JSON.parse(line));
      this.happened();
    });
  }

  #hear(line) {
    if ('attempted' in line) this.attempted.push(line);
    else if ('report' in line) this.reports.push(line);
    else if ('said' in line) this.said.push(line);
    else if ('state' in line) this.states.push(line.state);
    else if ('room' in line) ++this.rooms;
    else if ('stopped' in line) this.stopped = line.stopped;
    this.on_line?.(line);
  }

  say(line) { this.child.stdin.write(JSON.stringify(line) + '\n'); }

  async state() {
    const before = this.states.length;
    this.say({ state: true });
    await this.until('its state', () => this.states.length > before);
    return this.states.at(-1);
  }
  /** Waits until that gateway is up, or is not. */
  async until_up(name, up = true) {
    for (;;) {
      const found = (await this.state()).find((gateway) => gateway.name === name);
      if (found.up === up) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  async stop() {
    this.say({ stop: true });
    assert.equal(await within(LATE_MS, 'the end', this.ended), 0, this.trace);
    return this.stopped;
  }
}

export const sender = (gateways, times = {}) => new Sender(gateways, times);

export const number_of = (index) => `44770${String(index).padStart(7, '0')}`;

/**
 * Delivers messages 1 to `count`, each to a number of its own, until each was sent or refused for
 * good: what is for later is tried again, and what is uncertain too. The tallies of it.
 */
export async function deliver(sender, count, { text = '', on_settled } = {}) {
  const settled = new Map();
  const tally = { settled, later: 0, uncertain: 0, lines: [] };
  const attempt = (number) =>
    sender.say({ attempt: number, to: `+${number_of(number)}`, text, language: 'en' });
  sender.on_line = (line) => {
    if (!('attempted' in line)) return;
    tally.lines.push(line);
    if (line.uncertain) ++tally.uncertain;
    if (line.fate === 'later') {
      if (!line.uncertain) ++tally.later;
      setTimeout(() => attempt(line.attempted), 20);
      return;
    }
    assert.ok(!settled.has(line.attempted), 'answered once');
    settled.set(line.attempted, line);
    on_settled?.(settled.size);
  };
  for (let number = 1; number <= count; ++number) attempt(number);
  await sender.until(`${count} messages`,
    () => settled.size === count || sender.code !== undefined);
  assert.equal(sender.code, undefined, `it ended: ${sender.trace}`);
  return tally;
}

/** 0 lost: each number's message was taken. Gives how many were taken more than once, in all. */
export function duplicates(count, ...centres) {
  let twice = 0;
  for (let index = 1; index <= count; ++index) {
    const times = centres.reduce(
      (sum, centre) => sum + (centre.accepted.get(number_of(index)) ?? 0), 0);
    assert.ok(times >= 1, `the message to ${index} is lost`);
    twice += times - 1;
  }
  return twice;
}
