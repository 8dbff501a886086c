/** What exists inside an AudioWorklet and TypeScript's DOM library leaves out. */
declare const sampleRate: number;
declare const currentTime: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
  constructor();
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
