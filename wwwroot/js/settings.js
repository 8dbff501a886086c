/**
 * What the page remembers between visits: choices, never secrets.
 *
 * @typedef {object} Settings
 * @property {string} transport
 * @property {string} microphone device id, empty for the default
 * @property {string} speaker
 * @property {boolean} echoCancellation
 * @property {boolean} noiseSuppression
 * @property {boolean} autoGainControl
 * @property {boolean} cues
 * @property {string} model who answers, empty for the server's own
 * @property {string} voice empty for the engine's own
 * @property {'server_vad'|'semantic_vad'|'push_to_talk'} turns
 * @property {'auto'|'low'|'medium'|'high'} eagerness
 * @property {number} silenceMs
 * @property {boolean} panel
 * @property {string} tab
 */

/** @type {Settings} */
const DEFAULTS = {
  transport: 'websocket', microphone: '', speaker: '', echoCancellation: true, noiseSuppression: true, autoGainControl: true, cues: true,
  model: '', voice: '', turns: 'server_vad', eagerness: 'auto', silenceMs: 500, panel: false, tab: 'line',
};
const KEY = 'voicecarnival.settings';

/** @param {Pick<Storage, 'getItem'>} storage @returns {Settings} */
export function loadSettings(storage) {
  const settings = { ...DEFAULTS };
  try {
    const stored = JSON.parse(storage.getItem(KEY) ?? '{}');
    for (const [key, value] of Object.entries(DEFAULTS)) {
      if (typeof stored[key] === typeof value) Object.assign(settings, { [key]: stored[key] });
    }
  } catch {
    // Storage may be forbidden or hold something else: the defaults serve.
  }
  return settings;
}

/** @param {Pick<Storage, 'setItem'>} storage @param {Settings} settings */
export function saveSettings(storage, settings) {
  try {
    storage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Private windows may refuse; nothing depends on it.
  }
}

/** Those that are not named by a dotted path. @param {object} fields @param {Iterable<string>} paths */
export function withoutFields(fields, paths) {
  const left = structuredClone(fields);
  for (const path of paths) remove(left, path.split('.'));
  return left;
}

/** And with it what is empty then. @param {any} object @param {string[]} path */
function remove(object, [name, ...rest]) {
  if (!Object.hasOwn(object, name)) return;
  if (rest.length && object[name] && typeof object[name] === 'object') {
    remove(object[name], rest);
    if (Object.keys(object[name]).length) return;
  }
  delete object[name];
}

/** As session.update wants them. The voice can only be set before the agent has spoken. @param {Settings} settings @param {boolean} withVoice */
export function sessionFields({ turns, eagerness, silenceMs, voice }, withVoice) {
  const detection = {
    server_vad: { type: 'server_vad', silence_duration_ms: silenceMs },
    semantic_vad: { type: 'semantic_vad', eagerness },
    push_to_talk: null,
  };
  return {
    audio: {
      input: { turn_detection: detection[turns], transcription: { model: 'gpt-4o-mini-transcribe' } },
      ...(withVoice && voice && { output: { voice } }),
    },
  };
}
