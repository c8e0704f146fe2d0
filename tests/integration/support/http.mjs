// HTTP by hand: curl as a client nobody here wrote, and bare sockets for what no client sends.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import assert from 'node:assert/strict';
import { checked } from './schemas.mjs';

const run = promisify(execFile);

/** One request by curl: `{status, type, headers, body}`; `body` is a Buffer. */
export async function curl(url, { args = [], data } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-curl-'));
  try {
    const body = join(folder, 'body'), headers = join(folder, 'headers');
    const all = ['-sS', '--max-time', '60', '-o', body, '-D', headers, ...args];
    if (data !== undefined) {
      writeFileSync(join(folder, 'data'), data);
      all.push('--data-binary', `@${join(folder, 'data')}`, '-H', 'Expect:');
    }
    writeFileSync(body, '');
    const { stdout } = await run('curl', [...all, '-w', '%{http_code}', url]);
    const lines = readFileSync(headers, 'latin1').trim().split('\r\n').slice(1);
    const named = Object.fromEntries(lines.filter((line) => line.includes(':')).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    return { status: Number(stdout), type: named['content-type'], headers: named,
             body: readFileSync(body) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asserts that an answer is that refusal, told as RFC 9457 wants it; the problem document. */
export function assert_problem(answer, status, code) {
  const text = String(answer.body ?? answer.text);
  assert.equal(`${answer.status} ${/"code":"([a-z_]+)"/.exec(text)?.[1]}`, `${status} ${code}`,
    text);
  const type = answer.type ?? answer.headers['content-type'] ?? answer.headers.get('content-type');
  assert.equal(type, 'application/problem+json');
  const problem = checked('problem', text);
  assert.equal(problem.status, status);
  assert.ok(problem.detail.length > 10, 'a refusal says what to do');
  return problem;
}

/** Sends bytes, in pieces if it is an array, and reads until the other side closes or is silent. */
export function raw(port, bytes, { quiet_ms = 1500, limit_ms = 60_000, half_close = false } = {}) {
  return new Promise((resolve) => {
    const began = Date.now();
    const socket = connect(port, '127.0.0.1');
    let text = '', quiet, closed = false;
    const finish = () => {
      clearTimeout(quiet);
      clearTimeout(limit);
      socket.destroy();
      const statuses = [...text.matchAll(/(?:^|\n|\})HTTP\/1\.[01] (\d{3})/g)]
        .map((m) => Number(m[1]));
      resolve({ text, statuses, status: statuses[0], closed, ms: Date.now() - began });
    };
    const limit = setTimeout(finish, limit_ms);
    const wait = () => {
      clearTimeout(quiet);
      quiet = setTimeout(finish, quiet_ms);
    };
    socket.on('connect', () => {
      for (const piece of [bytes].flat()) socket.write(piece, 'latin1');
      if (half_close) socket.end();
      wait();
    });
    socket.on('data', (data) => { text += data.toString('latin1'); wait(); });
    socket.on('error', () => {});
    socket.on('close', () => { closed = true; finish(); });
  });
}
