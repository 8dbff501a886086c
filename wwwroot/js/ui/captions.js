import { byId, element, millis, seconds, setText } from './dom.js';

/** @typedef {import('../turn.js').Turn} Turn */

const NEAR_END_PX = 80;
const WORTH_SHOWING_MS = 20;

/** The conversation: one row for each turn, newest last, following the newest unless the reader scrolled up. */
export class Captions {
  /** @param {{announce: (text: string) => void, alert: (text: string) => void}} announcer */
  constructor(announcer) {
    this.announcer = announcer;
    this.list = byId('captions');
    this.scroller = byId('conversation');
    this.toNow = byId('to-now');
    this.welcome = byId('welcome');
    /** @type {Map<string, {turn: Turn, row: HTMLElement}>} */
    this.rows = new Map();
    /** @type {Turn[] | null} */
    this.shown = null;
    this.isFollowing = true;
    this.scroller.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.toNow.addEventListener('click', () => this.follow());
    new ResizeObserver(() => this.isFollowing && this.follow()).observe(this.scroller);
  }

  /** @param {Turn[]} turns */
  show(turns) {
    if (turns === this.shown) return;
    this.shown = turns;
    this.welcome.hidden = turns.length > 0;
    const known = new Set(turns.map(t => t.id));
    for (const [id, { row }] of this.rows) {
      if (known.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    /** @type {Element | null} */
    let next = this.list.firstElementChild;
    for (const turn of turns) {
      const row = this.update(turn);
      if (row === next) next = row.nextElementSibling;
      else this.list.insertBefore(row, next);
    }
    if (this.isFollowing) this.follow();
  }

  /** @private @param {Turn} turn @returns {HTMLElement} */
  update(turn) {
    const known = this.rows.get(turn.id);
    if (known?.turn === turn) return known.row;
    const row = known?.row ?? buildRow(turn);
    fillRow(row, turn);
    if (!known || known.turn.status === 'live' || known.turn.transcription !== turn.transcription) this.tell(turn);
    this.rows.set(turn.id, { turn, row });
    return row;
  }

  /** @private Only what is final is read out. @param {Turn} turn */
  tell(turn) {
    if (turn.kind === 'error') this.announcer.alert(turn.text);
    else if (turn.status !== 'live' && turn.text && !turn.typed) this.announcer.announce(`${SPEAKERS[turn.kind]}: ${turn.text}`);
  }

  /** @private */
  follow() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.isFollowing = true;
    this.toNow.hidden = true;
  }

  /** @private */
  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.toNow.hidden = this.isFollowing;
  }
}

/** @type {Record<Turn['kind'], string>} */
const SPEAKERS = { user: 'You', assistant: 'Agent', tool: 'Tool', error: 'Error', notice: '', divider: '' };

/** @param {Turn} turn */
function buildRow(turn) {
  const row = element('li', { class: `turn ${turn.kind === 'notice' ? 'aside' : turn.kind}`, 'data-item': turn.id });
  if (turn.kind === 'divider' || turn.kind === 'notice') return row;
  const details = element('details', { class: 'chip' }, element('summary', {}, element('span'), element('span', { class: 'stages', role: 'img', hidden: true })), element('ol', { class: 'timeline' }));
  row.append(
    element('span', { class: 'who' }, SPEAKERS[turn.kind]),
    element('div', { class: 'said' }),
    details);
  details.addEventListener('toggle', () => fillTimeline(details, row.turn));
  return row;
}

/** @param {any} row @param {Turn} turn */
function fillRow(row, turn) {
  row.turn = turn;
  row.dataset.status = turn.status;
  if (!row.children.length) return setText(row, turn.text);
  const [, said, chip] = row.children;
  said.replaceChildren(...content(turn));
  const facts = chipFacts(turn);
  chip.hidden = !facts.length;
  // A line may break after a dot only.
  const [words, stages] = chip.firstElementChild.children;
  setText(words, facts.map(fact => fact.replaceAll(' ', '\u00a0')).join('\u00a0· '));
  fillStages(stages, turn.stages);
  fillTimeline(chip, turn);
}

/** A bar of where the time went, each part as wide as it was long. @param {any} bar @param {Turn['stages']} stages */
function fillStages(bar, stages) {
  // Of a turn whose time is nearly all the pause that ended it there is nothing to see.
  bar.hidden = stages.every(s => s.name === 'silence' || s.ms < WORTH_SHOWING_MS);
  if (bar.hidden) return;
  bar.setAttribute('aria-label', stages.map(s => `${s.name} ${millis(Math.round(s.ms))}`).join(', '));
  bar.title = bar.getAttribute('aria-label');
  bar.replaceChildren(...stages.map(s => {
    const part = element('i', { class: `part-${s.name}` });
    part.style.flexGrow = String(s.ms);
    return part;
  }));
}

/** Only an open timeline is kept in the document. @param {any} details @param {Turn} turn */
function fillTimeline(details, turn) {
  if (!details.open) return details.lastElementChild.replaceChildren();
  const start = turn.timeline[0]?.at ?? 0;
  details.lastElementChild.replaceChildren(
    ...turn.stages.map(s => element('li', {}, element('span', { class: `part part-${s.name}` }, s.name), element('span', { class: 'number' }, millis(Math.round(s.ms))))),
    ...turn.timeline.map(m => element('li', {}, element('span', {}, m.name), element('span', { class: 'number' }, `+${Math.round(m.at - start)} ms`))),
    ...(turn.output ? [element('li', {}, turn.output)] : []));
}

/** @param {Turn} turn @returns {Node[]} */
function content(turn) {
  const nodes = [];
  if (turn.kind === 'tool') return [element('code', {}, `${turn.name || 'tool'}(${turn.text})`)];
  if (turn.kind === 'error') return [element('p', {}, turn.text)];
  if (turn.peaks.length) nodes.push(waveform(turn));
  if (turn.text) {
    const cut = turn.cutIndex ?? turn.text.length;
    nodes.push(element('p', {}, turn.text.slice(0, cut), ...(cut < turn.text.length ? [element('s', {}, turn.text.slice(cut))] : [])));
  } else if (turn.kind === 'user' && !turn.typed) {
    nodes.push(element('p', { class: 'spoken' }, turn.spokenMs !== null ? `You spoke ${seconds(turn.spokenMs)}` : turn.status === 'live' ? 'You are speaking' : 'You spoke'));
  } else if (!turn.peaks.length) {
    nodes.push(element('p', { class: 'spoken' }, turn.status === 'live' ? '…' : 'No words'));
  }
  return nodes;
}

/** @param {Turn} turn */
function chipFacts(turn) {
  const facts = [];
  if (turn.waits) facts.push('waits for the connection');
  if (turn.kind === 'user' && turn.spokenMs !== null && turn.text) facts.push(`spoke ${seconds(turn.spokenMs)}`);
  if (turn.answeredInMs !== null) facts.push(`answered in ${millis(turn.answeredInMs)}`);
  if (turn.cutMs !== null) facts.push(`cut after ${seconds(turn.cutMs)}`);
  else if (turn.kind === 'assistant' && turn.receivedMs && turn.status !== 'live') facts.push(`spoke ${seconds(turn.receivedMs)}`);
  if (turn.silencedInMs !== null) facts.push(`silent in ${millis(turn.silencedInMs)}`);
  if (turn.kind === 'tool') facts.push(turn.status === 'live' ? 'running' : turn.status === 'failed' ? 'failed' : 'done');
  return facts;
}

/** A picture of the turn's sound; what was cut is drawn thin. @param {Turn} turn */
function waveform(turn) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const width = 4 * turn.peaks.length;
  svg.setAttribute('viewBox', `0 0 ${width} 32`);
  svg.setAttribute('width', String(width));
  svg.setAttribute('class', 'picture');
  svg.setAttribute('aria-hidden', 'true');
  const heard = turn.cutMs === null || !turn.receivedMs ? 1 : turn.cutMs / turn.receivedMs;
  for (const [name, from, to] of /** @type {[string, number, number][]} */ ([['heard', 0, heard], ['cut', heard, 1]])) {
    const path = document.createElementNS(space, 'path');
    const bars = turn.peaks.map((p, i) => ({ p, i })).filter(({ i }) => i / turn.peaks.length >= from && i / turn.peaks.length < to);
    path.setAttribute('d', bars.map(({ p, i }) => `M${4 * i + 2} ${(16 - Math.max(1, 14 * Math.sqrt(p))).toFixed(1)}V${(16 + Math.max(1, 14 * Math.sqrt(p))).toFixed(1)}`).join(''));
    path.setAttribute('class', name);
    svg.append(path);
  }
  return svg;
}
