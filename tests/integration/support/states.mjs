// Engines in the states in which they refuse: with organisations and an alert that is not for
// everybody; behind a proxy, where every client has an address that counts; and one that can write
// nothing any more.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { alert } from './cap.mjs';
import { done } from './cli.mjs';
import { new_key, sealed } from './dsse.mjs';
import { scratch, start, stop_writing } from './engine.mjs';
import { curl } from './http.mjs';
import { people, trust_file, trust_payload } from './trust.mjs';

export const JSON_TYPE = ['-H', 'Content-Type: application/json'];
export const EVENTS = ['-H', 'Accept: text/event-stream'];
export const FORWARDED = ['-H', 'X-Forwarded-For: 192.0.2.9'];
export const UNKNOWN = ['-H', 'Authorization: Bearer tocsin_t_nobody'];
export const by = (token) => ['-H', `Authorization: Bearer ${token}`];
export const receipts = (seq, how_many = 1) =>
  `{"type":"receipt","seq":${seq},"state":"displayed"}\n`.repeat(how_many);

const secret = async (to, ...args) =>
  JSON.parse(await done('org', ...args, '--data', to.data, '--json')).secret;

/** The cookie that one is given for a token or an invitation. */
async function signed_in(engine, by_what) {
  const session = await curl(`${engine.url}/v1/session`,
    { data: JSON.stringify(by_what), args: JSON_TYPE });
  return session.headers['set-cookie'].split(';')[0];
}

/** Alert 1 is for everybody, 2 for the police. `cookie` is of an organisation that is none. */
export async function with_organisations() {
  const engine = await start();
  await engine.admit(alert(), engine.keys.ann);
  await engine.admit(alert({ scope: 'Restricted', restriction: 'police' }), engine.keys.ann);
  const police = await secret(engine, 'add', 'met', '--name', 'Met', '--group', 'police');
  const port = await secret(engine, 'add', 'port', '--name', 'Port');
  const cookie = await signed_in(engine, { token: port });
  const by_cookie = ['-H', `Cookie: ${cookie}`];
  const elsewhere = [...by_cookie, '-H', 'Origin: https://elsewhere.example'];
  return { engine, police, port, by_cookie, elsewhere, cookie };
}

/** Room for one stream, and for so much of one address as for any. It has one alert. */
export async function behind_a_proxy() {
  const file = join(scratch(), 'tocsin.toml');
  writeFileSync(file, '[limits]\nconnections = 1\ntrusted_proxies = ["127.0.0.1"]\n');
  const engine = await start({ args: ['--config', file] });
  const sent = await curl(`${engine.url}/v1/alerts`,
    { data: sealed(alert(), [engine.keys.ann]), args: ['-H', 'X-Forwarded-For: 192.0.2.2'] });
  assert.equal(sent.status, 201, sent.body.toString());
  return engine;
}

/**
 * It has one alert, an invitation that nobody used, the cookie of one that was, and a revocation
 * key `duty`.
 */
export async function that_cannot_write() {
  const keys = { ...people(), duty: new_key('duty') };
  const { keyid, public: raw, holder } = keys.duty;
  const trust = join(scratch(), 'trust.json');
  writeFileSync(trust, trust_file(
    trust_payload(keys, { revocation: [{ keyid, public: raw, holder }] }), [keys.root]));
  const engine = await start({ keys, trust, survives_full_files: true });
  await engine.admit(alert(), engine.keys.ann);
  const invitation = await secret(engine, 'add', 'late', '--name', 'Late', '--invite');
  const invited = await signed_in(engine,
    { invitation: await secret(engine, 'add', 'early', '--name', 'Early', '--invite') });
  stop_writing(engine);
  return { engine, invitation, invited };
}

/** Asks as one client until it is told that this is too much. */
export async function until_too_many(engine, path, data, ...more) {
  for (let i = 0; i < 100; ++i) {
    const { status } = await curl(engine.url + path, { args: [...FORWARDED, ...more], data });
    if (status === 429) return;
  }
}

/** Takes the one place there is for a stream; what ends it. */
export async function take_the_stream(engine) {
  const stop = new AbortController();
  const { status } = await fetch(`${engine.url}/v1/stream`, { signal: stop.signal,
    headers: { Accept: 'text/event-stream', 'X-Forwarded-For': '192.0.2.1' } });
  assert.equal(status, 200);
  return () => stop.abort();
}
