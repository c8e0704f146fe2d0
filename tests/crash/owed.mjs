// Who should be sent what, kept outside the engine, and what its outbox says in the end, held to
// what the message centre saw.
import { promised } from './wire.mjs';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const HALF = 5;

/** The code by which people compare a bulletin, from its id (engine/check_code.hpp). */
function check_code(id) {
  const first = BigInt(`0x${id.slice(0, 14)}`) >> 6n;  // 50 bits of 56
  const letters = Array.from({ length: 2 * HALF }, (_, n) =>
    LETTERS[Number(first >> BigInt(5 * (2 * HALF - 1 - n)) & 31n)]).join('');
  return `${letters.slice(0, HALF)}-${letters.slice(HALF)}`;
}

const number_of = (organisation) => String(447_700_000_000 + Number(organisation.slice(3)));

export class Owed {
  constructor(centre, organisations, random) {
    this.centre = centre;
    this.organisations = organisations;
    this.random = random;
    this.alerts = [];  // {code, seq, job, cancel: {code, seq} | null, cancelled_at}
    this.waiting = [];  // what was posted and not answered
    this.counted = 0;  // uncertain attempts, as the engine counted them
    this.uncounted_most = 0;  // that starts which were killed may have counted unheard
  }

  count_uncertain(attempts) { this.counted += attempts; }

  /** A start that was killed has told what it found under way, or did not come to that. */
  count_killed_start(said, window) {
    const told = said.split('\n').find((line) => line.includes('deliveries_uncertain'));
    if (told) this.counted += Number(told.match(/attempts"?[=:]"?(\d+)/)[1]);
    else this.uncounted_most += window;
  }

  /** How many messages should come still, as far as the centre knows. */
  left() {
    let left = 0;
    for (const { code, cancel } of this.alerts) {
      const told = this.centre.told(code);
      left += cancel ? Math.max(0, told - this.centre.told(cancel.code))
                     : this.organisations - told;
    }
    return left + this.waiting.length;
  }

  /** The next thing to post: what had no answer, a Cancel whose time has come, or an alert. */
  next(next_job) {
    if (this.waiting.length > 0) return this.waiting.shift();
    for (const alert of this.alerts) {
      const { job, cancel } = alert;
      if (cancel || job.length < 2 || this.centre.told(alert.code) < alert.cancelled_at) continue;
      return { bulletin: job[1], cancels: alert };
    }
    if (this.left() > this.organisations / 2) return null;
    const job = next_job();
    return job ? { bulletin: job[0], job } : null;
  }

  async post_while(state, http, next_job) {
    while (state.running) {
      const one = this.next(next_job);
      if (!one) {
        await new Promise((done) => setTimeout(done, 5));
        continue;
      }
      try {
        await this.post(http, one);
      } catch (fault) {
        promised(!state.running, `a connection broke while tocsind was up: ${fault.message}`);
        this.waiting.push(one);
        return;
      }
    }
  }

  async post_rest(http) {
    for (const one of this.waiting.splice(0)) await this.post(http, one);
    for (const alert of this.alerts) {
      if (alert.job.length < 2 || alert.cancel) continue;
      await this.post(http, { bulletin: alert.job[1], cancels: alert });
    }
  }

  async post(http, { bulletin, job, cancels }) {
    const { status, body } = await http.post(bulletin.line);
    promised(status === 201 || status === 200, `a sound bulletin got ${status}: ${body}`);
    const { seq } = JSON.parse(body);
    const posted = { code: check_code(bulletin.id), seq };
    if (cancels) {
      cancels.cancel = posted;
      return;
    }
    this.alerts.push({ ...posted, job, cancel: null,
                       cancelled_at: this.random.between(0.1, 0.9) * this.organisations });
  }

  // --- in the end

  /** The rows of the outbox against what the centre saw. */
  compare(rows) {
    this.found = { alerts: this.alerts.length,
                   cancels: this.alerts.filter(({ cancel }) => cancel).length,
                   deliveries: 0, twice: 0, uncertain: 0, unseen: 0, replaced: 0, reported: 0,
                   reports_nameless: 0 };
    const code_of = new Map();
    for (const { code, seq, cancel } of this.alerts) {
      code_of.set(seq, code);
      if (cancel) code_of.set(cancel.seq, cancel.code);
    }
    const by_seq = new Map();  // seq -> Map(number -> row)
    for (const row of rows.filter(({ seq }) => seq)) {
      promised(code_of.has(row.seq), `${row.seq} is owed to somebody, and nobody posted it`);
      this.compare_row(row, code_of.get(row.seq));
      if (!by_seq.has(row.seq)) by_seq.set(row.seq, new Map());
      by_seq.get(row.seq).set(number_of(row.organisation), row);
    }
    for (const [code, told] of this.centre.seen) {
      const seq = [...code_of].find(([, one]) => one === code)?.[0];
      promised(seq, `${code} was sent, and nobody posted it`);
      for (const number of told.keys()) {
        promised(by_seq.get(seq)?.has(number), `${seq} was sent to one whom it is not owed to`);
      }
    }
    for (const alert of this.alerts) this.compare_alert(alert, by_seq);
    this.compare_sums(rows, by_seq);
    const most = this.counted + this.uncounted_most;
    promised(this.counted <= this.found.uncertain && this.found.uncertain <= most,
             `${this.found.uncertain} attempts are uncertain in the outbox, ` +
             `${this.counted} to ${most} were counted`);
  }

  /** One delivery: an attempt that the centre did not see, or saw again, was counted. */
  compare_row(row, code) {
    const { seq, organisation, state, attempts, uncertain } = row;
    const number = number_of(organisation);
    const times = this.centre.seen.get(code)?.get(number) ?? 0;
    const reports = this.centre.answered.get(code)?.get(number) ?? new Set();
    const what = `${seq} to ${organisation}, ${state} after ${attempts} attempts`;
    promised(!row.under_way && state !== 'owed', `${what}, is forgotten`);
    promised(times <= attempts, `${what}, came ${times} times`);
    const settled = state === 'sent' || state === 'delivered';
    promised(settled ? times >= 1 : state === 'replaced', `${what}, came ${times} times`);
    // The last attempt of what was sent was answered; every other one ended with the engine.
    const lost = settled ? attempts - 1 : attempts;
    promised(lost === 0 || uncertain, `${what}, is not called uncertain`);
    const { found } = this;
    found.deliveries += 1;
    found.uncertain += lost;
    found.twice += Math.max(0, times - 1);
    found.unseen += attempts - times;
    if (state === 'replaced') found.replaced += 1;
    this.compare_reports(row, reports, this.centre.newest.get(code)?.get(number));
  }

  /** What was answered as taken is known ever after. Where an attempt ended with the engine, so
   * that it never knew its message's name, a report of that one message says nothing to it. */
  compare_reports({ seq, organisation, state }, reports, newest) {
    const what = `${seq} to ${organisation}, ${state}`;
    if (reports.size > 0) this.found.reported += 1;
    if (state === 'delivered') {
      promised(reports.size > 0, `${what}, and nobody said that it arrived`);
    } else if (reports.size > 0) {
      promised(state !== 'sent' || !reports.has(newest), `${what}: its report is forgotten`);
      this.found.reports_nameless += 1;
    }
  }

  /** Everybody whom it concerns was told, or its Cancel came first; the Cancel follows exactly. */
  compare_alert({ seq, code, cancel }, by_seq) {
    const told = by_seq.get(seq) ?? new Map();
    if (!cancel) {
      promised(told.size === this.organisations, `${seq} is owed to ${told.size} alone`);
      promised(this.centre.told(code) === this.organisations, `${seq} was not sent to all`);
      return;
    }
    const followed = by_seq.get(cancel.seq) ?? new Map();
    for (const [number, { state, attempts }] of told) {
      const may_know = attempts > 0;
      promised(followed.has(number) === may_know,
               `${seq} was ${state} after ${attempts} attempts, and its Cancel ${cancel.seq} was ` +
               `${may_know ? 'not ' : ''}sent there`);
    }
    for (const number of followed.keys()) {
      promised(told.has(number), `${cancel.seq} was sent to one who never heard of ${seq}`);
    }
  }

  /** The sums that an operator reads are those of the rows. */
  compare_sums(rows, by_seq) {
    for (const { alert, planned, ...sums } of rows.filter((row) => row.alert)) {
      promised(planned, `${alert} is not planned`);
      const organisations = new Set([...(by_seq.get(alert)?.values() ?? [])]
        .map(({ organisation }) => organisation)).size;
      const matched = sums.reached + sums.trying + sums.failed + sums.not_contactable;
      promised(matched >= organisations, `${alert} has ${matched} and ${organisations} rows`);
    }
  }
}
