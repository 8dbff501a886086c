// The WebSocket client of npm "openai", GA, beta or as for Azure: node openai.mjs [beta|azure]
import OpenAI, { AzureOpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { OpenAIRealtimeWS as BetaRealtimeWS } from 'openai/beta/realtime/ws';
import { baseURL, Inbox, microphone, problem, report, run, saveAudio } from './conversation.mjs';

const isBeta = process.argv[2] === 'beta';
const isAzure = process.argv[2] === 'azure';
const Realtime = isBeta ? BetaRealtimeWS : OpenAIRealtimeWS;
const names = isBeta
  ? { audio: 'response.audio.delta', text: 'response.text.done', transcript: 'response.audio_transcript.done', item: 'conversation.item.created' }
  : {
      audio: 'response.output_audio.delta',
      text: 'response.output_text.done',
      transcript: 'response.output_audio_transcript.done',
      item: 'conversation.item.added',
    };
const model = isBeta ? 'gpt-4o-realtime-preview' : 'gpt-realtime-2.1';
const tools = [
  {
    type: 'function',
    name: 'get_time',
    description: 'Tells the time.',
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
  },
];
const turnDetection = { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 200 };
const settings = isBeta
  ? {
      modalities: ['text', 'audio'],
      instructions: 'Be brief.',
      voice: 'verse',
      input_audio_format: 'pcm16',
      output_audio_format: 'pcm16',
      input_audio_transcription: { model: 'whisper-1' },
      turn_detection: turnDetection,
      tools,
      tool_choice: 'auto',
      temperature: 0.8,
      max_response_output_tokens: 'inf',
    }
  : {
      type: 'realtime',
      output_modalities: ['audio'],
      instructions: 'Be brief.',
      audio: {
        input: { format: { type: 'audio/pcm', rate: 24000 }, transcription: { model: 'gpt-4o-transcribe' }, turn_detection: turnDetection },
        output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'verse' },
      },
      tools,
      tool_choice: 'auto',
    };

async function connect(client) {
  const inbox = new Inbox();
  const realtime = isAzure ? await Realtime.azure(client) : new Realtime({ model }, client);
  realtime.on('event', event => inbox.add(event));
  realtime.on('error', error => problem(error));
  await new Promise((resolve, reject) => {
    realtime.socket.once('open', resolve);
    realtime.socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
  });
  return { realtime, inbox, send: event => realtime.send(event) };
}

async function converse({ realtime, inbox, send }) {
  await inbox.until('session.created');
  send({ type: 'session.update', session: settings });
  const { session } = await inbox.until('session.updated');
  report({ step: 'session', model: session.model, voice: isBeta ? session.voice : session.audio.output.voice });

  const speak = () => microphone(frame => send({ type: 'input_audio_buffer.append', audio: frame.toString('base64') }));

  let mute = speak();
  await inbox.until('input_audio_buffer.speech_started');
  await inbox.until('input_audio_buffer.speech_stopped');
  const spoken = await inbox.until('response.done');
  mute();
  report({
    step: 'spoken',
    status: spoken.response.status,
    heard: inbox.first('conversation.item.input_audio_transcription.completed')?.transcript,
    said: inbox.first(names.transcript)?.transcript,
    audio: saveAudio('spoken.pcm', inbox.every(names.audio).map(e => Buffer.from(e.delta, 'base64'))),
  });

  send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Good morning.' }] } });
  await inbox.until(names.item, e => e.item.role === 'user');
  send({ type: 'response.create' });
  report({ step: 'typed', text: (await inbox.until(names.text)).text });
  await inbox.until('response.done');

  send({ type: 'response.create' });
  const { response } = await inbox.until('response.done');
  const call = response.output.find(item => item.type === 'function_call');
  send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: call.call_id, output: '12:00' } });
  await inbox.until(names.item, e => e.item.type === 'function_call_output');
  send({ type: 'response.create' });
  report({ step: 'tool', name: call.name, arguments: call.arguments, text: (await inbox.until(names.text)).text });
  await inbox.until('response.done');

  send({ type: 'response.create' });
  const { item_id } = await inbox.until(names.audio);
  mute = speak();
  await inbox.until('input_audio_buffer.speech_started');
  send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 100 });
  const ended = await inbox.until('response.done');
  const truncated = inbox.first('conversation.item.truncated') ?? (await inbox.until('conversation.item.truncated'));
  report({ step: 'interrupted', status: ended.response.status, reason: ended.response.status_details?.reason, truncated: truncated.audio_end_ms });
  const answer = await inbox.until('response.done');
  mute();
  report({ step: 'answered', status: answer.response.status });

  const closed = new Promise(resolve => realtime.socket.once('close', resolve));
  realtime.close();
  report({ step: 'closed', code: await closed });
}

// A secret for a browser, and a session that begins with what was bound to it.
async function mint(client) {
  const instructions = 'From the secret.';
  const secret = isBeta
    ? (await client.beta.realtime.sessions.create({ model, instructions })).client_secret
    : await client.realtime.clientSecrets.create({ session: { type: 'realtime', instructions } });
  const { realtime, inbox } = await connect(new OpenAI({ apiKey: secret.value, baseURL }));
  const { session } = await inbox.until('session.created');
  report({ step: 'secret', instructions: session.instructions, expires: secret.expires_at });
  realtime.close();
}

await run(async () => {
  if (isAzure) {
    // It makes its own paths below the endpoint, and names the model as the deployment.
    const { origin } = new URL(baseURL);
    await converse(await connect(new AzureOpenAI({ apiKey: 'sk-any', endpoint: origin, apiVersion: '2025-08-28', deployment: model })));
    return;
  }

  const client = new OpenAI({ apiKey: 'sk-any', baseURL, maxRetries: 0 });
  await mint(client);
  await converse(await connect(client));
});
