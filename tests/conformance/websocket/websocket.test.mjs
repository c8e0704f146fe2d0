// RFC 6455 as the engine speaks it, against the running program.
import { connect as connect_plain } from 'node:net';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { start } from '../../integration/support/engine.mjs';
import { authority, certificate, flags } from '../../integration/support/tls.mjs';
import { message, SUITES } from './cases.mjs';
import { chopped, close_frame, cut_at, frame, OP, RawClient } from './frames.mjs';

let engine;
before(async () => {
  // TOCSIN_TLS=1: the same over TLS.
  if (!process.env.TOCSIN_TLS) {
    engine = await start();
    return;
  }
  const ca = authority();
  engine = await start({ args: flags(certificate(ca, 'conformance')) });
  RawClient.connect = (port) => {
    const below = connect_plain(port, '127.0.0.1');
    const socket = connect({ socket: below, ca: ca.pem, servername: 'localhost' });
    socket.resetAndDestroy = () => below.resetAndDestroy();
    return socket;
  };
});

// What was asked of the engine, and how much of it held.
let asked = 0, held = 0;
function rule(name, holds) {
  ++asked;
  test(name, async () => {
    await holds();
    ++held;
  });
}
after(() => { console.log(`WebSocket conformance: ${held} of ${asked}`); });

async function play(sent, outcome, pongs) {
  const client = await RawClient.open(engine.port);
  try {
    await client.send(...sent);
    if (pongs) await client.until(() => client.pongs.length >= pongs.length, 'the pongs');
    if (outcome === 'open') {
      await client.is_open();
      client.frames = client.frames.filter(({ payload }) => payload.toString() !== 'still there');
    } else {
      assert.equal(await client.closed(), outcome);
    }
    if (pongs) assert.deepEqual(client.pongs, pongs.map((each) => Buffer.from(each)));
  } finally {
    client.socket.destroy();
  }
}

for (const [suite, cases] of Object.entries(SUITES)) {
  describe(suite, { concurrency: 8 }, () => {
    for (const [name, sent, outcome, pongs] of cases) {
      rule(`${name}: ${outcome}`, () => play(sent, outcome, pongs));
    }
  });
}

rule('no two cases have one name', () => {
  for (const [suite, cases] of Object.entries(SUITES)) {
    const names = cases.map(([name]) => name);
    assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), [], suite);
  }
});

rule('what is sent in one breath with the handshake is read', async () => {
  const client = await RawClient.open(engine.port,
    { early: Buffer.concat([frame(OP.text, message(60)), frame(OP.ping, 'early')]) });
  await client.until(() => client.pongs.length === 1, 'a pong');
  assert.equal(client.pongs[0].toString(), 'early');
  await client.is_open();
});

rule('half a frame, then the end of the connection, harms nobody', async () => {
  for (const bytes of [frame(OP.text, message(200)).subarray(0, 60), Buffer.from([0x81]),
    Buffer.alloc(0)]) {
    const client = await RawClient.open(engine.port);
    await client.send(bytes);
    client.socket.end();
    await client.until(() => client.ended, 'the end');
  }
  await (await RawClient.open(engine.port)).is_open();
});

rule('a connection that is reset harms nobody', async () => {
  const client = await RawClient.open(engine.port);
  client.socket.resetAndDestroy();
  await (await RawClient.open(engine.port)).is_open();
});

rule('nothing is understood after a fault: what follows it is not answered', async () => {
  const client = await RawClient.open(engine.port);
  await client.send(Buffer.concat([frame(3), frame(OP.ping, 'after'), frame(OP.text, 'x')]));
  assert.equal(await client.closed(), 1002);
  assert.deepEqual(client.pongs, []);
});

rule('text that is not UTF-8 closes with 1007 as soon as that is certain', async () => {
  const bad = Buffer.from([0x20, 0xff, 0x20]);
  for (const sent of [frame(OP.text, bad), frame(OP.text, bad, { fin: false }),
    frame(OP.text, bad, { length: 1000n }), close_frame(1000, Buffer.from([0xc3, 0x28]))]) {
    const client = await RawClient.open(engine.port);
    await client.send(sent);
    assert.equal(await client.closed(), 1007);
  }
});

rule('one that does not answer a close is disconnected', async () => {
  const client = await RawClient.open(engine.port);
  client.answered = true;
  await client.send(frame(OP.text, 'hello'));
  assert.equal(await client.closed(), 4400);
});

rule('a conversation cut anywhere means the same', async () => {
  const script = Buffer.concat([frame(OP.text, message(140)), frame(OP.ping, 'one'),
    frame(OP.text, message(90).subarray(0, 33), { fin: false }), frame(OP.ping, 'two'),
    frame(OP.continuation, message(90).subarray(33)), close_frame(3456, 'done')]);
  await play(chopped(script), 3456, ['one', 'two']);
  for (let at = 1; at < script.length; at += 7) {
    await play(cut_at(script, [at]), 3456, ['one', 'two']);
  }
});
