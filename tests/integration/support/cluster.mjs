// Three real nats-servers that keep one stream together, and engines that share a log by it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, scratch, within } from './engine.mjs';
import { client_of, free_port, NatsServer } from './nats.mjs';
import { checked } from './schemas.mjs';
import { Reader } from './stream.mjs';

const LATE_MS = 90_000;

/** Started, with a leader: JetStream answers. */
export async function start_servers(program, count = 3) {
  const folder = scratch();
  const routes = [];
  for (let i = 0; i < count; ++i) routes.push(await free_port());
  const servers = [];
  for (let i = 0; i < count; ++i) {
    const store = join(folder, `n${i}`);
    const config = join(folder, `n${i}.conf`);
    const monitor = await free_port();
    writeFileSync(config, `server_name: n${i}
http: "127.0.0.1:${monitor}"
jetstream { store_dir: "${store}", max_mem: 64M, max_file: 4G }
cluster { name: tocsin, listen: "127.0.0.1:${routes[i]}",
  routes: [${routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ')}] }
`);
    const server = new NatsServer(program, { args: ['-c', config] });
    servers.push(Object.assign(server, { store, monitor }));
  }
  await Promise.all(servers.map((server) => server.start()));
  await have_leader(servers);
  return servers;
}

/** Until the servers that run have agreed on one that leads. */
export function have_leader(servers) {
  const led = (async () => {
    for (;;) {
      const told = await Promise.all(servers.map(async ({ monitor }) => {
        const health = await fetch(`http://127.0.0.1:${monitor}/healthz?js-enabled-only=true`)
          .catch(() => ({ ok: false }));
        if (!health.ok) return false;
        const js = await (await fetch(`http://127.0.0.1:${monitor}/jsz`)).json();
        return Boolean(js.meta_cluster?.leader);
      }));
      if (told.every(Boolean)) return;
      await sleep(100);
    }
  })();
  return within(LATE_MS, 'a leader of the servers', led);
}

/** Which of them leads the stream that gives the order. */
export async function leader_of_order(servers) {
  const client = await client_of(servers[0]);
  const manager = await client.jetstreamManager();
  const { cluster } = await manager.streams.info('TOCSIN_ORDER');
  return Number(cluster.leader.slice(1));
}

export const urls_of = (servers) => servers.map(({ url }) => url).join(',');

/** An engine of the cluster, ready. `like`: another of them, whose people and trust it shares. */
export async function start_node(servers, node, { like, args = [], ...more } = {}) {
  const shared = like ? { keys: like.keys, trust: like.trust } : {};
  const engine = launch({ ...shared, ...more,
    args: ['--cluster', urls_of(servers), '--node', node, ...args] });
  engine.servers = servers;
  engine.node = node;
  engine.more_args = args;
  return ready(engine);
}

export const start_edge = (servers, node, more) =>
  start_node(servers, node, { ...more, args: ['--edge'] });

/** The same by a configuration, which says who it is at its servers. */
export async function start_configured_node(node, config, { like, ...more } = {}) {
  const shared = like ? { keys: like.keys, trust: like.trust } : {};
  const engine = launch({ ...shared, ...more, args: ['--config', config, '--node', node] });
  engine.node = node;
  return ready(engine);
}

async function ready(engine) {
  const line = await within(LATE_MS, `the ready line of ${engine.node}`, engine.ready);
  checked('ready-line', JSON.stringify(line));
  engine.url = line.url.replace(/\/$/, '');
  engine.epoch = line.epoch;
  return engine;
}

/** The same node again, after its end. */
export const again = (engine) => start_node(engine.servers, engine.node,
  { like: engine, data: engine.data, args: engine.more_args });

/** What /readyz says. */
export const readiness = async (engine) => (await fetch(`${engine.url}/readyz`)).json();

/** Until it warns of its cluster, or does not. */
export function until_current(engine, wanted = true) {
  const told = (async () => {
    for (;;) {
      const { warnings } = await readiness(engine);
      if (warnings.some((each) => each.includes('its cluster')) !== wanted) return;
      await sleep(50);
    }
  })();
  return within(LATE_MS, `${engine.node} ${wanted ? 'is' : 'is not'} current`, told);
}

/** The log as that node has it, once it has so many: `[{seq, at, id}]`. */
export async function log_of(engine, count) {
  const reader = new Reader(engine, { after: '0' });
  await reader.until(() => reader.alerts.length >= count, `${count} alerts at ${engine.node}`,
    LATE_MS);
  await reader.close();
  return reader.alerts.map(({ seq, at, id }) => ({ seq, at, id }));
}
