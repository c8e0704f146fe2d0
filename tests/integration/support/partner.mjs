// The partner of ops/verify/ as a process: what it says, one object a line, and what it keeps.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { scratch, within } from './engine.mjs';
import { ROOT } from './schemas.mjs';

const LATE_MS = 60_000;
const running = new Set();
after(() => { for (const child of running) child.kill('SIGKILL'); });

export class Partner {
  /** `folder` may be that of one before it, which then goes on where that one stopped. */
  constructor(url, root, { folder = scratch(), args = [] } = {}) {
    this.folder = folder;
    this.said = [];
    this.waiting = new Set();
    this.stderr = '';
    this.child = spawn('python3', ['-B', join(ROOT, 'ops', 'verify', 'follow.py'), url,
      '--root', root, '--folder', folder, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    this.child.stderr.on('data', (data) => { this.stderr += data; });
    let rest = '';
    this.child.stdout.on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop();
      this.said.push(...lines.map((line) => JSON.parse(line)));
      for (const look of this.waiting) look();
    });
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code) => { running.delete(this.child); resolve(code); });
    });
  }

  of(what) { return this.said.filter((each) => each.said === what); }

  /** Waits until it has said that, `count` times, and returns the last of them. */
  has(what, count = 1, fits = () => true) {
    const found = () => this.of(what).filter(fits);
    const said = new Promise((resolve, reject) => {
      const look = () => { if (found().length >= count) resolve(found()[count - 1]); };
      this.waiting.add(look);
      this.exited.then((code) => reject(new Error(`it ended (${code}): ${this.stderr}`)));
      look();
    });
    const late = { toString: () => `${what} in ${JSON.stringify(this.said)} ${this.stderr}` };
    return within(LATE_MS, late, said);
  }

  async kill() { this.child.kill('SIGKILL'); await this.exited; }

  get position() {
    const file = join(this.folder, 'position');
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }
  /** The documents it believes, by sequence: [[seq, bytes]]. */
  get documents() {
    return readdirSync(join(this.folder, 'alerts')).filter((name) => name.endsWith('.xml'))
      .map((name) => [Number(name.split('-')[1]), readFileSync(join(this.folder, 'alerts', name))])
      .sort((a, b) => a[0] - b[0]);
  }
}
