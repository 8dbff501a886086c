import * as websocket from './websocket.js';

/**
 * The transports this page can speak, by the ids of /api/config. Each has `connect(options) -> Connection`.
 * @type {Record<string, {connect: (options: import('./websocket.js').ConnectOptions) => import('./websocket.js').Connection}>}
 */
export const transports = { websocket };
