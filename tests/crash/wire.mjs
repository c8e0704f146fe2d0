// HTTP as a client that keeps its connections, and the small things the crash test is made of.
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';

const WAIT_MAX_S = 60;

export const sha256_hex = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A broken promise of the engine; everything else is a fault of the test itself. */
export class Broken extends Error {}

export function promised(condition, what) {
  if (!condition) throw new Broken(what);
}

/** A small generator of numbers that a seed repeats (mulberry32). */
export function random_from(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    between: (low, high) => low + next() * (high - low),
    one_in: (times) => next() < 1 / times,
  };
}

export class Http {
  constructor(url) {
    this.url = url;
    this.told_to_wait = 0;
    this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
  }

  /** `{status, body}`, or a rejection when the connection did not live to the answer. */
  ask(method, path, body) {
    return new Promise((resolve, reject) => {
      const asked = request(this.url + path, { method, agent: this.agent }, (answer) => {
        const pieces = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('end', () => {
          if (!answer.complete) reject(new Error('the answer was cut off'));
          else {
            resolve({ status: answer.statusCode, body: Buffer.concat(pieces),
                      retry_after_s: Number(answer.headers['retry-after']) });
          }
        });
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  get(path) { return this.ask('GET', path); }

  /** Asks again where it is told to wait, as a control room would: nothing was taken then. */
  async post(body) {
    for (let waited_s = 0; ;) {
      const answer = await this.ask('POST', '/v1/alerts', body);
      if (answer.status !== 503 || !(answer.retry_after_s > 0) || waited_s >= WAIT_MAX_S) {
        return answer;
      }
      this.told_to_wait += 1;
      waited_s += answer.retry_after_s;
      await new Promise((done) => setTimeout(done, answer.retry_after_s * 1000));
    }
  }

  /** After a kill: no connection of before is used again. */
  forget() {
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
  }
}
