import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, pass, sleep, up } from './line.rig.js';

test('a line that falls silent is given up and resumed; the server is told that we come back', async () => {
  const { line, last, connections } = await up();
  const first = last();
  for (let i = 0; i < 5; i++) await pass(2000);
  assert.equal(first.closed, 4100);
  assert.equal(line.state.phase, 'waiting');
  await pass(400);
  assert.equal(connections[1].resume, 't1');
});

test('a tab that slept does not take its own silence for that of the line', async () => {
  const { line, last } = await up();
  for (let i = 0; i < 3; i++) await pass(2000);
  sleep(60000);
  await pass(2000);
  await pass(2000);
  assert.equal(line.state.phase, 'open');
  const ping = last().sent.at(-1);
  last().onEvent({ type: 'voicecarnival.pong', id: ping.id }, clock);
  for (let i = 0; i < 3; i++) await pass(2000);
  assert.equal(line.state.phase, 'open');
});

test('a transport that mends its own path is not given up meanwhile', async () => {
  const { line, last } = await up();
  last().isRecovering = true;
  for (let i = 0; i < 6; i++) await pass(2000);
  assert.equal(line.state.phase, 'open');
  last().isRecovering = false;
  for (let i = 0; i < 5; i++) await pass(2000);
  assert.notEqual(line.state.phase, 'open');
});

test('a transport that watches its own path is given longer: its channel speaks up late over a path that was renewed', async () => {
  const { line, last } = await up();
  last().carriesTracks = true;
  for (let i = 0; i < 14; i++) await pass(2000);
  assert.equal(line.state.phase, 'open');
  for (let i = 0; i < 3; i++) await pass(2000);
  assert.notEqual(line.state.phase, 'open');
});

test('without pings of ours, the round trip is what the connection measures', async () => {
  const { line, last, told } = await up();
  last().measured = { roundTripMs: 17 };
  await line.measure();
  assert.ok(!told.some(t => t[0] === 'round trip'));
  line.extended = false;
  await line.measure();
  assert.deepEqual(told.at(-1), ['round trip', 17]);
});
