import { element } from './dom.js';

/** @typedef {import('../settings.js').Settings} Settings */

let count = 0;

/**
 * A labelled choice with a sentence that says what it does.
 * @param {string} label @param {string} help @param {[string, string][]} options @param {string} value @param {(value: string) => void} onChange
 */
export function choice(label, help, options, value, onChange) {
  const id = `choice-${++count}`;
  const select = element('select', { id, ...(help && { 'aria-describedby': `${id}-help` }) });
  fill(select, options, value);
  select.addEventListener('change', () => onChange(select.value));
  const field = element('div', { class: 'field' }, element('label', { for: id }, label), select, ...(help ? [element('p', { id: `${id}-help` }, help)] : []));
  return { field, select };
}

/** @param {HTMLSelectElement} select @param {[string, string][]} options @param {string} value */
export function fill(select, options, value) {
  select.replaceChildren(...options.map(([id, text]) => element('option', { value: id }, text)));
  select.value = options.some(([id]) => id === value) ? value : options[0]?.[0] ?? '';
}

/** @param {string} label @param {string} help @param {boolean} value @param {(value: boolean) => void} onChange */
export function check(label, help, value, onChange) {
  const box = element('input', { type: 'checkbox', checked: value });
  box.addEventListener('change', () => onChange(box.checked));
  return element('label', { class: 'check' }, box, element('span', {}, label, element('small', {}, help)));
}
