/**
 * The server's JSON endpoints.
 *
 * @typedef {{id: string, name: string, available: boolean, url?: string, reason?: string}} TransportInfo
 * @typedef {object} Config
 * @property {string} name
 * @property {string} version
 * @property {{name: string, brain?: string, model: string, models: string[], voices: string[], description?: string, services?: Record<'recognition' | 'synthesis' | 'chat', {name: string, available: boolean, remote: boolean, reason?: string}>}} engine
 * @property {'none'|'required'} authentication
 * @property {TransportInfo[]} transports
 * @property {{max_session_minutes?: number}} [limits]
 * @typedef {object} Token
 * @property {string} value
 * @property {number} expires_at unix seconds
 * @property {string | null} [direct_calls_url] where an offer goes past this server
 * @property {RTCIceServer[]} [ice_servers]
 */

const TIMEOUT_MS = 10000;

/** Where an endpoint is: beside the page's scripts, also when a proxy has both below a path. @param {string} path without a slash before it */
export const urlOf = path => new URL(`../${path}`, import.meta.url);

/** A refusal or a silence of the server. Status 0 means that it was not reached. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {number} [retryAfterMs] */
  constructor(status, code, message, retryAfterMs = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  get retryable() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** @returns {Promise<Config>} */
export const fetchConfig = () => request('api/config', {});

/** @param {string} accessKey empty when none is asked for @returns {Promise<Token>} */
export const fetchToken = accessKey =>
  request('api/ephemeral-token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(accessKey && { Authorization: `Bearer ${accessKey}` }) },
    body: JSON.stringify({ session: { type: 'realtime' } }),
  });

/** @param {string} path @param {RequestInit} init */
async function request(path, init) {
  let response;
  try {
    response = await fetch(urlOf(path), { ...init, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new ApiError(0, 'unreachable', 'The server cannot be reached.');
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const retryAfter = Number(response.headers.get('Retry-After')) || 0;
  throw new ApiError(response.status, body?.error?.code ?? '', body?.error?.message ?? `The server answered with status ${response.status}.`, 1000 * retryAfter);
}
