// A message centre that outlives every kill of the engine and forgets nothing: which message about
// which bulletin came to which number, how often. Each is answered after a moment, so that a kill
// finds some of them unanswered. Every other message it takes is reported as delivered until the
// engine has answered that it has taken the report, also to the engine's next life.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promised } from './wire.mjs';

const HEAD = 16;
const BIND = 0x09, SUBMIT = 0x04, DELIVER = 0x05, UNBIND = 0x06, ENQUIRE = 0x15;
const ANSWER = 0x80000000;
const TO_REPORTS = 4;  // esm_class of a receipt
const UDH = 0x40;
const AGAIN_MS = 100;  // until a report that was not taken is sent again

const text = (words) => Buffer.from(`${words}\0`, 'latin1');

function pdu(command, sequence, body = Buffer.alloc(0)) {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(HEAD + body.length, 0);
  head.writeUInt32BE(command >>> 0, 4);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, body]);
}

/** To which number, which words: of a submit_sm's octets behind its head. */
function message_of(body) {
  let at = 0;
  const string = () => {
    const end = body.indexOf(0, at);
    const found = body.toString('latin1', at, end);
    at = end + 1;
    return found;
  };
  string();  // service_type
  at += 2;
  string();  // from
  at += 2;
  const number = string();
  const esm_class = body[at];
  at += 3;
  string();  // when
  string();  // until when
  at += 4;
  promised((esm_class & UDH) === 0, 'a message came in parts, and should fit in one');
  return { number, words: body.toString('latin1', at + 1, at + 1 + body[at]) };
}

export class Centre {
  constructor(random, delay_ms) {
    this.random = random;
    this.delay_ms = delay_ms;
    this.seen = new Map();  // check code -> Map(number -> how often)
    this.submits = 0;
    this.ids = 0;
    this.reports = new Map();  // id -> {body, code, number}: reports that have no answer yet
    this.reported = new Map();  // sequence of a deliver_sm -> id
    this.answered = new Map();  // check code -> Map(number -> ids of which a report was answered)
    this.newest = new Map();  // check code -> Map(number -> id of the last message to it)
    this.refused = 0;  // reports that were to be sent again
    this.sequence = 0;
    this.sessions = 0;
    this.broken = null;
  }

  async listen() {
    this.server = createServer((socket) => this.begin(socket)).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
  }

  begin(socket) {
    let kept = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', () => {});  // the engine was killed
    socket.on('data', (data) => {
      kept = kept.length > 0 ? Buffer.concat([kept, data]) : data;
      while (kept.length >= HEAD && kept.length >= kept.readUInt32BE(0)) {
        const size = kept.readUInt32BE(0);
        try {
          this.take(socket, kept.subarray(0, size));
        } catch (fault) {
          this.broken ??= fault;
        }
        kept = kept.subarray(size);
      }
    });
  }

  take(socket, octets) {
    const command = octets.readUInt32BE(4), sequence = octets.readUInt32BE(12);
    if (command === BIND) {
      this.sessions += 1;
      socket.write(pdu(ANSWER | BIND, sequence, text('centre')));
      for (const [id, { body }] of this.reports) this.report(socket, id, body);
    } else if (command === ENQUIRE || command === UNBIND) {
      socket.write(pdu(ANSWER | command, sequence));
    } else if (command === SUBMIT) {
      this.submitted(socket, sequence, message_of(octets.subarray(HEAD)));
    } else if (command === (ANSWER | DELIVER) >>> 0) {
      const id = this.reported.get(sequence);
      this.reported.delete(sequence);
      if (octets.readUInt32BE(8) === 0) return this.report_answered(id);
      this.refused += 1;
      setTimeout(() => this.report_again(socket, id), AGAIN_MS);
    }
  }

  report_answered(id) {
    const report = this.reports.get(id);
    if (!report) return;
    this.reports.delete(id);
    if (!this.answered.has(report.code)) this.answered.set(report.code, new Map());
    const numbers = this.answered.get(report.code);
    if (!numbers.has(report.number)) numbers.set(report.number, new Set());
    numbers.get(report.number).add(id);
  }

  report_again(socket, id) {
    const report = this.reports.get(id);
    if (report && !socket.destroyed) this.report(socket, id, report.body);
  }

  submitted(socket, sequence, { number, words }) {
    const code = words.match(/Check ([0-9A-Z]{5}-[0-9A-Z]{5})/)?.[1];
    promised(code, `a message has no check code: ${words}`);
    if (!this.seen.has(code)) this.seen.set(code, new Map());
    const times = this.seen.get(code);
    times.set(number, (times.get(number) ?? 0) + 1);
    this.submits += 1;
    const own = ++this.ids;
    const id = `m${own}`;
    if (!this.newest.has(code)) this.newest.set(code, new Map());
    this.newest.get(code).set(number, id);
    setTimeout(() => {
      if (socket.destroyed) return;
      socket.write(pdu(ANSWER | SUBMIT, sequence, text(id)));
      if (own % 2 === 0) return;
      const body = receipt(id, number);
      this.reports.set(id, { body, code, number });
      this.report(socket, id, body);
    }, this.random.between(0, this.delay_ms));
  }

  report(socket, id, body) {
    this.sequence += 1;
    this.reported.set(this.sequence, id);
    socket.write(pdu(DELIVER, this.sequence, body));
  }

  /** How many numbers were sent that bulletin. */
  told(code) { return this.seen.get(code)?.size ?? 0; }

  stop() { this.server.close(); }
}

function receipt(id, number) {
  const words = Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2611211930 ` +
                            'done date:2611211931 stat:DELIVRD err:000 text:', 'latin1');
  return Buffer.concat([text(''), Buffer.from([1, 1]), text(number), Buffer.from([5, 0]),
                        text('TOCSIN'), Buffer.from([TO_REPORTS, 0, 0]), text(''), text(''),
                        Buffer.from([0, 0, 0, 0, words.length]), words]);
}
