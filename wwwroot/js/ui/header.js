import { transports } from '../transports/index.js';
import { byId, element } from './dom.js';

/** @typedef {import('../api.js').Config} Config */

/** Empty when the server offers the transport and the page can speak it, else the reason. @param {import('../api.js').TransportInfo} t */
export const unavailable = t => (!t.available ? t.reason || 'not available' : Object.hasOwn(transports, t.id) ? '' : 'not supported by this page yet');

/** The server takes phone calls. @param {import('../api.js').TransportInfo} t */
const isPhone = t => t.id === 'sip' && t.available;

/** Fills the transport list and the engine badge. @param {Config} config @param {string} chosen @param {(id: string) => void} onTransport */
export function showConfig(config, chosen, onTransport) {
  const select = byId('transport');
  select.replaceChildren(...config.transports.map(t => {
    if (isPhone(t)) return element('option', { value: t.id, title: 'How to call from a phone' }, `${t.name} – how to call…`);
    const reason = unavailable(t);
    return element('option', { value: t.id, disabled: !!reason, title: reason }, reason ? `${t.name} – ${reason}` : t.name);
  }));
  select.value = chosen;
  select.disabled = false;
  select.title = config.transports.map(t => `${t.name}: ${isPhone(t) ? 'available' : unavailable(t) || 'available'}`).join('\n');
  let current = chosen;
  select.addEventListener('change', () => {
    if (config.transports.some(t => t.id === select.value && isPhone(t))) {
      // A page cannot speak SIP, but it can say which number to call; the call goes on as it is.
      select.value = current;
      void import('./phone.js').then(({ showPhone }) => showPhone(select));
      return;
    }
    current = select.value;
    onTransport(current);
  });

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
