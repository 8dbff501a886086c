import { byId } from './dom.js';
import { STATE_WORDS } from './words.js';

/** @type {Partial<Record<import('../call.js').CallState, string>>} */
const COLORS = { hearing: '#d9532f', listening: '#d9532f', speaking: '#0f8579', thinking: '#0f8579', reconnecting: '#b7791f', muted: '#777', ready: '#0f8579' };
let shown = '';

/** The state in the title and the icon, for a tab in the background. @param {import('../call.js').CallState} state */
export function showState(state) {
  if (state === shown) return;
  shown = state;
  document.title = state === 'idle' ? 'VoiceCarnival' : `${STATE_WORDS[state].word} – VoiceCarnival`;
  const color = COLORS[state];
  const dot = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="${color}"/>${
    state === 'muted' ? '<path d="M8 8l16 16" stroke="#fff" stroke-width="3"/>' : state === 'speaking' ? '<path d="M11 12v8m5-12v16m5-12v8" stroke="#fff" stroke-width="3" stroke-linecap="round"/>' : '<circle cx="16" cy="16" r="5" fill="#fff"/>'}</svg>`;
  byId('icon').href = color ? `data:image/svg+xml,${encodeURIComponent(dot)}` : 'favicon.svg';
}
