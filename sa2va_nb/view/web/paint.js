// Composes masks over a picture; overlay.py draws the same in Python.

/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {[number, number, number]} Rgb */

/** @type {Record<string, {picture: boolean, fill: boolean, contour: boolean}>} */
export const MODES = {
  both: { picture: true, fill: true, contour: true },
  fill: { picture: true, fill: true, contour: false },
  contour: { picture: true, fill: false, contour: true },
  mask: { picture: false, fill: true, contour: false },
};
export const DIMMED = 0.3; // what is left of an object's strength while another one is selected

/**
 * @typedef {object} Look
 * @property {string} mode a key of MODES
 * @property {number} opacity of the filling, 0..1
 * @property {number[]} visible objects drawn
 * @property {number | null} selected the object that stands out
 */

/**
 * @param {string} hex "#rrggbb"
 * @returns {Rgb}
 */
export function parseColor(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * Mean colour of a set of objects, weighted by strength.
 * @param {number[]} group
 * @param {Rgb[]} colors
 * @param {number[]} strengths
 * @returns {Rgb}
 */
export function meanColor(group, colors, strengths) {
  const total = group.reduce((sum, k) => sum + strengths[k], 0);
  const channel = (/** @type {number} */ c) =>
    group.reduce((sum, k) => sum + colors[k][c] * strengths[k], 0) / total;
  return [channel(0), channel(1), channel(2)];
}

/**
 * Calls `each(start, end)` for every foreground run.
 * @param {Runs} runs
 * @param {(start: number, end: number) => void} each
 */
export function eachRun(runs, each) {
  for (let i = 1, at = 0; i < runs.length; i += 2) {
    const start = at + runs[i - 1];
    at = start + runs[i];
    each(start, at);
  }
}

/**
 * Whether a pixel lies in a mask.
 * @param {Runs} runs
 * @param {number} pixel row-major index
 */
export function covers(runs, pixel) {
  let at = 0;
  for (let i = 0; i < runs.length; i++) {
    at += runs[i];
    if (pixel < at) return i % 2 === 1;
  }
  return false;
}

/** Lays masks over pictures of one size; its buffers are reused from frame to frame. */
export class Layer {
  /**
   * @param {number} width
   * @param {number} height
   * @param {number} contourPx
   */
  constructor(width, height, contourPx) {
    this.width = width;
    this.height = height;
    this.contourPx = contourPx;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.numbers = new Uint16Array(width * height); // of the paint on each pixel; 0 is bare
    this.plane = new Uint8Array(width * height); // one mask at a time
  }

  /**
   * Fills `this.image` (RGBA, not premultiplied) with what lies over the picture.
   * @param {Runs[]} masks
   * @param {Rgb[]} colors
   * @param {Look} look
   */
  compose(masks, colors, look) {
    const style = MODES[look.mode];
    const strengths = colors.map((_, k) => (look.selected === null || look.selected === k ? 1 : DIMMED));
    this.paints = [{ color: /** @type {Rgb} */ ([0, 0, 0]), strength: 0 }];
    this.numbers.fill(0);
    if (style.fill) {
      this.fillMasks(masks, colors, strengths.map((s) => s * (style.picture ? look.opacity : 1)), look.visible);
    }
    if (style.contour) {
      const isTop = (/** @type {number} */ k) => Number(k === look.selected);
      for (const k of [...look.visible].sort((a, b) => isTop(a) - isTop(b) || a - b)) {
        this.drawContour(masks[k], colors[k], strengths[k]);
      }
    }
    const table = Uint32Array.from(this.paints, ({ color: [r, g, b], strength }) =>
      ((Math.round(strength * 255) << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0);
    const { numbers, pixels } = this;
    for (let i = 0; i < pixels.length; i++) pixels[i] = table[numbers[i]];
    return this.image;
  }

  /**
   * Numbers each set of objects that share pixels.
   * @param {Runs[]} masks
   * @param {Rgb[]} colors
   * @param {number[]} strengths
   * @param {number[]} visible
   */
  fillMasks(masks, colors, strengths, visible) {
    const { numbers, paints } = this;
    /** @type {number[][]} */
    const members = [[]];
    for (const k of visible) {
      if (strengths[k] === 0) continue;
      /** @type {number[]} */
      const step = []; // the number that a pixel changes to
      const next = (/** @type {number} */ number) => {
        const group = [...members[number], k];
        const strength = Math.max(...group.map((member) => strengths[member]));
        paints.push({ color: meanColor(group, colors, strengths), strength });
        step[number] = members.push(group) - 1;
        return step[number];
      };
      eachRun(masks[k], (start, end) => {
        for (let i = start; i < end; i++) numbers[i] = step[numbers[i]] ?? next(numbers[i]);
      });
    }
  }

  /**
   * Draws one inner contour, wherever nothing stronger lies.
   * @param {Runs} mask
   * @param {Rgb} color
   * @param {number} strength
   */
  drawContour(mask, color, strength) {
    const { numbers, paints, plane, width, height, contourPx } = this;
    const weaker = paints.map((paint) => paint.strength <= strength);
    const number = paints.push({ color, strength }) - 1;
    weaker.push(true);
    eachRun(mask, (start, end) => plane.fill(1, start, end));
    eachRun(mask, (start, end) => {
      for (let left = start; left < end; ) {
        const y = Math.floor(left / width); // a run may go on in the next row
        const right = Math.min(end, (y + 1) * width);
        for (let i = left; i < right; i++) {
          let inside = i >= left + contourPx && i < right - contourPx && y >= contourPx && y < height - contourPx;
          for (let d = contourPx * width; inside && d > 0; d -= width) inside = (plane[i - d] & plane[i + d]) === 1;
          if (!inside && weaker[numbers[i]]) numbers[i] = number;
        }
        left = right;
      }
    });
    eachRun(mask, (start, end) => plane.fill(0, start, end));
  }
}
