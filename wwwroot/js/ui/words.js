/** Every sentence that depends on the state: what happened, and what to do. */

/** @type {Record<import('../call.js').CallState, {word: string, hint: string, label: string}>} */
export const STATE_WORDS = {
  idle: { word: 'Ready', hint: 'Press to talk', label: 'Start talking' },
  permission: { word: 'Microphone', hint: 'Allow it in the browser’s question', label: 'Cancel' },
  connecting: { word: 'Connecting', hint: '', label: 'Cancel' },
  listening: { word: 'Listening', hint: 'Speak when you like', label: 'End the call' },
  ready: { word: 'Ready', hint: '', label: 'End the call' },
  hearing: { word: 'Hearing you', hint: '', label: 'End the call' },
  thinking: { word: 'Thinking', hint: '', label: 'End the call' },
  speaking: { word: 'Speaking', hint: 'Speak to interrupt', label: 'End the call' },
  muted: { word: 'Muted', hint: 'Hold space to speak', label: 'End the call' },
  reconnecting: { word: 'Reconnecting', hint: '', label: 'End the call' },
};

/** @param {import('../call.js').Call} call */
export function stateHint(call) {
  if (call.state === 'ready') return call.withMicrophone ? 'Hold the button or space' : 'Without a microphone: type below';
  if (call.state === 'hearing' && call.turns.holding) return 'Release to send';
  if (call.state === 'speaking' && !call.withMicrophone) return 'Type to interrupt';
  if (call.state === 'speaking' && call.turns.isPushToTalk) return 'Hold to interrupt';
  return STATE_WORDS[call.state].hint;
}

/** How to undo a refusal, in this browser's words. */
function undoDenied(detail = '') {
  if (/system/i.test(detail)) return 'The system’s privacy settings keep it from the browser. Allow it there, then try again.';
  const agent = navigator.userAgent;
  if (/Firefox/.test(agent)) return 'Click the crossed-out microphone left of the address, remove the block, then try again.';
  if (/iPhone|iPad/.test(agent)) return 'Open Settings, Safari, Microphone, and allow it for this site, then try again.';
  if (/Safari/.test(agent) && !/Chrom/.test(agent)) return 'Open Safari, Settings for this website, Microphone, choose Allow, then try again.';
  return 'Click the icon left of the address, allow the microphone, then try again.';
}

/**
 * @typedef {'retry'|'typed'|'now'|'resume'|'key'|'dismiss'|'reload'} NoticeAction
 * @typedef {{tone: 'error'|'warning'|'info', title: string, text: string, actions: [NoticeAction, string][]}} NoticeWords
 */

/** @type {Record<import('../notices.js').NoticeId, (detail: string) => NoticeWords>} */
export const NOTICE_WORDS = {
  denied: detail => ({ tone: 'error', title: 'The microphone is blocked', text: undoDenied(detail), actions: [['retry', 'Try again'], ['typed', 'Continue without a microphone']] }),
  noMicrophone: () => ({ tone: 'error', title: 'No microphone found', text: 'Connect one and try again, or type your side of the conversation.',
    actions: [['retry', 'Try again'], ['typed', 'Continue without a microphone']] }),
  busy: () => ({ tone: 'error', title: 'The microphone is in use', text: 'Another program holds it. Close that program, or choose another microphone in details.',
    actions: [['retry', 'Try again'], ['typed', 'Continue without a microphone']] }),
  insecure: () => ({ tone: 'error', title: 'The microphone needs a secure page', text: 'Open this page by https, or on localhost.', actions: [['typed', 'Continue without a microphone']] }),
  audioFailed: detail => ({ tone: 'error', title: 'Sound could not be started', text: detail, actions: [['retry', 'Try again']] }),
  unplugged: detail => ({ tone: detail && detail !== 'denied' ? 'warning' : 'error', title: detail === 'denied' ? 'The microphone was taken away' : 'The microphone was unplugged',
    text: detail === 'denied' ? 'The browser does not give it to this page any more. Allow it and choose it in the details, or go on by typing.'
      : detail === 'lost' ? 'Looking for another one.' : detail ? `Now using ${detail}.` : 'No other one was found. Plug one in, or go on by typing.', actions: [['dismiss', 'All right']] }),
  suspended: () => ({ tone: 'warning', title: 'The browser holds the sound back', text: 'It wants one tap first.', actions: [['resume', 'Tap to hear']] }),
  unauthorized: detail => ({ tone: 'error', title: 'The server did not let you in', text: detail || 'The access key was not accepted.', actions: [['key', 'Enter the key']] }),
  refused: detail => ({ tone: 'error', title: 'The call was refused', text: detail || 'The server gave no reason.', actions: [['retry', 'Try again']] }),
  unreachable: detail => ({ tone: 'error', title: 'The server cannot be reached', text: detail || 'It may be restarting, or your network is down.', actions: [['retry', 'Try again']] }),
  waiting: detail => ({ tone: 'warning', title: 'The connection was lost', text: `${detail ? `${detail} ` : ''}Your captions are kept.`, actions: [['now', 'Try now']] }),
  delayed: detail => ({ tone: 'warning', title: 'Not connected yet', text: `${detail} It tries again by itself.`, actions: [['now', 'Try now']] }),
  limit: detail => ({ tone: 'info', title: 'This conversation reached its limit', text: detail ? `A call may last ${detail} minutes. You can start another.` : 'You can start another.', actions: [['retry', 'Start again']] }),
  ended: detail => ({ tone: 'warning', title: 'The call was ended', text: detail || 'The server gave no reason.', actions: [['retry', 'Start again']] }),
  spending: detail => ({ tone: 'info', title: 'The call ends soon', text: detail ? `Left of its budget: ${detail}.` : 'Its budget for today is almost used.', actions: [['dismiss', 'All right']] }),
  expiring: detail => ({ tone: 'info', title: 'The call ends soon', text: `${detail} s are left of its allowed time.`, actions: [] }),
  quiet: detail => ({ tone: 'info', title: 'Still listening', text: `Nobody has spoken for a while. If you did, check ${detail || 'your microphone'}.`, actions: [['dismiss', 'All right']] }),
  silent: detail => ({ tone: 'warning', title: 'Still listening', text: `No sound comes from ${detail || 'your microphone'}. It may be muted by the system or a switch on it.`, actions: [['dismiss', 'All right']] }),
  slow: () => ({ tone: 'warning', title: 'The line is slow', text: 'Some of your words may be lost.', actions: [] }),
  short: () => ({ tone: 'info', title: 'That was very short', text: 'Hold the button as long as you speak.', actions: [['dismiss', 'All right']] }),
  unloaded: detail => ({ tone: 'error', title: 'The call could not be loaded', text: detail || 'The server or your network is away. Once it is back, load the page again.',
    actions: [['reload', 'Load again']] }),
  stayed: detail => ({ tone: 'warning', title: 'The transport you chose did not work', text: detail, actions: [['dismiss', 'All right']] }),
};
