const BAR_PX = 3;
const GAP_PX = 2;

/** A live waveform of real levels: the newest beside the button, the past moving outwards. */
export class Scope {
  /** @param {HTMLCanvasElement} canvas @param {{color: string, outwards: 1 | -1}} options `color` is a custom property */
  constructor(canvas, { color, outwards }) {
    this.canvas = canvas;
    this.color = color;
    this.outwards = outwards;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.levels = new Float32Array(512);
    this.count = 0;
    this.pending = 0;
    this.highest = 0;
    this.width = 0;
    this.height = 0;
    this.isDirty = true;
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (this.isDirty = true));
  }

  /** Forty milliseconds make one bar. @param {number} level @param {number} ms */
  add(level, ms) {
    this.highest = Math.max(this.highest, level);
    this.pending += ms;
    if (this.pending < 40) return;
    this.levels[this.count++ % this.levels.length] = this.highest;
    this.highest = 0;
    this.pending = 0;
    this.isDirty = true;
  }

  clear() {
    this.levels.fill(0);
    this.isDirty = true;
  }

  draw() {
    if (!this.isDirty || !this.width) return;
    this.isDirty = false;
    const { context, width, height } = this;
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(this.canvas).getPropertyValue(this.color);
    const bars = Math.min(this.levels.length, Math.floor(width / (BAR_PX + GAP_PX)));
    for (let i = 0; i < bars; i++) {
      const level = this.count > i ? this.levels[(this.count - 1 - i) % this.levels.length] : 0;
      const size = Math.max(BAR_PX, Math.sqrt(level) * (height - 4));
      const x = this.outwards > 0 ? i * (BAR_PX + GAP_PX) : width - BAR_PX - i * (BAR_PX + GAP_PX);
      context.globalAlpha = (level > 0.001 ? 1 : 0.45) * (1 - (0.85 * i) / bars);
      context.beginPath();
      context.roundRect(x, (height - size) / 2, BAR_PX, size, BAR_PX / 2);
      context.fill();
    }
  }

  /** @private */
  resize() {
    const ratio = devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.isDirty = true;
    this.draw();
  }
}
