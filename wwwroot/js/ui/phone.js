import { urlOf } from '../api.js';
import { element } from './dom.js';

/**
 * @typedef {object} SipInfo
 * @property {boolean} available
 * @property {string | null} reason
 * @property {string | null} address
 * @property {string[]} transports
 * @property {string[]} codecs
 * @property {{name: string, address: string}[]} agents
 * @property {string | null} callers
 * @property {string | null} encryption
 */

/** Says how to call this server from a phone. @param {HTMLElement} opener gets the focus back */
export async function showPhone(opener) {
  const dialog = element('dialog', { class: 'phone', 'aria-labelledby': 'phone-title' });
  const close = element('button', { class: 'plain', type: 'button' }, 'Close');
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener.focus();
  });
  dialog.append(element('h2', { id: 'phone-title' }, 'Call from a phone'), ...(await contents()), close);
  document.body.append(dialog);
  dialog.showModal();
}

/** @returns {Promise<HTMLElement[]>} */
async function contents() {
  /** @type {SipInfo} */
  let sip;
  try {
    const response = await fetch(urlOf('api/sip'));
    if (!response.ok) throw new Error(String(response.status));
    sip = await response.json();
  } catch {
    return [element('p', {}, 'The server cannot be reached just now.')];
  }
  if (!sip.available) return [element('p', {}, sip.reason ?? 'Phones cannot call now.')];
  const agents = sip.agents.length ? sip.agents : sip.address ? [{ name: 'agent', address: sip.address }] : [];
  const facts = [
    ['Transports', sip.transports.join(', ').toUpperCase()],
    ['Codecs', sip.codecs.join(', ')],
    ['Encryption', sip.encryption === 'always' ? 'always (SRTP)' : sip.encryption === 'when_offered' ? 'when the phone offers SRTP' : 'none'],
    ['Who may call', sip.callers ?? 'anybody'],
  ];
  return [
    element('p', {}, 'Dial one of these addresses from a softphone, or send a trunk there:'),
    element('ul', { 'data-testid': 'sip-addresses' }, ...agents.map(agent => element('li', {}, `${agent.name}: `, element('a', { href: agent.address }, agent.address)))),
    element('dl', { class: 'facts' }, ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)))),
  ];
}
