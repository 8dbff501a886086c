import { FRAME_SAMPLES } from './audio/pcm.js';

const SILENCE = new Int16Array(FRAME_SAMPLES);

/**
 * @typedef {object} UplinkOptions
 * @property {import('./line.js').Line} line
 * @property {import('./turn-taking.js').TurnTaking} turns
 * @property {() => boolean} isConnected there is a call, with a microphone
 */

/** What the microphone hears, on its way to the agent: in frames, or as a track that the line sends by itself. */
export class Uplink {
  /** @param {UplinkOptions} options */
  constructor({ line, turns, isConnected }) {
    this.line = line;
    this.turns = turns;
    this.isConnected = isConnected;
  }

  /** Whether the microphone goes to the agent now. */
  get isOpen() {
    return this.isConnected() && this.turns.isOpen;
  }

  /** Tells a line that carries tracks whether to send. To be called at whatever opens or closes the microphone. */
  update() {
    this.line.setSending(this.isOpen);
  }

  /** 20 ms from the microphone. True when they go to the agent. @param {Int16Array} pcm */
  captured(pcm) {
    this.update();
    // A track that is muted sends silence, which counts at the other end.
    if (this.isOpen) this.turns.sendFrame(pcm);
    else if (this.line.carriesTracks || (this.isConnected() && this.turns.awaitsSilence)) this.turns.sendFrame(SILENCE);
    return this.isOpen;
  }

  /** The microphone stops in the middle of things: a turn that runs comes to its end, as it would by falling silent. */
  fallSilent() {
    if (this.isConnected() && !this.line.carriesTracks) this.turns.fallSilent();
  }
}
