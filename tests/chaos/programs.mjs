// A program that is killed, paused, and started again with the same arguments.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export class Program {
  /** `machine`: its index; `journal`: a file that keeps what it says on standard error. */
  constructor(name, machine, [command, ...args], journal, environment = {}) {
    Object.assign(this, { name, machine, command, args, environment, up: false });
    this.journal = createWriteStream(journal, { flags: 'a' });
  }

  start() {
    const child = spawn(this.command, this.args,
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.environment } });
    this.child = child;
    this.up = true;
    this.exited = new Promise((resolve) => child.on('close', (code) => {
      if (this.child === child) this.up = false;
      resolve(code);
    }));
    this.line = new Promise((resolve) => {
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
        if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
      });
    });
    child.stderr.on('data', (data) => this.journal.write(data));
  }

  note(what) { this.journal.write(`--- ${new Date().toISOString()} ${what}\n`); }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    await this.exited;
  }
  pause() { this.child.kill('SIGSTOP'); }
  go_on() { this.child.kill('SIGCONT'); }
}
