// Who was reached: the counts that everybody may ask for, their stream, and the names that the
// operator alone is told, with a message centre out of npm's smpp that delivers, refuses and says
// nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { done, tocsin } from './support/cli.mjs';
import { scratch, start, within } from './support/engine.mjs';
import { checked } from './support/schemas.mjs';
import { centre } from './support/sms.mjs';

const CAMDEN = 'E09000007', ABSENT = 0x0b;  // ESME_RINVDSTADR
const HEADER =
  'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups';
const COLUMNS = 'organisation,name,why,contact,channel,state,attempts,uncertain,words,changed';
const number = (index) => `+4477009${String(index).padStart(5, '0')}`;

/** Twelve shops of Camden with telephones, one of them without any, and one cinema. */
const LIST = [HEADER,
  ...Array.from({ length: 12 }, (_, i) =>
    `shop${String(i).padStart(2, '0')},${i === 3 ? '=Shop' : `Shop ${i}`},51.5390,-0.1426,,` +
    `retail,en,${i === 11 ? '' : number(i)},,,`),
  `cinema,"The ""Royal"", Camden",51.5391,-0.1427,,leisure,en,${number(99)},,,`, ''].join('\n');

let smsc, engine, seq;

/** What the centre makes of a number's message: odd ones are refused, 2 and 4 never confirmed. */
function submit(pdu, session, it) {
  const index = Number(pdu.destination_addr.slice(-5));
  if (index % 2 === 1) return it.refuse(pdu, session, ABSENT);
  it.accept(pdu, session);
  if (index === 2 || index === 4) return undefined;
  const id = it.ids;
  return setImmediate(() => session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: 'TOCSIN', esm_class: 4, data_coding: 0,
    short_message: Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2611211930 ` +
      'done date:2611211931 stat:DELIVRD err:000 text:Flood'),
  }));
}

const counts = async () =>
  checked('reach', await (await fetch(`${engine.url}/v1/alerts/${seq}/reach`)).text());

/** Asked until it holds. */
async function until(what, holds) {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const reach = await counts();
    const { matched, reached, trying, failed, not_contactable } = reach.concerned ?? {};
    assert.equal(matched, reach.concerned && reached + trying + failed + not_contactable, what);
    if (holds(reach)) return reach;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(`${what} did not come: ${JSON.stringify(await counts())}`);
}

/** The events of a stream of counts as they come. */
async function* events() {
  const answer = await fetch(`${engine.url}/v1/alerts/${seq}/reach`,
    { headers: { Accept: 'text/event-stream' } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
  let text = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = text.slice(0, end);
      if (event.startsWith('data: ')) yield checked('reach', event.slice(6));
    }
  }
}

before(async () => {
  smsc = await centre({ submit });
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
    'password_file = "smpp.password"\nsource = "TOCSIN"\n' +
    ['extreme', 'severe', 'moderate', 'minor'].map((severity) =>
      `[escalation.${severity}]\nacknowledged = 2\ndelivered = 2\n`).join(''));
  engine = await start({ args: ['--config', config] });
  const list = join(folder, 'list.csv');
  writeFileSync(list, LIST);
  await done('org', 'import', list, '--data', engine.data);
});

test('a stream of counts tells how far an alert has come, until it has come as far as it can',
  async () => {
    const document = alert({ areas: [{ codes: [CAMDEN] }] });
    ({ seq } = await engine.admit(document, engine.keys.ann));
    const stream = events();
    const seen = [];
    await within(60_000, 'the last change', (async () => {
      for await (const reach of stream) {
        seen.push(reach);
        const { concerned, channels } = reach;
        if (!concerned) continue;
        const { matched, reached, trying, failed, not_contactable } = concerned;
        assert.equal(matched, reached + trying + failed + not_contactable);
        // 0, 2, 4, 6, 8, 10 are taken, of which 2 and 4 are never confirmed; six are refused.
        if (channels.sms.delivered === 4 && failed === 6 && not_contactable === 1) break;
      }
    })());
    assert.ok(seen.length > 1, 'it changed on the way');
    const { concerned, channels } = seen.at(-1);
    assert.deepEqual([concerned.matched, concerned.reached, concerned.planned], [13, 4, true]);
    assert.deepEqual(channels.sms,
      { owed: 0, sent: 2, delivered: 4, failed: 6, replaced: 0, expired: 0 });
  });

test('areas and sectors of ten or more are shown, and never an organisation', async () => {
  const { concerned } = await counts();
  assert.deepEqual(concerned.areas.map(({ area, name, matched }) => [area, name, matched]),
    [[CAMDEN, 'Camden', 13]]);
  assert.equal(concerned.other_areas.matched, 0);
  // The one cinema would be known by what is left over beside the twelve shops.
  assert.deepEqual(concerned.sectors, []);
  assert.equal(concerned.other_sectors.matched, 13);
  assert.ok(!JSON.stringify(await counts()).includes('shop'));
});

test('the operator is told who was not reached, what was tried, and in whose words', async () => {
  const at = ['--data', engine.data];
  const lines = (await done('alert', 'show', seq, '--failed', '--json', ...at)).trim().split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ organisation }) => organisation),
    ['cinema', 'shop01', 'shop03', 'shop05', 'shop07', 'shop09', 'shop11']);
  const [cinema] = lines;
  assert.equal(cinema.name, 'The "Royal", Camden');
  assert.equal(cinema.why, 'Everybody was tried and nobody was reached.');
  assert.equal(cinema.tried.length, 1);
  const { channel, state, attempts, uncertain, words } = cinema.tried[0];
  assert.deepEqual([channel, state, attempts, uncertain], ['sms', 'failed', 1, false]);
  assert.ok(words.length > 0, 'the gateway said why');
  assert.deepEqual(lines.at(-1).tried, []);
  assert.equal(lines.at(-1).why, 'There is no contact that may be sent a message.');

  const shown = await tocsin('alert', 'show', seq, '--failed', ...at);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^cinema {2}The "Royal", Camden$/m);
  assert.match(shown.stdout, /^ {2}sms {6}contact \d+ +failed {4}attempts: 1, the last /m);
  assert.ok(shown.stderr.includes(
    'Concerned: 13. Reached: 4, sent or being tried: 2, failed: 6, not contactable: 1.'),
  shown.stderr);
  assert.ok(!shown.stdout.includes('7700'), 'no number is shown');
});

test('for a spreadsheet the list is RFC 4180, and no cell of it is a formula', async () => {
  const csv = await done('alert', 'show', seq, '--failed', '--csv', '--data', engine.data);
  const rows = csv.split('\r\n');
  assert.equal(rows[0], COLUMNS);
  assert.equal(rows.pop(), '');
  assert.equal(rows.length, 8);
  assert.ok(rows[1].startsWith('cinema,"The ""Royal"", Camden",'));
  assert.ok(rows.some((row) => row.startsWith("shop03,'=Shop,")));
});

test('anybody sees the counts on the command line, as a picture and as they came', async () => {
  const at = ['--server', engine.url];
  const text = await done('alert', 'reach', seq, ...at);
  assert.match(text, /^ {2}SMS {17}4 of {5}12 {2}.*2 waiting, 6 failed$/m);
  assert.match(text, /^ {2}all reached {9}4 of {5}13 {2}.*2 waiting, 6 failed$/m);
  assert.match(text, /1 have nobody who may be told/);
  assert.match(text, /^ {2}Camden {14}4 of {5}13 /m);
  const object = checked('reach', await done('alert', 'reach', seq, '--json', ...at));
  assert.equal(object.concerned.matched, 13);
  assert.equal((await tocsin('alert', 'reach', '99', ...at)).code, 1);
});

test('names are asked for with a data folder, a sequence, and nothing else', async () => {
  const at = ['--data', engine.data];
  for (const wrong of [['alert', 'show', String(seq), '--failed'],
    ['alert', 'show', 'x', '--failed', ...at],
    ['alert', 'show', String(seq), '--failed', '--xml', ...at],
    ['alert', 'show', String(seq), '--csv', '--server', engine.url]]) {
    assert.equal((await tocsin(...wrong)).code, 2, wrong.join(' '));
  }
  for (const what of ['--failed', '--answers']) {
    const none = await tocsin('alert', 'show', '99', what, ...at);
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, /there is no alert 99/);
  }
});

test('whoever is erased is a number and no name', async () => {
  const refused = () => done('alert', 'show', seq, '--failed', '--json', '--data', engine.data);
  assert.ok((await refused()).includes('shop01'));
  await done('org', 'erase', 'shop01', '--yes', '--data', engine.data);
  assert.ok(!(await refused()).includes('shop01'));
  const { concerned } = await until('the same sums', ({ concerned: { failed } }) => failed === 6);
  assert.equal(concerned.matched, 13);
  await engine.stop();
  smsc.close();
});
