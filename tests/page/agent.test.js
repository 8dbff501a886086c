import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agents, brainOf, modelOf, suggestions } from '../../wwwroot/js/agent.js';

const local = (/** @type {string} */ brain) => /** @type {any} */ ({
  name: 'local', brain, model: 'voicecarnival-local', models: ['voicecarnival-local', 'voicecarnival-echo', 'voicecarnival-concierge'], voices: [],
});
const openai = /** @type {any} */ ({ name: 'openai', model: 'gpt-realtime-2.1', models: ['gpt-realtime-2.1', 'gpt-realtime-mini'], voices: [] });

test('nothing chosen: the server chooses', () => {
  assert.equal(modelOf(local('echo'), ''), 'voicecarnival-local');
  assert.equal(brainOf(local('echo'), ''), 'echo');
  assert.equal(modelOf(openai, ''), 'gpt-realtime-2.1');
  assert.equal(brainOf(openai, ''), '');
});

test('a brain that was chosen goes by its model', () => {
  assert.equal(modelOf(local('echo'), 'voicecarnival-concierge'), 'voicecarnival-concierge');
  assert.equal(brainOf(local('echo'), 'voicecarnival-concierge'), 'concierge');
});

test('what was chosen at another server is not asked of this one', () => {
  assert.equal(modelOf(openai, 'voicecarnival-concierge'), 'gpt-realtime-2.1');
  assert.equal(brainOf(local('script'), 'gpt-realtime-2.1'), 'script');
});

test('the choice names each brain once, the server’s own first', () => {
  assert.deepEqual(agents(local('concierge')).map(([model]) => model), ['', 'voicecarnival-echo']);
  assert.match(agents(local('concierge'))[0][1], /Concierge/);
  assert.deepEqual(agents(openai), [['', 'gpt-realtime-2.1'], ['gpt-realtime-mini', 'gpt-realtime-mini']]);
});

test('a script has no other agents beside it', () => {
  assert.equal(agents({ ...local('script'), models: ['voicecarnival-local'] }).length, 1);
});

test('suggestions are of the one who answers', () => {
  assert.deepEqual(suggestions(local('echo'), ''), []);
  assert.ok(suggestions(local('echo'), 'voicecarnival-concierge').includes('What time is it?'));
  assert.deepEqual(suggestions(openai, ''), []);
});
