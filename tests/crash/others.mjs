// What the engine promised beside the log, kept outside of it: receipts that were answered 204 and
// secrets that were handed out or taken back. After each kill it is held to them. What had no
// answer may have happened or not; what is found then stays so.
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promised } from './wire.mjs';

const ORGANISATIONS = 5;
const LIVE_MAX = 30;   // secrets of one organisation; the engine keeps 64
const LOOKED_AT = 40;  // secrets asked for after a kill, the youngest and some others

/** One request through admin.sock: its answer's objects, or a rejection when it had no end. */
export function ask_admin(folder, question) {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, 'engine', 'admin.sock'));
    let text = '';
    socket.on('data', (data) => { text += data; });
    socket.on('error', reject);
    socket.on('close', () => {
      const lines = text.split('\n').filter(Boolean);
      const last = lines.length > 0 && text.endsWith('\n') ? JSON.parse(lines.at(-1)) : null;
      if (last?.done === true) resolve(lines.slice(0, -1).map((line) => JSON.parse(line)));
      else if (last?.error) resolve({ error: last.error });
      else reject(new Error('the answer was cut off'));
    });
    socket.write(`${JSON.stringify(question)}\n`);
  });
}

export class Others {
  constructor(folder, url, random) {
    this.folder = folder;
    this.url = url;
    this.random = random;
    this.secrets = [];  // {text, organisation, standing: issued | in_doubt | revoked}
    this.said = null;   // of alert 1: what anonymous readers and organisations said of it
    this.asked_for = null;  // the organisation of a secret whose text never came
    this.count = { receipts: 0, secrets: 0, revoked: 0, in_doubt: 0 };
  }

  key(n) { return `crash-${n}`; }

  ask(method, path, { token, body } = {}) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    return new Promise((resolve, reject) => {
      const asked = request(this.url + path, { method, headers, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** Once there is an engine and an alert in its log. */
  async begin() {
    const organisations = Array.from({ length: ORGANISATIONS }, (_, n) =>
      ({ organisation: this.key(n), name: `Number ${n}`, groups: [], subscription: [] }));
    const done = await ask_admin(this.folder, { do: 'put', organisations });
    promised(!done.error, `organisations were not taken: ${done.error}`);
    this.said = { told: 0, yes: 0, organisations_told: new Set(), organisations_yes: new Set() };
  }

  /** Says and asks one thing after the other until the engine is gone. */
  async load(state) {
    const work = async (one) => {
      while (state.running) {
        try {
          await one();
        } catch (fault) {
          promised(!state.running, `an answer was cut off while tocsind was up: ${fault.message}`);
          return;
        }
      }
    };
    await Promise.all([work(() => this.say()), work(() => this.change_secrets())]);
  }

  async say() {
    const issued = this.secrets.filter((secret) => secret.standing === 'issued');
    const as = issued.length > 0 && this.random.one_in(3)
      ? issued[this.random.below(issued.length)] : null;
    const { said } = this;
    if (as) said.organisations_told.add(as.organisation);
    else said.told += 1;
    const { status, text } = await this.ask('POST', '/v1/receipts', {
      token: as?.standing === 'issued' ? as.text : undefined,
      body: '{"type":"receipt","seq":1,"state":"acknowledged"}\n',
    });
    if (as && status === 401 && as.standing !== 'issued') return;  // taken back meanwhile
    promised(status === 204, `a receipt got ${status}: ${text}`);
    this.count.receipts += 1;
    if (as) said.organisations_yes.add(as.organisation);
    else said.yes += 1;
  }

  async change_secrets() {
    const organisation = this.key(this.random.below(ORGANISATIONS));
    const live = this.secrets.filter((secret) =>
      secret.organisation === organisation && secret.standing !== 'revoked');
    if (live.length >= LIVE_MAX || (live.length > 0 && this.random.one_in(3))) {
      const secret = live[this.random.below(live.length)];
      secret.standing = 'in_doubt';
      const done = await ask_admin(this.folder, { do: 'revoke', secret: secret.text });
      promised(!done.error, `a secret was not taken back: ${done.error}`);
      secret.standing = 'revoked';
      this.count.revoked += 1;
      return;
    }
    this.asked_for = organisation;
    const done = await ask_admin(this.folder, { do: 'issue', organisation, kind: 'token' });
    promised(!done.error, `no secret was handed out: ${done.error}`);
    const { secret: text, number } = done[0];
    this.secrets.push({ text, number, organisation, standing: 'issued' });
    this.asked_for = null;
    this.count.secrets += 1;
  }

  /** After a restart. */
  async check() {
    if (!this.said) return;
    if (this.asked_for) await this.drop_unknown(this.asked_for);
    const chosen = new Set(this.secrets.slice(-LOOKED_AT / 2));
    for (const secret of this.secrets) if (secret.standing === 'in_doubt') chosen.add(secret);
    while (chosen.size < Math.min(LOOKED_AT, this.secrets.length)) {
      chosen.add(this.secrets[this.random.below(this.secrets.length)]);
    }
    await Promise.all([...chosen].map((secret) => this.check_secret(secret)));
    await this.check_counts();
  }

  /** Takes back by its number what was handed out and never heard of. */
  async drop_unknown(organisation) {
    const known = new Set(this.secrets.filter((secret) => secret.organisation === organisation)
      .map(({ number }) => number));
    const [{ secrets }] = await ask_admin(this.folder, { do: 'show', organisation });
    for (const { number } of secrets.filter((secret) => !known.has(secret.number))) {
      const done = await ask_admin(this.folder, { do: 'revoke', organisation, number });
      promised(!done.error, `secret ${number} was not taken back: ${done.error}`);
    }
    this.asked_for = null;
  }

  async check_all() {
    for (const secret of this.secrets) await this.check_secret(secret);
    await this.check_counts();
  }

  async check_secret(secret) {
    const { status } = await this.ask('GET', '/v1/session', { token: secret.text });
    promised(status === 200 || status === 401, `a secret got ${status}`);
    if (secret.standing === 'in_doubt') {
      this.count.in_doubt += 1;
      secret.standing = status === 200 ? 'issued' : 'revoked';
    }
    const wanted = secret.standing === 'issued' ? 200 : 401;
    promised(status === wanted, `a secret that is ${secret.standing} got ${status}`);
  }

  async check_counts() {
    const { status, text } = await this.ask('GET', '/v1/alerts/1/reach');
    promised(status === 200, `reach got ${status}: ${text}`);
    const { anonymous, organisations } = JSON.parse(text);
    const { told, yes, organisations_told, organisations_yes } = this.said;
    promised(yes <= anonymous.acknowledged && anonymous.acknowledged <= told,
             `${yes} receipts of ${told} were answered, ${anonymous.acknowledged} are counted`);
    promised(organisations_yes.size <= organisations.acknowledged &&
             organisations.acknowledged <= organisations_told.size,
             `${organisations_yes.size} organisations of ${organisations_told.size} were ` +
             `answered, ${organisations.acknowledged} are counted`);
  }
}
