/**
 * What RTCPeerConnection.getStats tells of a voice call, in a few numbers (W3C Identifiers for WebRTC's Statistics API).
 *
 * @typedef {object} LineStats what cannot be told yet is null
 * @property {string} codec in words
 * @property {number | null} lossPercent of the agent's packets, since the last look
 * @property {number | null} jitterMs
 * @property {number | null} roundTripMs
 * @property {number | null} bufferMs how long the agent's packets wait before they are heard
 * @property {number | null} concealedPercent of the agent's sound that had to be made up, since the last look
 * @property {'host'|'srflx'|'prflx'|'relay'|''} candidate how our end of the path was found
 * @property {string} protocol
 * @property {Totals} totals to be given back at the next look
 *
 * @typedef {{received: number, lost: number, delay: number, emitted: number, concealed: number, samples: number}} Totals
 */

/** @type {Totals} */
const NOTHING = { received: 0, lost: 0, delay: 0, emitted: 0, concealed: 0, samples: 0 };

/** @type {Record<string, string>} */
const CODECS = { 'audio/opus': 'Opus, 48 kHz', 'audio/g722': 'G.722, 16 kHz', 'audio/pcmu': 'G.711 µ-law, 8 kHz', 'audio/pcma': 'G.711 A-law, 8 kHz' };

/** @param {{values(): Iterable<any>, get(id: string): any}} report @param {Totals} [before] @returns {LineStats} */
export function summarize(report, before = NOTHING) {
  const all = [...report.values()];
  const inbound = all.find(s => s.type === 'inbound-rtp' && s.kind === 'audio');
  const pair = report.get(all.find(s => s.type === 'transport')?.selectedCandidatePairId)
    ?? all.find(s => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
  const local = report.get(pair?.localCandidateId);
  const mimeType = report.get(inbound?.codecId)?.mimeType ?? '';
  const totals = {
    received: inbound?.packetsReceived ?? 0, lost: Math.max(0, inbound?.packetsLost ?? 0), delay: inbound?.jitterBufferDelay ?? 0,
    emitted: inbound?.jitterBufferEmittedCount ?? 0, concealed: inbound?.concealedSamples ?? 0, samples: inbound?.totalSamplesReceived ?? 0,
  };
  const since = /** @type {Totals} */ (Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, value - before[/** @type {keyof Totals} */ (name)]])));
  return {
    codec: CODECS[mimeType.toLowerCase()] ?? mimeType.replace('audio/', ''),
    lossPercent: share(100 * since.lost, since.received + since.lost),
    jitterMs: inbound?.jitter === undefined ? null : 1000 * inbound.jitter,
    roundTripMs: pair?.currentRoundTripTime === undefined ? null : 1000 * pair.currentRoundTripTime,
    bufferMs: share(1000 * since.delay, since.emitted),
    concealedPercent: share(100 * since.concealed, since.samples),
    candidate: local?.candidateType ?? '',
    protocol: (local?.relayProtocol ?? local?.protocol ?? '').toUpperCase(),
    totals,
  };
}

/** @param {number} part @param {number} whole */
const share = (part, whole) => (whole > 0 ? Math.max(0, part) / whole : null);
