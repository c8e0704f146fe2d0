// Dashboards: each reads from some node, and goes on at any node with the position it has.
import WebSocket from 'ws';

const PAUSE_MS = 200;

export class Reader {
  constructor(name, pick) {
    this.name = name;
    this.pick = pick;  // the url of a node to try
    this.runs = [[]];
    this.gaps = 0;
    this.last_beat = 0;
    this.#connect();
  }

  get newest() { return this.runs.flat().at(-1); }

  #connect() {
    if (this.ended) return;
    const newest = this.runs.at(-1).at(-1) ?? this.newest;
    const after = newest ? `${this.epoch}:${newest.seq}` : '0';
    const url = this.pick().replace(/^http/, 'ws');
    this.socket = new WebSocket(`${url}/v1/stream?after=${after}`, 'tocsin.v1',
      { perMessageDeflate: false, handshakeTimeout: 2000 });
    this.socket.on('message', (data) => {
      for (const line of data.toString().trimEnd().split('\n')) this.#hear(JSON.parse(line));
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => setTimeout(() => this.#connect(), PAUSE_MS));
  }

  #hear(event) {
    if (event.type === 'hello') {
      if (!event.recovered) {
        this.gaps += 1;
        this.runs.push([]);
      }
      this.epoch = event.epoch;
    } else if (event.type === 'alert') {
      this.runs.at(-1).push({ seq: event.seq, id: event.id, at: event.at });
    }
  }

  /** Leaves its node without a word. */
  move() { this.socket.terminate(); }

  end() {
    this.ended = true;
    this.socket.terminate();
  }
}
