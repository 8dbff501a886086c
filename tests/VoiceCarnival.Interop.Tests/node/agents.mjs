// RealtimeSession of npm "@openai/agents-realtime" over its own WebSocket transport.
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';
import { parseRealtimeEvent } from './node_modules/@openai/agents-realtime/dist/openaiRealtimeEvents.mjs';
import { baseURL, Inbox, microphone, problem, report, run, saveAudio } from './conversation.mjs';

const calls = [];
const getTime = tool({
  name: 'get_time',
  description: 'Tells the time.',
  parameters: z.object({ zone: z.string() }),
  execute: async input => {
    calls.push(JSON.stringify(input));
    return '12:00';
  },
});

await run(async () => {
  const agent = new RealtimeAgent({ name: 'Test', instructions: 'Be brief.', voice: 'verse', tools: [getTime] });
  const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime-2.1' });
  const inbox = new Inbox();
  const audio = [];
  session.on('error', error => problem(error?.error ?? error));
  session.on('audio', event => audio.push(Buffer.from(event.data)));
  session.on('audio_interrupted', () => inbox.add({ type: 'sdk.audio_interrupted' }));
  session.on('agent_tool_end', (_context, _agent, _tool, result) => inbox.add({ type: 'sdk.agent_tool_end', result }));
  session.transport.on('*', event => {
    inbox.add(event);
    // The SDK passes over, without a word, whatever does not fit its own schemas.
    if (parseRealtimeEvent({ data: JSON.stringify(event) }).isGeneric) problem(`does not fit the SDK's schemas: ${JSON.stringify(event).slice(0, 400)}`);
  });

  await session.connect({ apiKey: 'sk-any', url: `${baseURL.replace('http', 'ws')}/realtime?model=gpt-realtime-2.1` });
  // The SDK sends two updates, in either order; the settings are in one of them.
  const { session: updated } = await inbox.until('session.updated', e => e.session.audio.output.voice === 'verse');
  report({ step: 'session', voice: updated.audio.output.voice });

  const speak = () => microphone(frame => session.sendAudio(frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.length)));
  let mute = speak();
  await inbox.until('input_audio_buffer.speech_started');
  const spoken = await inbox.until('response.done');
  mute();
  report({
    step: 'spoken',
    status: spoken.response.status,
    heard: inbox.first('conversation.item.input_audio_transcription.completed')?.transcript,
    said: inbox.first('response.output_audio_transcript.done')?.transcript,
    audio: saveAudio('spoken.pcm', audio),
  });

  session.sendMessage('Good morning.');
  report({ step: 'typed', text: (await inbox.until('response.output_text.done')).text });
  await inbox.until('response.done');

  session.sendMessage('What time is it?');
  const { result } = await inbox.until('sdk.agent_tool_end');
  const { text } = await inbox.until('response.output_text.done'); // the SDK has sent the result and asked for the answer
  report({ step: 'tool', name: 'get_time', arguments: calls.join(), result, text });
  await inbox.until('response.done');

  session.sendMessage('Tell me a story.');
  await inbox.until('response.output_audio.delta');
  mute = speak();
  await inbox.until('sdk.audio_interrupted');
  const ended = await inbox.until('response.done');
  const truncated = inbox.first('conversation.item.truncated') ?? (await inbox.until('conversation.item.truncated'));
  report({ step: 'interrupted', status: ended.response.status, reason: ended.response.status_details?.reason, truncated: truncated.audio_end_ms });
  const answer = await inbox.until('response.done');
  mute();
  report({ step: 'answered', status: answer.response.status });
  report({ step: 'history', roles: session.history.filter(item => item.type === 'message').map(item => item.role) });
  session.close();
});
