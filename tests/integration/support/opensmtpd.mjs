// A real OpenSMTPD, out of Debian's package and never installed: it runs in mounts of its own,
// where it finds the users, folders and helpers that it wants. That takes root.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { unpacked_package } from './debian.mjs';
import { scratch, within } from './engine.mjs';

const LATE_MS = 20_000;
/** As whom it delivers to this machine. */
export const DELIVERER = 4711;
const running = new Set();
after(() => { for (const child of running) child.kill('SIGKILL'); });

/** Where it is unpacked, or why there is none. */
export function unpacked() {
  if (process.getuid() !== 0) return { why: 'takes root, for mounts of its own' };
  if (process.env.TOCSIN_OPENSMTPD) return { root: process.env.TOCSIN_OPENSMTPD };
  return unpacked_package('opensmtpd');
}

const SCRIPT = `set -e
for what in passwd group; do cp /etc/$what "$1/$what"; done
for id in ${DELIVERER}:opensmtpd 4712:opensmtpq; do
  echo "\${id#*:}:x:\${id%:*}:\${id%:*}::/var/lib/opensmtpd/empty:/usr/sbin/nologin" >> "$1/passwd"
  echo "\${id#*:}:x:\${id%:*}:" >> "$1/group"
done
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
for folder in /var/spool /var/lib /run; do mount -t tmpfs tmpfs $folder; done
mkdir -p -m 711 /var/spool/smtpd /var/lib/opensmtpd/empty
mount -t tmpfs tmpfs /usr/libexec
mkdir /usr/libexec/opensmtpd
mount --bind "$2/usr/libexec/opensmtpd" /usr/libexec/opensmtpd
exec "$2/usr/sbin/smtpd" -d -f "$1/smtpd.conf"`;

async function free_port() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Started with these lines of configuration behind the one that listens. */
export async function opensmtpd(root, lines) {
  const folder = scratch();
  const port = await free_port();
  const before = [`listen on 127.0.0.1 port ${port} hostname relay.example`];
  writeFileSync(join(folder, 'smtpd.conf'), [...before, ...lines, ''].join('\n'), { mode: 0o600 });
  const child = spawn('unshare', ['--mount', '--propagation', 'private', '--kill-child', '--pid',
    '--fork', 'bash', '-c', SCRIPT, 'bash', folder, root], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said += data; });
  const greeted = (async () => {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`smtpd ended: ${said}`);
      const open = await new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('data', () => { socket.destroy(); resolve(true); });
        socket.on('error', () => setTimeout(() => resolve(false), 50));
      });
      if (open) return;
    }
  })();
  await within(LATE_MS, 'OpenSMTPD', greeted);
  return { port, url: `smtp://127.0.0.1:${port}`, said: () => said };
}
