import { beforeEach, mock } from 'node:test';
import { Line } from '../../wwwroot/js/line.js';
import { ReconnectSchedule } from '../../wwwroot/js/reconnect.js';

/** What performance.now says. */
export let clock = 0;

beforeEach(() => {
  clock = 0;
  mock.restoreAll();
  mock.timers.reset();
  mock.method(performance, 'now', () => clock);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
});

export const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** Lets that much time go by. @param {number} ms */
export const pass = async ms => {
  clock += ms;
  mock.timers.tick(ms);
  await settled();
};

/** Time goes by while no timer runs, as in a tab that sleeps. @param {number} ms */
export const sleep = ms => {
  clock += ms;
};

/** A line over connections that do what the test says. */
export function rig() {
  /** @type {any[]} */
  const connections = [];
  /** @type {any[]} */
  const told = [];
  const server = { tokens: 0, /** @type {Error | null} */ refusal: null };
  const connect = (/** @type {any} */ options) => {
    const connection = {
      ...options, /** @type {any[]} */ sent: [], /** @type {any} */ closed: null, codec: '',
      send: (/** @type {any} */ e) => (connection.sent.push(e), true),
      sendAudio: () => true, carriesTracks: false, isRecovering: false, isSending: false,
      setSending: (/** @type {boolean} */ on) => (connection.isSending = on), setMicrophone: () => {}, stats: async () => connection.measured ?? null,
      close: (/** @type {number} */ code) => (connection.closed = code),
      greet: (/** @type {string} */ token) => {
        options.onOpen(true);
        options.onEvent(options.resume ? { type: 'voicecarnival.session.resumed' } : { type: 'session.created' }, clock);
        options.onEvent({ type: 'voicecarnival.session.resume_token', token, grace_ms: 30000 }, clock);
      },
    };
    connections.push(connection);
    return connection;
  };
  const tell = (/** @type {string} */ name) => (/** @type {any[]} */ ...values) => void told.push([name, ...values]);
  const line = new Line({
    onState: ({ phase }) => told.push(['state', phase]), onEvent: ({ type }) => told.push(['event', type]), onAudio: () => {}, microphone: () => null,
    onRoundTrip: tell('round trip'), onNewSession: tell('new session'), onStay: ({ transport }) => told.push(['stay', transport]),
    onNoPath: ({ transport }) => (transport === 'websocket' ? null : ROUTE), onFailure: tell('failure'),
  }, {
    transports: {
      websocket: async () => ({ connect }), webrtc: async () => ({ connect }),
      broken: async () => ({
        connect: () => {
          throw new ReferenceError('RTCPeerConnection is not defined');
        },
      }),
    },
    fetchToken: async () => {
      if (server.refusal) throw server.refusal;
      return { value: `ek_${++server.tokens}`, expires_at: Date.now() / 1000 + 600 };
    },
    schedule: new ReconnectSchedule({ random: () => 0.5 }),
  });
  const names = () => told.map(t => t[0] === 'state' ? t[1] : t[0]);
  return { line, connections, told, names, server, last: () => connections.at(-1) };
}

export const ROUTE = { transport: 'websocket', url: '/v1/realtime', model: 'm' };
export const away = { code: 1006, reason: '', retryable: true };

export async function up() {
  const r = rig();
  r.line.open(ROUTE);
  await settled();
  r.last().greet('t1');
  return r;
}
