import { FRAME_SAMPLES, SAMPLE_RATE, floatToPcm16 } from './pcm.js';
import { Resampler } from './resampler.js';

/** Microphone samples in; frames of 20 ms PCM16 at 24 kHz out, each with the context time of its end. */
class CaptureProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = sampleRate === SAMPLE_RATE ? null : new Resampler(sampleRate, SAMPLE_RATE);
    this.frame = new Float32Array(FRAME_SAMPLES);
    this.fill = 0;
    this.mono = new Float32Array(128);
    this.isOpen = true;
    this.port.onmessage = ({ data }) => {
      if (data.type === 'close') this.isOpen = false;
    };
  }

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    if (channels.length) {
      const mono = this.mix(channels);
      this.collect(this.resampler ? this.resampler.push(mono) : mono);
    }
    return this.isOpen;
  }

  /** @param {Float32Array[]} channels */
  mix(channels) {
    if (channels.length === 1) return channels[0];
    if (this.mono.length !== channels[0].length) this.mono = new Float32Array(channels[0].length);
    for (let i = 0; i < this.mono.length; i++) this.mono[i] = channels.reduce((sum, c) => sum + c[i], 0) / channels.length;
    return this.mono;
  }

  /** @param {Float32Array} samples */
  collect(samples) {
    for (let read = 0; read < samples.length; ) {
      const length = Math.min(FRAME_SAMPLES - this.fill, samples.length - read);
      this.frame.set(samples.subarray(read, read + length), this.fill);
      this.fill += length;
      read += length;
      if (this.fill < FRAME_SAMPLES) continue;
      const pcm = floatToPcm16(this.frame);
      this.port.postMessage({ time: currentTime, pcm }, [pcm.buffer]);
      this.fill = 0;
    }
  }
}

registerProcessor('capture', CaptureProcessor);
