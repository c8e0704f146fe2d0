// What senders were answered and what readers were shown, held against the logs in the end. It
// knows nothing of how a cluster agrees.
import { createHash } from 'node:crypto';

export const sha256_hex = (data) => createHash('sha256').update(data).digest('hex');

export class Book {
  constructor() {
    this.acknowledged = [];  // {id, seq, epoch, node, begun, ended}
    this.cuts = [];          // {node, from, to}: while that node had no majority
    this.faults = [];
    this.unknown = 0;
    this.refused = 0;
    this.lost = 0;
  }

  fault(what) { this.faults.push(what); }

  acknowledge(entry) { this.acknowledged.push(entry); }

  /** `logs`: `[{node, alerts: [{seq, id, at}]}]`; `readers`: those of readers.mjs. */
  check(logs, readers) {
    const [first, ...others] = logs;
    first.alerts.forEach(({ seq }, i) => {
      if (seq !== i + 1) this.fault(`${first.node}: ${seq} stands at place ${i + 1}`);
    });
    if (new Set(first.alerts.map(({ id }) => id)).size !== first.alerts.length) {
      this.fault('an alert has two places');
    }
    for (const { node, alerts } of others) {
      if (JSON.stringify(alerts) !== JSON.stringify(first.alerts)) {
        const at = alerts.findIndex((each, i) => each.id !== first.alerts[i]?.id);
        this.fault(`${node} (${alerts.length}) has another order than ${first.node} ` +
          `(${first.alerts.length}), from ${at < 0 ? alerts.length : at} on`);
      }
    }
    this.#check_acknowledged(first.alerts);
    this.#check_minority();
    for (const reader of readers) this.#check_reader(reader, first.alerts);
    return this.faults;
  }

  #check_acknowledged(alerts) {
    const places = new Map(alerts.map(({ seq, id }) => [id, seq]));
    for (const { id, seq, node } of this.acknowledged) {
      if (places.get(id) !== seq) {
        this.lost += 1;
        this.fault(`${node} acknowledged ${id.slice(0, 8)} at ${seq}; it is at ` +
          `${places.get(id) ?? 'no place'}`);
      }
    }
  }

  #check_minority() {
    for (const { node, begun, ended, seq } of this.acknowledged) {
      for (const cut of this.cuts) {
        if (cut.node === node && begun > cut.from && ended < cut.to) {
          this.fault(`${node} acknowledged ${seq} while it had no majority`);
        }
      }
    }
  }

  /** Each run of what a reader was shown without being told of a gap: nothing left out or twice. */
  #check_reader({ name, runs, epoch }, alerts) {
    for (const run of runs) {
      run.forEach(({ seq, id }, i) => {
        if (i > 0 && seq !== run[i - 1].seq + 1) {
          this.fault(`${name} was shown ${seq} after ${run[i - 1].seq}`);
        }
        if (alerts[seq - 1]?.id !== id) this.fault(`${name} was shown another ${seq} (${epoch})`);
      });
    }
  }
}
