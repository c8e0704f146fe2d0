// Whom of the organisation to reach, with the engine's answers made up.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {Contacts, standing_of, wants_code} from '../../connectors/dashboard/contacts.js';

const phone = {number: 1, way: 'sms', address: '+447700900123', consents: true};
const mail = {number: 2, way: 'email', address: 'a@b.example', consents: false};
const kept = (...contacts) => ({organisation: 'acme', profile: {language: 'cy', contacts}});

/** Contacts whose engine answers what it is told; `asked` has the requests. */
function contacts_with(...answers) {
  const asked = [];
  const contacts = new Contacts(async (path, {method = 'GET', body} = {}) => {
    asked.push([method, path.replace('/v1/organisation', ''), body && JSON.parse(body)]);
    const [status, said] = answers.shift() ?? [];
    if (status === undefined) throw new TypeError('Failed to fetch');
    return {status, ok: status < 300, headers: new Headers(), json: async () => said};
  });
  return {contacts, asked};
}

test('contacts are what the engine says and are forgotten when nobody looks', async () => {
  const {contacts} = contacts_with([200, kept(phone, mail)]);
  assert.deepEqual(contacts.list, []);
  assert.equal(await contacts.refresh(), null);
  assert.deepEqual(contacts.list, [phone, mail]);
  contacts.forget();
  assert.deepEqual(contacts.list, []);
});

test('what comes when nobody looks any more is not there for whoever looks next', async () => {
  const {contacts} = contacts_with([200, kept(phone)], [200, kept(mail)]);
  const slow = contacts.refresh();
  contacts.forget();
  await slow;
  assert.deepEqual(contacts.list, []);
  await contacts.refresh();
  assert.deepEqual(contacts.list, [mail]);
});

test('whatever is changed, the rest of the profile goes back as it came', async () => {
  const {contacts, asked} = contacts_with(
      [200, kept(phone)], [200, kept(phone, mail)], [200, kept(mail)], [200, kept()]);
  await contacts.refresh();
  assert.equal(await contacts.add('email', ' a@b.example '), null);
  assert.deepEqual(asked[1], ['PUT', '', {profile: {language: 'cy',
    contacts: [phone, {way: 'email', address: 'a@b.example'}]}}]);
  await contacts.stop(phone);
  assert.deepEqual(asked[2][2].profile.contacts, [{...phone, consents: false}, mail]);
  await contacts.take_away(mail);
  assert.deepEqual(asked[3][2].profile.contacts, []);
  assert.equal(await contacts.add('sms', '  '), 'Enter a telephone number or an e-mail address.');
  assert.equal(asked.length, 4);
});

test('who adds before it has come what there is waits for that, and then adds to it', async () => {
  const {contacts, asked} = contacts_with([200, kept(phone)], [200, kept(phone, mail)]);
  assert.equal(await contacts.add('email', 'a@b.example'), null);
  assert.deepEqual(asked.map(([method]) => method), ['GET', 'PUT']);
  assert.deepEqual(asked[1][2].profile.contacts,
    [phone, {way: 'email', address: 'a@b.example'}]);
  assert.deepEqual(contacts.list, [phone, mail]);

  const {contacts: closed, asked: once} = contacts_with([200, kept(phone)]);
  const adding = closed.add('email', 'a@b.example');
  closed.forget();
  assert.match(await adding, /nothing was changed/);
  assert.equal(once.length, 1);
});

test('what was asked before and comes behind does not take its place', async () => {
  const come = [];
  const contacts = new Contacts(() => new Promise(resolve => {
    come.push(said => resolve({ok: true, headers: new Headers(), json: async () => said}));
  }));
  const first = contacts.refresh(), second = contacts.refresh();
  come[1](kept(phone, mail));
  await second;
  come[0](kept(phone));
  await first;
  assert.deepEqual(contacts.list, [phone, mail]);
});

test('a code is asked for and typed in, and faults are told in the engine\'s words', async () => {
  const {contacts, asked} = contacts_with([202, {expires: 'x'}], [403, {detail: 'Not that one.'}],
    [200, kept({...mail, consents: true})], [429, {}]);
  assert.equal(await contacts.send_code(mail), null);
  assert.equal(await contacts.confirm(mail, '000000'), 'Not that one.');
  assert.equal(await contacts.confirm(mail, ' 123456 '), null);
  assert.deepEqual(asked[2],
    ['POST', '/confirmations', {way: 'email', address: 'a@b.example', code: '123456'}]);
  assert.equal(contacts.list[0].consents, true);
  assert.equal(await contacts.send_code(mail), 'The engine refused it. Try again.');
  assert.equal(await contacts.send_code(mail), 'The engine did not answer. Try again.');
});

test('who leaves has said the key and is forgotten', async () => {
  const {contacts, asked} = contacts_with([200, kept(phone)], [503, {detail: 'No.'}],
    [200, {erased: 'acme', cleaned: true}]);
  await contacts.refresh();
  assert.match(await contacts.leave(''), /cannot be taken back.*type its key: acme$/);
  assert.match(await contacts.leave('other'), /type its key: acme$/);
  assert.equal(asked.length, 1);
  assert.equal(await contacts.leave('acme'), 'No.');
  assert.equal(contacts.list.length, 1);
  assert.equal(await contacts.leave('acme '), null);
  assert.deepEqual(asked[2], ['DELETE', '', {erase: 'acme'}]);
  assert.equal(contacts.known, null);
});

test('people are told what is sent where, and a code is offered where it would help', () => {
  const rows = [
    [phone, 'Alerts are sent there.', false],
    [mail, 'Not confirmed: nothing is sent there.', true],
    [{...mail, confirmed: '2026-11-20T09:00:00Z'}, 'Nothing is sent there any more.', true],
    [{...phone, dead: true}, 'Nothing arrives there.', true],
    [{way: 'webhook', consents: false}, 'Nothing is sent there.', false],
  ];
  for (const [contact, words, code] of rows) {
    assert.equal(standing_of(contact), words);
    assert.equal(wants_code(contact), code, words);
  }
});
