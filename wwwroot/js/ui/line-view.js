import { element, millis, setText } from './dom.js';
import { unavailable } from './header.js';

/** @param {number[]} values @param {number} share */
const quantile = (values, share) => (values.length ? [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] : null);

/** The quality of the line: what was measured, and how the sound travels. */
export class LineView {
  /** @param {import('../call.js').Call} call */
  constructor(call) {
    this.call = call;
    this.root = element('div', { class: 'view' });
    this.compared = '';
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    const table = element('table', {}, element('caption', {}, 'Latencies'), element('tr', {}, element('td'), ...['last', 'median', '95 %'].map(t => element('th', { scope: 'col' }, t))));
    for (const [name, title] of ROWS) table.append(element('tr', {}, element('th', { scope: 'row' }, title), ...['last', 'median', 'high'].map(k => this.cell(`${name} ${k}`))));
    this.medians = element('table', { hidden: true });
    this.facts = element('dl', { class: 'facts' });
    for (const name of FACTS) this.facts.append(element('div', {}, element('dt', {}, name), this.cell(name, 'dd')));
    const list = element('dl', { class: 'facts' }, ...call.config.transports.map(t =>
      element('div', {}, element('dt', {}, t.name), element('dd', {}, t.id === 'sip' && t.available ? 'available to phones' : unavailable(t) || 'available'))));
    this.root.append(table, this.medians, element('h2', {}, 'Sound'), this.facts, element('h2', {}, 'Transports'), list);
  }

  show() {
    const { call } = this;
    for (const [name] of ROWS) {
      const values = call.session.latencies[name];
      this.set(`${name} last`, millis(values.at(-1)));
      this.set(`${name} median`, millis(quantile(values, 0.5)));
      this.set(`${name} high`, millis(quantile(values, 0.95)));
    }
    this.compare();
    const { context, capture } = call.audio;
    this.set('Format', call.line.connection?.codec ?? '–');
    this.set('Sound runs at', context ? `${context.sampleRate / 1000} kHz` : '–');
    this.set('Output latency', context ? millis(1000 * (context.outputLatency || context.baseLatency || 0)) : '–');
    this.set('Late microphone frames', capture && !call.line.carriesTracks ? String(capture.skippedFrames) : null);
    this.set('Session', call.session.id || '–');
    this.showFrames(call.line.carriesTracks ? null : call.audio.playback?.state);
    this.showTrack(call.line.carriesTracks ? call.line.stats : null);
  }

  /** @private Transports side by side, once there is more than one to compare. */
  compare() {
    const { others, latencies, transport } = this.call.session;
    const all = { ...others, [transport]: latencies };
    const measured = this.call.config.transports.flatMap(({ id, name }) => (all[id]?.roundTripMs.length ? [{ name, latencies: all[id] }] : []));
    this.medians.hidden = measured.length < 2;
    if (this.medians.hidden) return;
    const cells = measured.map(m => ROWS.map(([name]) => millis(quantile(m.latencies[name], 0.5))));
    const key = JSON.stringify([measured.map(m => m.name), cells]);
    if (key === this.compared) return;
    this.compared = key;
    this.medians.replaceChildren(element('caption', {}, 'Medians by transport'),
      element('tr', {}, element('td'), ...measured.map(m => element('th', { scope: 'col' }, m.name))),
      ...ROWS.map(([, title], row) => element('tr', {}, element('th', { scope: 'row' }, title), ...cells.map(column => element('td', { class: 'number' }, column[row])))));
  }

  /** @private How sound in frames is played. @param {import('../audio/playback.js').Playback['state'] | null | undefined} s */
  showFrames(s) {
    this.set('Buffered', s ? `${(s.bufferedMs / 1000).toFixed(1)} s` : null);
    this.set('Arrival jitter', s ? millis(s.jitterMs) : null);
    this.set('Starts after', s ? millis(s.thresholdMs) : null);
    this.set('Gaps in playback', s ? String(s.underruns) : null);
  }

  /** @private How sound as a track arrives. @param {import('../transports/peer-stats.js').LineStats | null} s */
  showTrack(s) {
    const isDirect = this.call.line.servingRoute?.transport === 'webrtc-direct';
    this.set('Path', s && (this.call.line.connection?.isRecovering ? 'looking for another one'
      : s.candidate ? `${isDirect ? 'to the service' : 'to this server'}, ${CANDIDATES[s.candidate]}, ${s.protocol}` : '–'));
    this.set('Packets lost', s && percent(s.lossPercent));
    this.set('Jitter', s && millis(s.jitterMs));
    this.set('Network round trip', s && millis(s.roundTripMs));
    this.set('Waits in the browser', s && millis(s.bufferMs));
    this.set('Made up for losses', s && percent(s.concealedPercent));
  }

  /** @private @param {string} name @param {string} [tag] */
  cell(name, tag = 'td') {
    const cell = element(tag, { class: 'number' }, '–');
    this.cells.set(name, cell);
    return cell;
  }

  /** @private @param {string} name @param {string | null} text null when there is no such thing with this transport */
  set(name, text) {
    const cell = /** @type {HTMLElement} */ (this.cells.get(name));
    if (cell.localName === 'dd') /** @type {HTMLElement} */ (cell.parentElement).hidden = text === null;
    setText(cell, text ?? '–');
  }
}

/** @param {number | null} value */
const percent = value => (value === null ? '–' : `${value.toFixed(1)} %`);

const CANDIDATES = { host: 'direct', prflx: 'direct', srflx: 'direct through NAT', relay: 'over a TURN relay', '': '' };

/** @type {['speechEndToAudioMs'|'bargeInToSilenceMs'|'roundTripMs', string][]} */
const ROWS = [['speechEndToAudioMs', 'Speech end to first sound'], ['bargeInToSilenceMs', 'Barge-in to silence'], ['roundTripMs', 'Round trip']];
const FACTS = ['Format', 'Path', 'Packets lost', 'Jitter', 'Network round trip', 'Waits in the browser', 'Made up for losses', 'Sound runs at', 'Output latency', 'Buffered',
  'Arrival jitter', 'Starts after', 'Gaps in playback', 'Late microphone frames', 'Session'];
