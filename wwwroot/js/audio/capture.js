/**
 * @typedef {object} CaptureOptions
 * @property {string} deviceId empty for the browser's default
 * @property {boolean} echoCancellation
 * @property {boolean} noiseSuppression
 * @property {boolean} autoGainControl
 */

// A tab that slept gets its backlog at once; audio this old would only delay the conversation.
const MAX_AGE_S = 2;

/** The microphone: frames of 20 ms PCM16. Stop it to release the device. */
export class Capture {
  /** @param {{onFrame: (pcm: Int16Array) => void, onEnded: () => void}} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {MediaStreamAudioSourceNode | null} */
    this.source = null;
    /** @type {AudioWorkletNode | null} */
    this.node = null;
    this.skippedFrames = 0;
  }

  /** Asks for the microphone, which may ask the user. @param {CaptureOptions} options */
  async acquire({ deviceId, ...processing }) {
    const constraints = { channelCount: 1, ...processing };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { ...constraints, ...(deviceId && { deviceId: { exact: deviceId } }) } });
    } catch (error) {
      // The chosen device may be gone since the last visit.
      if (!deviceId || !['OverconstrainedError', 'NotFoundError'].includes(/** @type {any} */ (error)?.name)) throw error;
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: constraints });
    }
    this.track.onended = () => this.handlers.onEnded();
  }

  get track() {
    return /** @type {MediaStream} */ (this.stream).getAudioTracks()[0];
  }

  /** Throws NotSupportedError where the browser wants the context at the device's own rate. @param {AudioContext} context */
  connect(context) {
    this.source = context.createMediaStreamSource(/** @type {MediaStream} */ (this.stream));
    this.node = new AudioWorkletNode(context, 'capture', { numberOfInputs: 1, numberOfOutputs: 1 });
    this.node.port.onmessage = ({ data }) => {
      if (context.currentTime - data.time > MAX_AGE_S) this.skippedFrames++;
      else this.handlers.onFrame(data.pcm);
    };
    // Its output is silence; being connected is what makes the browser run it.
    this.source.connect(this.node).connect(context.destination);
  }

  stop() {
    this.node?.port.postMessage({ type: 'close' });
    if (this.node) this.node.port.onmessage = null;
    this.node?.disconnect();
    this.source?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = this.source = this.node = null;
  }
}
