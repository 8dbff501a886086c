import { SAMPLES_PER_MS } from './audio/pcm.js';

/**
 * `window.voiceCarnival`: a read-only view of the call, for automated tests and for the curious at the console.
 *   state, session (a copy), latencies, playout {bufferedMs, playing, underruns},
 *   lastPlayed(ms) and lastCaptured(ms): the newest samples at 24 kHz, up to ten seconds.
 * @param {import('./call.js').Call} call
 */
export function inspection(call) {
  return Object.freeze({
    get state() {
      return call.state;
    },
    get session() {
      return structuredClone(call.session);
    },
    get latencies() {
      return structuredClone(call.session.latencies);
    },
    get playout() {
      const { bufferedMs, playing, underruns } = call.audio.playback?.state ?? { bufferedMs: 0, playing: false, underruns: 0 };
      return { bufferedMs, playing, underruns };
    },
    get notice() {
      return call.notices.first?.id ?? null;
    },
    lastPlayed: (/** @type {number} */ ms) => call.audio.played.last(Math.round(ms * SAMPLES_PER_MS)),
    lastCaptured: (/** @type {number} */ ms) => call.audio.captured.last(Math.round(ms * SAMPLES_PER_MS)),
  });
}
