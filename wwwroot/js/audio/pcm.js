/**
 * PCM16 mono 24 kHz, the audio of the Realtime protocol: samples, base64 and the binary frame.
 * Int16Array views are used directly: every browser host is little-endian, as is the wire.
 */

export const SAMPLE_RATE = 24000;
export const FRAME_SAMPLES = 480; // 20 ms
export const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
export const HEADER_BYTES = 16;

/** @param {Float32Array} samples @returns {Int16Array} */
export function floatToPcm16(samples) {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    pcm[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768)));
  }
  return pcm;
}

/** @param {Int16Array} pcm @returns {Float32Array} */
export function pcm16ToFloat(pcm) {
  const samples = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i] / 32768;
  return samples;
}

/** Largest absolute sample, 0..1. @param {Int16Array} pcm */
export function peak(pcm) {
  let max = 0;
  for (let i = 0; i < pcm.length; i++) max = Math.max(max, Math.abs(pcm[i]));
  return max / 32768;
}

/** @param {Int16Array} pcm @returns {string} */
export function encodeBase64(pcm) {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let text = '';
  // In slices, since a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Null when the text is not base64 of whole samples. @param {string} base64 @returns {Int16Array | null} */
export function decodeBase64(base64) {
  let text;
  try {
    text = atob(base64);
  } catch {
    return null;
  }
  if (text.length % 2) return null;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Int16Array(bytes.buffer);
}

/**
 * @typedef {object} AudioFrame
 * @property {number} ordinal item ordinal, announced by voicecarnival.audio_item
 * @property {number} contentIndex
 * @property {number} sampleOffset position in the item's audio
 * @property {Int16Array} samples
 *
 *   0        4               8                        16
 *   +--------+---------------+------------------------+--------------
 *   | ordinal| content index |     sample offset      | PCM16 ...
 *   +--------+---------------+------------------------+--------------
 */

/** @param {AudioFrame} frame @returns {ArrayBuffer} */
export function encodeFrame({ ordinal, contentIndex, sampleOffset, samples }) {
  const bytes = new ArrayBuffer(HEADER_BYTES + samples.byteLength);
  const view = new DataView(bytes);
  view.setUint32(0, ordinal, true);
  view.setUint32(4, contentIndex, true);
  view.setBigUint64(8, BigInt(sampleOffset), true);
  new Int16Array(bytes, HEADER_BYTES).set(samples);
  return bytes;
}

/** Null when the bytes are no whole frame. @param {ArrayBuffer} bytes @returns {AudioFrame | null} */
export function decodeFrame(bytes) {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength % 2) return null;
  const view = new DataView(bytes);
  const sampleOffset = Number(view.getBigUint64(8, true));
  if (!Number.isSafeInteger(sampleOffset)) return null;
  return {
    ordinal: view.getUint32(0, true),
    contentIndex: view.getUint32(4, true),
    sampleOffset,
    samples: new Int16Array(bytes, HEADER_BYTES),
  };
}
