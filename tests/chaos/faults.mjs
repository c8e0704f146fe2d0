// What may happen to the machines. Each fault is drawn first, from the seed alone, and says what it
// touches; then it begins, and ends. Two whose parts do not meet may happen at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { COUNT, indexes } from './machines.mjs';

const share = (chance, random) => random.between(1, 100) <= chance;

/** Cables that are pulled. `alone`: who then has no majority, for the checker. */
function pulled(machines, name, what, cables, alone = []) {
  return { name, what, alone, touches: ['net'],
    begin: async () => cables.forEach(([i, j]) => machines.spaces.pull(i, j)),
    end: async () => cables.forEach(([i, j]) => machines.spaces.plug(i, j)) };
}

const pairs = [[0, 1], [0, 2], [1, 2]];

const network = {
  pull_one(machines, random) {
    const [i, j] = random.pick(pairs);
    return pulled(machines, 'pull', `the cable between machines ${i} and ${j}`, [[i, j]]);
  },
  pull_own(machines, random) {
    const i = random.between(0, COUNT - 1);
    return pulled(machines, 'pull', `the cable between node ${i} and its own server`, [[i, i]]);
  },
  halves(machines, random) {
    const i = random.between(0, COUNT - 1);
    const cables = pairs.filter((pair) => pair.includes(i));
    return pulled(machines, 'halves', `machine ${i} and the two others`, cables, [i]);
  },
  all_apart(machines) {
    return pulled(machines, 'apart', 'each machine from each other', pairs, indexes);
  },
  pull_edge(machines) {
    return pulled(machines, 'pull', 'the edge from every server', indexes.map((j) => [COUNT, j]));
  },
  slow(machines, random) {
    const line = random.pick(machines.lines);
    const delay = random.between(20, 400);
    return { name: 'slow', what: `line ${line.ends.join(' to ')} by ${delay} ms`, touches: ['net'],
      begin: async () => line.slow(delay), end: async () => line.mend() };
  },
  lose(machines, random) {
    const i = random.between(0, COUNT - 1);
    const lost = random.between(1, 20) / 100;
    const lines = machines.lines.filter(({ ends }) => ends.includes(i));
    return { name: 'lose', what: `${lost} of what comes to and from machine ${i}`,
      touches: ['net'],
      begin: async () => lines.forEach((line) => line.lose(lost)),
      end: async () => lines.forEach((line) => line.mend()) };
  },
  break_off(machines) {
    return { name: 'break', what: 'every connection between programs', touches: ['net'],
      begin: async () => machines.lines.forEach((line) => line.break_off()),
      end: async () => {} };
  },
};

const named = (program) => program.name.replace(' ', '');

const processes = {
  kill_node(machines, random) {
    const node = random.pick(machines.nodes);
    return { name: 'kill', what: node.name, touches: [named(node)],
      begin: () => node.kill(), end: () => machines.start_node(node) };
  },
  kill_node_as_it_starts(machines, random) {
    const node = random.pick(machines.nodes);
    const after = random.between(2, 300);
    return { name: 'kill', what: `${node.name}, and again ${after} ms into its start`,
      touches: [named(node)],
      begin: async () => {
        await node.kill();
        node.start();
        await sleep(after);
        await node.kill();
      },
      end: () => machines.start_node(node) };
  },
  kill_server(machines, random) {
    const server = random.pick(machines.servers);
    return { name: 'kill', what: server.name, touches: [named(server), 'servers'],
      begin: () => server.kill(), end: async () => server.start() };
  },
  kill_two_servers(machines, random) {
    const spared = random.pick(machines.servers);
    const killed = machines.servers.filter((each) => each !== spared);
    return { name: 'kill', what: `all servers but ${spared.name}`, touches: ['servers'],
      begin: () => Promise.all(killed.map((each) => each.kill())),
      end: async () => killed.forEach((each) => each.start()) };
  },
  pause(machines, random) {
    const program = random.pick(machines.programs_all);
    const server = machines.servers.includes(program);
    return { name: 'pause', what: program.name,
      touches: [named(program), ...(server ? ['servers'] : [])],
      begin: async () => program.pause(), end: async () => program.go_on() };
  },
};

const disks = {
  fill_disk(machines, random) {
    const node = random.pick(machines.takers);
    return { name: 'fill', what: `the disk of ${node.name}`, touches: [named(node)], odd: node,
      begin: async () => machines.fill_disk(node), end: async () => machines.free_disk(node) };
  },
  clock(machines, random) {
    const node = random.pick(machines.nodes);
    // Not so far that alerts of an hour expire, since those are not shown.
    const seconds = random.pick([-3000, -600, -90, -1, 1, 90, 600, 3000]);
    return { name: 'clock', what: `${node.name} by ${seconds} s`, touches: [named(node)], odd: node,
      begin: async () => machines.set_clock(node, seconds),
      end: async () => machines.set_clock(node, 0) };
  },
};

/** Servers that forget. Nothing else happens meanwhile; see `draw_step`. */
const stores = {
  wipe_server(machines, random) {
    const i = random.between(0, COUNT - 1);
    return { name: 'wipe', what: `the store of server ${i}`, touches: ['all'],
      begin: async () => {
        await machines.servers[i].kill();
        machines.wipe_store(i);
      },
      end: async () => machines.servers[i].start() };
  },
  wipe_all(machines) {
    return { name: 'wipe', what: 'every store', touches: ['all'],
      begin: async () => {
        await Promise.all(machines.servers.map((each) => each.kill()));
        indexes.forEach((i) => machines.wipe_store(i));
      },
      end: async () => machines.servers.forEach((each) => each.start()) };
  },
  put_back(machines, random) {
    const i = random.between(0, COUNT - 1);
    const age = random.between(0, 2);
    return { name: 'put back', what: `copy ${age} of the store of server ${i}`, touches: ['all'],
      begin: () => machines.servers[i].kill(),
      end: async () => {
        machines.put_back(i, age);
        machines.servers[i].start();
      } };
  },
  put_all_back(machines, random) {
    const ages = indexes.map(() => random.between(0, 2));
    return { name: 'put back', what: `copies ${ages.join(', ')} of every store`, touches: ['all'],
      begin: () => Promise.all(machines.servers.map((each) => each.kill())),
      end: async () => {
        indexes.forEach((i) => machines.put_back(i, ages[i]));
        for (const server of machines.servers) server.start();
      } };
  },
  power(machines, random) {
    const ages = indexes.map(() => random.between(0, 1));
    const late = machines.nodes.map(() => random.between(0, 2_000));
    return { name: 'power', what: `all of it, stores as in copies ${ages.join(', ')}`,
      touches: ['all'],
      begin: () => Promise.all(machines.programs_all.map((each) => each.kill())),
      end: async () => {
        // Servers write without syncing; engines sync before they say yes.
        indexes.forEach((i) => machines.put_back(i, ages[i]));
        for (const server of machines.servers) server.start();
        await Promise.all(machines.nodes.map(async (node, i) => {
          await sleep(late[i]);
          await machines.start_node(node);
        }));
      } };
  },
};

const KINDS = [...Object.values(network), ...Object.values(processes), ...Object.values(disks),
  ...Object.values(stores)];
const TWO_OF_100 = 30;
const TRIES = 8;

const meet = (one, other) => [one, other].some(({ touches }) => touches.includes('all')) ||
  one.touches.some((each) => other.touches.includes(each));

/**
 * One fault, or two at once. While servers forget nothing else happens: what they forget is in the
 * logs of the engines alone, and no rule saves an alert whose one engine is away then.
 */
export function draw_step(machines, random) {
  const step = [random.pick(KINDS)(machines, random)];
  if (!share(TWO_OF_100, random)) return step;
  for (let i = 0; i < TRIES; ++i) {
    const other = random.pick(KINDS)(machines, random);
    if (!meet(step[0], other)) return [...step, other];
  }
  return step;
}
