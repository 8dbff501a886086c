import { byId, element } from './dom.js';

// As in panel.css: below this width the panel lies over the page.
const sheet = matchMedia('(max-width: 1000px)');

/** @typedef {{id: string, title: string, view: {root: HTMLElement, show: () => void}}} Tab */

/** The side panel, a sheet on phones: one tab at a time. */
export class Panel {
  /** @param {Tab[]} tabs @param {import('../settings.js').Settings} settings @param {(changes: Partial<import('../settings.js').Settings>) => void} onChange */
  constructor(tabs, settings, onChange) {
    this.tabs = tabs;
    this.settings = settings;
    this.onChange = onChange;
    this.panel = byId('panel');
    this.toggleButton = byId('panel-toggle');
    const list = byId('tabs');
    for (const { id, title, view } of tabs) {
      list.append(element('button', {
        role: 'tab', type: 'button', id: `tab-${id}`, 'aria-controls': `view-${id}`, 'data-testid': `tab-${id}`, onclick: () => this.select(id),
      }, title));
      view.root.id = `view-${id}`;
      view.root.setAttribute('role', 'tabpanel');
      view.root.setAttribute('aria-labelledby', `tab-${id}`);
      byId('views').append(view.root);
    }
    list.addEventListener('keydown', (/** @type {KeyboardEvent} */ e) => this.move(e));
    byId('panel-close').addEventListener('click', () => this.toggle(false));
    this.select(tabs.some(t => t.id === settings.tab) ? settings.tab : tabs[0].id);
    this.apply(settings.panel && !sheet.matches);
    sheet.addEventListener('change', () => this.apply(this.isOpen));
    document.addEventListener('pointerdown', e => {
      if (this.isOpen && sheet.matches && !this.panel.contains(e.target)) this.toggle(false);
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** @param {boolean} [open] */
  toggle(open = !this.isOpen) {
    this.apply(open);
    this.onChange({ panel: open });
    (open ? byId(`tab-${this.selected}`) : this.toggleButton).focus();
  }

  show() {
    if (this.isOpen) this.tabs.find(t => t.id === this.selected)?.view.show();
  }

  /** @private @param {boolean} open */
  apply(open) {
    this.panel.hidden = !open;
    // Behind a sheet nothing is to be reached.
    for (const part of document.querySelectorAll('header, main, footer')) part.toggleAttribute('inert', open && sheet.matches);
    this.toggleButton.setAttribute('aria-expanded', String(open));
    this.show();
  }

  /** @private @param {string} id */
  select(id) {
    this.selected = id;
    for (const tab of this.tabs) {
      const isSelected = tab.id === id;
      const button = byId(`tab-${tab.id}`);
      button.setAttribute('aria-selected', String(isSelected));
      button.tabIndex = isSelected ? 0 : -1;
      tab.view.root.hidden = !isSelected;
    }
    this.onChange({ tab: id });
    this.show();
  }

  /** @private @param {KeyboardEvent} event */
  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const index = this.tabs.findIndex(t => t.id === this.selected);
    this.select(this.tabs[(index + step + this.tabs.length) % this.tabs.length].id);
    byId(`tab-${this.selected}`).focus();
  }
}
