import { fetchConfig } from './api.js';
import { contextForGesture } from './audio/context.js';
import { inspection } from './inspect.js';
import { takeCall } from './kept-call.js';
import { loadSettings, saveSettings } from './settings.js';
import { storage } from './storage.js';
import { transports } from './transports/index.js';
import { Announcer } from './ui/announcer.js';
import { byId, keepText, setText } from './ui/dom.js';
import { showEngine, showTransports, unavailable } from './ui/header.js';
import { bindKeyboard } from './ui/keyboard.js';
import { NoticeBar } from './ui/notice-bar.js';
import { Scope } from './ui/scope.js';
import { STATE_WORDS } from './ui/words.js';

/**
 * The page before anybody talks: small, so that it stands at once. All that a call needs, app.js and what it
 * imports, is loaded at the first sign that somebody wants one.
 * @typedef {ReturnType<typeof import('./app.js').run>} App
 */

const query = new URLSearchParams(location.search);
const announcer = new Announcer();

/** The page waits for its server: without the config there is nothing to offer. */
async function loadConfig() {
  for (let delay = 1000; ; delay = Math.min(10000, 1.6 * delay)) {
    try {
      return await fetchConfig();
    } catch (error) {
      const { message, retryAfterMs } = /** @type {import('./api.js').ApiError} */ (error);
      setText(byId('invitation'), 'One moment.');
      setText(byId('promise'), `${message} The page tries again by itself.`);
      setText(byId('state-word'), 'Waiting for the server');
      await new Promise(resolve => setTimeout(resolve, Math.min(60000, Math.max(delay, retryAfterMs))));
    }
  }
}

/** @param {import('./api.js').Config} config */
function open(config) {
  const settings = loadSettings(storage('localStorage'));
  const wanted = query.get('transport') ?? settings.transport;
  const usable = config.transports.filter(t => !unavailable(t));
  settings.transport = usable.find(t => t.id === wanted)?.id ?? usable[0]?.id ?? 'websocket';

  /** @type {App | null} */
  let app = null;
  /** @type {Promise<App> | null} */
  let loading = null;
  /** @type {{context: AudioContext | null} | null} the press of the talk button that waits for the modules */
  let press = null;

  const scopes = {
    user: new Scope(byId('scope-user'), { color: '--user', outwards: -1 }),
    agent: new Scope(byId('scope-agent'), { color: '--agent', outwards: 1 }),
  };
  const change = (/** @type {Partial<import('./settings.js').Settings>} */ changes) => {
    if (app) void app.call.changeSettings(changes);
    else Object.assign(settings, changes);
    saveSettings(storage('localStorage'), settings);
    if ('model' in changes) showEngine(config.engine, settings.model, say);
  };
  const notices = new NoticeBar(announcer, (action, id) => {
    // A module that failed once stays failed until the page is loaded anew, which the server must be there for.
    if (action === 'reload') fetchConfig().then(() => location.reload(), () => announcer.alert('The server still cannot be reached.'));
    else app?.answer(action, id);
  });
  const load = () => (loading ??= Promise.all([import('./app.js'), transports[settings.transport]?.()])
    .then(([module]) => (app = module.run({ config, settings, scopes, announcer, notices, change }))));

  /** Does it as soon as the call's modules are there. @param {(app: App) => void} action @param {() => void} [onFailure] */
  const withApp = (action, onFailure) => {
    if (app) return action(app);
    load().then(action, error => {
      onFailure?.();
      failed(error);
    });
  };
  const failed = (/** @type {unknown} */ error) => {
    void press?.context?.close();
    press = null;
    showPressed(false);
    notices.show({ id: 'unloaded', detail: error instanceof TypeError ? '' : String(error) });
  };

  const onTalk = () => {
    if (app) return app.talk();
    if (press) {
      // The second press takes the first one back.
      void press.context?.close();
      press = null;
      return showPressed(false);
    }
    // Browsers let a page make sound only from within a gesture, and the modules may come too late for that.
    const mine = { context: contextForGesture() };
    press = mine;
    showPressed(true);
    withApp(loaded => {
      if (press === mine) void loaded.start({ context: mine.context });
    });
  };
  const isPanelOpen = () => !byId('panel').hidden;
  const panel = {
    get isOpen() {
      return isPanelOpen();
    },
    toggle: (isOpen = !isPanelOpen()) => withApp(a => a.panel.toggle(isOpen)),
  };

  const say = (/** @type {string} */ text) => {
    const context = app?.call.isActive ? null : contextForGesture();
    withApp(a => void a.say(text, context), () => {
      void context?.close();
      keepText(text);
    });
  };

  showTransports(config, settings.transport, id => change({ transport: id }));
  showEngine(config.engine, settings.model, say);
  bindKeyboard(() => app?.call ?? null, { onTalk, panel });
  byId('talk').addEventListener('click', onTalk);
  byId('panel-toggle').addEventListener('click', () => panel.toggle());
  byId('text-form').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = byId('text').value.trim();
    byId('text').value = '';
    if (text) say(text);
  });
  // Whoever comes near the controls will want them. A failure is told when they are used.
  for (const part of [byId('stage'), byId('text-form'), byId('panel-toggle')]) {
    for (const sign of ['pointerenter', 'pointerdown', 'focusin']) part.addEventListener(sign, () => void load().catch(() => {}), { once: true });
  }

  setText(byId('invitation'), 'Press the button and speak.');
  showPressed(false);
  byId('talk').disabled = false;
  Object.defineProperty(window, 'voiceCarnival', { value: inspection(() => app?.call ?? null) });
  if (settings.panel) void load().catch(() => {});
  const kept = takeCall(storage('sessionStorage'), Date.now());
  if (kept) withApp(a => void a.start({ microphone: kept.microphone, context: contextForGesture(), kept }));
  else if (query.get('autostart') === '1') onTalk();
}

/** What stands around the talk button until the call shows it. @param {boolean} isPressed */
function showPressed(isPressed) {
  const state = isPressed ? 'connecting' : 'idle';
  byId('talk').dataset.state = state;
  setText(byId('talk-label'), STATE_WORDS[state].label);
  setText(byId('state-word'), STATE_WORDS[state].word);
  setText(byId('state-hint'), STATE_WORDS[state].hint);
}

open(await loadConfig());
