/**
 * The transports this page can speak, by the ids of /api/config. Each module is loaded when a call wants it.
 * @type {Record<string, () => Promise<{connect: (options: import('./transport.js').ConnectOptions) => import('./transport.js').Connection}>>}
 */
export const transports = {
  websocket: () => import('./websocket.js'),
  webrtc: () => import('./webrtc.js'),
  'webrtc-direct': async () => ({ connect: (await import('./webrtc.js')).connectDirect }),
};
