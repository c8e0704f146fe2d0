// A partner with a stock client, while the server and the engine are killed at random moments: what
// was answered 201 against what the partner has, and each signature checked.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { alert } from '../integration/support/cap.mjs';
import { sealed, sha256_hex } from '../integration/support/dsse.mjs';
import { restart, scratch, start } from '../integration/support/engine.mjs';
import { client_of, id_of, NatsServer, sequence_of, verified }
  from '../integration/support/nats.mjs';

const AT_ONCE = 16;
const LATE_MS = 60_000;

/** A small generator with a seed. */
function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The engine of this moment; whoever has something for it waits while there is none. */
class Life {
  constructor(options) { this.options = options; }

  async begin(engine) {
    this.engine = engine ?? await restart(this.engine, this.options);
    this.up = true;
    return this;
  }

  async kill() {
    this.up = false;
    await this.engine.stop('SIGKILL');
    await this.begin();
  }

  /** Sends until there is an answer: 201, or 200 where an answer before it got lost. */
  async send(body) {
    for (;;) {
      try {
        const { status, text } = await this.engine.post(body);
        assert.ok(status === 201 || status === 200, text);
        return JSON.parse(text);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await sleep(20);
      }
    }
  }
}

/** Asks its durable consumer for more until it has as many ids as there are. */
class Receiver {
  constructor(client, consumer, officers) {
    Object.assign(this, { client, consumer, officers, first: new Map(), again: 0, stopped: false });
  }

  async read() {
    while (!this.stopped) {
      try {
        const consumer = await this.client.jetstream({ timeout: 2000 }).consumers
          .get('TOCSIN_ALERTS', this.consumer);
        const batch = await consumer.fetch({ max_messages: 200, expires: 1000 });
        for await (const message of batch) {
          const id = id_of(message);
          if (this.first.has(id)) {
            ++this.again;
          } else {
            assert.equal(sha256_hex(verified(message, this.officers)), id);
            this.first.set(id, sequence_of(message));
          }
          message.ack();
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await sleep(50);  // the server is away
      }
    }
  }
}

/** The ids that the stream keeps, in its order. */
async function kept_by(client) {
  const manager = await client.jetstreamManager();
  const { state } = await manager.streams.info('TOCSIN_ALERTS');
  const ids = [];
  for (let seq = state.first_seq; seq <= state.last_seq; ++seq) {
    const { header } = await manager.streams.getMessage('TOCSIN_ALERTS', { seq });
    ids.push(header.get('Nats-Msg-Id'));
  }
  return ids;
}

/**
 * Sends so many bulletins while the server and the engine are killed so often each, in turn.
 * Resolves with what came of it; rejects where a bulletin is missing, wrong or out of order.
 */
export async function through_kills(program, { bulletins, kills, seed }) {
  const roll = dice(seed);
  const server = await new NatsServer(program, { store: join(scratch(), 'store') }).start();
  const config = join(scratch(), 'tocsin.toml');
  writeFileSync(config, `[nats]\nurl = "${server.url}"\npartners = ["bank-a"]\n`);
  const options = { args: ['--config', config] };
  const life = await new Life(options).begin(await start(options));
  const { keys } = life.engine;
  const client = await client_of(server);
  const receiver = new Receiver(client, 'bank-a', [keys.dora]);
  const reading = receiver.read();
  const sent = new Map();
  const bodies = Array.from({ length: bulletins }, () =>
    sealed(alert({ sender: 'control@two.example' }), [keys.dora]));
  let next = 0;
  const senders = Array.from({ length: AT_ONCE }, async () => {
    while (next < bodies.length) {
      const { id, seq } = await life.send(bodies[next++]);
      sent.set(id, seq);
    }
  });
  const all_sent = Promise.all(senders);
  for (let kill = 0; kill < 2 * kills; ++kill) {
    const at = Math.floor(((kill + 0.2 + roll(60) / 100) * bulletins) / (2 * kills));
    while (sent.size < at) await sleep(2);
    if (kill % 2 === 0) {
      await life.kill();
    } else {
      await server.kill();
      await sleep(roll(500));
      await server.start();
    }
  }
  await all_sent;
  const deadline = Date.now() + LATE_MS;
  while (receiver.first.size < bulletins && Date.now() < deadline) await sleep(20);
  receiver.stopped = true;
  await reading;
  const missing = [...sent.keys()].filter((id) => !receiver.first.has(id));
  assert.deepEqual(missing, [], 'alerts that were answered 201 and did not come');
  assert.equal(receiver.first.size, sent.size, 'nothing that was not sent');
  for (const [id, seq] of receiver.first) assert.equal(seq, sent.get(id));
  const ids = await kept_by(client);
  const in_order = [...sent].sort((a, b) => a[1] - b[1]).map(([id]) => id);
  assert.deepEqual([...new Set(ids)], in_order, 'the order of the log');
  const { code } = await life.engine.stop();
  assert.equal(code, 0);
  return { bulletins: sent.size, engine_kills: kills, server_kills: kills,
           kept_twice: ids.length - new Set(ids).size, handed_again: receiver.again };
}
