import { contextForGesture } from './audio/context.js';
import { Call } from './call.js';
import { keepCall, takeCall } from './kept-call.js';
import { storage } from './storage.js';
import { askForKey } from './ui/access.js';
import { Captions } from './ui/captions.js';
import { ConnectView } from './ui/connect-view.js';
import { byId, keepText } from './ui/dom.js';
import { EventLog } from './ui/event-log.js';
import { LineView } from './ui/line-view.js';
import { Panel } from './ui/panel.js';
import { SoundView } from './ui/sound-view.js';
import { showState } from './ui/state.js';
import { TalkBar } from './ui/talk-bar.js';
import { VoiceView } from './ui/voice-view.js';

/**
 * @typedef {object} Page what stands already
 * @property {import('./api.js').Config} config
 * @property {import('./settings.js').Settings} settings
 * @property {Record<'user'|'agent', import('./ui/scope.js').Scope>} scopes
 * @property {import('./ui/announcer.js').Announcer} announcer
 * @property {import('./ui/notice-bar.js').NoticeBar} notices
 * @property {(changes: Partial<import('./settings.js').Settings>) => void} change
 */

/** The call and the views that show it. @param {Page} page */
export function run({ config, settings, scopes, announcer, notices, change }) {
  const log = new EventLog();
  const call = new Call(config, settings, {
    onChange: () => schedule(),
    onLog: (direction, event) => log.add(direction, event),
    onUnsent: keepText,
    onLevel: (side, level, ms, isCarried) => {
      // The waveform is what the other side hears, the meter what the microphone gives.
      scopes[side].add(isCarried ? level : 0, ms);
      sound.level(side, level);
      if ((call.state === 'speaking') === (side === 'agent')) byId('talk').style.setProperty('--level', level.toFixed(3));
      schedule();
    },
  });
  let needsKey = config.authentication === 'required';
  const withKey = async () => {
    if (needsKey && !call.line.accessKey) call.line.accessKey = await askForKey();
    return !needsKey || !!call.line.accessKey;
  };
  /** @param {{microphone?: boolean, context?: AudioContext | null, kept?: import('./kept-call.js').KeptCall | null}} [options] */
  const start = async ({ microphone = true, context = contextForGesture(), kept = null } = {}) => {
    if (await withKey()) return call.start({ microphone, context, kept });
    void context?.close();
    // A press that waited for this module may still be shown.
    talkBar.show();
  };
  const talk = () => void (call.isActive ? call.stop() : start());
  const say = async (/** @type {string} */ text, /** @type {AudioContext | null} */ context) => {
    if (call.isActive || (await withKey())) call.sendText(text, context);
    else {
      void context?.close();
      keepText(text);
    }
  };
  /** What a notice's button does. @param {import('./ui/words.js').NoticeAction} action @param {string} id */
  const answer = (action, id) => {
    if (action === 'retry') void start();
    else if (action === 'typed') void start({ microphone: false });
    else if (action === 'now') call.line.retryNow();
    else if (action === 'resume') void call.resumeAudio();
    else if (action === 'key') {
      call.line.accessKey = '';
      needsKey = true;
      void start();
    } else {
      call.notices.clear(/** @type {any} */ (id));
      schedule();
    }
  };

  const captions = new Captions(announcer);
  const talkBar = new TalkBar(call);
  const sound = new SoundView(call, change);
  const panel = new Panel([
    { id: 'line', title: 'Line', view: new LineView(call) },
    { id: 'sound', title: 'Sound', view: sound },
    { id: 'voice', title: 'Voice', view: new VoiceView(call, change) },
    { id: 'events', title: 'Events', view: log },
    { id: 'connect', title: 'Code', view: new ConnectView(config) },
  ], settings, change);
  addEventListener('online', () => call.line.retryNow());
  addEventListener('pointerdown', () => call.audio.isSuspended && void call.resumeAudio());
  navigator.mediaDevices?.addEventListener?.('devicechange', () => void call.devicesChanged());
  addEventListener('pagehide', event => {
    const kept = call.keep();
    if (!kept) return call.stop();
    keepCall(storage('sessionStorage'), kept);
    // Unless the page is only set aside, call and all.
    if (!event.persisted) call.line.leave();
  });
  addEventListener('pageshow', event => event.persisted && takeCall(storage('sessionStorage'), 0));

  let isScheduled = false;
  let phase = call.phase;
  function schedule() {
    // The title must follow in a hidden tab, where no frame is drawn.
    showState(call.state);
    if (phase !== call.phase) {
      phase = call.phase;
      if (phase === 'live') announcer.announce('Connected.');
      if (phase === 'idle') announcer.announce('The call has ended.');
    }
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      captions.show(call.session.turns);
      // A call may have stayed on, or gone over to, another transport than the one that was chosen.
      if (byId('transport').value !== settings.transport) byId('transport').value = settings.transport;
      talkBar.show();
      notices.show(call.notices.first);
      panel.show();
      scopes.user.draw();
      scopes.agent.draw();
    });
  }
  return { call, panel, start, talk, say, answer };
}
