// tocsin on the command line, and the demo exercise system that it makes.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { BIN, scratch } from './engine.mjs';

export const PASSPHRASE = 'exercise';
const LATE_MS = 60_000;

/** What every command finds around it: no colours, and contexts of this test file alone. */
export const environment = { NO_COLOR: '1', XDG_CONFIG_HOME: scratch() };

/** Runs `tocsin …`; the passphrase is on descriptor 3. `{code, stdout, stderr}`. */
export function tocsin(...args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PASSPHRASE, ...environment };
    const child = execFile('bash', ['-c', 'exec "$0" "$@" 3<<<"$PASSPHRASE"', join(BIN, 'tocsin'),
                                    ...args.flat()],
      { timeout: LATE_MS, maxBuffer: 64 << 20, env },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    child.stdin.end();
  });
}

/** The same, where anything but success is a fault of the test. */
export async function done(...args) {
  const { code, stdout, stderr } = await tocsin(...args);
  if (code === 0) return stdout;
  throw new Error(`tocsin ${args.flat().join(' ')}: exit ${code}\n${stdout}${stderr}`);
}

export const SYSTEM = 'exercise-demo';

const CATEGORIES = ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Env',
                    'Transport', 'Infra', 'CBRNE', 'Other'];
export const with_passphrase = ['--passphrase-fd', '3'];

/**
 * An exercise system made by the command line alone: one root, a control room for London with two
 * officers. Two of them are needed from Severe on.
 */
export async function make_system(folder, kind = 'exercise') {
  const key = (name) => join(folder, `${name}.key`);
  for (const name of ['root', 'reed', 'okafor']) {
    await done('key', 'new', '--holder', name, '--out', key(name), ...with_passphrase,
               '--strength', 'interactive');
  }
  const draft = join(folder, 'trust.draft'), trust = join(folder, 'trust.json');
  await done('trust', 'init', '--system', SYSTEM, '--kind', kind, '--root', key('root'),
             '--threshold', '1', '--out', draft);
  await done('trust', 'add-sender', draft, '--sender', 'control@thames.example', '--name',
    'Thames Control',
             '--officer', `${key('reed')}:originate,approve,cancel`,
             '--officer', `${key('okafor')}:originate,approve,cancel`, '--area', 'E12000007',
             ...CATEGORIES.flatMap((each) => ['--category', each]), '--max-severity', 'Extreme',
             ...(kind === 'live' ? ['--status', 'Actual', '--approval', 'Actual:Minor:1'] : []),
             '--status', 'Exercise', '--status', 'Test', '--scope', 'Public', '--scope',
               'Restricted',
             '--scope', 'Private', '--approval', 'Exercise:Severe:2', '--rate', '10000');
  await done('trust', 'sign', draft, '--key', key('root'), '--out', trust, ...with_passphrase);
  return { trust, sender: 'control@thames.example', first: key('reed'), second: key('okafor') };
}
