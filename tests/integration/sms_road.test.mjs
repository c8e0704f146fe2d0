// From an officer's alert to a telephone: organisations with their numbers, a message centre out of
// npm's smpp, and the engine between them, killed on the way.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert, cancel, update } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { restart, scratch, start } from './support/engine.mjs';
import { centre } from './support/sms.mjs';

const CAMDEN = '+447700900001', CROYDON = '+447700900002';
const LIST =
  'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n' +
  `cafe,Café in Camden,51.5390,-0.1426,E09000007,hospitality,en,${CAMDEN},,,\n` +
  `siop,Siop yn Croydon,51.3762,-0.0982,E09000008,retail,cy,${CROYDON},,,\n` +
  'quiet,Nobody to tell,51.5390,-0.1426,E09000007,retail,en,,,,\n';

/** An engine whose text messages leave a second after an alert that nobody acknowledges. */
async function world() {
  const smsc = await centre();
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
    'password_file = "smpp.password"\nsource = "TOCSIN"\n' +
    ['extreme', 'severe', 'moderate', 'minor'].map((severity) =>
      `[escalation.${severity}]\nacknowledged = 1\ndelivered = 60\n`).join(''));
  const args = ['--config', config];
  const engine = await start({ args });
  const list = join(folder, 'list.csv');
  writeFileSync(list, LIST);
  await done('org', 'import', list, '--data', engine.data);
  return { smsc, engine, args };
}

const numbers = (smsc) => smsc.submits.map(([pdu]) => `+${pdu.destination_addr}`);
const texts = (smsc) => smsc.submits.map(([pdu]) => pdu.short_message.message);
const receipt = (id, number) => ({
  source_addr: number.slice(1), destination_addr: 'TOCSIN', esm_class: 4, data_coding: 0,
  short_message: Buffer.from(`id:${id} sub:001 dlvrd:001 submit date:2611211930 ` +
    'done date:2611211931 stat:DELIVRD err:000 text:Flood'),
});

/** Until the centre's answer is kept: whoever is killed before sends the message again. */
async function heard(engine, seq) {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const { channels } = await (await fetch(`${engine.url}/v1/alerts/${seq}/reach`)).json();
    if (channels?.sms.sent === 1) return;
  }
  assert.fail('the answer of the centre is not kept');
}

test('an alert reaches the telephones it concerns, once each, also across kill -9', async () => {
  const { smsc, engine, args } = await world();
  const first = alert();
  const { seq } = await engine.admit(first, engine.keys.ann);
  await smsc.until('a message', () => smsc.submits.length > 0);
  assert.deepEqual(numbers(smsc), [CAMDEN]);
  await heard(engine, seq);
  assert.match(texts(smsc)[0], /^EXERCISE: Camden: River rising.*Check [0-9A-Z]{5}-[0-9A-Z]{5}/s);

  await engine.stop('SIGKILL');
  const again = await restart(engine, { args });
  await smsc.until('the next session', () => smsc.binds.length === 2);
  smsc.session.deliver_sm(receipt(smsc.ids, CAMDEN));
  await smsc.until('the answer to a receipt', () => smsc.deliveries === 1);

  // What follows an alert goes to whom it has reached, although it is about nobody's place by then.
  const second = update([first], { headline: 'River falling', areas: [{ codes: ['E09000008'] }] });
  await again.admit(second, again.keys.ann);
  await smsc.until('the update to both', () => smsc.submits.length === 3);
  assert.deepEqual(numbers(smsc).slice(1).sort(), [CAMDEN, CROYDON]);
  await again.admit(cancel([second], { note: 'A false report' }), again.keys.ann);
  await smsc.until('its end to both', () => smsc.submits.length === 5);
  assert.deepEqual(numbers(smsc).slice(3).sort(), [CAMDEN, CROYDON]);
  await again.stop();
  assert.ok(!again.stderr.includes('7700900'), 'no number is in the log');
  smsc.close();
});

test('whoever is erased before the message leaves is sent none', async () => {
  const { smsc, engine } = await world();
  await engine.admit(alert({ areas: [{ codes: ['E09000008'] }] }), engine.keys.ann);
  await done('org', 'erase', 'siop', '--yes', '--data', engine.data);
  await engine.admit(alert(), engine.keys.ann);
  await smsc.until('the message to the other', () => smsc.submits.length > 0);
  assert.deepEqual(numbers(smsc), [CAMDEN]);
  await engine.stop();
  smsc.close();
});

test('an operator sees whether the gateway is up, and why it is not', async () => {
  const { smsc, engine } = await world();
  await smsc.until('a session', () => smsc.binds.length === 1);
  const status = (...form) => done('status', '--data', engine.data, ...form);
  const gateway = async () => JSON.parse(await status('--json')).outbox.gateways[0];
  const until = async (up) => {
    for (;;) {
      const seen = await gateway();
      if (seen.up === up) return seen;
    }
  };
  assert.deepEqual(await until(true), { channel: 'sms', name: 'main', up: true, under_way: 0 });
  const said = await status();
  assert.match(said, /^outbox +0 under way, 0 uncertain, looked at up to 0$/m);
  assert.match(said, /^gateway +sms main: up$/m);
  smsc.close();
  assert.match((await until(false)).why, /\w/);
  assert.match(await status(), /^gateway +sms main: DOWN, \w/m);
  await engine.stop();
});
