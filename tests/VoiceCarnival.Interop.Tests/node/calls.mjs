// Call control of npm "openai": node calls.mjs <answered call> <refused call> <webhook, JSON>
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { baseURL, Inbox, problem, report, run } from './conversation.mjs';

const [, , answered, refused, webhook] = process.argv;

async function sideband(client) {
  const inbox = new Inbox();
  const realtime = new OpenAIRealtimeWS({ callID: answered }, client);
  realtime.on('event', event => inbox.add(event));
  realtime.on('error', error => problem(error));
  const created = await inbox.until('session.created');
  realtime.send({ type: 'session.update', session: { type: 'realtime', instructions: 'From the sideband.' } });
  const updated = await inbox.until('session.updated');
  realtime.send({ type: 'response.create' });
  const done = await inbox.until('response.done');
  report({ step: 'sideband', first: created.session.instructions, then: updated.session.instructions, status: done.response.status });
  const closed = new Promise(resolve => realtime.socket.once('close', resolve));
  return { closed };
}

async function fails(step, act) {
  try {
    await act();
    problem(`${step} was done`);
  } catch (error) {
    report({ step, error: error.constructor.name, status: error.status ?? null, code: error.code ?? null, param: error.param ?? null });
  }
}

await run(async () => {
  const client = new OpenAI({ apiKey: 'sk-any', baseURL, maxRetries: 0, webhookSecret: process.env.INTEROP_WEBHOOK_SECRET });

  const { body, headers } = JSON.parse(webhook);
  const event = await client.webhooks.unwrap(body, headers);
  report({ step: 'webhook', type: event.type, call: event.data.call_id, from: event.data.sip_headers.find(header => header.name === 'From')?.value });
  await fails('forged', () => client.webhooks.unwrap(body.replace('rtc_', 'rtx_'), headers));

  const secret = await client.realtime.clientSecrets.create({ expires_after: { anchor: 'created_at', seconds: 60 }, session: { type: 'realtime', instructions: 'From the secret.' } });
  report({ step: 'secret', value: secret.value, instructions: secret.session.instructions });

  await client.realtime.calls.accept(answered, { type: 'realtime', model: 'gpt-realtime-2.1', instructions: 'From the client.' });
  report({ step: 'accepted' });
  await fails('twice', () => client.realtime.calls.accept(answered, { type: 'realtime' }));
  const { closed } = await sideband(client);
  await client.realtime.calls.refer(answered, { target_uri: 'tel:+14155550123' });
  await fails('nowhere', () => client.realtime.calls.refer(answered, { target_uri: 'mailto:a@b' }));
  await client.realtime.calls.reject(refused, { status_code: 486 });
  await client.realtime.calls.hangup(answered);
  report({ step: 'hung up', closed: await closed });
  await fails('gone', () => client.realtime.calls.hangup(answered));
});
