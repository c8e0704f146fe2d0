// Node 18 keeps WebCrypto behind an import; the page's modules find it where browsers have it.
import {webcrypto} from 'node:crypto';

globalThis.crypto ??= webcrypto;

/** Timers that move only when the test moves them, with a clock to go with them. */
export class ManualTimers {
  constructor() {
    this.now_ms = 0;
    this.waiting = [];
    this.host = {
      now: () => this.now_ms,
      random: () => 0.5,
      set_timeout: (work, ms) => {
        const timer = {work, at: this.now_ms + ms};
        this.waiting.push(timer);
        return timer;
      },
      clear_timeout: (timer) => {
        this.waiting = this.waiting.filter((other) => other !== timer);
      },
    };
  }

  advance(ms) {
    const until = this.now_ms + ms;
    for (;;) {
      const due = this.waiting.filter(({at}) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.waiting.splice(this.waiting.indexOf(due), 1);
      this.now_ms = Math.max(this.now_ms, due.at);
      due.work();
    }
    this.now_ms = until;
  }
}

/** Lets everything run that waits for a promise. */
export const settle = () => new Promise((resolve) => {
  setImmediate(resolve);
});
