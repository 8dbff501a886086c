import { transports } from '../transports/index.js';
import { byId, element } from './dom.js';

/** @typedef {import('../api.js').Config} Config */

/** Empty when the server offers the transport and the page can speak it, else the reason. @param {import('../api.js').TransportInfo} t */
export const unavailable = t => (!t.available ? t.reason || 'not available' : Object.hasOwn(transports, t.id) ? '' : 'not supported by this page yet');

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
  const used = Object.values(engine.services ?? {});
  const away = [...new Set(used.filter(s => s.remote).map(s => s.name))];
  const local = away.length > 0 ? `The local engine answers, with the help of ${away.join(' and ')}: what is said goes there.` : 'Nothing leaves this server: the local engine answers.';
  const promise = isLocal ? local : `Audio goes to ${engine.name === 'openai' ? 'OpenAI' : engine.name} through this server.`;
  const brain = isLocal && engine.brain === 'echo' ? ' It says back what you said.' : '';
  const recognition = engine.services?.recognition;
  const missing = recognition && !recognition.available && engine.brain !== 'script' ? ` ${recognition.reason}` : '';
  byId('promise').textContent = promise + brain + missing;
}
