// What this browser keeps between visits: the roots it believes and the newest trust document it
// has taken, so that the version never goes back, whatever is served next time.

import {Revocations} from './revocations.js';
import {pins_of, read_trust} from './trust.js';

const place = 'tocsin.trust.v1';
const revocations_place = 'tocsin.revocations.v1';

/**
 * Fetches, checks and remembers the trust document and the revocations beside it. `fetch_text` and
 * `fetch_revocations` give what the engine serves.
 */
export class TrustKeeper {
  constructor(storage, fetch_text, fetch_revocations = async () => '') {
    this.storage_ = storage;
    this.fetch_text_ = fetch_text;
    this.fetch_revocations_ = fetch_revocations;
    this.revocations_ = new Revocations();
    this.signed_ = null;   // the document as it was signed
    this.kept_ = null;     // {pins, text, since}
    this.document = null;  // the one in force, with the revocations that count among its revoked
    this.refused = null;   // why the one that is served is not taken; null when it is
    this.served_text_ = null;
    this.heard_revocations = false;  // whether the engine has given them since the page was opened
    this.asking_ = Promise.resolve();
    this.durable = true;  // whether this browser remembers the pins
    this.forgot = false;  // whether it had pins that it could not read
  }

  get pinned_since() {
    return this.kept_?.since ?? null;
  }
  get pinned_keys() {
    return this.kept_?.pins.keys ?? [];
  }

  /** Takes up what earlier visits left. */
  async remember() {
    try {
      const text = this.storage_?.getItem(place) ?? null;
      if (text === null) return;
      const kept = JSON.parse(text);
      // Read again as if it came from the engine: what lies in the storage is checked, not
      // believed.
      this.signed_ = await read_trust(kept.text, kept.pins);
      this.kept_ = {...kept, pins: pins_of(this.signed_)};
    } catch {
      this.forgot = true;
      return;
    }
    this.remember_revocations_();
    this.document = await this.revocations_.take('', this.signed_);
  }

  remember_revocations_() {
    try {
      const lines = JSON.parse(this.storage_.getItem(revocations_place) ?? '[]');
      this.revocations_ = new Revocations(lines);
    } catch {
      // The engine gives them again.
    }
  }

  /**
   * Asks the engine, once at a time; true when another document or another revocation came into
   * force.
   */
  refresh(now) {
    const done = this.asking_.then(() => this.refresh_(now));
    this.asking_ = done.catch(() => {});
    return done;
  }

  async refresh_(now) {
    const changed = await this.refresh_document_(now);
    if (this.signed_ === null) return changed;
    const before = JSON.stringify(this.document.revoked);
    await this.refresh_revocations_();
    return changed || JSON.stringify(this.document.revoked) !== before;
  }

  async refresh_revocations_() {
    let text;
    try {
      text = await this.fetch_revocations_();
      this.heard_revocations = true;
    } catch {
      return;  // asked again with the next document; those that are known stay
    }
    const before = this.revocations_.lines;
    this.document = await this.revocations_.take(text, this.signed_);
    if (this.revocations_.lines.join() === before.join()) return;
    try {
      this.storage_?.setItem(revocations_place, JSON.stringify(this.revocations_.lines));
    } catch {
      // The engine gives them again.
    }
  }

  async refresh_document_(now) {
    let text;
    try {
      text = await this.fetch_text_();
    } catch {
      if (this.document === null) {
        this.refused = {
          code: 'unreachable',
          message: 'The engine did not answer when asked for it.'
        };
      }
      return false;
    }
    this.served_text_ = text;
    try {
      const document = await read_trust(text, this.kept_?.pins ?? null);
      this.refused = null;
      if (this.document?.digest === document.digest) return false;
      await this.keep_(document, text, this.kept_?.since ?? now);
      return true;
    } catch (error) {
      this.refused = {code: error.code ?? 'bad_trust', message: error.message};
      return false;
    }
  }

  /** The roots of what the engine serves now, for a person to compare; [] if it is no document. */
  async served_roots() {
    try {
      return (await read_trust(this.served_text_, null)).root.keys;
    } catch {
      return [];
    }
  }

  /**
   * A person has said that the roots are new and `typed` the beginning of one's id: pins those of
   * what is served now, if that very root has signed it. (A document could list a root that never
   * saw it, and another may be served by now than the one that the person was shown.)
   */
  async pin_served(now, typed) {
    const text = this.served_text_;
    const document = await read_trust(text, null);
    const keys = document.root.keys.filter(({keyid}) => keyid.startsWith(typed));
    await read_trust(text, {keys, threshold: 1, version: 0, digest: document.digest});
    this.refused = null;
    await this.keep_(document, text, now);
  }

  async keep_(document, text, since) {
    this.signed_ = document;
    this.document = await this.revocations_.take('', document);
    this.kept_ = {pins: pins_of(document), text, since};
    try {
      this.storage_.setItem(place, JSON.stringify(this.kept_));
      this.durable = true;
    } catch {
      this.durable = false;
    }
  }
}
