// node tests/abuse/abuse.mjs [--connections 5000]: every attack against a real engine, while an
// honest client asks and an honest stream listens. Prints a table, one row an attack.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { alert } from '../integration/support/cap.mjs';
import { scratch, start } from '../integration/support/engine.mjs';
import { listen } from '../integration/support/stream.mjs';
import { ask, deaf_streams, pause, pipelined, SHAPES, slow_readers, slowloris }
  from './attacks.mjs';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '5000' } } });
const CONNECTIONS = Number(values.connections);

const config = join(scratch(), 'config.toml');
writeFileSync(config, '[limits]\nconnections = 9000\n');
const engine = await start({ args: ['--config', config] });
// Something to list: some forty alerts of 100 KB.
for (let i = 0; i < 40; ++i) {
  await engine.admit(alert({ description: 'x'.repeat(100_000) }), engine.keys.ann);
}
const reader = await listen(engine);

const rss_mb = () =>
  Math.round(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${engine.pid}/status`, 'utf8'))[1] / 1024);
const part = (sorted, share) => sorted[Math.min(sorted.length - 1,
  Math.floor(sorted.length * share))].toFixed(1);

console.log('| attack | outcome | honest client: median, 99 %, failed | honest stream ' +
  '| engine MB before, after |');
console.log('|---|---|---|---|---|');
async function row(name, attack) {
  const before = rss_mb();
  const worker = new Worker(new URL('./honest.mjs', import.meta.url),
    { workerData: { port: engine.port } });
  const told = new Promise((resolve) => { worker.on('message', resolve); });
  await pause(500);
  const outcome = await attack();
  const { seq } = await engine.admit(alert(), engine.keys.ann);
  await reader.has(seq);
  worker.postMessage('stop');
  const { times, failed } = await told;
  times.sort((a, b) => a - b);
  const text = typeof outcome === 'string' ? outcome
    : Object.entries(outcome).map(([key, value]) => `${key} ${value}`).join(', ');
  console.log(`| ${name} | ${text} | ${part(times, 0.5)} ms, ${part(times, 0.99)} ms, ` +
    `${failed} of ${times.length} | complete | ${before}, ${rss_mb()} |`);
}

await row('none', () => pause(3000).then(() => 'nothing'));
await row(`${CONNECTIONS} heads that never end`, () => slowloris(engine.port, CONNECTIONS));
await row(`${CONNECTIONS} lists that nobody reads`, () => slow_readers(engine.port, CONNECTIONS));
await row(`${CONNECTIONS} streams that nobody reads`, () => deaf_streams(engine.port, CONNECTIONS));
await row('10,000 pipelined requests', () => pipelined(engine.port, 10_000));
for (const [name, bytes, status] of SHAPES) {
  await row(name, async () => {
    const { statuses, closed, sent } = await ask(engine.port, bytes);
    const what = `${statuses.join(' ') || 'no answer'}${closed ? ', closed' : ', left open'}`;
    return `${what}${sent ? ` after ${(sent / 1e6).toFixed(1)} MB` : ''}` +
      `${statuses[0] === status ? '' : `, not ${status}`}`;
  });
}
await reader.close();
const { code } = await engine.stop();
console.log(`\nThe engine ended with ${code}.`);
process.exit(code);
