import { SAMPLE_RATE } from './pcm.js';

/**
 * An AudioContext with both worklets loaded. 24 kHz spares us resampling; a device or browser that refuses
 * gets its own rate, and the worklets resample.
 * @param {boolean} [atDeviceRate] @param {AudioContext | null} [given] one that was made within a gesture
 * @returns {Promise<AudioContext>}
 */
export async function openContext(atDeviceRate = false, given = null) {
  const context = given ?? createContext(atDeviceRate);
  // Not awaited: without a user gesture it stays suspended until one comes.
  context.resume().catch(() => {});
  const at = (/** @type {string} */ file) => new URL(file, import.meta.url);
  try {
    await Promise.all([context.audioWorklet.addModule(at('capture-processor.js')), context.audioWorklet.addModule(at('playback-processor.js'))]);
  } catch (error) {
    context.close().catch(() => {});
    throw error;
  }
  return context;
}

/**
 * To be called while a click or key is being handled: Safari forgets the gesture at the first await.
 * @returns {AudioContext | null} null when the browser has no sound; opening the call says why
 */
export function contextForGesture() {
  try {
    const context = createContext(false);
    context.resume().catch(() => {});
    return context;
  } catch {
    return null;
  }
}

/** @param {boolean} atDeviceRate */
function createContext(atDeviceRate) {
  if (!atDeviceRate) {
    try {
      return new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    } catch {
      // NotSupportedError: take what the device runs at.
    }
  }
  return new AudioContext({ latencyHint: 'interactive' });
}

/** Seconds between rendering and hearing. @param {AudioContext} context */
export const outputLatency = context => context.outputLatency || context.baseLatency || 0;

/**
 * When something rendered at `time` is heard, on the clock of performance.now().
 * @param {AudioContext} context @param {number} time seconds of the context
 */
export function heardAt(context, time) {
  const stamp = context.getOutputTimestamp?.();
  if (stamp?.performanceTime && stamp.contextTime) return stamp.performanceTime + 1000 * (time - stamp.contextTime);
  return performance.now() + 1000 * (time - context.currentTime + outputLatency(context));
}
