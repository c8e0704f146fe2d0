// The page's beginning: joins the trust document, the stream and what is shown.

import {Alerts} from './alerts.js';
import {Announcer} from './announcer.js';
import {announcement_of, title_of} from './cards.js';
import {PageClock} from './clock.js';
import {Contacts} from './contacts.js';
import {ContactsPart} from './contacts_part.js';
import {can_verify} from './dsse.js';
import {judge} from './judge.js';
import {new_roots_form, Page} from './page.js';
import {TrustKeeper} from './pins.js';
import {acknowledge} from './receipts.js';
import {Refused} from './refused.js';
import {Session} from './session.js';
import {filters_of, Stream} from './stream.js';
import * as words from './words.js';

const trust_every_ms = 5 * 60 * 1000;
const trust_again_ms = 30 * 1000;  // at the earliest, when an unknown key asks for it
const session_again_ms = 30 * 1000;  // without a line, or when the page is looked at again
const session_every_ms = 60 * 60 * 1000;  // with one: being asked for is what keeps a cookie good
const answer_max_ms = 10 * 1000;
const starting_max_ms = 3 * 1000;  // how long a page may be without a list before that alarms
const receipts_a_second = 10;      // an engine closes a reader who says too much
const announced_max = 2000;
const unverified_kept = 20;

const host = {
  WebSocket,
  random: Math.random,
  set_timeout: (work, ms) => setTimeout(work, ms),
  clear_timeout: timer => clearTimeout(timer),
};

const ask = (path, options) =>
    fetch(path, {...options, signal: AbortSignal.timeout(answer_max_ms)});

async function fetch_text(path) {
  const answer = await ask(path, {cache: 'no-cache'});
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}
const fetch_trust = () => fetch_text('/v1/trust');
const fetch_revocations = () => fetch_text('/v1/trust/revocations');

// Some browsers refuse even to be asked for their storage.
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Those of `bulletins` that `ids` did not have; now it has them, and of old ones the newest. */
function added_to(ids, bulletins) {
  const fresh = bulletins.filter(({id}) => !ids.has(id));
  for (const {id} of fresh) ids.add(id);
  while (ids.size > announced_max) ids.delete(ids.values().next().value);
  return fresh;
}

class App {
  constructor() {
    this.languages_ = navigator.languages ?? [];
    this.clock_ = new PageClock();
    this.alerts_ = new Alerts();
    this.keeper_ = new TrustKeeper(storage(), fetch_trust, fetch_revocations);
    const region = id => text => {
      document.getElementById(id).textContent = text;
    };
    this.announcer_ = new Announcer(region('say-now'), region('say-soon'), host);
    this.page_ = new Page(
        this.languages_, text => this.announcer_.note(text),
        ({seq}, answer) => acknowledge(ask, seq, answer));
    this.session_ = new Session(ask);
    this.contacts_part_ = new ContactsPart(new Contacts(ask), () => this.on_left_());
    this.session_asked_at_ = 0;
    this.readers_ = 0;  // how often who reads has become somebody else
    this.able_ = false;
    this.known_ = false;  // whether a whole list has ever come
    this.unverified_ = [];
    this.unverified_count_ = 0;
    this.announced_ = new Set();
    this.told_ = new Set();  // of which the engine hears, in the reader's name, that it was seen
    this.to_tell_ = [];
    this.trust_asked_at_ = 0;
    this.trust_wanted_ = false;  // something was refused that a newer document might explain
    this.rendering_ = false;
  }

  async start() {
    this.able_ = await can_verify();
    if (this.able_) {
      await this.keeper_.remember();
      const asked = this.refresh_trust_();
      if (this.keeper_.document === null) await asked;
    }
    // A cookie that signs nobody in any more would keep the stream from beginning.
    await this.refresh_session_();
    this.page_.on_session(typed => this.sign_in_(typed), () => this.sign_out_());
    const filters = filters_of(location.search);
    this.page_.show_filters(filters);
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream`;
    this.stream_ =
        new Stream(url, filters, this.events_(), {...host, now: () => this.clock_.steady()});
    this.stream_.start();
    setInterval(() => this.tick_(), 1000);
    addEventListener('online', () => this.stream_.hurry());
    document.addEventListener('visibilitychange', () => {
      this.tick_();
      if (document.visibilityState === 'visible') this.refresh_session_after_(session_again_ms);
    });
    this.render_();
  }

  events_() {
    return {
      on_hello: hello => this.on_hello_(hello),
      on_alert: object => this.on_alert_(object),
      on_afresh: () => this.on_afresh_(),
      on_live: () => this.on_live_(),
      on_gap: () => this.page_.notice('gap', words.gap(this.clock_.now())),
      on_beat: beat => this.on_beat_(beat),
      on_change: () => this.render_soon_(),
    };
  }

  // --- the stream

  on_hello_(hello) {
    const trust = this.keeper_.document;
    const same = trust === null || (hello.system === trust.system && hello.kind === trust.kind);
    this.page_.notice('system', same ? null : words.another_system);
    // A line that was made anew may be anybody's: a cookie ends without a word.
    this.refresh_session_();
    // Not all at once: after a restart every page comes back.
    setTimeout(() => this.refresh_trust_(), Math.random() * 5000);
  }

  async on_alert_(object) {
    const reader = this.readers_;
    try {
      if (!this.able_) throw new Refused('unable', 'This browser cannot check signatures.');
      const bulletin = await this.judged_(object);
      // What came for somebody who reads here no longer: a new list is on its way.
      if (reader !== this.readers_) return;
      this.alerts_.add(bulletin, this.clock_.now());
    } catch (error) {
      const reason = error instanceof Refused ? error.message : 'This page could not read it.';
      this.on_unverified_(object, reason);
    }
    this.render_soon_();
  }

  async judged_(object) {
    try {
      return await judge(object, this.trust_());
    } catch (error) {
      // A trust document that this page has not seen yet may know the key, or know it longer.
      if (!['unknown_key', 'key_expired', 'no_trust'].includes(error.code)) throw error;
      if (this.clock_.steady() - this.trust_asked_at_ < trust_again_ms) {
        this.trust_wanted_ = true;  // later, and then everything is judged again
        throw error;
      }
      await this.refresh_trust_();
      return judge(object, this.trust_());
    }
  }

  trust_() {
    if (this.keeper_.document === null)
      throw new Refused('no_trust', 'There is no trust document.');
    return this.keeper_.document;
  }

  on_unverified_(object, reason) {
    this.unverified_count_++;
    this.unverified_.push({seq: object.seq, at: this.clock_.now(), reason});
    if (this.unverified_.length > unverified_kept) this.unverified_.shift();
    this.page_.show_unverified(this.unverified_, this.unverified_count_);
  }

  on_afresh_() {
    this.alerts_.start_afresh();
    this.unverified_ = [];
    this.unverified_count_ = 0;
  }

  on_live_() {
    this.alerts_.settle();
    this.page_.show_unverified(this.unverified_, this.unverified_count_);
    this.render_();
    this.known_ = true;
  }

  on_beat_(beat) {
    this.clock_.engine_says(beat.at);
    this.page_.notice('clock', this.clock_.offset_ms === 0 ? null : words.wrong_clock);
  }

  // --- trust

  async refresh_trust_() {
    if (!this.able_) return;
    this.trust_asked_at_ = this.clock_.steady();
    this.trust_wanted_ = false;
    const changed = await this.keeper_.refresh(this.clock_.now());
    await this.show_trust_();
    // Another document: every alert is judged again by it.
    if (changed) this.stream_?.restart_afresh();
  }

  async show_trust_() {
    const {document: trust, refused, durable, forgot} = this.keeper_;
    this.page_.show_trust(trust, this.keeper_);
    this.page_.notice('expired', words.expiry(trust, this.clock_.now()));
    const heard = trust === null || this.keeper_.heard_revocations;
    this.page_.notice('revocations', heard ? null : words.no_revocations);
    this.page_.notice('durable', durable ? null : words.keeps_nothing);
    this.page_.notice('forgot', forgot ? words.forgot_pins : null);
    let form = null;
    if (refused?.code === 'other_root') {
      form =
          new_roots_form(await this.keeper_.served_roots(), typed => this.pin_served_(typed));
    }
    this.page_.notice(
        'trust', refused === null ? null : words.not_taken(refused.message, trust), form);
    this.render_soon_();
  }

  /** True when the roots that are served now were pinned. */
  async pin_served_(typed) {
    try {
      await this.keeper_.pin_served(this.clock_.now(), typed);
    } catch {
      return false;
    }
    await this.show_trust_();
    this.stream_.restart_afresh();
    return true;
  }

  // --- who reads

  async refresh_session_() {
    this.session_asked_at_ = this.clock_.steady();
    if (await this.session_.refresh()) this.on_other_reader_();
    this.show_session_();
  }

  refresh_session_after_(ms) {
    if (this.clock_.steady() - this.session_asked_at_ >= ms) this.refresh_session_();
  }

  async sign_in_(typed) {
    const why_not = await this.session_.sign_in(typed);
    if (why_not === null) this.on_other_reader_();
    this.show_session_();
    return why_not;
  }

  async sign_out_() {
    const before = this.session_.name;
    const why_not = await this.session_.sign_out();
    if (this.session_.name !== before) this.on_other_reader_();
    this.show_session_();
    return why_not;
  }

  // What was for one reader alone does not stay for the next, who is also counted anew.
  on_other_reader_() {
    this.readers_++;
    this.alerts_.keep_public();
    this.told_.clear();
    this.to_tell_ = [];
    this.stream_?.restart_afresh();
    this.render_();
  }

  /** The organisation is erased, and this browser's cookie with it. */
  async on_left_() {
    await this.sign_out_();
    document.getElementById('session-said').textContent =
        'Everything of your organisation is erased.';
  }

  show_session_() {
    this.page_.show_session(this.session_.name);
    this.contacts_part_.show(this.session_.name !== null);
    const {lost} = this.session_;
    this.page_.notice('session', lost === null ? null : words.signed_in_no_longer(lost));
  }

  // --- time, and what is seen

  tick_() {
    this.stream_.tick();
    const soon = this.trust_wanted_ || this.keeper_.document === null ||
        !this.keeper_.heard_revocations;
    if (this.clock_.steady() - this.trust_asked_at_ >= (soon ? trust_again_ms : trust_every_ms)) {
      this.refresh_trust_();
    }
    // Without a line it may be that a cookie which signs nobody in keeps it from beginning.
    this.refresh_session_after_(this.stream_.live() ? session_every_ms : session_again_ms);
    this.render_();
    this.tell_displayed_();
  }

  // Everything that changes in one turn is shown at once.
  render_soon_() {
    if (this.rendering_) return;
    this.rendering_ = true;
    setTimeout(() => {
      this.rendering_ = false;
      this.render_();
    }, 0);
  }

  render_() {
    if (this.stream_ === undefined) return;
    const now = this.clock_.now();
    const {active, cancelled} = this.alerts_.shown(now);
    this.page_.show_alerts(active, cancelled, bulletin => this.alerts_.named_by(bulletin));
    this.page_.refresh_ages(now);
    this.page_.notice('unable', this.able_ ? null : words.unable(this.unverified_count_));
    const out = this.alerts_.left_out;
    this.page_.notice('left-out', out === 0 ? null : words.left_out(out));
    const live = this.stream_.live();
    const silent_ms = this.clock_.steady() - (this.stream_.heard_at ?? 0);
    const heard = this.stream_.heard_at === null ? null : now - silent_ms;
    const starting = heard === null && this.clock_.steady() < starting_max_ms;
    this.announcer_.state(this.page_.show_state(
        {live, starting, known: this.known_, heard, silent_ms}, active.length));
    this.page_.show_title(live, this.keeper_.document?.kind === 'exercise', active);
    this.announce_(active, cancelled);
  }

  announce_(active, cancelled) {
    const news = added_to(this.announced_, active);
    const ended = added_to(this.announced_, cancelled);
    // What stood here when the page was opened is read as the page is, not shouted.
    if (this.known_) {
      for (const bulletin of news) {
        this.announcer_.alert(announcement_of(bulletin, this.languages_), bulletin.severity);
      }
      for (const bulletin of ended) {
        const named = this.alerts_.named_by(bulletin)[0];
        this.announcer_.note(
            named === undefined ? 'An alert was cancelled' :
                                  `Cancelled: ${title_of(named.alert, this.languages_)}`);
      }
    }
    const seen = added_to(this.told_, [...active, ...cancelled]);
    this.to_tell_.push(...seen.map(({seq}) => seq));
    this.to_tell_ = this.to_tell_.slice(-announced_max);
  }

  // A receipt means that a person could see it: never from a page in the background.
  tell_displayed_() {
    if (document.visibilityState !== 'visible') return;
    for (let i = 0; i < receipts_a_second && this.to_tell_.length > 0; i++) {
      if (!this.stream_.tell_displayed(this.to_tell_[0])) return;
      this.to_tell_.shift();
    }
  }
}

new App().start();
