/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

/**
 * @param {string} tag @param {Record<string, any>} [properties] `class` and names with a dash become attributes
 * @param {...(Node | string)} children @returns {any}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') node.className = value;
    else if (name.includes('-') || name === 'role' || name === 'for') node.setAttribute(name, value);
    else /** @type {any} */ (node)[name] = value;
  }
  node.append(...children);
  return node;
}

/** Touches the document only when the text differs. @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What was typed and could not be sent stands in its field again, before what was typed since. @param {string} text */
export function keepText(text) {
  const field = byId('text');
  field.value = [text, field.value].filter(Boolean).join(' ');
}

/** @param {number} ms */
export const seconds = ms => `${(ms / 1000).toFixed(1)}\u00a0s`;

/** @param {number | null | undefined} ms */
export const millis = ms => (ms === null || ms === undefined ? '–' : `${ms < 10 ? Math.round(10 * ms) / 10 : Math.round(ms)}\u00a0ms`);
