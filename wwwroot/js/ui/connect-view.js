import { urlOf } from '../api.js';
import { element } from './dom.js';

/** How another frontend uses this server. */
export class ConnectView {
  /** @param {import('../api.js').Config} config */
  constructor(config) {
    const code = `// 1. A token that lives for a short time
const response = await fetch('${urlOf('api/ephemeral-token')}', { method: 'POST' });
const { value, websocket_url } = await response.json();

// 2. The OpenAI Realtime protocol, at this server
const socket = new WebSocket(
  websocket_url + '?model=${config.engine.model}',
  ['realtime', 'openai-insecure-api-key.' + value]);
socket.onmessage = ({ data }) => console.log(JSON.parse(data));`;
    const copy = element('button', { class: 'plain', type: 'button' }, 'Copy');
    copy.addEventListener('click', () => void navigator.clipboard.writeText(code).then(() => (copy.textContent = 'Copied'), () => (copy.textContent = 'Not allowed')));
    this.root = element('div', { class: 'view' },
      element('p', {}, 'Any client of the OpenAI Realtime API works here when its base URL points to this server.'), element('pre', { tabIndex: 0 }, code), copy);
  }

  show() {}
}
