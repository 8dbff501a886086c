import { ApiError } from '../api.js';
import { hangUp, parseEvent } from '../events.js';
import { callIdOf, reportCall, sendOffer } from './calls.js';
import { summarize } from './peer-stats.js';

/**
 * @typedef {import('../events.js').RealtimeEvent} RealtimeEvent
 * @typedef {import('./transport.js').ConnectOptions} ConnectOptions
 * @typedef {import('./transport.js').Connection} Connection
 */

// What was said travels beside the channel, and through a jitter buffer: the end of a turn must not overtake it.
const COMMIT_AFTER_MS = 120;
const MAX_WAITING_BYTES = 1 << 20;
// A path that broke mends by itself within this, or is renewed.
const MENDS_WITHIN_MS = 1500;
const RENEWED_WITHIN_MS = 6000;
// Browsers go on looking for a path for 15 s and more; a call that begins or comes back has another way to take meanwhile.
const FOUND_WITHIN_MS = 7000;
const GOODBYE_MS = 500;

/** WebRTC to this server. @param {ConnectOptions} options @returns {Connection} */
export const connect = options => new PeerCall(options, false).open();

/** WebRTC past this server, straight to the service; this server is told, so that it keeps its hand on the call. @param {ConnectOptions} options @returns {Connection} */
export const connectDirect = options => new PeerCall(options, true).open();

/** One RTCPeerConnection: sound as tracks, events on the channel `oai-events`. @implements {Connection} */
class PeerCall {
  /** @param {ConnectOptions} options @param {boolean} isDirect */
  constructor(options, isDirect) {
    this.options = options;
    this.isDirect = isDirect;
    this.carriesTracks = true;
    /** @type {MediaStream | null} */
    this.stream = null;
    this.isRecovering = false;
    this.isOver = false;
    this.wasOpen = false;
    this.isSending = false;
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    this.callUrl = '';
    this.lastError = '';
    /** @type {RTCError | null} */
    this.channelError = null;
    /** @type {RealtimeEvent[] | null} events that wait behind a commit */
    this.held = null;
    /** @type {[RealtimeEvent, number][] | null} what the channel brought before the answer was taken, and with it the track: a browser that is held up may tell of them in that order */
    this.early = [];
    /** @type {import('./peer-stats.js').LineStats | null} */
    this.lastStats = null;
    this.timer = 0;
    this.searchTimer = 0;
    this.peer = new RTCPeerConnection({ iceServers: options.token.ice_servers ?? [] });
    // Both ways from the start: a microphone may come later.
    this.sender = this.peer.addTransceiver('audio', { direction: 'sendrecv' }).sender;
    // The channel's protocol tells our server that its extension events are understood.
    this.channel = this.peer.createDataChannel('oai-events', isDirect ? {} : { protocol: 'voicecarnival' });
    this.setMicrophone(options.microphone);
    this.peer.ontrack = ({ track, streams }) => (this.stream = streams[0] ?? new MediaStream([track]));
    this.peer.onconnectionstatechange = () => this.pathChanged();
    this.channel.onopen = () => {
      this.wasOpen = true;
      options.onOpen(!isDirect);
    };
    this.channel.onmessage = ({ data }) => this.receive(data);
    this.channel.onerror = event => (this.channelError = /** @type {RTCErrorEvent} */ (event).error);
    this.channel.onclose = () => this.channelClosed();
  }

  get codec() {
    return this.lastStats?.codec ? `${this.lastStats.codec}, as a track` : 'as a track';
  }

  open() {
    this.exchange().catch(error => this.end(refusal(error)));
    return this;
  }

  /** @param {RealtimeEvent} event */
  send(event) {
    if (this.channel.readyState !== 'open' || this.channel.bufferedAmount > MAX_WAITING_BYTES) return false;
    if (this.held) return this.held.push(event) > 0;
    if (event.type !== 'input_audio_buffer.commit') return this.write(event);
    const held = (this.held = [event]);
    setTimeout(() => {
      this.held = null;
      for (const waiting of held) if (this.channel.readyState === 'open') this.write(waiting);
    }, COMMIT_AFTER_MS);
    return true;
  }

  sendAudio() {
    return true;
  }

  /** @param {boolean} isSending */
  setSending(isSending) {
    this.isSending = isSending;
    if (this.track) this.track.enabled = isSending;
  }

  /** A copy of the microphone's track is sent: it can be muted while the page still hears the microphone. @param {MediaStream | null} microphone */
  setMicrophone(microphone) {
    const old = this.track;
    this.track = microphone?.getAudioTracks()[0]?.clone() ?? null;
    this.setSending(this.isSending);
    void this.sender.replaceTrack(this.track).catch(() => {}).then(() => old?.stop());
  }

  async stats() {
    if (this.isOver) return null;
    return (this.lastStats = summarize(await this.peer.getStats(), this.lastStats?.totals));
  }

  /** @param {number} [code] 1000 hangs up; with another the server keeps the conversation for us */
  close(code = 1000) {
    if (this.isOver) return;
    this.release();
    const { channel, peer } = this;
    if (code !== 1000 || channel.readyState !== 'open') return peer.close();
    // Said in so many words, since a page that is loaded anew ends its channel in the same way.
    if (!this.isDirect) this.write(hangUp());
    const done = () => peer.close();
    channel.onclose = done;
    channel.close();
    setTimeout(done, GOODBYE_MS);
  }

  /** @private 1. Our offer. 2. The other side's answer, and the call's id. 3. A call past our server is reported to it. */
  async exchange() {
    const { options, peer } = this;
    // Without waiting for candidates: the other side learns our address from the first check.
    await peer.setLocalDescription(await peer.createOffer());
    const offer = /** @type {RTCSessionDescription} */ (peer.localDescription).sdp;
    const secret = options.token.value;
    const url = this.isDirect ? options.token.direct_calls_url : this.ownUrl('webrtc');
    let { answer, location } = await sendOffer(url ?? this.ownUrl('webrtc-direct'), offer, secret);
    if (this.isOver) return;
    if (this.isDirect && url && !location) {
      // A service that hides the call's id from pages: through our server it becomes known all the same.
      ({ answer, location } = await sendOffer(this.ownUrl('webrtc-direct'), offer, secret));
    } else if (this.isDirect && url) {
      await reportCall(callIdOf(location), secret);
    }
    if (!this.isDirect && location) this.callUrl = new URL(location, this.ownUrl('webrtc')).href;
    if (this.isOver) return;
    this.searchTimer = setTimeout(() => this.searched(), FOUND_WITHIN_MS);
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    this.catchUp();
  }

  /** @private The track is there: now what was said may begin. */
  catchUp() {
    const early = /** @type {[RealtimeEvent, number][]} */ (this.early ?? []);
    this.early = null;
    for (const [event, at] of early) if (!this.isOver) this.options.onEvent(event, at);
  }

  /** @private A line that is slow to become safe has a path at least. */
  searched() {
    if (!this.wasOpen && ['new', 'checking'].includes(this.peer.iceConnectionState)) this.endWithoutPath();
  }

  /** @private @param {string} transport */
  ownUrl(transport) {
    const url = new URL(this.options.url, globalThis.location?.href);
    url.searchParams.set('transport', transport);
    if (transport !== 'webrtc') return url;
    url.searchParams.set('model', this.options.model);
    if (this.options.resume) url.searchParams.set('resume', this.options.resume);
    return url;
  }

  /** @private @param {unknown} data */
  receive(data) {
    const at = performance.now();
    const event = typeof data === 'string' ? parseEvent(data) : null;
    if (!event) return;
    this.lastError = event.type === 'error' ? event.error?.message ?? '' : '';
    if (this.early) this.early.push([event, at]);
    else this.options.onEvent(event, at);
  }

  /** @private @param {RealtimeEvent} event */
  write(event) {
    try {
      this.channel.send(JSON.stringify(event));
      return true;
    } catch {
      // Larger than the other side takes.
      return false;
    }
  }

  /** @private */
  pathChanged() {
    const state = this.peer.connectionState;
    // On its way there: whoever waits for it goes on waiting.
    if (state === 'new' || state === 'connecting') return;
    clearTimeout(this.timer);
    if (state === 'connected') this.isRecovering = false;
    else if (state === 'disconnected') this.timer = setTimeout(() => void this.renewPath(), MENDS_WITHIN_MS);
    else if (state === 'failed') void this.renewPath();
    else if (state === 'closed') this.end({ code: 1006, reason: '', retryable: true });
  }

  /** @private ICE restart (RFC 8445, section 2.4): the same call over another path. */
  async renewPath() {
    if (!this.wasOpen) return this.endWithoutPath();
    if (this.isRecovering || !this.callUrl) return this.end({ code: 1006, reason: '', retryable: true });
    this.isRecovering = true;
    this.timer = setTimeout(() => this.end({ code: 1006, reason: '', retryable: true }), RENEWED_WITHIN_MS);
    try {
      await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart: true }));
      const offer = /** @type {RTCSessionDescription} */ (this.peer.localDescription).sdp;
      const { answer } = await sendOffer(this.callUrl, offer, this.options.token.value, 'PATCH');
      if (this.isOver) return;
      await this.peer.setRemoteDescription({ type: 'answer', sdp: answer });
      if (this.peer.connectionState === 'connected') this.pathChanged();
    } catch {
      this.end({ code: 1006, reason: '', retryable: true });
    }
  }

  /** @private */
  endWithoutPath() {
    this.end({ code: 1006, reason: 'WebRTC finds no way through this network.', retryable: false, hasNoPath: true });
  }

  /** @private Closed in order, the other side has hung up; with an error, the line broke. */
  channelClosed() {
    const isBroken = !!this.channelError && !this.isDirect;
    this.end({ code: isBroken ? 1006 : 1000, reason: this.lastError, retryable: isBroken });
  }

  /** @private @param {import('./transport.js').Closed} closed */
  end(closed) {
    if (this.isOver) return;
    this.release();
    this.peer.close();
    // A server that was started anew knows neither the session nor the secret.
    this.options.onClose({ isGone: closed.code === 404 || closed.code === 401, ...closed });
  }

  /** @private */
  release() {
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.searchTimer);
    this.peer.ontrack = this.peer.onconnectionstatechange = null;
    this.channel.onopen = this.channel.onmessage = this.channel.onerror = this.channel.onclose = null;
    this.track?.stop();
  }
}

/** @param {unknown} error @returns {import('./transport.js').Closed} */
function refusal(error) {
  if (error instanceof ApiError) return { code: error.status || 1006, reason: error.message, retryable: error.retryable, retryAfterMs: error.retryAfterMs };
  return { code: 1006, reason: `The browser could not take the answer: ${/** @type {any} */ (error)?.message ?? error}`, retryable: false };
}
