import { byId } from './dom.js';

/** Speaks to screen readers: politely what is final, assertively what went wrong. */
export class Announcer {
  constructor() {
    this.polite = byId('polite');
    this.assertive = byId('assertive');
  }

  /** @param {string} text */
  announce = text => {
    const line = document.createElement('p');
    line.textContent = text;
    this.polite.append(line);
    while (this.polite.children.length > 5) this.polite.firstElementChild.remove();
  };

  /** @param {string} text */
  alert = text => {
    // In a new line, so that the same words are read out a second time.
    const line = document.createElement('p');
    line.textContent = text;
    this.assertive.replaceChildren(line);
  };
}
