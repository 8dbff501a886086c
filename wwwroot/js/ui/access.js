import { byId } from './dom.js';

/** Asks for the access key. Empty when the user would rather not. @returns {Promise<string>} */
export function askForKey() {
  const dialog = byId('access');
  const field = byId('access-key');
  field.value = '';
  byId('access-cancel').onclick = () => dialog.close('');
  dialog.returnValue = '';
  byId('access-form').onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    dialog.close('ok');
  };
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'ok' ? field.value.trim() : '');
      field.value = '';
    }, { once: true });
  });
}
