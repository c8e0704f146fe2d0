// Certificates made here by the openssl command, and TLS by hand.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import assert from 'node:assert/strict';
import { sealed } from './dsse.mjs';
import { scratch, within } from './engine.mjs';
import { checked } from './schemas.mjs';

const LATE_MS = 20_000;

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** An authority of its own, and a folder that goes with the test file. */
export function authority() {
  const folder = scratch();
  const key = join(folder, 'ca.key'), certificate = join(folder, 'ca.pem');
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-subj', '/CN=Nobody\'s authority', '-days', '2', '-keyout', key, '-out', certificate);
  return { folder, key, certificate, pem: readFileSync(certificate) };
}

/** openssl's form of a time: YYMMDDhhmmssZ. */
const stamp = (ms) => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '').slice(2);

/**
 * A certificate for localhost, or for other names, that `ca` signed, and its key, whose files are
 * `name`.pem and .key. It counts from so many seconds before now to so many after.
 */
export function certificate(ca, name, { since_s = 86_400, until_s = 365 * 86_400,
                                        key_type = 'ec',
                                        names = 'DNS:localhost,IP:127.0.0.1' } = {}) {
  const file = (end) => join(ca.folder, `${name}.${end}`);
  const kind = key_type === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    : ['-newkey', 'rsa:2048'];
  openssl('req', ...kind, '-nodes', '-subj', `/CN=${name}`, '-keyout', file('key'),
    '-out', file('csr'));
  chmodSync(file('key'), 0o600);
  const now = Date.now();
  writeFileSync(file('db'), '');
  writeFileSync(file('cnf'), `[ca]\ndefault_ca=c\n[c]\ndatabase=${file('db')}\nrand_serial=yes\n` +
    'default_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=e\n[p]\nCN=supplied\n' +
    `[e]\nsubjectAltName=${names}\n`);
  openssl('ca', '-batch', '-config', file('cnf'), '-notext', '-outdir', ca.folder,
    '-cert', ca.certificate, '-keyfile', ca.key, '-in', file('csr'), '-out', file('pem'),
    '-startdate', stamp(now - since_s * 1000), '-enddate', stamp(now + until_s * 1000));
  return { certificate: file('pem'), key: file('key') };
}

/** Puts the files of `next` where those of `current` are, each at once. */
export function put_in_place(next, current) {
  for (const kind of ['key', 'certificate']) {
    copyFileSync(next[kind], `${current[kind]}.new`);
    if (kind === 'key') chmodSync(`${current[kind]}.new`, 0o600);
    renameSync(`${current[kind]}.new`, current[kind]);
  }
}

/** What an engine is started with to speak TLS. */
export const flags = (files) => ['--tls-cert', files.certificate, '--tls-key', files.key];

/** A TLS connection that is shaken hands on; rejects where there is none. */
export function shake(engine, ca, options = {}) {
  const socket = connect({ host: '127.0.0.1', port: engine.port, ca: ca.pem,
                           servername: 'localhost', ...options });
  socket.heard = '';
  socket.on('data', (data) => { socket.heard += data.toString('latin1'); });
  socket.over = new Promise((resolve) => socket.on('close', resolve));
  return within(LATE_MS, 'a handshake', new Promise((resolve, reject) => {
    socket.on('secureConnect', () => resolve(socket));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed while hands were shaken')));
  }));
}

/** One request over TLS on a connection of its own: `{status, headers, body}`. */
export function ask(engine, ca, path, { method = 'GET', headers = {}, body, ...options } = {}) {
  return within(LATE_MS, path, new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: engine.port, path, method, headers,
                            ca: ca.pem, servername: 'localhost', agent: false, ...options },
      async (response) => {
        const parts = [];
        for await (const part of response) parts.push(part);
        resolve({ status: response.statusCode, headers: response.headers,
                  body: Buffer.concat(parts).toString() });
      });
    asked.on('error', reject);
    asked.end(body);
  }));
}

/** Signs, posts, and asserts that it was taken; the answer of POST. */
export async function admit(engine, ca, document) {
  const { status, body } = await ask(engine, ca, '/v1/alerts',
    { method: 'POST', body: sealed(document, [engine.keys.ann]) });
  assert.equal(status, 201, body);
  return checked('answer', body);
}

/** A figure of /metrics. */
export async function figure(engine, ca, name, options = {}) {
  const { body } = await ask(engine, ca, '/metrics', options);
  return Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(body)?.[1] ?? 0);
}
