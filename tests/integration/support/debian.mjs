// What Debian has, without installing it: a package's files unpacked in a folder of their own.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './engine.mjs';

/** Where the files of that package are, or why they are nowhere. */
export function unpacked_package(name) {
  const folder = scratch();
  try {
    execFileSync('apt-get', ['download', name], { cwd: folder, stdio: 'ignore' });
    const [file] = readdirSync(folder);
    execFileSync('dpkg-deb', ['-x', file, 'root'], { cwd: folder });
  } catch {
    return { why: `the package ${name} cannot be fetched` };
  }
  return { root: join(folder, 'root') };
}
