// Who this browser is signed in as. The token lies in a cookie that scripts never see, so all that
// is known here is what the engine says.

const address = '/v1/session';

export class Session {
  /** `ask(path, options)` is fetch, bounded in time. */
  constructor(ask) {
    this.ask_ = ask;
    this.asking_ = Promise.resolve();
    this.name = null;  // the organisation's, for people; null where nobody is signed in
    // Who was signed in until it ended without a sign-out: the name, '' where that is not known;
    // null where nobody was, or has signed in or out since.
    this.lost = null;
  }

  /**
   * Asks the engine; true when it is somebody else than before. A cookie that signs nobody in any
   * more goes away with the answer. Where there is none, what was known stays.
   */
  refresh() {
    return this.in_turn_(async () => {
      const answer = await this.ask_(address, {cache: 'no-store'});
      if (!answer.ok && answer.status !== 401) return false;
      const before = this.name;
      const changed = this.is_(answer.ok ? await answer.json() : null);
      if (this.name !== null) this.lost = null;
      else if (before !== null || !answer.ok)
        this.lost = before ?? this.lost ?? '';
      return changed;
    }, false);
  }

  /** Signs in with a token or an invitation; null, or a sentence about why not. */
  sign_in(typed) {
    const secret = typed.trim();
    if (secret === '') return Promise.resolve('Enter a token or an invitation.');
    const kind = secret.startsWith('tocsin_i_') ? 'invitation' : 'token';
    return this.in_turn_(async () => {
      const answer = await this.ask_(address, {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({[kind]: secret}),
      });
      const said = await answer.json();
      if (!answer.ok) return said.detail ?? 'The engine did not sign you in.';
      this.is_(said);
      this.lost = null;
      return null;
    });
  }

  /** Null when the cookie is gone and all is done, or a sentence about what is not. */
  sign_out() {
    return this.in_turn_(async () => {
      const answer = await this.ask_(address, {method: 'DELETE'});
      // 503: the cookie is gone, the token could not be revoked.
      if (answer.ok || answer.status === 503) {
        this.is_(null);
        this.lost = null;
      }
      return answer.ok ? null : (await answer.json()).detail ?? 'The engine refused. Try again.';
    });
  }

  // One request after the other: the answer to an older one could set or take away the cookie that
  // a newer one has just changed.
  in_turn_(work, otherwise = 'The engine did not answer. Try again.') {
    const done = this.asking_.then(work).catch(() => otherwise);
    this.asking_ = done;
    return done;
  }

  is_(said) {
    const before = this.name;
    this.name = said?.organisation ? said.name || said.organisation : null;
    return this.name !== before;
  }
}
