import { fetchConfig } from './api.js';
import { Call } from './call.js';
import { inspection } from './inspect.js';
import { loadSettings, saveSettings } from './settings.js';
import { askForKey } from './ui/access.js';
import { Announcer } from './ui/announcer.js';
import { Captions } from './ui/captions.js';
import { ConnectView } from './ui/connect-view.js';
import { byId } from './ui/dom.js';
import { EventLog } from './ui/event-log.js';
import { showConfig, showState, unavailable } from './ui/header.js';
import { bindKeyboard } from './ui/keyboard.js';
import { LineView } from './ui/line-view.js';
import { NoticeBar } from './ui/notice-bar.js';
import { Panel } from './ui/panel.js';
import { Scope } from './ui/scope.js';
import { SoundView } from './ui/sound-view.js';
import { TalkBar } from './ui/talk-bar.js';
import { VoiceView } from './ui/voice-view.js';

const query = new URLSearchParams(location.search);
const announcer = new Announcer();

/** The page waits for its server: without the config there is nothing to offer. */
async function loadConfig() {
  for (let delay = 1000; ; delay = Math.min(10000, 1.6 * delay)) {
    try {
      return await fetchConfig();
    } catch {
      byId('promise').textContent = 'The server cannot be reached. Trying again.';
      await new Promise(resolve => setTimeout(resolve, delay));
    }
  }
}

/** @param {import('./api.js').Config} config */
function run(config) {
  const settings = loadSettings(localStorage);
  const wanted = query.get('transport') ?? settings.transport;
  const usable = config.transports.filter(t => !unavailable(t));
  settings.transport = usable.find(t => t.id === wanted)?.id ?? usable[0]?.id ?? 'websocket';

  const log = new EventLog();
  const scopes = {
    user: new Scope(byId('scope-user'), { color: '--user', outwards: -1 }),
    agent: new Scope(byId('scope-agent'), { color: '--agent', outwards: 1 }),
  };
  const call = new Call(config, settings, {
    onChange: () => schedule(),
    onLog: (direction, event) => log.add(direction, event),
    onLevel: (side, level) => {
      scopes[side].add(level, side === 'user' ? 20 : 40);
      sound.level(side, level);
      if ((call.state === 'speaking') === (side === 'agent')) byId('talk').style.setProperty('--level', level.toFixed(3));
      schedule();
    },
  });
  const change = (/** @type {Partial<import('./settings.js').Settings>} */ changes) => {
    void call.changeSettings(changes);
    saveSettings(localStorage, settings);
  };
  const withKey = async () => {
    if (config.authentication === 'required' && !call.line.accessKey) call.line.accessKey = await askForKey();
    return config.authentication !== 'required' || !!call.line.accessKey;
  };
  const start = async (/** @type {{microphone?: boolean}} */ options = {}) => {
    if (await withKey()) await call.start(options);
  };
  const onTalk = () => void (call.isActive ? call.stop() : start());

  const captions = new Captions(announcer);
  const talkBar = new TalkBar(call, { onTalk });
  const sound = new SoundView(call, change);
  const panel = new Panel([
    { id: 'line', title: 'Line', view: new LineView(call) },
    { id: 'sound', title: 'Sound', view: sound },
    { id: 'voice', title: 'Voice', view: new VoiceView(call, change) },
    { id: 'events', title: 'Events', view: log },
    { id: 'connect', title: 'Code', view: new ConnectView(config) },
  ], settings, change);
  const notices = new NoticeBar(announcer, (action, id) => {
    if (action === 'retry') void start();
    else if (action === 'typed') void start({ microphone: false });
    else if (action === 'now') call.line.retryNow();
    else if (action === 'resume') void call.resumeAudio();
    else if (action === 'key') {
      call.line.accessKey = '';
      void start();
    } else {
      call.notices.clear(/** @type {any} */ (id));
      schedule();
    }
  });
  showConfig(config, settings.transport, id => change({ transport: id }));
  bindKeyboard(call, { onTalk, panel });
  addEventListener('online', () => call.line.retryNow());
  addEventListener('pointerdown', () => call.audio.context?.state === 'suspended' && void call.resumeAudio());
  addEventListener('pagehide', () => call.stop());

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
      talkBar.show();
      notices.show(call.notices.first);
      panel.show();
      scopes.user.draw();
      scopes.agent.draw();
    });
  }
  schedule();
  Object.defineProperty(window, 'voiceCarnival', { value: inspection(call) });
  if (query.get('autostart') === '1') void start();
}

run(await loadConfig());
