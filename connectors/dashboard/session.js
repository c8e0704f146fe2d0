// Who this browser is signed in as. The token lies in a cookie that scripts never see, so all that
// is known here is what the engine says.

const address = '/v1/session';

export class Session {
  /** `ask(path, options)` is fetch, bounded in time. */
  constructor(ask) {
    this.ask_ = ask;
    this.name = null;  // the organisation's, for people; null where nobody is signed in
  }

  /**
   * Asks the engine; true when it is somebody else than before. A cookie that signs nobody in any
   * more goes away with the answer. Where there is none, what was known stays.
   */
  async refresh() {
    try {
      const answer = await this.ask_(address, {cache: 'no-store'});
      if (answer.status === 401) return this.is_(null);
      return answer.ok ? this.is_(await answer.json()) : false;
    } catch {
      return false;
    }
  }

  /** Signs in with a token or an invitation; null, or a sentence about why not. */
  async sign_in(typed) {
    const secret = typed.trim();
    if (secret === '') return 'Enter a token or an invitation.';
    const kind = secret.startsWith('tocsin_i_') ? 'invitation' : 'token';
    try {
      const answer = await this.ask_(address, {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({[kind]: secret}),
      });
      const said = await answer.json();
      if (!answer.ok) return said.detail ?? 'The engine did not sign you in.';
      this.is_(said);
      return null;
    } catch {
      return 'The engine did not answer. Try again.';
    }
  }

  /** True when the cookie is gone. */
  async sign_out() {
    try {
      const answer = await this.ask_(address, {method: 'DELETE'});
      if (answer.ok) this.is_(null);
      return answer.ok;
    } catch {
      return false;
    }
  }

  is_(said) {
    const before = this.name;
    this.name = said?.organisation ? said.name || said.organisation : null;
    return this.name !== before;
  }
}
