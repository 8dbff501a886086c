import { byId, element } from './dom.js';
import { transports } from '../transports/index.js';
import { STATE_WORDS } from './words.js';

/** @typedef {import('../api.js').Config} Config */

/** Empty when the server offers the transport and the page can speak it, else the reason. @param {import('../api.js').TransportInfo} t */
export const unavailable = t => (!t.available ? t.reason || 'not available' : t.id in transports ? '' : 'not supported by this page yet');

/** Fills the transport list and the engine badge. @param {Config} config @param {string} chosen @param {(id: string) => void} onTransport */
export function showConfig(config, chosen, onTransport) {
  const select = byId('transport');
  select.replaceChildren(...config.transports.map(t => {
    const reason = unavailable(t);
    return element('option', { value: t.id, disabled: !!reason, title: reason }, reason ? `${t.name} – ${reason}` : t.name);
  }));
  select.value = chosen;
  select.disabled = false;
  select.title = config.transports.map(t => `${t.name}: ${unavailable(t) || 'available'}`).join('\n');
  select.addEventListener('change', () => onTransport(select.value));

  const { engine } = config;
  const isLocal = engine.name === 'local';
  const badge = byId('engine');
  badge.hidden = false;
  badge.textContent = isLocal ? `Local engine${engine.brain ? ` · ${engine.brain}` : ''}` : `${engine.name} · ${engine.model}`;
  badge.title = engine.description ?? '';
  const promise = isLocal ? 'Nothing leaves this server: the local engine answers.' : `Audio goes to ${engine.name === 'openai' ? 'OpenAI' : engine.name} through this server.`;
  const brain = isLocal && engine.brain === 'echo' ? ' It says back what you said.' : '';
  byId('promise').textContent = promise + brain;
}

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
