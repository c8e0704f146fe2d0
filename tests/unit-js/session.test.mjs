// Signing in and out, with the engine's answers made up.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {settle} from './support/globals.mjs';
import {Session} from '../../connectors/dashboard/session.js';

const acme = {organisation: 'acme', name: 'Acme Ltd', groups: []};
const nobody = {organisation: null, name: null, groups: []};

/** A session whose engine answers what it is told; `asked` has the requests. */
function session_with(...answers) {
  const asked = [];
  const session = new Session(async (path, options) => {
    asked.push({path, ...options});
    const [status, body] = answers.shift() ?? [];
    if (status === undefined) throw new TypeError('Failed to fetch');
    return {status, ok: status < 300, json: async () => body};
  });
  return {session, asked};
}

test('who is signed in is what the engine says, and a change is told', async () => {
  const {session} = session_with([200, nobody], [200, acme], [200, acme], [401, {}]);
  assert.equal(await session.refresh(), false);
  assert.equal(await session.refresh(), true);
  assert.equal(session.name, 'Acme Ltd');
  assert.equal(await session.refresh(), false);
  assert.equal(await session.refresh(), true, 'a cookie that signs nobody in any more');
  assert.equal(session.name, null);
});

test('an organisation without a name is called by its key', async () => {
  const {session} = session_with([200, {...acme, name: ''}]);
  await session.refresh();
  assert.equal(session.name, 'acme');
});

test('an engine that does not answer changes nothing', async () => {
  const {session} = session_with([200, acme], [503, {}]);
  await session.refresh();
  assert.equal(await session.refresh(), false);
  assert.equal(await session.refresh(), false);
  assert.equal(session.name, 'Acme Ltd');
});

test('a token and an invitation are sent as what they are, without spaces around', async () => {
  const {session, asked} = session_with([200, acme], [200, acme]);
  assert.equal(await session.sign_in(' tocsin_t_x \n'), null);
  assert.equal(await session.sign_in('tocsin_i_y'), null);
  assert.deepEqual(asked.map(({body}) => JSON.parse(body)),
    [{token: 'tocsin_t_x'}, {invitation: 'tocsin_i_y'}]);
  assert.ok(asked.every(({path, method}) => path === '/v1/session' && method === 'POST'));
  assert.equal(session.name, 'Acme Ltd');
});

test('whoever is not signed in hears why', async () => {
  const {session} = session_with([401, {detail: 'Nobody has this token.'}]);
  assert.match(await session.sign_in(' '), /Enter a token/);
  assert.equal(await session.sign_in('wrong'), 'Nobody has this token.');
  assert.match(await session.sign_in('right'), /did not answer/);
  assert.equal(session.name, null);
});

test('a name that is lost without signing out is told until somebody signs in or out', async () => {
  const lost = async (...answers) => {
    const {session} = session_with(...answers);
    for (let i = 0; i < answers.length; i++) await session.refresh();
    return session;
  };
  assert.equal((await lost([200, nobody])).lost, null);
  assert.equal((await lost([200, acme])).lost, null);
  assert.equal((await lost([200, acme], [503, {}])).lost, null);
  assert.equal((await lost([200, acme], [401, {}])).lost, 'Acme Ltd');
  assert.equal((await lost([200, acme], [200, nobody])).lost, 'Acme Ltd');
  assert.equal((await lost([200, acme], [401, {}], [200, nobody])).lost, 'Acme Ltd');
  assert.equal((await lost([401, {}], [200, nobody])).lost, '', 'whoever it was');
  assert.equal((await lost([200, acme], [401, {}], [200, acme])).lost, null, 'in another tab');
  for (const [way, status] of [['sign_in', 200], ['sign_out', 204]]) {
    const {session} = session_with([200, acme], [401, {}], [status, acme]);
    await session.refresh();
    await session.refresh();
    await session[way]('tocsin_t_x');
    assert.equal(session.lost, null);
  }
});

test('one thing is asked after the other: no old answer undoes a newer one', async () => {
  const asked = [];
  const answers = [];
  const session = new Session((path, {method = 'GET'}) => {
    asked.push(method);
    return new Promise((resolve) => {
      answers.push((status, body) => resolve({status, ok: status < 300, json: async () => body}));
    });
  });
  const refreshed = session.refresh();
  const out = session.sign_out();
  await settle();
  assert.deepEqual(asked, ['GET']);
  answers[0](200, acme);
  await refreshed;
  await settle();
  assert.deepEqual(asked, ['GET', 'DELETE']);
  answers[1](204);
  assert.equal(await out, null);
  assert.equal(session.name, null);
  assert.equal(session.lost, null);
});

test('whoever could not be signed out for good hears so, and the cookie is gone', async () => {
  const {session} = session_with([200, acme], [429, {detail: 'Try again.'}],
    [503, {detail: 'This browser is signed out, but …'}]);
  await session.refresh();
  assert.equal(await session.sign_out(), 'Try again.');
  assert.equal(session.name, 'Acme Ltd');
  assert.match(await session.sign_out(), /^This browser is signed out, but/);
  assert.equal(session.name, null);
  assert.equal(session.lost, null);
});

test('signing out is done when the engine took the cookie away', async () => {
  const {session} = session_with([200, acme], [204]);
  await session.refresh();
  assert.equal(await session.sign_out(), null);
  assert.equal(session.name, null);
  assert.match(await session.sign_out(), /did not answer/);
});
