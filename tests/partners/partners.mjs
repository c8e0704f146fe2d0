// node tests/partners/partners.mjs [--bulletins N] [--kills N] [--seed N]: a partner with npm's
// client while nats-server and engine are killed; what came of it is printed as JSON.
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import assert from 'node:assert/strict';
import { nats_server_program } from '../integration/support/nats.mjs';
import { through_kills } from './kills.mjs';

const { values } = parseArgs({ options: {
  bulletins: { type: 'string', default: '10000' }, kills: { type: 'string', default: '10' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
const numbers = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Number(v)]));

test(`a partner gets each alert exactly once, seed ${numbers.seed}`, async () => {
  const { program, why } = nats_server_program();
  assert.ok(program, why);
  console.log(JSON.stringify(await through_kills(program, numbers)));
});
