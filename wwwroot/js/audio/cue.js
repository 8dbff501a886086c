const NOTES = { listening: [523, 659], stopped: [659, 440] };

/** A soft pair of notes: it listens, it stopped. @param {AudioContext} context @param {keyof typeof NOTES} name */
export function playCue(context, name) {
  NOTES[name].forEach((frequency, i) => {
    const at = context.currentTime + 0.02 + 0.09 * i;
    const tone = new OscillatorNode(context, { frequency });
    const level = new GainNode(context, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.05, at + 0.02);
    level.gain.linearRampToValueAtTime(0, at + 0.12);
    tone.connect(level).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.13);
  });
}
