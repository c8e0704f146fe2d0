// An engine that some tens of organisations of one place are told by, a second after an alert that
// nobody acknowledges; and what is asked of it about them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { alert } from './cap.mjs';
import { done } from './cli.mjs';
import { scratch, start } from './engine.mjs';
import { checked } from './schemas.mjs';

export const COUNT = 40;
const LATE_MS = 45_000;
export const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const number_of = (index) => `4477009${String(index).padStart(5, '0')}`;
export const address_of = (index) => `shop${index}@shop.example`;

export const LIST_HEADER =
  'organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n';

/** COUNT organisations, each with what `contact(index)` says: {phone} or {email}. */
export async function shops(folder, config, contact) {
  const file = join(folder, 'tocsin.toml'), list = join(folder, 'list.csv');
  writeFileSync(file, `${config}[escalation.minor]\nacknowledged = 1\ndelivered = 60\n`);
  const engine = await start({ args: ['--config', file] });
  writeFileSync(list, LIST_HEADER + Array.from({ length: COUNT }, (_, i) => {
    const { phone = '', email = '' } = contact(i);
    return `shop${i},Shop ${i},,,E09000007,retail,en,${phone},${email},,\n`;
  }).join(''));
  await done('org', 'import', list, '--data', engine.data);
  return engine;
}

export const send = async (engine, parts = {}) =>
  (await engine.admit(alert(parts), engine.keys.ann)).seq;

/**
 * What is counted of that alert, once `holds(channels, concerned)` does. Whom it concerns is the
 * sum of where they stand, each time it is asked.
 */
export async function reached(engine, seq, what, holds) {
  for (const end = Date.now() + LATE_MS; ; await later(50)) {
    const text = await (await fetch(`${engine.url}/v1/alerts/${seq}/reach`)).text();
    const { concerned, channels } = checked('reach', text);
    if (concerned) {
      const { matched, reached: at, trying, failed, not_contactable } = concerned;
      assert.equal(matched, at + trying + failed + not_contactable);
      if (concerned.planned && holds(channels, concerned)) return { concerned, channels };
    }
    assert.ok(Date.now() < end, `${what} did not come: ${text}`);
  }
}

/** Attempts of which the engine does not know the end, as it has counted them. */
export async function uncertain(engine) {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  return Number(/^tocsin_delivery_uncertain_total (\d+)$/m.exec(text)[1]);
}

/** 0 lost: everybody's message was taken. How many were taken once more, in all. */
export function duplicates(name_of, ...taken) {
  let twice = 0;
  for (let index = 0; index < COUNT; ++index) {
    const times = taken.reduce((sum, one) => sum + (one.get(name_of(index)) ?? 0), 0);
    assert.ok(times >= 1, `the message to ${index} is lost`);
    twice += times - 1;
  }
  return twice;
}
