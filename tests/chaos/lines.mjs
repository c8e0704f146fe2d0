// A line between two programs on two machines: a small proxy, by which it can be slowed, lose
// packets, and break. Cables are pulled beneath it (spaces.mjs).
import { connect, createServer } from 'node:net';

// What a packet that was lost waits for to be sent again: as long as Linux waits, then twice.
const AGAIN_MS = 200;
const AGAIN_TIMES = 5;

export class Line {
  /** `way`: of spaces.mjs; `draw` gives numbers from 0 to 1. */
  constructor(way, port, draw) {
    Object.assign(this, { way, port, draw });
    this.pairs = new Set();
    this.mend();
  }

  async open() {
    this.server = createServer((near) => this.#join(near));
    await new Promise((resolve) => this.server.listen(this.port, this.way.at, resolve));
    return this;
  }

  #join(near) {
    const far = connect({ port: this.port, host: this.way.to, localAddress: this.way.from });
    const pair = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      let last = 0;  // when the one before it arrives: nothing overtakes
      from.setNoDelay(true);
      from.on('data', (data) => {
        last = Math.max(last, performance.now() + this.#delay());
        if (last <= performance.now()) return to.write(data);
        setTimeout(() => { if (!to.destroyed) to.write(data); }, last - performance.now());
      });
      from.on('error', () => {});
      from.on('close', () => { to.destroy(); this.pairs.delete(pair); });
    }
  }

  #delay() {
    let delay = this.delay_ms;
    for (let i = 0; i < AGAIN_TIMES && this.lost > 0 && this.draw() < this.lost; ++i) {
      delay += AGAIN_MS * 2 ** i;
    }
    return delay;
  }

  slow(delay_ms) { this.delay_ms = delay_ms; }

  /** Of so many packets, a share, each is sent again later. */
  lose(share) { this.lost = share; }

  /** Both ends are told at once. */
  break_off() { for (const pair of this.pairs) for (const socket of pair) socket.destroy(); }

  mend() {
    this.delay_ms = 0;
    this.lost = 0;
  }

  close() {
    this.server.close();
    this.break_off();
  }
}
