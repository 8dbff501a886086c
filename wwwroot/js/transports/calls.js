import { ApiError, urlOf } from '../api.js';

/** The calls endpoint of the Realtime API: offers in, answers out. Ours and OpenAI's are alike. */

const TIMEOUT_MS = 15000;

/**
 * @param {string | URL} url @param {string} offer SDP @param {string} secret @param {'POST'|'PATCH'} [method] PATCH renews the path of a call that runs
 * @returns {Promise<{answer: string, location: string}>} `location` is empty where the server does not let us read it
 */
export async function sendOffer(url, offer, secret, method = 'POST') {
  const response = await send(url, { method, headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${secret}` }, body: offer });
  return { answer: await response.text(), location: response.headers.get('Location') ?? '' };
}

/** Tells our server of a call that was set up past it. @param {string} callId @param {string} secret */
export async function reportCall(callId, secret) {
  await send(urlOf('api/calls'), { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` }, body: JSON.stringify({ call_id: callId }) });
}

/** The id is the last part of the path. @param {string} location */
export const callIdOf = location => location.split(/[?#]/)[0].split('/').filter(Boolean).at(-1) ?? '';

/** @param {string | URL} url @param {RequestInit} init */
async function send(url, init) {
  let response;
  try {
    response = await fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new ApiError(0, 'unreachable', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error?.code ?? '', body?.error?.message ?? `The server answered with status ${response.status}.`,
    1000 * (Number(response.headers.get('Retry-After')) || 0));
}
