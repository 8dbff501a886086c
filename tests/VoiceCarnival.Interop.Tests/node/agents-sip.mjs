// OpenAIRealtimeSIP of npm "@openai/agents-realtime" as the sideband of a phone call: node agents-sip.mjs <call>
import { OpenAIRealtimeSIP, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import { baseURL, Inbox, problem, report, run } from './conversation.mjs';

const [, , callId] = process.argv;

await run(async () => {
  const agent = new RealtimeAgent({ name: 'Phone', instructions: 'From the agent.' });
  const transport = new OpenAIRealtimeSIP();
  const session = new RealtimeSession(agent, { transport, model: 'gpt-realtime-2.1' });
  const inbox = new Inbox();
  session.on('error', error => problem(error?.error ?? error));
  transport.on('*', event => inbox.add(event));
  await session.connect({ apiKey: 'sk-any', callId, url: `${baseURL.replace('http', 'ws')}/realtime?call_id=${callId}` });
  const updated = await inbox.until('session.updated', e => e.session.instructions === 'From the agent.');
  session.transport.sendEvent({ type: 'response.create' });
  const done = await inbox.until('response.done');
  report({ step: 'sideband', instructions: updated.session.instructions, status: done.response.status });
  session.close();
});
