// What this page knows: the bulletins it verified, and what of them is to be shown at a moment.
// An Update takes the place of what it names, a Cancel ends what it names, and both also when they
// come first. Bounded, whatever arrives.

import {identity_of, rank} from './cap.js';

export const alerts_max = 200;
const ended_max = 2000;

// A Cancel ends whatever it names; an Update takes the place of what has its own status, so that a
// test never hides what is meant.
const ends = (by, alert) => by.msg_type === 'Cancel' || by.status === alert.status;

export class Alerts {
  constructor() {
    this.bulletins_ = new Map();  // id -> bulletin, `ended` once another has ended it
    this.ended_ = new Map();      // identity -> [{msg_type, status}] of what ends it, for later
    this.generation_ = 0;
    this.left_out = 0;  // verified, but beyond what this page keeps
  }

  has(id) {
    return this.bulletins_.has(id);
  }

  /** Takes a verified bulletin. Ack and Error are none of the public's business. */
  add(bulletin, now) {
    const {alert} = bulletin;
    if (!['Alert', 'Update', 'Cancel'].includes(alert.msg_type)) return;
    const identity = identity_of(alert);
    const ended = this.bulletins_.get(bulletin.id)?.ended === true ||
        (this.ended_.get(identity) ?? []).some((by) => ends(by, alert));
    this.bulletins_.set(
        bulletin.id, {...bulletin, identity, ended, generation: this.generation_});
    if (alert.msg_type !== 'Alert') {
      for (const reference of alert.references) this.end_(reference, bulletin);
      this.end_held_(bulletin);
    }
    if (this.bulletins_.size > alerts_max) this.leave_one_out_(now);
  }

  // Only an alert's own sender can end it.
  end_(reference, bulletin) {
    if (reference.sender !== bulletin.alert.sender) return;
    const identity = identity_of(reference);
    const {msg_type, status} = bulletin.alert;
    const ways = this.ended_.get(identity) ?? [];
    if (ways.some((by) => by.msg_type === msg_type && by.status === status)) return;
    this.ended_.set(identity, [...ways, {msg_type, status}]);
    if (this.ended_.size > ended_max) this.ended_.delete(this.ended_.keys().next().value);
  }

  // Those that are here are marked themselves: however many are named, by whomever, none of them
  // is forgotten to have ended.
  end_held_(bulletin) {
    for (const named of this.named_by(bulletin)) {
      if (named.id !== bulletin.id && ends(bulletin.alert, named.alert)) named.ended = true;
    }
  }

  /** What is active is about to be told afresh: what is not told again leaves at settle(). */
  start_afresh() {
    this.generation_++;
    this.left_out = 0;
  }

  settle() {
    for (const [id, bulletin] of this.bulletins_) {
      if (bulletin.generation !== this.generation_) this.bulletins_.delete(id);
    }
  }

  /** Somebody else reads from now on: what was for the reader before alone leaves at once. */
  keep_public() {
    for (const [id, {alert}] of this.bulletins_) {
      if (alert.scope !== 'Public') this.bulletins_.delete(id);
    }
  }

  /** {active, cancelled} at `now`: the severest first, then the newest. */
  shown(now) {
    const active = [];
    const cancelled = [];
    for (const bulletin of this.bulletins_.values()) {
      if (now >= this.ends_(bulletin)) continue;
      if (bulletin.alert.msg_type === 'Cancel')
        cancelled.push(bulletin);
      else if (!bulletin.ended)
        active.push(bulletin);
    }
    active.sort(severest_then_newest);
    cancelled.sort((a, b) => b.alert.sent - a.alert.sent || b.seq - a.seq);
    return {active, cancelled};
  }

  /** The verified bulletins that a Cancel names, as far as this page has seen them. */
  named_by(cancel) {
    const names = new Set(cancel.alert.references.map(identity_of));
    return [...this.bulletins_.values()].filter(
        bulletin => bulletin.alert.sender === cancel.alert.sender &&
            names.has(bulletin.identity));
  }

  // A Cancel is told for as long as anyone could still believe what it cancels.
  ends_(bulletin) {
    if (bulletin.alert.msg_type !== 'Cancel') return bulletin.expires;
    return Math.max(bulletin.expires, ...this.named_by(bulletin).map(named => named.expires));
  }

  leave_one_out_(now) {
    const useless = bulletin => now >= bulletin.expires ||
        (bulletin.alert.msg_type !== 'Cancel' && bulletin.ended);
    const all = [...this.bulletins_.values()];
    const victim = all.find(useless) ?? all.sort(severest_then_newest)[all.length - 1];
    if (!useless(victim)) this.left_out++;
    this.bulletins_.delete(victim.id);
  }
}

function severest_then_newest(a, b) {
  return rank(b.severity) - rank(a.severity) || b.alert.sent - a.alert.sent || b.seq - a.seq;
}
