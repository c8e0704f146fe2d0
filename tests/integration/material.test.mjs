// Alerts of the real world: each valid document of tests/data/cap with a shape is made our own by
// the command line, moved to London, signed by two officers, sent, and read back byte for byte.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { reference_to } from './support/cap.mjs';
import { done, make_system, with_passphrase } from './support/cli.mjs';
import { scratch, start } from './support/engine.mjs';
import { curl } from './support/http.mjs';
import { checked, ROOT } from './support/schemas.mjs';
import { listen } from './support/stream.mjs';
import { has_shape, moved } from './support/move.mjs';

const VALID = process.env.TOCSIN_CAP_VALID ?? join(ROOT, 'tests', 'data', 'cap', 'valid');
const PAYLOAD_MAX = 256 * 1024;
const files = readdirSync(VALID).filter((name) => name.endsWith('.xml'))
  .filter((name) => {
    const bytes = readFileSync(join(VALID, name));
    return bytes.length <= PAYLOAD_MAX && has_shape(bytes.toString('latin1'));
  });

let engine, system, folder, reader, newest;
before(async () => {
  folder = scratch();
  system = await make_system(folder);
  engine = await start({ trust: system.trust });
  reader = await listen(engine);
});

// A Cancel comes last: it names the alert before it.
files.sort((a, b) => a.includes('cancel') - b.includes('cancel'));

test('there are alerts of many origins to be sent', () =>
  assert.ok(files.length >= 8, files.join()));

for (const name of files) {
  test(`${name}: drafted, moved, signed, sent, and read back by ws and curl`, async () => {
    const draft = join(folder, name), signed = join(folder, `${name}.signed`);
    await done('alert', 'draft', '--cap', join(VALID, name), '--trust', system.trust, '--key',
      system.first,
               '--status', 'Exercise', '--expires-in', '2h', '--out', draft);
    const document = Buffer.from(moved(readFileSync(draft, 'utf8'), system.sender, newest));
    writeFileSync(draft, document);
    await done('alert', 'sign', draft, '--key', system.first, '--trust', system.trust, '--out',
      signed, ...with_passphrase);
    const names = [...document.toString().matchAll(/<(?:[\w.-]+:)?areaDesc[^>]*>([^<]*)</g)]
      .map((found) => found[1]);
    await done('alert', 'approve', signed, '--key', system.second, '--trust', system.trust,
      '--area-name',
               names[0].trim(), ...with_passphrase);
    const envelope = JSON.parse(readFileSync(signed, 'utf8'));
    assert.deepEqual(Buffer.from(envelope.payload, 'base64'), document,
      'what is signed is what was drafted');
    assert.equal(envelope.signatures.length, 2);
    const posted = await curl(`${engine.url}/v1/alerts`, { data: readFileSync(signed) });
    assert.equal(posted.status, 201, posted.body.toString());
    newest = reference_to(document.toString().replace(/(<\/?)[\w.-]+:/g, '$1'));
    const { seq, id } = checked('answer', posted.body.toString());
    const xml = await curl(`${engine.url}/v1/alerts/${id}.xml`);
    assert.deepEqual(xml.body, document);
    await reader.has(seq);
    const heard = reader.alerts.find((alert) => alert.seq === seq);
    assert.deepEqual(heard.xml, document);
    assert.deepEqual(heard.envelope.signatures, envelope.signatures);
  });
}
