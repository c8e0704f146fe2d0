// Tokens, filters and positions drawn at random at every route and both kinds of stream: nobody is
// shown a Restricted or Private alert that is not meant for them, and everybody is shown those that
// are. What is expected is worked out here, from what was sent.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { alert, cancel } from './support/cap.mjs';
import { BIN, start, within } from './support/engine.mjs';

const ROUNDS = Number(process.env.TOCSIN_LEAK_ROUNDS ?? 1500);
const SEED = Number(process.env.TOCSIN_LEAK_SEED ?? 7);
const LATE_MS = 30_000;
const NAMES = ['fire', 'police', 'port', 'rail', 'water'];  // keys and groups share their names
const AREAS = ['E09000007', 'E09000033', 'E09000002'];
const SEVERITIES = ['Minor', 'Moderate', 'Severe'];

/** mulberry32: the same numbers from the same seed. */
function random_of(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
const below = random_of(SEED);
const one_of = (list) => list[below(list.length)];

let engine, epoch;
const sent = [];  // {seq, id, scope, names, severity, area, text}
const members = [{ key: null, groups: [], token: null }];

const org = (...args) => execFileSync(join(BIN, 'tocsin'),
  ['org', ...args, '--data', engine.data], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });

const meant_for = (sent_one, who) => sent_one.scope === 'Public' ||
  (sent_one.scope === 'Private' ? sent_one.names.includes(who.key)
                                : sent_one.names.some((name) => who.groups.includes(name)));

async function send_one(number) {
  const scope = one_of(['Public', 'Restricted', 'Private']);
  const names = scope === 'Public' ? [] : scope === 'Restricted' ? [one_of(NAMES)]
    : [one_of(NAMES), one_of(NAMES)];
  const severity = one_of(SEVERITIES), area = one_of(AREAS), headline = `Said ${number}.`;
  const earlier = sent.length > 5 && below(6) === 0 ? one_of(sent) : null;
  // A Cancel goes to whom its alert went, whatever scope it gives itself.
  const document = earlier && earlier.document && !earlier.cancels
    ? cancel([earlier.document])
    : alert({ scope, severity, headline, areas: [{ codes: [area] }],
              restriction: scope === 'Restricted' ? names[0] : undefined,
              addresses: scope === 'Private' ? names.join(' ') : undefined });
  const whom = earlier && document.includes('<msgType>Cancel')
    ? { ...earlier, cancels: true } : { scope, names, severity, area, headline };
  const { seq, id } = await engine.admit(document, engine.keys.ann, engine.keys.ben);
  sent.push({ ...whom, document, seq, id });
}

before(async () => {
  engine = await start();
  for (const key of NAMES) {
    const groups = NAMES.filter(() => below(3) === 0);
    // Some have a stored subscription, for queries that name no filter of their own.
    const area = below(2) ? one_of(AREAS) : null;
    const token = org('add', key, '--name', key, ...groups.flatMap((group) => ['--group', group]),
      ...(area ? ['--area', area] : [])).trim();
    members.push({ key, groups, token, area });
  }
  for (let i = 0; i < 60; ++i) await send_one(i);
  epoch = (await (await fetch(`${engine.url}/readyz`)).json()).epoch;
});

const headers_of = (who) => (who.token ? { Authorization: `Bearer ${who.token}` } : {});
const get = (path, who, headers = {}) =>
  fetch(`${engine.url}${path}`, { headers: { ...headers_of(who), ...headers } });

/** A filter, and which of what was sent it lets through. */
function draw_filter(who) {
  const severity = below(3) === 0 ? one_of(SEVERITIES) : null;
  const area = below(3) === 0 ? one_of(AREAS) : null;
  const text = (severity ? `&severity=${severity}` : '') + (area ? `&area=${area}` : '');
  if (!text && who.area) return { text, lets: (one) => one.area === who.area };
  const lets = (one) => (!severity || SEVERITIES.indexOf(one.severity) >=
    SEVERITIES.indexOf(severity)) && (!area || one.area === area);
  return { text, lets };
}
const expected = (who, after, lets) => sent.filter((one) =>
  one.seq > after && meant_for(one, who) && lets(one)).map((one) => one.seq);

async function list(who) {
  const after = below(sent.length), { text, lets } = draw_filter(who);
  const response = await get(`/v1/alerts?limit=1000&after=${epoch}:${after}${text}`, who);
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.seq), expected(who, after, lets));
}

/** One alert by any of its names and forms, and its reach. */
async function one(who) {
  const which = one_of(sent);
  const name = below(2) ? which.id : which.seq;
  const [path, headers] = one_of([[`/v1/alerts/${name}`, {}], [`/v1/alerts/${name}.xml`, {}],
    [`/v1/alerts/${name}.json`, {}], [`/v1/alerts/${which.seq}/reach`, {}],
    [`/v1/alerts/${name}`, { Accept: 'application/cap+xml' }]]);
  const response = await get(path, who, headers);
  const text = await response.text();
  if (meant_for(which, who)) {
    assert.equal(response.status, 200, `${path}: ${text}`);
  } else {
    assert.equal(response.status, who.token ? 403 : 401, `${path} for ${who.key}: ${text}`);
    assert.ok(!text.includes('Said '), text);
  }
}

async function feed(who) {
  const response = await get('/v1/feed.atom', who);
  assert.equal(response.status, 200);
  const text = await response.text();
  const shown = new Set([...text.matchAll(/\/v1\/alerts\/(\d+|[0-9a-f]{64})/g)].map((m) => m[1]));
  for (const each of sent.filter((candidate) => !meant_for(candidate, who))) {
    assert.ok(!shown.has(String(each.seq)) && !shown.has(each.id), `${each.seq} for ${who.key}`);
    if (each.headline && !each.cancels) assert.ok(!text.includes(each.headline), each.headline);
  }
}

/** What a stream hears until it is live. */
function websocket(who, after, text) {
  return new Promise((resolve, reject) => {
    const heard = [];
    const socket = new WebSocket(
      `${engine.url.replace('http', 'ws')}/v1/stream?after=${epoch}:${after}${text}`, 'tocsin.v1',
      { headers: headers_of(who) });
    socket.on('error', reject);
    socket.on('message', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        const event = JSON.parse(line);
        if (event.type === 'alert') heard.push(event.seq);
        if (event.type === 'live') { socket.terminate(); resolve(heard); }
      }
    });
  });
}
async function events(who, after, text) {
  const heard = [];
  const abort = new AbortController();
  const response = await fetch(`${engine.url}/v1/stream?after=${epoch}:${after}${text}`,
    { headers: { ...headers_of(who), Accept: 'text/event-stream' }, signal: abort.signal });
  let waiting = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    waiting += piece;
    const lines = waiting.split('\n');
    waiting = lines.pop();
    for (const line of lines.filter((each) => each.startsWith('data:'))) {
      const event = JSON.parse(line.slice(5));
      if (event.type === 'alert') heard.push(event.seq);
      if (event.type === 'live') { abort.abort(); return heard; }
    }
  }
  return heard;
}
async function stream(who) {
  const after = below(sent.length), { text, lets } = draw_filter(who);
  const heard = await within(LATE_MS, 'live', one_of([websocket, events])(who, after, text));
  assert.deepEqual(heard, expected(who, after, lets));
}

test(`${ROUNDS} random readers (seed ${SEED}) are shown what is meant for them and nothing else`,
  async () => {
    for (let round = 0; round < ROUNDS; ++round) {
      const who = one_of(members);
      await one_of([list, one, one, feed, stream, stream])(who);
    }
  });

test('a token that nobody has reads nothing at all', async () => {
  for (let round = 0; round < 50; ++round) {
    const token = members[1].token.slice(0, -4) + one_of(['AAAA', 'zzzz', '0000']);
    const who = { key: 'nobody', groups: [], token };
    for (const path of ['/v1/alerts', `/v1/alerts/${one_of(sent).seq}`, '/v1/feed.atom']) {
      assert.equal((await get(path, who)).status, 401);
    }
  }
});
