// Two clocks that a wall screen can rely on: one that never runs backwards and does not stand still
// while the machine sleeps, and the wall's, corrected by the engine's where this machine's is
// wrong.

const wrong_from_ms = 60 * 1000;

export class PageClock {
  constructor(date_now = () => Date.now(), tick_now = () => performance.now()) {
    this.date_now_ = date_now;
    this.tick_now_ = tick_now;
    this.date_ = date_now();
    this.tick_ = tick_now();
    this.steady_ = 0;
    this.offset_ms = 0;  // what to add to this machine's time; 0 unless it is clearly wrong
  }

  /** Milliseconds since some moment, by whichever of the two sources moved further. */
  steady() {
    const date = this.date_now_();
    const tick = this.tick_now_();
    this.steady_ += Math.max(date - this.date_, tick - this.tick_, 0);
    this.date_ = date;
    this.tick_ = tick;
    return this.steady_;
  }

  now() {
    return this.date_now_() + this.offset_ms;
  }

  /** What the engine says the time is. */
  engine_says(text) {
    const offset_ms = Date.parse(text) - this.date_now_();
    if (!Number.isNaN(offset_ms))
      this.offset_ms = Math.abs(offset_ms) < wrong_from_ms ? 0 : offset_ms;
  }
}

const day_format =
    new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'long', year: 'numeric'});
const time_format =
    new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', timeZoneName: 'short'});
const second_format =
    new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});

/** "17:30 GMT on 21 November 2026" */
export function moment(ms) {
  return `${time_format.format(ms)} on ${day_format.format(ms)}`;
}

/** "17:31:05" */
export function clock_time(ms) {
  return second_format.format(ms);
}

/** "3 s", "4 min", "2 h 5 min", "3 days": how long something has lasted. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}
