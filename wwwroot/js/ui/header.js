import { brainOf, modelOf, suggestions } from '../agent.js';
import { transports } from '../transports/index.js';
import { byId, element } from './dom.js';

/** @typedef {import('../api.js').Config} Config */

/** Empty when the server offers the transport and the page can speak it, else the reason. @param {import('../api.js').TransportInfo} t */
export function unavailable(t) {
  if (!t.available) return t.reason || 'not available';
  if (!Object.hasOwn(transports, t.id)) return 'not supported by this page yet';
  return t.id.startsWith('webrtc') && !('RTCPeerConnection' in globalThis) ? 'not supported by this browser' : '';
}

/** The server takes phone calls. @param {import('../api.js').TransportInfo} t */
const isPhone = t => t.id === 'sip' && t.available;

/** Fills the transport list. @param {Config} config @param {string} chosen @param {(id: string) => void} onTransport */
export function showTransports(config, chosen, onTransport) {
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
}

/**
 * Who answers, where what is said goes, and what one may say.
 * @param {Config['engine']} engine @param {string} model as chosen @param {(text: string) => void} onSay
 */
export function showEngine(engine, model, onSay) {
  const brain = brainOf(engine, model);
  const badge = byId('engine');
  badge.hidden = false;
  badge.textContent = engine.name === 'local' ? `Local engine${brain ? ` · ${brain}` : ''}` : `${engine.name} · ${modelOf(engine, model)}`;
  badge.title = engine.description ?? '';
  byId('promise').textContent = engine.name === 'local' ? localPromise(engine, brain) : `Audio goes to ${engine.name === 'openai' ? 'OpenAI' : engine.name} through this server.`;
  byId('tries').replaceChildren(...suggestions(engine, model).map(text => {
    const button = element('button', { class: 'plain', type: 'button' }, text);
    button.addEventListener('click', () => onSay(text));
    return button;
  }));
}

/** @param {Config['engine']} engine @param {string} brain */
function localPromise(engine, brain) {
  const { recognition, ...others } = engine.services ?? {};
  const away = [...new Set([recognition, ...Object.values(others)].filter(s => s?.remote).map(s => s?.name))];
  const where = away.length > 0 ? `The local engine answers, with the help of ${away.join(' and ')}: what is said goes there.` : 'Nothing leaves this server: the local engine answers.';
  const echo = brain === 'echo' ? ' It says back what you said.' : '';
  const missing = recognition && !recognition.available && brain !== 'script' ? ` ${recognition.reason}` : '';
  return where + echo + missing;
}
