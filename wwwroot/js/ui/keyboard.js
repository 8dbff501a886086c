import { byId } from './dom.js';

/**
 * Shortcuts that work wherever no text is being typed.
 * @param {() => import('../call.js').Call | null} current the call, once its modules are loaded
 * @param {{onTalk: () => void, panel: {readonly isOpen: boolean, toggle: (isOpen?: boolean) => void}}} actions
 */
export function bindKeyboard(current, { onTalk, panel }) {
  let isSpaceHeld = false;
  let wasMuted = false;

  const letGo = () => {
    if (!isSpaceHeld) return;
    isSpaceHeld = false;
    if (wasMuted) current()?.setMuted(true);
    else current()?.release();
  };

  const showKeys = () => byId('shortcuts').showModal();
  byId('keys').addEventListener('click', showKeys);
  addEventListener('keydown', event => {
    const call = current();
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === 'Escape' && panel.isOpen && !document.querySelector('dialog[open]')) return panel.toggle(false);
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, dialog')) return;
    if (event.key === ' ') {
      // Space presses a focused button; only elsewhere, or when there is something to hold, does it talk.
      const canHold = call?.isActive && call.withMicrophone && (call.turns.isPushToTalk || call.muted || isSpaceHeld);
      if (!canHold) return;
      event.preventDefault();
      if (isSpaceHeld || event.repeat) return;
      isSpaceHeld = true;
      wasMuted = !call.turns.isPushToTalk;
      if (wasMuted) call.setMuted(false);
      else call.press();
      return;
    }
    /** @type {Record<string, () => void>} */
    const keys = {
      t: onTalk,
      m: () => call?.isActive && call.setMuted(!call.muted),
      s: () => call?.skip(),
      d: () => panel.toggle(),
      '/': () => byId('text').focus(),
      '?': showKeys,
    };
    const action = keys[event.key.toLowerCase()];
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  });
  addEventListener('keyup', event => {
    if (event.key !== ' ' || !isSpaceHeld) return;
    event.preventDefault();
    letGo();
  });
  addEventListener('blur', letGo);
}
