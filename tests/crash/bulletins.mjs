// Signed bulletins without end, made by make_bulletins as they are asked for. Some are Cancels of
// the one before; those two stay together, since an alert that comes after its Cancel is refused.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sha256_hex } from './wire.mjs';

const CANCEL_EVERY = 7;  // unless somebody says otherwise

/** What is kept of an envelope: who it is, and the bytes that are to come back. */
export function bulletin(line) {
  const envelope = JSON.parse(line);
  const payload = Buffer.from(envelope.payload, 'base64');
  return { line, id: sha256_hex(payload), digest: sha256_hex(JSON.stringify(envelope)) };
}

export class Bulletins {
  constructor(bin, folder, cancel_every = CANCEL_EVERY) {
    this.cancel_every = cancel_every;
    this.maker = spawn(join(bin, 'make_bulletins'),
      ['--count', '100000000', '--bytes', '1000', '--cancel-every', `${cancel_every}`,
       '--trust-out', join(folder, 'trust.json')],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.maker.stdout })[Symbol.asyncIterator]();
    this.kept = [];
    this.number = 0;
  }

  /** Reads ahead, so that clients under load need not wait. */
  async prepare(count) {
    while (this.kept.length < count) {
      const job = [await this.read()];
      if ((this.number + 1) % this.cancel_every === 0) {
        const cancel = await this.read();
        cancel.cancels = job[0].id;
        job.push(cancel);
      }
      this.kept.push(job);
    }
  }

  async read() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('make_bulletins ended');
    this.number += 1;
    return bulletin(value);
  }

  /** The next job: bulletins that are to be sent one after another. Nothing when none is ready. */
  next() { return this.kept.shift(); }

  stop() { this.maker.kill(); }
}
