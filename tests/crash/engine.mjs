// The real tocsind as something that is killed: started on the same folder and port over and over.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

const READY_MAX_MS = 30_000;

async function free_port() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Engine {
  /** `folder` holds trust.json; the engine's own data go below it. `more`: its other arguments. */
  static async on(folder, bin, more = []) {
    const engine = new Engine();
    engine.port = await free_port();
    engine.url = `http://127.0.0.1:${engine.port}`;
    engine.command = join(bin, 'tocsind');
    engine.args = ['--data', join(folder, 'engine'), '--trust', join(folder, 'trust.json'),
                   '--listen', `127.0.0.1:${engine.port}`, ...more];
    return engine;
  }

  spawn() {
    this.said = '';
    this.child = spawn(this.command, this.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr.on('data', (text) => { this.said = (this.said + text).slice(-20_000); });
    this.ended = once(this.child, 'exit');
    this.ended.catch(() => {});
  }

  /** Starts it and waits for the line that says it is ready; how long that took, in ms. */
  async start() {
    const began = performance.now();
    this.spawn();
    let out = '';
    const ready = new Promise((resolve, reject) => {
      const late =
        setTimeout(() => reject(new Error('tocsind is not ready in 30 s')), READY_MAX_MS);
      this.child.stdout.on('data', (text) => {
        out += text;
        if (out.includes('\n')) { clearTimeout(late); resolve(); }
      });
      this.child.on('error', reject);
      this.child.on('exit', (code, signal) => {
        clearTimeout(late);
        reject(new Error(`tocsind did not start (${signal ?? `exit ${code}`}):\n${this.said}`));
      });
    });
    await ready;
    const line = JSON.parse(out.slice(0, out.indexOf('\n')));
    if (line.ready !== true) throw new Error(`tocsind said ${out}`);
    return performance.now() - began;
  }

  /** Begins to start it and kills it on the way, wherever it is then. */
  async start_and_kill(after_ms) {
    this.spawn();
    this.child.stdout.resume();
    await new Promise((resolve) => setTimeout(resolve, after_ms));
    await this.kill();
  }

  /** SIGKILL: nothing of its own runs any more. Its end before that is a failure of its own. */
  async kill() {
    const { exitCode: code, signalCode: signal } = this.child;
    this.child.kill('SIGKILL');
    await this.ended;
    if (code !== null || signal !== null) {
      throw new Error(`tocsind ended by itself (${signal ?? `exit ${code}`}):\n${this.said}`);
    }
  }

  async stop() {
    this.child.kill('SIGTERM');
    const [code, signal] = await this.ended;
    if (code !== 0) throw new Error(`after SIGTERM: ${signal ?? `exit ${code}`}\n${this.said}`);
  }
}
