// What the clients know, kept outside the engine: every yes they heard, everything they sent
// without hearing an answer, and what the log was once seen to hold. After each kill the engine is
// held to it.
import { Broken, promised, sha256_hex } from './wire.mjs';

const PAGE = 1000;
const BODIES_KEPT = 400;

export class Book {
  constructor(http, random) {
    this.http = http;
    this.random = random;
    this.epoch = null;
    this.sent = new Map();    // id -> {digest, cancels}: everything ever sent
    this.places = new Map();  // id -> seq: where it is in the log
    this.times = [];          // seq -> at
    this.ids = [];            // seq -> id; 0 stands empty
    this.yes = new Map();     // id -> {seq, at}: heard since the last look at the log
    this.unanswered = [];     // jobs that were cut off
    this.bodies = [];         // some bulletins to send again, with their bytes
    this.count = { yes: 0, repeats: 0, unanswered: 0, survived: 0 };
  }

  get head() { return Math.max(0, this.ids.length - 1); }

  /** A 201 or a 200 for a bulletin, as the contract has it. */
  answered(bulletin, { status, body }) {
    promised(status === 201 || status === 200, `a sound bulletin got ${status}: ${body}`);
    const { seq, epoch, id, at } = JSON.parse(body);
    promised(id === bulletin.id, `the answer names ${id}, sent was ${bulletin.id}`);
    this.epoch ??= epoch;
    promised(epoch === this.epoch, `the epoch was ${this.epoch} and is ${epoch}`);
    const before = this.yes.get(id) ?? this.place_of(id);
    promised(status === 201 || before || bulletin.tried, `${id} is new and was answered 200`);
    promised(status === 200 || !before, `${id} has place ${before?.seq} and was admitted again`);
    if (before) {
      promised(before.seq === seq && before.at === at,
               `${id} was ${before.seq} at ${before.at}, a repeat says ${seq} at ${at}`);
      this.count.repeats += 1;
      return;
    }
    this.yes.set(id, { seq, at });
    this.count.yes += 1;
  }

  place_of(id) {
    const seq = this.places.get(id);
    return seq === undefined ? undefined : { seq, at: this.times[seq] };
  }

  sending(bulletin) {
    this.sent.set(bulletin.id, { digest: bulletin.digest, cancels: bulletin.cancels });
    if (this.bodies.length < BODIES_KEPT) this.bodies.push(bulletin);
    else this.bodies[this.random.below(BODIES_KEPT)] = bulletin;
  }

  /** Reads on from `from`, page by page, handing each object over. */
  async pages(from, query, take) {
    for (let after = from; ;) {
      const { status, body } =
        await this.http.get(`/v1/alerts?after=${this.epoch}:${after}&limit=${PAGE}${query}`);
      promised(status === 200, `reading after ${after}: ${status} ${body}`);
      const lines = body.toString().split('\n').filter(Boolean);
      if (lines.length === 0) return;
      for (const line of lines) {
        const alert = JSON.parse(line);
        promised(alert.seq > after, `after ${after} came ${alert.seq}`);
        take(alert, after);
        after = alert.seq;
      }
    }
  }

  /** The same of the whole log, where no place may be empty. */
  read(from, take) {
    return this.pages(from, '', (alert, after) => {
      promised(alert.seq === after + 1, `after ${after} the log has ${alert.seq}`);
      take(alert);
    });
  }

  check_object({ seq, id, at, envelope }) {
    const known = this.sent.get(id);
    promised(known, `${seq} is ${id}, which nobody sent`);
    promised(sha256_hex(JSON.stringify(envelope)) === known.digest, `${seq} is not as it was sent`);
    promised(sha256_hex(Buffer.from(envelope.payload, 'base64')) === id, `${seq} is not its id`);
    return { seq, id, at };
  }

  /** The log's end, after a restart: what was answered yes is there, and nothing twice. */
  async check_tail() {
    if (!this.epoch) return [];  // nobody has heard of a log yet
    await this.read(this.head, (alert) => {
      const { seq, id, at } = this.check_object(alert);
      promised(!this.places.has(id), `${id} is at ${this.places.get(id)} and again at ${seq}`);
      this.places.set(id, seq);
      this.ids[seq] = id;
      this.times[seq] = at;
    });
    for (const [id, { seq, at }] of this.yes) {
      promised(this.ids[seq] === id, `${id} was answered yes at ${seq}; there is ${this.ids[seq]}`);
      promised(this.times[seq] === at, `${seq} was at ${at} and is at ${this.times[seq]}`);
    }
    const heard = [...this.yes.values()].map(({ seq }) => seq);
    this.yes.clear();
    return heard;
  }

  /** The signed bytes of those places, by `.xml`. */
  async check_bytes(places) {
    await Promise.all(places.map(async (seq) => {
      const { status, body } = await this.http.get(`/v1/alerts/${seq}.xml`);
      promised(status === 200, `${seq}.xml: ${status}`);
      promised(sha256_hex(body) === this.ids[seq], `${seq}.xml is not what was signed`);
    }));
  }

  /** Sends again what had no answer, in its order, and some of what had one. */
  async send_again() {
    const jobs = this.unanswered.splice(0);
    for (const job of jobs) {
      for (const bulletin of job) {
        if (this.places.has(bulletin.id)) this.count.survived += 1;
        await this.send(bulletin);
      }
    }
    for (let i = 0; i < 4 && this.bodies.length > 0; ++i) {
      const bulletin = this.bodies[this.random.below(this.bodies.length)];
      if (this.places.has(bulletin.id)) await this.send(bulletin);
    }
  }

  async send(bulletin) {
    this.sending(bulletin);
    const answer = await this.http.post(bulletin.line);
    this.answered(bulletin, answer);
    bulletin.tried = true;
  }

  /** The whole log once more, against all that was ever seen of it. */
  async check_whole() {
    await this.check_tail();
    let count = 0;
    await this.read(0, (alert) => {
      const { seq, id, at } = this.check_object(alert);
      promised(this.ids[seq] === id && this.times[seq] === at, `${seq} has changed`);
      count += 1;
    });
    promised(count === this.head, `the log has ${count} records and had ${this.head}`);
    await this.check_active();
  }

  /** What is active: every alert that was not cancelled, and none that was. */
  async check_active() {
    const expected = new Set(this.ids.filter((id) => id && !this.sent.get(id).cancels));
    for (const id of this.ids) if (id) expected.delete(this.sent.get(id).cancels);
    await this.pages(0, '&active=1', (alert) => {
      const { id, seq } = this.check_object(alert);
      promised(expected.delete(id) || this.sent.get(id).cancels, `${seq} is cancelled, yet active`);
    });
    promised(expected.size === 0, `${expected.size} alerts are missing among the active ones`);
  }
}

export { Broken };
