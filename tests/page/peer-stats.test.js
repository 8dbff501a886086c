import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from '../../wwwroot/js/transports/peer-stats.js';

/** As Chromium reports it. @param {object} [inbound] @param {object} [local] */
const report = (inbound = {}, local = {}) => new Map([
  ['T01', { type: 'transport', id: 'T01', selectedCandidatePairId: 'CP1' }],
  ['CP0', { type: 'candidate-pair', id: 'CP0', localCandidateId: 'I0', state: 'failed', nominated: false, currentRoundTripTime: 9 }],
  ['CP1', { type: 'candidate-pair', id: 'CP1', localCandidateId: 'I1', state: 'succeeded', nominated: true, currentRoundTripTime: 0.012 }],
  ['I1', { type: 'local-candidate', id: 'I1', candidateType: 'host', protocol: 'udp', ...local }],
  ['COT', { type: 'codec', id: 'COT', mimeType: 'audio/opus' }],
  ['IT', {
    type: 'inbound-rtp', id: 'IT', kind: 'audio', codecId: 'COT', packetsReceived: 90, packetsLost: 10, jitter: 0.004,
    jitterBufferDelay: 2400, jitterBufferEmittedCount: 48000, concealedSamples: 480, totalSamplesReceived: 48000, ...inbound,
  }],
]);

test('a call in numbers: codec, path, loss, jitter, round trip', () => {
  const { totals, ...stats } = summarize(report());
  assert.deepEqual(stats, {
    codec: 'Opus, 48 kHz', lossPercent: 10, jitterMs: 4, roundTripMs: 12, bufferMs: 50, concealedPercent: 1, candidate: 'host', protocol: 'UDP',
  });
});

test('losses are those since the last look; a count that went back is none', () => {
  const first = summarize(report());
  const second = summarize(report({ packetsReceived: 189, packetsLost: 11, jitterBufferDelay: 3600, jitterBufferEmittedCount: 96000 }), first.totals);
  assert.equal(second.lossPercent, 1);
  assert.equal(second.bufferMs, 25);
  assert.equal(summarize(report({ packetsReceived: 289, packetsLost: 9 }), second.totals).lossPercent, 0);
});

test('what is relayed by TURN says so, with the protocol to the relay', () => {
  const stats = summarize(report({}, { candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }));
  assert.equal(stats.candidate, 'relay');
  assert.equal(stats.protocol, 'TLS');
});

test('without a transport entry the nominated pair counts', () => {
  const stats = new Map([...report()].filter(([id]) => id !== 'T01'));
  assert.equal(summarize(stats).roundTripMs, 12);
});

test('before anything has come, nothing is told rather than zero', () => {
  const { totals, ...stats } = summarize(new Map());
  assert.deepEqual(stats, { codec: '', lossPercent: null, jitterMs: null, roundTripMs: null, bufferMs: null, concealedPercent: null, candidate: '', protocol: '' });
});
