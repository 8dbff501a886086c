import { agents } from '../agent.js';
import { element } from './dom.js';
import { choice } from './fields.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** Who speaks, and when it is whose turn. */
export class VoiceView {
  /** @param {import('../call.js').Call} call @param {(changes: Partial<Settings>) => void} onChange */
  constructor(call, onChange) {
    const { settings, config } = call;
    const agent = choice('Agent', 'Who answers; changes with the next call.', agents(config.engine), settings.model, v => onChange({ model: v }));
    agent.field.hidden = agent.select.options.length < 2;
    agent.select.dataset.testid = 'agent';
    const voices = /** @type {[string, string][]} */ (config.engine.voices.map(v => [v, v]));
    const voice = choice('Voice', 'Can change until the agent has first spoken; after that with the next call.',
      [['', 'The engine’s own'], ...voices], settings.voice, v => onChange({ voice: v }));
    const turns = choice('Turns', 'How the agent knows that you have finished.', [
      ['server_vad', 'By silence'], ['semantic_vad', 'By meaning'], ['push_to_talk', 'Push to talk'],
    ], settings.turns, v => {
      onChange({ turns: /** @type {any} */ (v) });
      this.show();
    });
    this.silence = choice('Pause that ends a turn', 'Shorter answers sooner, longer lets you think.', [
      ['200', '200 ms, quick'], ['500', '500 ms'], ['900', '900 ms, patient'],
    ], String(settings.silenceMs), v => onChange({ silenceMs: Number(v) }));
    this.eagerness = choice('Eagerness', 'How soon it takes the turn when the meaning is unclear.', [
      ['auto', 'Automatic'], ['low', 'Low, waits up to 8 s'], ['medium', 'Medium, up to 4 s'], ['high', 'High, up to 2 s'],
    ], settings.eagerness, v => onChange({ eagerness: /** @type {any} */ (v) }));
    this.settings = settings;
    this.root = element('div', { class: 'view' }, agent.field, voice.field, turns.field, this.silence.field, this.eagerness.field);
    turns.select.dataset.testid = 'turn-detection';
    voice.select.dataset.testid = 'voice';
    this.show();
  }

  show() {
    this.silence.field.hidden = this.settings.turns !== 'server_vad';
    this.eagerness.field.hidden = this.settings.turns !== 'semantic_vad';
  }
}
