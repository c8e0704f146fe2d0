// Whom of the organisation to reach, as the engine keeps it: asked for when somebody wants to see
// it, changed by requests, and forgotten when it is not looked at any more.

const address = '/v1/organisation';

/** What may be sent where, for people. */
export function standing_of({consents, confirmed, dead, way}) {
  if (dead) return 'Nothing arrives there.';
  if (consents) return 'Alerts are sent there.';
  if (way === 'webhook') return 'Nothing is sent there.';
  return confirmed ? 'Nothing is sent there any more.' : 'Not confirmed: nothing is sent there.';
}

/** Whether a code can make alerts go there. */
export const wants_code = ({consents, dead, way}) =>
    way !== 'webhook' && (!consents || dead === true);

export class Contacts {
  /** `ask(path, options)` is fetch, bounded in time. */
  constructor(ask) {
    this.ask_ = ask;
    this.known = null;  // what is kept of the organisation; null: it is not looked at
    this.tag_ = null;   // which state of it that is
    this.looks_ = 0;    // how often it was forgotten
    this.asked_ = 0;    // how often the engine was asked
    this.shown_ = 0;    // the question whose answer is shown
  }

  get list() {
    return this.known?.profile.contacts ?? [];
  }

  /** Nor is kept what was asked for before and comes later: somebody else may look then. */
  forget() {
    this.known = null;
    this.tag_ = null;
    this.looks_++;
  }

  // Each: null, or a sentence about why not.

  refresh() {
    return this.keep_(address, {cache: 'no-store'});
  }

  /** A new one: nothing is sent there until its code was typed in. */
  add(way, typed) {
    const to = typed.trim();
    if (to === '') return Promise.resolve('Enter a telephone number or an e-mail address.');
    return this.put_(list => [...list, {way, address: to}]);
  }

  stop({number}) {
    return this.put_(
        list => list.map(one => (one.number === number ? {...one, consents: false} : one)));
  }

  take_away({number}) {
    return this.put_(list => list.filter(one => one.number !== number));
  }

  async send_code({way, address: to}) {
    const said = await this.say_(`${address}/codes`, 'POST', {way, address: to});
    return typeof said === 'string' ? said : null;
  }

  confirm({way, address: to}, code) {
    return this.keep_(
        `${address}/confirmations`, json('POST', {way, address: to, code: code.trim()}));
  }

  /** Everything of the organisation is erased; its key is typed by who means it. */
  async leave(typed) {
    const key = this.known?.organisation ?? '';
    if (typed.trim() !== key) {
      return `This erases everything of your organisation, and cannot be taken back. If that is ` +
          `meant, type its key: ${key}`;
    }
    const said = await this.say_(address, 'DELETE', {erase: typed.trim()});
    if (typeof said === 'string') return said;
    this.forget();
    return null;
  }

  /** Only over what is shown: somebody else may have changed it meanwhile, or a text message. */
  async put_(change) {
    // Who is quick says what to add before it has come what there is.
    const why_not = this.known === null ? await this.refresh() : null;
    if (why_not !== null) return why_not;
    if (this.known === null) return 'It was closed meanwhile, and nothing was changed.';
    const look = this.looks_;
    const contacts = change(this.list);
    const options = json('PUT', {profile: {...this.known.profile, contacts}});
    if (this.tag_ !== null) options.headers['If-Match'] = this.tag_;
    const asked = ++this.asked_;
    const answer = await this.answer_(address, options);
    if (!answer.changed) return this.take_(look, asked, answer);
    if (look !== this.looks_) return null;
    return await this.refresh() ??
        'It was changed meanwhile, and your change was not made. This is how it stands now: ' +
        'look, and do it again.';
  }

  async keep_(path, options) {
    const look = this.looks_, asked = ++this.asked_;
    return this.take_(look, asked, await this.answer_(path, options));
  }

  /** Shows what was answered, unless nobody looks any more, or what was asked later was sooner. */
  take_(look, asked, {said, tag}) {
    if (typeof said === 'string') return said;
    if (look !== this.looks_ || asked < this.shown_) return null;
    this.shown_ = asked;
    this.known = said;
    this.tag_ = tag;
    return null;
  }

  async say_(path, method, body) {
    return (await this.answer_(path, json(method, body))).said;
  }

  /** What the engine said, or a sentence, and whether what was shown is not what is kept. */
  async answer_(path, options) {
    try {
      const answer = await this.ask_(path, options);
      const said = await answer.json();
      return {
        said: answer.ok ? said : said.detail ?? 'The engine refused it. Try again.',
        tag: answer.headers.get('ETag'),
        changed: answer.status === 412,
      };
    } catch {
      return {said: 'The engine did not answer. Try again.', tag: null, changed: false};
    }
  }
}

const json = (method, body) =>
    ({method, headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
