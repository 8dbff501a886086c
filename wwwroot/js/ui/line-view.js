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
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    const table = element('table', {}, element('caption', {}, 'Latencies'), element('tr', {}, element('td'), ...['last', 'median', '95 %'].map(t => element('th', { scope: 'col' }, t))));
    for (const [name, title] of ROWS) table.append(element('tr', {}, element('th', { scope: 'row' }, title), ...['last', 'median', 'high'].map(k => this.cell(`${name} ${k}`))));
    this.facts = element('dl', { class: 'facts' });
    for (const name of FACTS) this.facts.append(element('div', {}, element('dt', {}, name), this.cell(name, 'dd')));
    const list = element('dl', { class: 'facts' }, ...call.config.transports.map(t =>
      element('div', {}, element('dt', {}, t.name), element('dd', {}, unavailable(t) || 'available'))));
    this.root.append(table, element('h2', {}, 'Sound'), this.facts, element('h2', {}, 'Transports'), list);
  }

  show() {
    const { call } = this;
    for (const [name] of ROWS) {
      const values = call.session.latencies[name];
      this.set(`${name} last`, millis(values.at(-1)));
      this.set(`${name} median`, millis(quantile(values, 0.5)));
      this.set(`${name} high`, millis(quantile(values, 0.95)));
    }
    const { context, playback, capture } = call.audio;
    const s = playback?.state;
    this.set('Format', call.line.connection?.codec ?? '–');
    this.set('Sound runs at', context ? `${context.sampleRate / 1000} kHz` : '–');
    this.set('Output latency', context ? millis(1000 * (context.outputLatency || context.baseLatency || 0)) : '–');
    this.set('Buffered', s ? `${(s.bufferedMs / 1000).toFixed(1)} s` : '–');
    this.set('Arrival jitter', s ? millis(s.jitterMs) : '–');
    this.set('Starts after', s ? millis(s.thresholdMs) : '–');
    this.set('Gaps in playback', s ? String(s.underruns) : '–');
    this.set('Late microphone frames', capture ? String(capture.skippedFrames) : '–');
    this.set('Session', call.session.id || '–');
  }

  /** @private @param {string} name @param {string} [tag] */
  cell(name, tag = 'td') {
    const cell = element(tag, { class: 'number' }, '–');
    this.cells.set(name, cell);
    return cell;
  }

  /** @private @param {string} name @param {string} text */
  set(name, text) {
    setText(/** @type {HTMLElement} */ (this.cells.get(name)), text);
  }
}

/** @type {['speechEndToAudioMs'|'bargeInToSilenceMs'|'roundTripMs', string][]} */
const ROWS = [['speechEndToAudioMs', 'Speech end to first sound'], ['bargeInToSilenceMs', 'Barge-in to silence'], ['roundTripMs', 'Round trip']];
const FACTS = ['Format', 'Sound runs at', 'Output latency', 'Buffered', 'Arrival jitter', 'Starts after', 'Gaps in playback', 'Late microphone frames', 'Session'];
