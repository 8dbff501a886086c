import { SAMPLES_PER_MS } from './audio/pcm.js';

/**
 * `window.voiceCarnival`: a read-only view of the call, for automated tests and for the curious at the console.
 *   state, session (a copy), latencies, playout {bufferedMs, playing, underruns},
 *   lastPlayed(ms) and lastCaptured(ms): the newest samples at 24 kHz, up to ten seconds.
 * Before the first call is wanted there is none: then it tells of an idle one.
 * @param {() => import('./call.js').Call | null} current
 */
export function inspection(current) {
  return Object.freeze({
    get state() {
      return current()?.state ?? 'idle';
    },
    get session() {
      return structuredClone(current()?.session ?? null);
    },
    get latencies() {
      return structuredClone(current()?.session.latencies ?? { speechEndToAudioMs: [], bargeInToSilenceMs: [], roundTripMs: [] });
    },
    get playout() {
      const { bufferedMs, playing, underruns } = current()?.audio.speaker?.state ?? { bufferedMs: 0, playing: false, underruns: 0 };
      return { bufferedMs, playing, underruns };
    },
    get notice() {
      return current()?.notices.first?.id ?? null;
    },
    lastPlayed: (/** @type {number} */ ms) => current()?.audio.played.last(Math.round(ms * SAMPLES_PER_MS)) ?? new Float32Array(),
    lastCaptured: (/** @type {number} */ ms) => current()?.audio.captured.last(Math.round(ms * SAMPLES_PER_MS)) ?? new Float32Array(),
  });
}
