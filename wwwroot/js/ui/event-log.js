import { loggable } from '../events.js';
import { element } from './dom.js';

const KEPT = 2000;
const SHOWN = 200;

/** @typedef {{at: string, direction: string, type: string, json: string}} Entry */

/** The events of both directions: filter, copy, download. Secrets and sound are left out where they are noted. */
export class EventLog {
  constructor() {
    /** @type {Entry[]} */
    this.entries = [];
    this.isDirty = true;
    /** @type {Map<Entry, HTMLElement>} the rows that are shown, by entry */
    this.rows = new Map();
    this.filter = element('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter events', 'data-testid': 'event-filter' });
    this.filter.addEventListener('input', () => {
      this.isDirty = true;
      this.show();
    });
    this.list = element('ol', { class: 'events', 'data-testid': 'event-log', tabIndex: 0, 'aria-label': 'Event log' });
    const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => element('button', { class: 'plain', type: 'button', onclick }, text);
    this.copyButton = button('Copy', () => void this.copy());
    this.root = element('div', { class: 'view log' }, element('div', { class: 'row' }, this.filter, this.copyButton, button('Download', () => this.download())), this.list);
  }

  /** @param {'sent'|'received'} direction @param {import('../events.js').RealtimeEvent} event */
  add(direction, event) {
    this.entries.push({ at: new Date().toISOString(), direction, type: event.type, json: loggable(event) });
    if (this.entries.length > 2 * KEPT) this.entries.splice(0, KEPT);
    this.isDirty = true;
  }

  show() {
    if (!this.isDirty) return;
    this.isDirty = false;
    const isAtEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    const entries = new Set(this.matching(SHOWN));
    // Rows that stay are not touched: whoever reads there, or has the focus, keeps the place.
    for (const [entry, row] of this.rows) {
      if (entries.has(entry)) continue;
      row.remove();
      this.rows.delete(entry);
    }
    let next = this.list.firstElementChild;
    for (const entry of entries) {
      const row = this.rows.get(entry) ?? buildRow(entry);
      this.rows.set(entry, row);
      if (row === next) next = row.nextElementSibling;
      else this.list.insertBefore(row, next);
    }
    if (isAtEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  /** The newest that match, oldest first. @private @param {number} [most] */
  matching(most = Infinity) {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (let i = this.entries.length - 1; i >= 0 && found.length < most; i--) {
      const e = this.entries[i];
      if (words.every((/** @type {string} */ w) => `${e.direction} ${e.type} ${e.json}`.toLowerCase().includes(w))) found.push(e);
    }
    return found.reverse();
  }

  /** @private */
  lines() {
    return this.matching().map(e => `{"at":"${e.at}","direction":"${e.direction}","event":${e.json}}`).join('\n');
  }

  /** @private */
  async copy() {
    const done = await navigator.clipboard.writeText(this.lines()).then(() => true, () => false);
    this.copyButton.textContent = done ? 'Copied' : 'Not allowed';
    setTimeout(() => (this.copyButton.textContent = 'Copy'), 1500);
  }

  /** @private */
  download() {
    const url = URL.createObjectURL(new Blob([this.lines()], { type: 'application/x-ndjson' }));
    element('a', { href: url, download: 'voicecarnival-events.jsonl' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

/** @param {Entry} entry @returns {HTMLElement} */
function buildRow(entry) {
  const details = element('details', {},
    element('summary', { class: entry.direction }, element('span', { class: 'arrow', role: 'img', 'aria-label': entry.direction }, entry.direction === 'sent' ? '↑' : '↓'),
      element('span', { class: 'number' }, entry.at.slice(11, 23)), element('span', {}, ...breakable(entry.type))));
  details.addEventListener('toggle', () => details.open && details.children.length < 2 && details.append(element('pre', {}, JSON.stringify(JSON.parse(entry.json), null, 1))));
  return element('li', {}, details);
}

/** A long type may go on in the next line after a dot or an underscore. @param {string} type */
const breakable = type => type.split(/(?<=[._])/).flatMap((part, i) => (i ? [element('wbr'), part] : [part]));
