// After an organisation is erased and the engine has been started again, its contacts are nowhere:
// neither in an octet of the data folder, journals included, nor in the memory of the engine, read
// as a core dump would have it. The search is seen to find what is there.
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { alert } from './support/cap.mjs';
import { done } from './support/cli.mjs';
import { restart, scratch, start } from './support/engine.mjs';
import { centre } from './support/sms.mjs';

const ERASED = { phone: '+447700900417', email: 'rota-417@siop.example',
                 webhook: 'https://hooks-417.siop.example/in', name: 'Siop Pedwar Cant' };
const KEPT = { phone: '+447700900593', name: 'Café in Camden' };
const LIST =
  'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n' +
  `siop,${ERASED.name},51.5390,-0.1426,E09000007,retail,cy,${ERASED.phone},${ERASED.email},` +
  `${ERASED.webhook},\n` +
  `cafe,${KEPT.name},51.5390,-0.1426,E09000007,hospitality,en,${KEPT.phone},,,\n`;

/** In which forms the octets of a contact may lie about: as entered, bare, as a gateway has it. */
function forms_of({ phone, ...others }) {
  const texts = [phone.slice(1), `0${phone.slice(3)}`, ...Object.values(others)];
  return texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le')]);
}

const holds = (octets, forms) => forms.filter((form) => octets.includes(form)).map(String);

/** What of it lies in which files of a folder. */
function in_folder(folder, forms) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      return holds(readFileSync(file), forms).map((form) => `${form} in ${file}`);
    });
}

/** What of it lies in the memory of a process: every page that it may read, swap included. */
function in_memory(pid, forms) {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const found = new Set();
  let octets = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r.* (?!\[v)/.exec(line) ?? [];
    if (!from) continue;
    const begin = BigInt(`0x${from}`);
    const room = Buffer.alloc(Number(BigInt(`0x${to}`) - begin));
    let size = 0;
    try {
      size = readSync(memory, room, 0, room.length, begin);
    } catch {
      continue;  // a page of the kernel's, which is in no core dump either
    }
    octets += size;
    for (const form of holds(room.subarray(0, size), forms)) found.add(form);
  }
  closeSync(memory);
  assert.ok(octets > 1 << 20, 'memory was read');
  return [...found];
}

test('whoever is erased is in no file and in no memory after a restart', async () => {
  let answers = true;
  const smsc = await centre({ submit: (pdu, session) => answers && smsc.accept(pdu, session) });
  const folder = scratch();
  writeFileSync(join(folder, 'smpp.password'), 'secret\n', { mode: 0o600 });
  const config = join(folder, 'tocsin.toml');
  writeFileSync(config, `[sms.main]\nurl = "smpp://tocsin@127.0.0.1:${smsc.port}"\n` +
    'password_file = "smpp.password"\nsource = "TOCSIN"\n' +
    ['extreme', 'severe', 'moderate', 'minor'].map((severity) =>
      `[escalation.${severity}]\nacknowledged = 1\n`).join(''));
  const args = ['--config', config];
  const engine = await start({ args });
  const list = join(folder, 'list.csv');
  writeFileSync(list, LIST);
  await done('org', 'import', list, '--data', engine.data);
  await engine.admit(alert(), engine.keys.ann);
  await smsc.until('both messages', () => smsc.submits.length === 2);

  const erased = forms_of(ERASED);
  await done('org', 'erase', 'siop', '--yes', '--data', engine.data);
  assert.deepEqual(in_folder(engine.data, erased), [], 'at once');
  await engine.stop();
  assert.deepEqual(in_folder(engine.data, erased), [], 'after the end');

  answers = false;  // so that one message stays under way
  const again = await restart(engine, { args });
  await again.admit(alert(), again.keys.ann);
  await smsc.until('the message to the other', () => smsc.submits.length >= 3);
  // The search finds what is there: who is not erased is being told at this moment.
  assert.notDeepEqual(in_memory(again.pid, forms_of(KEPT)), []);
  assert.notDeepEqual(in_folder(again.data, [Buffer.from(KEPT.name)]), []);
  assert.deepEqual(in_memory(again.pid, erased), []);
  assert.deepEqual(in_folder(again.data, erased), []);
  await again.stop();
  smsc.close();
});
