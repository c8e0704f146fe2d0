// What a screen reader is told, and when: one alert at a time, the severest first, then how many
// more there are. The two live regions stand empty in the page from the start; only text goes in.

import {rank} from './cap.js';

const pause_ms = 7000;    // for one announcement to be read out
const forget_ms = 20000;  // then the region is empty again
const notes_max = 5;      // waiting: whoever listens for minutes hears nothing new

export class Announcer {
  /** `assertive` and `polite` take a text; timers come from `host`. */
  constructor(assertive, polite, host) {
    this.regions_ = {assertive, polite};
    this.host_ = host;
    this.waiting_ = [];
    this.busy_ = false;
    this.state_ = null;
    this.state_timer_ = null;
  }

  /** An alert came: Extreme and Severe interrupt, the rest waits for a pause. */
  alert(text, severity) {
    this.waiting_.push({text, urgent: rank(severity) >= 3, order: rank(severity)});
    // Those that arrive together are told as one, so nothing is said before all have been taken.
    if (!this.busy_) this.pause_(50);
  }

  /** Something that is no alert: a cancellation, a warning, how many there are. */
  note(text) {
    this.waiting_.push({text, urgent: false, order: 0});
    const notes = this.waiting_.filter(entry => entry.order === 0);
    if (notes.length > notes_max) this.waiting_.splice(this.waiting_.indexOf(notes[0]), 1);
    if (!this.busy_) this.pause_(50);
  }

  /** The state of the line, once it has lasted: a blink of the network is not worth a word. */
  state(text) {
    if (text === this.state_) return;
    this.state_ = text;
    this.host_.clear_timeout(this.state_timer_);
    this.state_timer_ = this.host_.set_timeout(() => this.note(text), 3000);
  }

  pause_(ms) {
    this.busy_ = true;
    this.host_.set_timeout(() => this.next_(), ms);
  }

  next_() {
    if (this.waiting_.length === 0) {
      this.busy_ = false;
      return;
    }
    this.waiting_.sort((a, b) => b.order - a.order);
    const first = this.waiting_.shift();
    const more = this.waiting_.filter(entry => entry.order > 0).length;
    // What is left is told as a number; notes still come one by one.
    this.waiting_ = this.waiting_.filter(entry => entry.order === 0);
    if (more > 0) this.note(more === 1 ? '1 more alert' : `${more} more alerts`);
    this.say_(first.urgent ? 'assertive' : 'polite', first.text);
    this.pause_(pause_ms);
  }

  say_(region, text) {
    this.regions_[region](text);
    this.host_.clear_timeout(this.forget_timer_);
    this.forget_timer_ = this.host_.set_timeout(() => {
      this.regions_.assertive('');
      this.regions_.polite('');
    }, forget_ms);
  }
}
