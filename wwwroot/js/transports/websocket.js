import { audioAppend, parseEvent } from '../events.js';
import { decodeBase64, decodeFrame, encodeBase64 } from '../audio/pcm.js';
import { isRetryable } from '../reconnect.js';

/** @typedef {import('../events.js').RealtimeEvent} RealtimeEvent */

const EXTENDED = 'voicecarnival.pcm16';
// Two seconds of PCM: beyond that, new audio would only arrive late.
const MAX_WAITING_BYTES = 96000;

/** @param {import('./transport.js').ConnectOptions} options @returns {import('./transport.js').Connection} */
export function connect(options) {
  const url = new URL(options.url, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('model', options.model);
  if (options.resume) url.searchParams.set('resume', options.resume);
  const protocols = ['realtime', `openai-insecure-api-key.${options.token.value}`, EXTENDED];

  const socket = new WebSocket(url, protocols);
  socket.binaryType = 'arraybuffer';
  /** @type {Map<number, {itemId: string, responseId: string}>} */
  const items = new Map();
  /** @type {Map<string, number>} */
  const offsets = new Map();
  const isExtended = () => socket.protocol === EXTENDED;

  socket.onopen = () => options.onOpen(isExtended());
  socket.onclose = ({ code, reason }) => options.onClose({ code, reason, retryable: isRetryable(code) });
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') receiveText(data);
    else receiveFrame(data);
  };

  /** @param {string} text */
  function receiveText(text) {
    const at = performance.now();
    const event = parseEvent(text);
    if (!event) return;
    if (event.type === 'voicecarnival.audio_item') items.set(event.ordinal, { itemId: event.item_id, responseId: event.response_id });
    if (event.type === 'response.output_audio.delta') receiveDelta(event);
    options.onEvent(event, at);
  }

  /** @param {ArrayBuffer} bytes */
  function receiveFrame(bytes) {
    const frame = decodeFrame(bytes);
    const item = frame && items.get(frame.ordinal);
    if (item) options.onAudio({ ...item, contentIndex: frame.contentIndex, sampleOffset: frame.sampleOffset, samples: frame.samples });
  }

  /** @param {RealtimeEvent} event */
  function receiveDelta(event) {
    const samples = decodeBase64(event.delta ?? '');
    if (!samples) return;
    const sampleOffset = offsets.get(event.item_id) ?? 0;
    offsets.set(event.item_id, sampleOffset + samples.length);
    options.onAudio({ itemId: event.item_id, responseId: event.response_id, contentIndex: event.content_index ?? 0, sampleOffset, samples });
  }

  return {
    carriesTracks: false,
    stream: null,
    isRecovering: false,
    setMicrophone() {},
    setSending() {},
    stats: async () => null,
    get codec() {
      return isExtended() ? 'PCM 24 kHz, binary frames' : 'PCM 24 kHz, base64';
    },
    send(event) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(event));
      return true;
    },
    sendAudio(frame) {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_WAITING_BYTES) return false;
      socket.send(isExtended() ? /** @type {Int16Array<ArrayBuffer>} */ (frame) : JSON.stringify(audioAppend(encodeBase64(frame))));
      return true;
    },
    close(code = 1000, reason = '') {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code, reason);
    },
  };
}
