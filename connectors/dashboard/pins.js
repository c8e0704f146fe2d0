// What this browser keeps between visits: the roots it believes and the newest trust document it
// has taken, so that the version never goes back, whatever is served next time.

import {pins_of, read_trust} from './trust.js';

const place = 'tocsin.trust.v1';

/** Fetches, checks and remembers the trust document. `fetch_text` gives what the engine serves. */
export class TrustKeeper {
  constructor(storage, fetch_text) {
    this.storage_ = storage;
    this.fetch_text_ = fetch_text;
    this.kept_ = null;     // {pins, text, since}
    this.document = null;  // the one in force
    this.refused = null;   // why the one that is served is not taken; null when it is
    this.served_text_ = null;
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
      this.document = await read_trust(kept.text, kept.pins);
      this.kept_ = kept;
    } catch {
      this.forgot = true;
    }
  }

  /** Asks the engine; true when another document came into force. */
  async refresh(now) {
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
      this.keep_(document, text, this.kept_?.since ?? now);
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
    this.keep_(document, text, now);
  }

  keep_(document, text, since) {
    this.document = document;
    this.kept_ = {pins: pins_of(document), text, since};
    try {
      this.storage_.setItem(place, JSON.stringify(this.kept_));
      this.durable = true;
    } catch {
      this.durable = false;
    }
  }
}
