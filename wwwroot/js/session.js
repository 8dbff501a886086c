import { appended, completed, cutAt, newTurn, withMark } from './turn.js';

/**
 * The state of a conversation as the events tell it: a pure reducer. Events of the server may come in any order and
 * unknown ones change nothing. Events named `page.*` come from the page itself: what was heard, cut, spoken, measured.
 *
 * @typedef {import('./events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./turn.js').Turn} Turn
 *
 * @typedef {{speechEndToAudioMs: number[], bargeInToSilenceMs: number[], roundTripMs: number[]}} Latencies
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {number | null} expiresAt unix seconds
 * @property {any} settings the session object of the server
 * @property {Turn[]} turns
 * @property {string} activeResponse id of the response that is being made, or empty
 * @property {boolean} userSpeaking
 * @property {number} audioStartMs
 * @property {Record<string, number>} responses when each response began
 * @property {{at: number, itemId: string, spoken: boolean} | null} turnEnd the end of the user's turn that awaits its answer
 * @property {Latencies} latencies over the transport that serves
 * @property {string} transport
 * @property {Record<string, Latencies>} others those measured over other transports before
 * @property {{code: string, message: string} | null} lastError
 */

const KEPT_MEASUREMENTS = 500;
// A page may stand for days; when there are more rows, the oldest go, several at once.
const MOST_TURNS = 1000;
const KEPT_TURNS = 800;
// Told elsewhere, or only that two messages crossed on the way.
const UNTOLD = new Set(['session_expired', 'response_cancel_not_active', 'conversation_already_has_active_response', 'input_audio_buffer_commit_empty']);

/** @returns {Latencies} */
const unmeasured = () => ({ speechEndToAudioMs: [], bargeInToSilenceMs: [], roundTripMs: [] });

/** @returns {Session} */
export const newSession = () => ({
  id: '', expiresAt: null, settings: null, turns: [], activeResponse: '', userSpeaking: false, audioStartMs: 0, responses: {},
  turnEnd: null, latencies: unmeasured(), transport: '', others: {}, lastError: null,
});

/** @param {Session} session @param {RealtimeEvent} event @param {number} at when it came, ms @returns {Session} */
export function reduce(session, event, at) {
  const handler = Object.hasOwn(handlers, event.type) ? handlers[event.type] : null;
  const next = handler ? handler(session, event, at) : session;
  return next.turns.length > MOST_TURNS ? { ...next, turns: next.turns.slice(-KEPT_TURNS) } : next;
}

/** @param {Session} session @param {string} id */
export const findTurn = (session, id) => session.turns.find(t => t.id === id) ?? null;

/** @type {Record<string, (s: Session, e: RealtimeEvent, at: number) => Session>} */
const handlers = {
  'session.created': (s, e) => ({ ...s, id: e.session?.id ?? '', expiresAt: e.session?.expires_at ?? null, settings: e.session ?? null }),
  'session.updated': (s, e) => ({
    ...s, expiresAt: e.session?.expires_at ?? s.expiresAt, settings: e.session ?? s.settings,
    // Nobody listens for the end of the turn any more.
    userSpeaking: s.userSpeaking && e.session?.audio?.input?.turn_detection !== null,
  }),

  'input_audio_buffer.speech_started': (s, e, at) => {
    const next = { ...s, userSpeaking: true, audioStartMs: e.audio_start_ms ?? 0 };
    return change(next, e.item_id, 'user', t => ({ timeline: withMark(t, 'speech started', at) }));
  },
  'input_audio_buffer.speech_stopped': (s, e, at) => {
    const next = { ...s, userSpeaking: false, turnEnd: { at, itemId: e.item_id, spoken: true } };
    const spokenMs = Math.max(0, (e.audio_end_ms ?? 0) - s.audioStartMs);
    return change(next, e.item_id, 'user', t => ({ spokenMs, timeline: withMark(t, 'speech ended', at) }));
  },
  'input_audio_buffer.committed': (s, e, at) => {
    const awaits = s.settings?.audio?.input?.transcription ? 'pending' : 'none';
    const next = change(s, e.item_id, 'user', t => ({
      status: 'done', transcription: t.transcription === 'none' ? awaits : t.transcription, timeline: withMark(t, 'turn committed', at),
    }));
    return place(next, e.item_id, e.previous_item_id);
  },

  // What was begun and not committed will not be.
  'input_audio_buffer.cleared': s => ({
    ...s, userSpeaking: false, turns: s.turns.filter(t => t.kind !== 'user' || t.typed || t.status !== 'live' || t.text || t.timeline.some(m => m.name === 'turn committed')),
  }),

  'conversation.item.added': (s, e, at) => item(s, e, at),
  'conversation.item.created': (s, e, at) => item(s, e, at),
  'conversation.item.retrieved': (s, e, at) => item(s, e, at),
  'conversation.item.done': (s, e, at) => item(s, e, at),
  'conversation.item.truncated': (s, e) =>
    changeKnown(s, e.item_id, t => (t.cutMs === null ? cutAt(t, e.audio_end_ms ?? 0, t.receivedMs) : {})),
  'conversation.item.deleted': (s, e) => ({ ...s, turns: s.turns.filter(t => t.id !== e.item_id) }),

  'conversation.item.input_audio_transcription.delta': (s, e) =>
    change(s, e.item_id, 'user', t => ({ ...appended(t, e.content_index ?? 0, e.delta ?? ''), transcription: 'pending' })),
  'conversation.item.input_audio_transcription.completed': (s, e) =>
    change(s, e.item_id, 'user', t => ({ ...completed(t, e.content_index ?? 0, e.transcript), transcription: 'done', status: 'done' })),
  // No recogniser is no fault of the turn: it stands as a spoken turn without words.
  'conversation.item.input_audio_transcription.failed': (s, e) =>
    change(s, e.item_id, 'user', () => ({ transcription: 'unavailable', status: 'done' })),

  'response.created': (s, e, at) => ({
    ...s, activeResponse: e.response?.conversation_id === null ? s.activeResponse : e.response?.id ?? '',
    responses: Object.fromEntries([...Object.entries(s.responses).slice(-31), [e.response?.id ?? '', at]]),
  }),
  'response.done': (s, e, at) => responseDone(s, e.response ?? {}, at),

  'voicecarnival.turn.latency': (s, e) => {
    const turn = s.turns.findLast(t => t.kind === 'assistant' && t.responseId === e.response_id && !!e.response_id);
    return turn ? changeKnown(s, turn.id, () => ({ stages: stagesOf(e) })) : s;
  },

  'response.output_item.added': (s, e, at) => output(s, e, at),
  'response.output_item.done': (s, e, at) => output(s, e, at),
  'response.content_part.added': (s, e) => (e.part?.type === 'audio' ? said(s, e, () => ({ isSound: true })) : s),
  'response.output_text.delta': (s, e, at) => said(s, e, t => ({ ...appended(t, e.content_index ?? 0, e.delta ?? ''), timeline: withMark(t, 'first text', at) })),
  'response.output_text.done': (s, e) => said(s, e, t => completed(t, e.content_index ?? 0, e.text)),
  'response.output_audio_transcript.delta': (s, e, at) =>
    said(s, e, t => ({ ...appended(t, e.content_index ?? 0, e.delta ?? ''), timeline: withMark(t, 'first text', at) })),
  'response.output_audio_transcript.done': (s, e) => said(s, e, t => completed(t, e.content_index ?? 0, e.transcript)),

  'response.function_call_arguments.delta': (s, e) => change(s, e.item_id, 'tool', t => appended(t, 0, e.delta ?? '')),
  'response.function_call_arguments.done': (s, e) =>
    change(s, e.item_id, 'tool', t => ({ ...completed(t, 0, e.arguments), name: e.name ?? t.name })),
  'response.mcp_call_arguments.delta': (s, e) => change(s, e.item_id, 'tool', t => appended(t, 0, e.delta ?? '')),
  'response.mcp_call_arguments.done': (s, e) => change(s, e.item_id, 'tool', t => completed(t, 0, e.arguments)),
  'response.mcp_call.failed': (s, e) => change(s, e.item_id, 'tool', () => ({ status: 'failed' })),

  error: (s, e, at) => {
    // Its end was lost on the way, as with a page that was loaded anew at that moment.
    if (e.error?.code === 'response_cancel_not_active' && s.activeResponse) s = responseDone(s, { id: s.activeResponse, status: 'cancelled' }, at);
    const error = { code: e.error?.code ?? '', message: e.error?.message ?? 'The server reported an error without a reason.' };
    if (UNTOLD.has(error.code)) return s;
    const row = newTurn(e.event_id ?? `error_${at}_${s.turns.length}`, 'error', { text: error.message, name: error.code, status: 'failed' });
    return { ...s, lastError: error, turns: findTurn(s, row.id) ? s.turns : [...s.turns, row] };
  },

  'page.typed': (s, e, at) => {
    const turn = newTurn(e.item_id, 'user', { ...completed(newTurn('', 'user'), 0, e.text), typed: true, waits: !!e.waits, status: 'done', timeline: e.waits ? [] : [{ name: 'sent', at }] });
    // One that waited goes to the end, where it is said now.
    const turns = [...s.turns.filter(t => t.id !== e.item_id), turn];
    return e.waits ? { ...s, turns } : { ...s, turns, turnEnd: { at, itemId: e.item_id, spoken: false } };
  },
  'page.unsent': (s, e) => ({ ...s, turns: s.turns.filter(t => t.id !== e.item_id) }),
  // Push-to-talk: the release of the button ends the turn.
  'page.released': (s, e, at) => ({ ...s, turnEnd: { at, itemId: '', spoken: false } }),
  'page.spoken': (s, e) => changeKnown(s, e.item_id, t => ({ spokenMs: e.ms ?? t.spokenMs, peaks: e.peaks })),
  'page.received': (s, e, at) =>
    said(s, e, t => ({ receivedMs: Math.max(t.receivedMs, e.ms), peaks: e.peaks ?? t.peaks, isSound: true, paced: !!e.paced, timeline: withMark(t, 'first audio received', at) })),
  'page.heard': (s, e, at) => heard(s, e, at),
  'page.finished': (s, e, at) => changeKnown(s, e.item_id, t => ({ timeline: withMark(t, 'heard to the end', at) })),
  'page.cut': (s, e) => {
    const turn = findTurn(s, e.item_id);
    const next = turn && endAnsweredBy(s, turn.responseId) ? { ...s, turnEnd: null } : s;
    return changeKnown(next, e.item_id, t => cutAt(t, e.heard_ms, e.received_ms));
  },
  'page.silenced': (s, e) => {
    const next = measured(s, 'bargeInToSilenceMs', e.ms);
    return changeKnown(next, e.item_id, () => ({ silencedInMs: e.ms }));
  },
  // The line goes over another transport from now on; each has its own measurements.
  'page.transport': (s, e) => {
    if (e.transport === s.transport) return s;
    const { [e.transport]: latencies = unmeasured(), ...others } = s.transport ? { ...s.others, [s.transport]: s.latencies } : s.others;
    return { ...s, transport: e.transport, latencies, others };
  },
  'page.round_trip': (s, e) => measured(s, 'roundTripMs', e.ms),
  'page.row': (s, e, at) => {
    const row = newTurn(`row_${at}_${s.turns.length}`, e.kind, { text: e.text, status: 'done' });
    return { ...s, turns: [...s.turns.filter(t => !t.waits), row, ...s.turns.filter(t => t.waits)] };
  },
  // A new session on the server: the captions stay, all that was open is over.
  'page.disconnected': s => ({
    ...s, activeResponse: '', userSpeaking: false, turnEnd: null,
    turns: s.turns.map(t => (t.status === 'live' ? { ...t, status: 'done' } : t)),
  }),
};

/** The silence that was waited for, and then what the server did. @param {any} e @returns {Turn['stages']} */
const stagesOf = e => ['silence', 'recognition', 'thinking', 'speaking', 'sending']
  .map(name => ({ name, ms: e[`${name}_ms`] })).filter(stage => typeof stage.ms === 'number' && stage.ms >= 0);

/** @param {Session} s @param {any} e @param {number} at */
function item(s, e, at) {
  const i = e.item ?? {};
  const isDone = e.type === 'conversation.item.done';
  if (i.type === 'function_call_output') {
    const call = s.turns.find(t => t.kind === 'tool' && t.responseId === i.call_id);
    return call ? changeKnown(s, call.id, () => ({ output: String(i.output ?? ''), status: 'done' })) : s;
  }
  const kind = kindOf(i);
  if (!kind || !i.id) return s;
  const next = change(s, i.id, kind, t => ({ ...described(t, i, isDone, at), known: true }));
  return place(next, i.id, e.previous_item_id);
}

/** What an item object says of a turn. @param {Turn} turn @param {any} i @param {boolean} isDone @param {number} at @returns {Partial<Turn>} */
function described(turn, i, isDone, at) {
  /** @type {Partial<Turn>} */
  let fields = {};
  (i.content ?? []).forEach((/** @type {any} */ part, /** @type {number} */ index) => {
    const text = part.text ?? part.transcript;
    const merged = { ...turn, ...fields };
    if (text && !merged.finished[index]) fields = { ...fields, ...completed(merged, index, text) };
    if (turn.kind === 'user' && part.type === 'input_text') fields.typed = true;
  });
  if (turn.kind === 'tool') {
    fields.name = i.name ?? i.server_label ?? turn.name;
    if (i.call_id) fields.responseId = i.call_id;
    if (i.arguments && !turn.finished[0]) fields = { ...fields, ...completed(turn, 0, i.arguments) };
    if (i.output) fields.output = String(i.output);
  }
  if (turn.status === 'live' && (isDone || (turn.kind === 'user' && i.status === 'completed'))) {
    fields.status = i.status === 'incomplete' && turn.kind === 'tool' ? 'failed' : 'done';
    fields.timeline = withMark(turn, 'complete', at);
  }
  return fields;
}

/** @param {any} i @returns {Turn['kind'] | null} */
function kindOf(i) {
  if (i.type === 'message') return i.role === 'user' || i.role === 'assistant' ? i.role : null;
  return i.type === 'function_call' || i.type === 'mcp_call' ? 'tool' : null;
}

/** @param {Session} s @param {any} e @param {number} at */
function output(s, e, at) {
  const kind = kindOf(e.item ?? {});
  if (!kind || !e.item.id) return s;
  return change(s, e.item.id, kind, t => ({
    ...(kind === 'tool' ? {} : { responseId: e.response_id ?? t.responseId }),
    ...described(t, e.item, e.type === 'response.output_item.done', at),
  }));
}

/** @param {Session} s @param {any} response @param {number} at @returns {Session} */
function responseDone(s, response, at) {
  let next = { ...s, activeResponse: s.activeResponse === response.id || !response.id ? '' : s.activeResponse };
  for (const t of s.turns) {
    if (t.responseId !== response.id || !response.id || t.kind !== 'assistant') continue;
    next = changeKnown(next, t.id, u => ({ status: u.status === 'live' ? 'done' : u.status, timeline: withMark(u, 'complete', at) }));
  }
  next = withoutSound(next, response);
  const failure = response.status_details?.error ?? (response.status === 'failed' ? {} : null);
  if (response.status === 'failed' && failure) {
    return reduce(next, { type: 'error', event_id: `failed_${response.id}`, error: { code: failure.code, message: failure.message ?? 'The agent could not answer.' } }, at);
  }
  return next;
}

/** The end of the user's turn that a response answers: the one before it began. @param {Session} s @param {string} responseId */
const endAnsweredBy = (s, responseId) => (s.turnEnd && (s.responses[responseId] ?? -Infinity) >= s.turnEnd.at ? s.turnEnd : null);

/** A response that ended without sound answers by its text; one that only called tools leaves the answer to the next. @param {Session} s @param {any} response @returns {Session} */
function withoutSound(s, response) {
  const end = endAnsweredBy(s, response.id);
  const said = s.turns.filter(t => t.kind === 'assistant' && t.responseId === response.id);
  const isSound = said.some(t => t.receivedMs > 0 || (t.isSound && response.status === 'completed'));
  if (!end || isSound || (!said.length && response.status === 'completed')) return s;
  const next = { ...s, turnEnd: null };
  const first = said[0]?.timeline.find(m => m.name === 'first text');
  return first ? changeKnown(next, said[0].id, () => ({ answeredInMs: Math.max(0, Math.round(first.at - end.at)) })) : next;
}

/** The first sample of an item was heard: that answers the turn that ended before the response began. @param {Session} s @param {any} e @param {number} at @returns {Session} */
function heard(s, e, at) {
  const turn = findTurn(s, e.item_id);
  if (!turn) return s;
  const end = endAnsweredBy(s, turn.responseId);
  const ms = end ? Math.max(0, Math.round(e.heard_at - end.at)) : turn.answeredInMs;
  const next = changeKnown(s, turn.id, t => ({
    answeredInMs: ms, timeline: [...(end ? [{ name: end.spoken ? 'your speech ended' : 'you sent', at: end.at }] : []), ...withMark(t, 'first audio heard', e.heard_at)],
  }));
  if (!end || ms === null) return next;
  return end.spoken ? measured({ ...next, turnEnd: null }, 'speechEndToAudioMs', ms) : { ...next, turnEnd: null };
}

/** @param {Session} s @param {'speechEndToAudioMs'|'bargeInToSilenceMs'|'roundTripMs'} name @param {number} ms @returns {Session} */
const measured = (s, name, ms) => ({
  ...s, latencies: { ...s.latencies, [name]: [...s.latencies[name], Math.round(10 * ms) / 10].slice(-KEPT_MEASUREMENTS) },
});

/** @param {Session} s @param {any} e @param {(t: Turn) => Partial<Turn>} update */
const said = (s, e, update) => change(s, e.item_id, 'assistant', t => ({ responseId: t.responseId || e.response_id || '', ...update(t) }));

/** @param {Session} s @param {string} id @param {(t: Turn) => Partial<Turn>} update @returns {Session} */
function changeKnown(s, id, update) {
  const index = s.turns.findIndex(t => t.id === id);
  if (index < 0) return s;
  const turns = s.turns.slice();
  turns[index] = { ...turns[index], ...update(turns[index]) };
  return { ...s, turns };
}

/** Like changeKnown, but an item not heard of yet gets its row now. @param {Session} s @param {string} id @param {Turn['kind']} kind @param {(t: Turn) => Partial<Turn>} update @returns {Session} */
function change(s, id, kind, update) {
  if (!id) return s;
  return changeKnown(findTurn(s, id) ? s : { ...s, turns: [...s.turns, newTurn(id, kind)] }, id, update);
}

/** Keeps the row after the one it follows; rows between that are no items stay. @param {Session} s @param {string} id @param {string | null | undefined} previousId @returns {Session} */
function place(s, id, previousId) {
  const from = s.turns.findIndex(t => t.id === id);
  const previous = s.turns.findIndex(t => t.id === previousId);
  if (!previousId || from < 0 || previous < from) return s;
  const turns = s.turns.slice();
  const [turn] = turns.splice(from, 1);
  turns.splice(previous, 0, turn);
  return { ...s, turns };
}
