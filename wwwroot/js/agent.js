/**
 * Who answers, of those that the server offers: the local engine's brains go by the models `voicecarnival-…`.
 * @typedef {import('./api.js').Config['engine']} Engine
 */

const PREFIX = 'voicecarnival-';

/** @type {Record<string, string>} */
const BRAINS = { echo: 'Echo: says it back', concierge: 'Concierge: small, offline', chat: 'Chat: a language model', script: 'A script' };

/** What a newcomer may say. @type {Record<string, string[]>} */
const SUGGESTIONS = { concierge: ['What can you do?', 'What time is it?', 'Count to five.'] };

/** The model of the next call. @param {Engine} engine @param {string} chosen empty for the server's own */
export const modelOf = (engine, chosen) => (engine.models.includes(chosen) ? chosen : engine.model);

/** Empty where it is no brain of the local engine. @param {Engine} engine @param {string} chosen */
export function brainOf(engine, chosen) {
  const model = modelOf(engine, chosen);
  if (engine.name !== 'local') return '';
  return model !== engine.model && model.startsWith(PREFIX) ? model.slice(PREFIX.length) : engine.brain ?? '';
}

/** To choose from: model and words. @param {Engine} engine @returns {[string, string][]} */
export function agents(engine) {
  const own = brainOf(engine, '');
  const others = engine.models.filter(model => model !== engine.model && !(own && brainOf(engine, model) === own));
  return [['', BRAINS[own] ?? engine.model], ...others.map(model => /** @type {[string, string]} */ ([model, BRAINS[brainOf(engine, model)] ?? model]))];
}

/** @param {Engine} engine @param {string} chosen @returns {string[]} */
export const suggestions = (engine, chosen) => SUGGESTIONS[brainOf(engine, chosen)] ?? [];
