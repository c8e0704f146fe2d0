// A channel of the engine (support/run_channel.cpp), told what to send, and mail servers that do
// what a test wants at each step of a dialogue.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { BIN, within } from './engine.mjs';

const LATE_MS = 20_000;
const running = new Set();
const servers = new Set();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const server of servers) server.close();
});

/** `kind` is email or webhook. */
export class Channel {
  constructor(kind, options) {
    this.lines = [];
    this.waiting = new Set();
    this.next = 1;
    this.child = spawn(join(BIN, 'run_channel'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(this.child);
    this.exited = new Promise((resolve) => this.child.on('close', (code) => {
      running.delete(this.child);
      resolve(code);
    }));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      for (const look of [...this.waiting]) look();
    });
    this.write({ [kind]: options });
  }

  write(line) { this.child.stdin.write(`${JSON.stringify(line)}\n`); }

  /** The first line that `is` says yes to, now or later. */
  line(is, what) {
    return within(LATE_MS, what, new Promise((resolve) => {
      const look = () => {
        const found = this.lines.find(is);
        if (found === undefined) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    }));
  }

  ready() { return this.line((line) => line.ready || line.failed, 'ready'); }

  /** Sends one, and waits for how it went. */
  async send(address, more = {}) {
    const delivery = (this.next++).toString(16).padStart(32, '0');
    this.write({ send: { delivery, address, ...more } });
    return this.line((line) => line.done === delivery || line.no_room === delivery, 'an outcome');
  }

  async gateways() {
    const before = this.lines.filter((line) => line.gateways).length;
    this.write({ gateways: true });
    await this.line(() => this.lines.filter((line) => line.gateways).length > before, 'gateways');
    return this.lines.filter((line) => line.gateways).at(-1);
  }

  /** Stops it; what it ended with. */
  async stop() {
    this.write({ stop: true });
    await this.line((line) => line.stopped, 'stopped');
    return within(LATE_MS, 'the end', this.exited);
  }
}

export function listening(server) {
  servers.add(server);
  return within(LATE_MS, 'a port', new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  }));
}

/**
 * A mail server that speaks by a table: `answers` has for a step (banner, ehlo, mail, rcpt, data,
 * content, rset, quit) what is said, a list of what is said in turn, or a function of the
 * connection, of how often it was asked and of the line; null says nothing, 'hang up' ends the
 * connection. Whatever it has not is answered with a yes. `heard` is every command, `mails` every
 * content, `together` how often commands came before the answer to the one before them.
 */
export async function scripted(answers = {}) {
  const heard = [], mails = [], asked = {};
  let connections = 0, together = 0;
  const usual = { banner: '220 hell', ehlo: '250-hell\r\n250-PIPELINING\r\n250 DSN', mail: '250 ok',
    rcpt: '250 ok', data: '354 go on', content: '250 taken', rset: '250 ok', quit: '221 bye' };
  const server = createServer((socket) => {
    ++connections;
    let text = '', content = null;
    const say = (step, line = '') => {
      asked[step] = (asked[step] ?? 0) + 1;
      let answer = step in answers ? answers[step] : usual[step];
      if (Array.isArray(answer)) answer = answer[Math.min(asked[step], answer.length) - 1];
      if (typeof answer === 'function') answer = answer(socket, asked[step], line);
      if (answer === 'hang up') return socket.destroy();
      if (answer !== null) socket.write(`${answer}\r\n`);
      return answer;
    };
    const hear = (line) => {
      if (content !== null) {
        if (line === '.') {
          mails.push(content.join('\r\n'));
          content = null;
          return say('content');
        }
        return content.push(line);
      }
      heard.push(line);
      const step = line.split(' ')[0].toLowerCase().replace('helo', 'ehlo');
      const answer = say(step in usual ? step : 'rset', line);
      if (step === 'data' && String(answer).startsWith('354')) content = [];
      if (step === 'quit') socket.end();
    };
    socket.on('error', () => {});
    socket.on('data', (octets) => {
      text += octets.toString('latin1');
      if (content === null && text.split('\r\n').length > 2) ++together;
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        hear(line);
      }
    });
    say('banner');
  });
  const port = await listening(server);
  return { url: `smtp://127.0.0.1:${port}`, port, heard, mails, connections: () => connections,
    together: () => together };
}
