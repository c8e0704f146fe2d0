// A line between two programs that can be cut, slowed, and mended.
import { connect, createServer } from 'node:net';

export class Line {
  /** `to`: the port that is reached through it. */
  constructor(to) {
    this.to = to;
    this.delay_ms = 0;
    this.whole = true;
    this.pairs = new Set();
  }

  async open() {
    this.server = createServer((near) => this.#join(near));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    return this;
  }

  #join(near) {
    if (!this.whole) return near.destroy();
    const far = connect(this.to, '127.0.0.1');
    const pair = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('data', (data) => {
        if (!this.whole) return;  // what is on its way when the line is cut is lost
        if (this.delay_ms === 0) return to.write(data);
        setTimeout(() => { if (this.whole && !to.destroyed) to.write(data); }, this.delay_ms);
      });
      from.on('error', () => {});
      from.on('close', () => { to.destroy(); this.pairs.delete(pair); });
    }
  }

  /** Silent: nothing comes through and nobody is told, as where a cable is pulled. */
  cut() { this.whole = false; }

  slow(delay_ms) { this.delay_ms = delay_ms; }

  /** As new; what was connected while it was cut has to connect again. */
  mend() {
    this.delay_ms = 0;
    if (this.whole) return;
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.whole = true;
  }

  close() {
    this.server.close();
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }
}
