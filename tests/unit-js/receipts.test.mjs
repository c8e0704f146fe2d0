// A person's acknowledgement, with the engine's answers made up.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {acknowledge} from '../../connectors/dashboard/receipts.js';

/** What acknowledge() says to that answer, and what was asked. */
async function said(answer, text = '') {
  const asked = [];
  const why_not = await acknowledge(async (path, options) => {
    asked.push({path, ...options});
    if (answer === null) throw new TypeError('Failed to fetch');
    const [status, body] = answer;
    return {
      status,
      ok: status < 300,
      json: async () => {
        if (typeof body === 'string') throw new SyntaxError('no JSON');
        return body;
      }
    };
  }, 7, text);
  return {why_not, asked};
}

test('an acknowledgement is done when the engine has it on its disk, and not before', async () => {
  assert.equal((await said([204])).why_not, null);
  for (const status of [200, 202, 302, 400, 500]) {
    assert.match((await said([status, 'not JSON'])).why_not, /^Not acknowledged: .*again\.$/);
  }
  assert.match((await said(null)).why_not, /^Not acknowledged: .*did not answer.*again\.$/);
});

test('why not is what the engine says, and for who is signed in no longer what to do', async () => {
  assert.equal(
      (await said([503, {detail: 'Send them again later.'}])).why_not,
      'Not acknowledged: Send them again later.');
  assert.match((await said([401, {detail: 'Send `Authorization`'}])).why_not, /sign in .*again/i);
});

test('it is one receipt of the stream’s form, with the answer where there is one', async () => {
  const {asked: [one]} = await said([204]);
  assert.deepEqual([one.path, one.method], ['/v1/receipts', 'POST']);
  assert.deepEqual(JSON.parse(one.body), {type: 'receipt', seq: 7, state: 'acknowledged'});
  const {asked: [other]} = await said([204], 'We close at six.');
  assert.deepEqual(
      JSON.parse(other.body),
      {type: 'receipt', seq: 7, state: 'acknowledged', answer: 'We close at six.'});
});
