// An engine that says whatever a test has it say, and nothing that the real one has checked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { envelope, sha256_hex } from './dsse.mjs';
import { trust_file, trust_payload } from './trust.mjs';

export const EPOCH = '9f1c0de2a4b65378';

/**
 * Plays `play` to each stream in turn. `trust` and `revocations` are what it serves; `answer` takes
 * a request before that and says true where it answered.
 */
export async function liar(keys, play, { trust = trust_file(trust_payload(keys), [keys.root]),
  revocations = '', answer = () => false } = {}) {
  const server = createServer((request, response) => {
    if (answer(request, response)) return;
    response.end(request.url === '/v1/trust/revocations' ? revocations : trust);
  });
  const sockets = new WebSocketServer({ server });
  let visits = 0;
  sockets.on('connection', (socket, request) => {
    const say = (object) => socket.send(JSON.stringify(object));
    const hello = (changes = {}) => say({ type: 'hello', node: 'liar', system: 'exercise-test',
      kind: 'exercise', epoch: EPOCH, head: 3, recovered: true, gap: null, heartbeat_s: 15,
      ...changes });
    const live = (seq) => say({ type: 'live', seq });
    const beat = (last) => say({ type: 'beat', head: last, at: new Date().toISOString(), last,
      checkpoint: null });
    play({ say, hello, live, beat, socket, visit: ++visits, query: request.url });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

export function bulletin(seq, document, signers, changes = {}) {
  return { type: 'alert', seq, at: new Date().toISOString(), id: sha256_hex(document),
           envelope: envelope(document, signers), ...changes };
}
