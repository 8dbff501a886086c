/**
 * What every transport is given and gives back. Each has a `connect`, listed in index.js. One that carries media tracks sends the
 * microphone's and takes no frames (its `sendAudio` only answers true); the track it receives is played by audio/track-playback.js.
 *
 * @typedef {import('../events.js').RealtimeEvent} RealtimeEvent
 * @typedef {{itemId: string, responseId: string, contentIndex: number, sampleOffset: number, samples: Int16Array}} ItemAudio
 *
 * @typedef {object} Closed
 * @property {number} code as of a WebSocket, or an HTTP status
 * @property {string} reason
 * @property {boolean} retryable
 * @property {number} [retryAfterMs]
 * @property {boolean} [isGone] the session that was asked for is no more; left out where the transport cannot tell
 * @property {boolean} [hasNoPath] this transport does not get through the network
 *
 *
 * @typedef {object} ConnectOptions
 * @property {string} url where the config says this transport is
 * @property {string} model
 * @property {import('../api.js').Token} token the ephemeral token
 * @property {string} resume a resume token, or empty
 * @property {MediaStream | null} microphone for transports that carry tracks
 * @property {(event: RealtimeEvent, at: number) => void} onEvent
 * @property {(audio: ItemAudio) => void} onAudio
 * @property {(extended: boolean) => void} onOpen whether our extension events may be used
 * @property {(closed: Closed) => void} onClose
 *
 * @typedef {object} Connection
 * @property {(event: RealtimeEvent) => boolean} send
 * @property {(frame: Int16Array) => boolean} sendAudio false when the line is too slow to take it
 * @property {(code?: number, reason?: string) => void} close no handler is called after this
 * @property {string} codec in words, for the panel
 * @property {boolean} carriesTracks
 * @property {MediaStream | null} stream the agent's track, once it is there
 * @property {boolean} isRecovering the transport mends its own path, and tells when that fails
 * @property {(microphone: MediaStream | null) => void} setMicrophone of those that carry tracks: another microphone, or none
 * @property {(isSending: boolean) => void} setSending of those that carry tracks: whether the microphone goes to the agent
 * @property {() => Promise<import('./peer-stats.js').LineStats | null>} stats
 */
export {};
