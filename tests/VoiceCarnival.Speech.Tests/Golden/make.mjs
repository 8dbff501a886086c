// Makes silero-8000.txt and silero-16000.txt: what ONNX Runtime says of each frame of a signal that the tests make in the same way.
//   npm install --ignore-scripts onnxruntime-web@1.30.0 && node make.mjs PATH/silero_vad_v6.onnx
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-web';

const here = dirname(fileURLToPath(import.meta.url));
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(process.argv[2]));

// The same as SileroSignal in the tests: speech decimated from 48 kHz without a filter, with noise that grows, at three levels.
function signal(rate) {
  const wav = readFileSync(join(here, '../../assets/barge-in-48k.wav'));
  const speech = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length - (wav.length % 2)));
  const length = Math.floor(speech.length / (48000 / rate));
  const samples = new Int16Array(length * 3);
  let random = 1;
  for (let pass = 0; pass < 3; pass++) {
    for (let i = 0; i < length; i++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      const noise = (((random >>> 20) - 2048) * Math.floor((8 * i) / length)) >> 6;
      const value = speech[i * (48000 / rate)] + noise;
      samples[pass * length + i] = pass === 0 ? value : pass === 1 ? value >> 6 : Math.max(-32768, Math.min(32767, value * 8));
    }
  }
  return samples;
}

for (const rate of [8000, 16000]) {
  const samples = signal(rate);
  const frame = rate / 31.25, context = frame / 8;
  let state = new ort.Tensor('float32', new Float32Array(256), [2, 1, 128]);
  const sr = new ort.Tensor('int64', BigInt64Array.of(BigInt(rate)), []);
  const lines = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    const input = new Float32Array(context + frame);
    for (let i = 0; i < input.length; i++) {
      input[i] = (samples[at - context + i] ?? 0) / 32768;
    }
    const result = await session.run({ input: new ort.Tensor('float32', input, [1, input.length]), state, sr });
    state = result.stateN;
    lines.push(result.output.data[0].toFixed(8));
  }
  writeFileSync(join(here, `silero-${rate}.txt`), lines.join('\n') + '\n');
  console.log(rate, lines.length, 'frames');
}
