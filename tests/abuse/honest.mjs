// An honest client, on a thread of its own: asks, one request after another, and times the answers.
import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const times = [];
let going = true;
parentPort.on('message', () => { going = false; });

const ask = () => new Promise((resolve, reject) => {
  request({ port: workerData.port, host: '127.0.0.1', path: '/v1/trust', agent: false },
    (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    }).on('error', reject).end();
});

let failed = 0;
while (going) {
  const began = performance.now();
  const status = await ask().catch(() => 0);
  times.push(performance.now() - began);
  if (status !== 200) ++failed;
  await new Promise((resolve) => { setTimeout(resolve, 10); });
}
parentPort.postMessage({ times, failed });
parentPort.close();
