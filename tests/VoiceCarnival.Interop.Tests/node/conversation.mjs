// What every client here does with its tools of the trade: a microphone, a list of what came, and a report to the test that started us, one JSON object a line.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FRAME_BYTES = 960; // 20 ms of PCM16 at 24 kHz
const FRAME_PAUSE_MS = 5; // four times as fast as speech
const PATIENCE_MS = 30_000;

/** Where the server is, as the client's base URL. */
export const baseURL = process.env.INTEROP_URL;

export function report(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function problem(what) {
  report({ problem: what instanceof Error ? (what.stack ?? what.message) : typeof what === 'string' ? what : JSON.stringify(what) });
}

process.on('unhandledRejection', problem);
process.on('warning', problem);
process.on('uncaughtException', error => {
  problem(error);
  process.exitCode = 1;
});

/** Keeps audio for the test to listen to. */
export function saveAudio(name, pieces) {
  const path = join(process.env.INTEROP_OUT, name);
  writeFileSync(path, Buffer.concat(pieces));
  return path;
}

/** Speaks the test's sentence and then is quiet, until it is switched off. */
export function microphone(send) {
  const speech = readFileSync(process.env.INTEROP_SPEECH);
  const silence = Buffer.alloc(FRAME_BYTES);
  let at = 0;
  const timer = setInterval(() => {
    send(at + FRAME_BYTES <= speech.length ? speech.subarray(at, at + FRAME_BYTES) : silence);
    at += FRAME_BYTES;
  }, FRAME_PAUSE_MS);
  return () => clearInterval(timer);
}

/** Events in the order they came; each is looked at once. */
export class Inbox {
  #events = [];
  #next = 0;
  #wake = () => {};

  add(event) {
    this.#events.push(event);
    this.#wake();
  }

  /** The first event of a type that came so far. */
  first(type) {
    return this.#events.find(event => event.type === type);
  }

  /** All events of a type that came so far. */
  every(type) {
    return this.#events.filter(event => event.type === type);
  }

  /** Goes on to the next event of a type. */
  async until(type, matches = () => true) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      while (this.#next < this.#events.length) {
        const event = this.#events[this.#next++];
        if (event.type === type && matches(event)) return event;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${type} came; the last events: ${this.#events.slice(-12).map(e => e.type).join(', ')}`);
      await new Promise(resolve => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Runs a client to its end, however it ends. */
export async function run(client) {
  try {
    await client();
  } catch (error) {
    problem(error);
  }
  process.exit();
}
