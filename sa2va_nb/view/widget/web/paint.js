// Composes masks over a picture; overlay.py draws the same in Python.

import { eachRun } from "./runs.js";
import { drawBox, drawContour, drawTrail } from "./outlines.js";

/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {import("./outlines.js").Put} Put */
/** @typedef {[number, number, number]} Rgb */

/** @type {Record<string, {picture: boolean, fill: boolean, contour: boolean, veil: number}>} */
export const MODES = {
  both: { picture: true, fill: true, contour: true, veil: 0 },
  fill: { picture: true, fill: true, contour: false, veil: 0 },
  contour: { picture: true, fill: false, contour: true, veil: 0 },
  mask: { picture: false, fill: true, contour: false, veil: 0 },
  spotlight: { picture: true, fill: false, contour: false, veil: 0.7 }, // over what is in no mask
  cutout: { picture: true, fill: false, contour: false, veil: 1 },
};
export const DIMMED = 0.3; // what is left of an object's strength while another one is selected
const STRIPE_SHIFT = 2; // stripes and dashes are 4 pixels wide
const OPAQUE = 0xff000000;
const LEVELS = 256;
const LUMA = [77, 150, 29]; // parts in 256 of red, green and blue; difference.py has the same

/**
 * @typedef {object} Look
 * @property {string} mode a key of MODES
 * @property {number} opacity of the filling, 0..1
 * @property {number[]} visible objects drawn
 * @property {number | null} selected the object that stands out; -1 where all stand back
 * @property {boolean} boxes
 * @property {boolean} trails
 * @property {string} comparing
 * @property {number} split place of the wipe, 0..1
 *
 * @typedef {object} Objects what there is to draw, one of each for each object
 * @property {Runs[]} masks
 * @property {Rgb[]} colors
 * @property {boolean[]} dashed
 * @property {([ArrayLike<number>, ArrayLike<number>] | null)[]} trails x and y of the positions in the trail
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
 * One packed pixel.
 * @param {Rgb} color
 */
export function packColor([r, g, b]) {
  return (OPAQUE | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * Takes the colours out of a picture.
 * @param {Uint32Array} picture packed pixels
 * @param {Uint32Array} out packed pixels
 */
export function toGrey(picture, out) {
  for (let i = 0; i < picture.length; i++) {
    const v = picture[i];
    const luma = ((v & 255) * LUMA[0] + ((v >> 8) & 255) * LUMA[1] + ((v >> 16) & 255) * LUMA[2] + 128) >> 8;
    out[i] = OPAQUE | (luma << 16) | (luma << 8) | luma;
  }
}

/**
 * Rounds as numpy does: halves to the even neighbour.
 * @param {number} value not negative
 */
export function roundEven(value) {
  const rounded = Math.floor(value + 0.5);
  return rounded - value === 0.5 ? rounded & ~1 : rounded;
}

/** What lies over pictures of one size: a number for each pixel, the paints behind it. */
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
    this.numbers = new Uint16Array(width * height); // 0 is where no mask is
    /** @type {{color: Rgb, strength: number}[]} */ this.paints = [];
    /** @type {number[][]} for each number the paints that alternate in stripes */ this.stripes = [];
    /** @type {number[]} for each number what a line must not fall below to be drawn */ this.weights = [];
  }

  /**
   * Begins anew.
   * @param {Rgb} color of pixels in no mask
   * @param {number} strength
   */
  clear(color = [0, 0, 0], strength = 0) {
    this.numbers.fill(0);
    this.paints = [];
    this.stripes = [];
    this.weights = [];
    this.addNumber([this.addPaint(color, strength)], 0);
  }

  /**
   * @param {Rgb} color
   * @param {number} strength
   */
  addPaint(color, strength) {
    return this.paints.push({ color, strength }) - 1;
  }

  /**
   * @param {number[]} paints
   * @param {number} weight
   */
  addNumber(paints, weight) {
    this.weights.push(weight);
    return this.stripes.push(paints) - 1;
  }

  /**
   * @param {Objects} objects
   * @param {Look} look
   * @param {Rgb} ground
   */
  compose(objects, look, ground) {
    const style = MODES[look.mode] ?? MODES.both;
    const strengths = objects.masks.map((_, k) => (look.selected === null || look.selected === k ? 1 : DIMMED));
    this.clear(ground, style.veil);
    if (style.veil) this.unveil(objects.masks, strengths, look.visible, style.veil, ground);
    if (style.fill) {
      const opacity = style.picture ? look.opacity : 1;
      this.fillMasks(objects, strengths.map((s) => s * opacity), look.visible);
    }
    const isTop = (/** @type {number} */ k) => Number(k === look.selected);
    const order = [...look.visible].sort((a, b) => isTop(a) - isTop(b) || a - b);
    const { masks, colors, dashed, trails } = objects;
    const draw = (/** @type {(k: number, put: Put) => void} */ line, /** @type {boolean[]} */ dashes = []) => {
      for (const k of order) line(k, this.pen(colors[k], strengths[k], dashes[k]));
    };
    if (style.contour) draw((k, put) => drawContour(masks[k], this, put), dashed);
    if (look.boxes) draw((k, put) => drawBox(masks[k], this, put));
    if (look.trails) draw((k, put) => trails[k] && drawTrail(trails[k][0], trails[k][1], this, put));
  }

  /**
   * Numbers each set of objects that share pixels, as `numberOf` says.
   * @param {Runs[]} masks
   * @param {number[]} visible
   * @param {(group: number[]) => number} numberOf
   */
  group(masks, visible, numberOf) {
    const { numbers } = this;
    /** @type {number[][]} */
    const members = [[]];
    for (const k of visible) {
      /** @type {number[]} */
      const step = []; // the number that a pixel changes to
      const next = (/** @type {number} */ number) => {
        const group = [...members[number], k];
        step[number] = numberOf(group);
        members[step[number]] = group;
        return step[number];
      };
      let from = -1;
      let to = 0;
      eachRun(masks[k], (start, end) => {
        for (let i = start; i < end; i++) {
          if (numbers[i] !== from) {
            from = numbers[i];
            to = step[from] ?? next(from);
          }
          numbers[i] = to;
        }
      });
    }
  }

  /**
   * Fills masks; where several of one strength lie, in stripes of their colours.
   * @param {Objects} objects
   * @param {number[]} strengths
   * @param {number[]} visible
   */
  fillMasks({ masks, colors }, strengths, visible) {
    const paints = colors.map((color, k) => this.addPaint(color, strengths[k]));
    this.group(masks, visible.filter((k) => strengths[k] > 0), (group) => {
      const best = Math.max(...group.map((k) => strengths[k]));
      return this.addNumber(group.filter((k) => strengths[k] === best).map((k) => paints[k]), best);
    });
  }

  /**
   * Takes the veil off the masks.
   * @param {Runs[]} masks
   * @param {number[]} strengths
   * @param {number[]} visible
   * @param {number} veil
   * @param {Rgb} ground
   */
  unveil(masks, strengths, visible, veil, ground) {
    this.group(masks, visible, (group) => {
      const best = Math.max(...group.map((k) => strengths[k]));
      return this.addNumber([this.addPaint(ground, veil * (1 - best))], 0);
    });
  }

  /**
   * A pen that draws wherever nothing stronger lies.
   * @param {Rgb} color
   * @param {number} strength
   * @param {boolean} dashed
   * @returns {Put}
   */
  pen(color, strength, dashed = false) {
    const { numbers, width } = this;
    const weaker = this.weights.map((weight) => weight <= strength);
    const number = this.addNumber([this.addPaint(color, strength)], strength);
    weaker.push(true);
    return (start, end) => {
      for (let i = start; i < end; i++) {
        if (!weaker[numbers[i]] || (dashed && this.isGap(i, width))) continue;
        numbers[i] = number;
      }
    };
  }

  /**
   * Whether a dashed line leaves a pixel out.
   * @param {number} pixel
   * @param {number} width
   */
  isGap(pixel, width) {
    return (((pixel % width) + Math.floor(pixel / width)) >> STRIPE_SHIFT) % 2 === 1;
  }

  /** For each paint 3 x 256 parts of a packed pixel: what becomes of each level of red, green and blue. */
  tables() {
    const tables = new Uint32Array(this.paints.length * 3 * LEVELS);
    this.paints.forEach(({ color, strength }, paint) => {
      for (let channel = 0; channel < 3; channel++) {
        const at = (3 * paint + channel) * LEVELS;
        const added = color[channel] * strength;
        for (let v = 0; v < LEVELS; v++) tables[at + v] = roundEven(v * (1 - strength) + added) << (8 * channel);
      }
    });
    return tables;
  }

  /**
   * Lays it over a picture.
   * @param {Uint32Array} picture packed pixels
   * @param {Uint32Array} out packed pixels, `stride` a row
   * @param {{stride: number, left: number, from: number, to: number}} place columns from..to go to `left` on
   */
  blend(picture, out, { stride, left, from, to }) {
    const { numbers, width, height, stripes } = this;
    const tables = this.tables();
    const starts = Int32Array.from(stripes, ([paint, ...more]) => (more.length ? -1 : 3 * paint * LEVELS));
    const bare = this.paints[0].strength === 0 ? 0 : -1; // the number that leaves the picture as it is
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const shift = y * stride + left - row;
      out.set(picture.subarray(row + from, row + to), row + from + shift);
      for (let i = row + from; i < row + to; i++) {
        const number = numbers[i];
        if (number === bare) continue;
        let at = starts[number];
        if (at < 0) {
          const group = stripes[number];
          at = 3 * group[((i - row + y) >> STRIPE_SHIFT) % group.length] * LEVELS;
        }
        const v = picture[i];
        out[i + shift] = OPAQUE | tables[at + (v & 255)] | tables[at + LEVELS + ((v >> 8) & 255)] |
          tables[at + 2 * LEVELS + ((v >> 16) & 255)];
      }
    }
  }
}
