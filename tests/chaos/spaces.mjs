// Machines with a network of their own: each is a network namespace, and between any two of them,
// and between each and this program, is a cable that can be pulled. What goes from one machine to
// another passes this program, which sits in the middle (lines.mjs). Namespaces for networks,
// mounts and processes hold all of it, so that nothing is left behind when this program ends.
import { spawn, spawnSync } from 'node:child_process';

const INSIDE = 'TOCSIN_CHAOS_INSIDE';
export const inside = () => process.env[INSIDE] === 'yes';

/** Why machines with networks of their own cannot be made here; nothing where they can. */
export function why_not() {
  if (spawnSync('ip', ['-V']).status !== 0) return 'ip (of iproute2) is not installed';
  const tried = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', '--mount-proc', 'ip',
    'link', 'add', 'tried0', 'type', 'veth', 'peer', 'name', 'tried1']);
  return tried.status === 0 ? undefined : 'making network namespaces takes root';
}

/** This program once more, inside, with the same arguments and more; what it ended with. */
export function run_inside(environment, more) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', '--pid',
    '--fork', '--kill-child', '--mount-proc', process.execPath, ...process.argv.slice(1), ...more],
  { stdio: 'inherit', env: { ...process.env, ...environment, [INSIDE]: 'yes' } });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill('SIGKILL'));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function run(command, args, input) {
  const { status, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** Each line is one command of ip. */
const ip = (lines, machine) =>
  run('ip', [...(machine === undefined ? [] : ['-n', `m${machine}`]), '-batch', '-'],
    `${lines.join('\n')}\n`);

// Machine i's cable to machine j, which is the one to its own server where they are the same; and
// TEST is the one to this program.
const TEST = 9;
const here = (i, j) => `10.${100 + i}.${j}.1`;
const there = (i, j) => `10.${100 + i}.${j}.2`;

export class Spaces {
  constructor(count) {
    const all = Array.from({ length: count }, (_, i) => i);
    run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
    run('mkdir', ['/run/netns']);
    ip(['link set lo up', ...all.map((i) => `netns add m${i}`)]);
    ip(all.flatMap((i) => [...all, TEST].flatMap((j) => [
      `link add h${i}${j} type veth peer name e${i}${j} netns m${i}`,
      `addr add ${here(i, j)}/24 dev h${i}${j}`, `link set h${i}${j} up`])));
    for (const i of all) {
      ip(['link set lo up', ...[...all, TEST].flatMap((j) => [
        `addr add ${there(i, j)}/24 dev e${i}${j}`, `link set e${i}${j} up`])], i);
    }
  }

  /** Where machine `i` is reached by this program. */
  address(i) { return there(i, TEST); }

  /** From machine `i` to machine `j`: where `i` asks, and by which way that comes to `j`. */
  way(i, j) { return { at: here(i, j), from: here(j, i), to: there(j, i) }; }

  /** What a program has to be started with to run on that machine. */
  on(i) { return ['nsenter', `--net=/run/netns/m${i}`]; }

  /** Nothing comes through and nobody is told; what waits comes when it is plugged in again. */
  pull(i, j) { this.#set(i, j, 'down'); }
  plug(i, j) { this.#set(i, j, 'up'); }

  #set(i, j, state) {
    ip([`link set h${i}${j} ${state}`, ...(i === j ? [] : [`link set h${j}${i} ${state}`])]);
  }
}

/** A disk of its own for a folder, of so many MiB. */
export const mount_disk = (folder, mib) =>
  run('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tocsin-chaos', folder]);

export const unmount = (folder) => run('umount', ['-l', folder]);
