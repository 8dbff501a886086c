import { byId, element } from './dom.js';
import { NOTICE_WORDS } from './words.js';

/** The one matter beside the conversation that needs attention now. */
export class NoticeBar {
  /** @param {{announce: (text: string) => void, alert: (text: string) => void}} announcer @param {(action: import('./words.js').NoticeAction, id: string) => void} onAction */
  constructor(announcer, onAction) {
    this.announcer = announcer;
    this.onAction = onAction;
    this.bar = byId('notice');
    this.shown = '';
    this.shownId = '';
    this.shownTitle = '';
  }

  /** @param {{id: import('../notices.js').NoticeId, detail: string} | null} notice */
  show(notice) {
    const key = notice ? `${notice.id} ${notice.detail}` : '';
    if (key === this.shown) return;
    const hadFocus = this.bar.contains(document.activeElement);
    this.shown = key;
    this.bar.hidden = !notice;
    if (!notice) {
      this.shownId = '';
      this.bar.replaceChildren();
      if (hadFocus) byId('talk').focus();
      return;
    }
    const words = NOTICE_WORDS[notice.id](notice.detail);
    this.bar.dataset.tone = words.tone;
    this.bar.dataset.notice = notice.id;
    // The same matter changes only its text, so that buttons keep their focus; a countdown is not read out each second.
    if (notice.id === this.shownId && words.title === this.shownTitle) {
      this.bar.querySelector('p').textContent = words.text;
      if (notice.id !== 'expiring') this.announcer.announce(words.text);
      return;
    }
    this.shownId = notice.id;
    this.shownTitle = words.title;
    const buttons = words.actions.map(([action, label]) =>
      element('button', { class: 'plain', type: 'button', 'data-testid': `notice-${action}`, onclick: () => this.onAction(action, notice.id) }, label));
    this.bar.replaceChildren(element('div', {}, element('strong', {}, words.title), element('p', {}, words.text)), element('div', { class: 'row' }, ...buttons));
    if (hadFocus) buttons[0]?.focus();
    (words.tone === 'error' ? this.announcer.alert : this.announcer.announce)(`${words.title}. ${words.text}`);
  }
}
