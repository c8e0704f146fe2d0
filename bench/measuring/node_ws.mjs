// npm's `ws` as a broadcaster, as its own documentation shows it: what is posted goes to every
// client in a loop. Found from the folder in which it is started.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { WebSocketServer } = createRequire(join(process.cwd(), 'x.js'))('ws');
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    for (const client of readers.clients) client.send(body, { binary: false });
    response.writeHead(202, { 'Content-Length': 0 });
    response.end();
  });
});
server.keepAliveTimeout = 0;
const readers = new WebSocketServer({ server, perMessageDeflate: false });
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
