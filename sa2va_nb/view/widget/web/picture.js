// Paints one position as it is looked at: alone, or compared with another segmentation.

import { Layer, MODES, packColor, toGrey } from "./paint.js";
import { comparingAt, composeDifference, isCovered, pairsOf, sideLook, splitColumn, visibleInB } from "./compare.js";
import { groundPicture } from "./decode.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {import("./paint.js").Look} Look */
/** @typedef {import("./paint.js").Objects} Objects */
/** @typedef {import("./paint.js").Rgb} Rgb */
/** @typedef {"a" | "b"} Side */
/** @typedef {{side: Side, left: number, from: number, to: number}} Pane columns from..to of a side, put `left` on */

/**
 * @typedef {object} Scene what is there at a position
 * @property {number} position
 * @property {Uint32Array | null} picture packed pixels; null where there is no video
 * @property {Runs[]} runs
 * @property {Rgb[]} colors
 * @property {Objects["trails"]} trails
 * @property {boolean} flipped whether a blink shows B
 */

const WHITE = packColor([255, 255, 255]);

/**
 * What is shown where, from the left.
 * @param {string} comparing
 * @param {number} width
 * @param {number} split
 * @param {boolean} flipped
 * @returns {Pane[]}
 */
export function panesOf(comparing, width, split, flipped) {
  const whole = { left: 0, from: 0, to: width };
  const column = splitColumn(width, split);
  if (comparing === "side") return [{ side: "a", ...whole }, { side: "b", ...whole, left: width }];
  if (comparing === "blink") return [{ side: flipped ? "b" : "a", ...whole }];
  if (comparing !== "wipe") return [{ side: "a", ...whole }];
  return [{ side: "a", ...whole, to: column }, { side: "b", ...whole, from: column }];
}

/**
 * The objects drawn at a column of the painted picture, and that column in the view.
 * @param {Clip} clip
 * @param {Look} look
 * @param {{position: number, flipped: boolean}} scene
 * @param {number} x
 * @returns {{objects: number[], x: number}}
 */
export function objectsAt(clip, look, { position, flipped }, x) {
  const comparing = comparingAt(clip, look, position);
  const inB = visibleInB(clip.objects, look.visible);
  if (comparing === "difference") return { objects: [...look.visible, ...inB], x };
  const panes = panesOf(comparing, clip.width, look.split, flipped);
  const pane = panes.find(({ left, from, to }) => x >= left + from && x < left + to);
  return { objects: pane?.side === "b" ? inB : look.visible, x: x - (pane?.left ?? 0) };
}

export class Painter {
  /** @param {Clip} clip */
  constructor(clip) {
    this.clip = clip;
    this.layer = new Layer(clip.width, clip.height, clip.contour_px);
    this.ground = groundPicture(clip);
    this.grey = new Uint32Array(clip.sides ? clip.width * clip.height : 0); // what a difference lies on
    this.dashed = clip.objects.map(({ dashed }) => dashed);
  }

  /**
   * Width of the painted picture.
   * @param {Look} look
   */
  widthOf({ comparing }) {
    return this.clip.width * (comparing === "side" && this.clip.sides ? 2 : 1);
  }

  /**
   * @param {Scene} scene
   * @param {Look} look
   * @param {Uint32Array} out packed pixels, `widthOf(look)` a row
   */
  paint(scene, look, out) {
    const { clip, layer } = this;
    const comparing = comparingAt(clip, look, scene.position);
    const bare = scene.picture ?? this.ground;
    const below = MODES[look.mode]?.picture === false ? this.ground : comparing === "difference" ? this.grey : bare;
    if (below === this.grey) toGrey(bare, this.grey);
    const objects = { masks: scene.runs, colors: scene.colors, dashed: this.dashed, trails: scene.trails };
    const stride = this.widthOf(look);
    for (const pane of panesOf(comparing, clip.width, look.split, scene.flipped)) {
      const isBare = pane.side === "b" && !isCovered(clip, scene.position);
      if (isBare) layer.clear();
      else if (comparing === "difference") composeDifference(layer, objects, pairsOf(clip.objects, look), look);
      else layer.compose(objects, sideLook(clip.objects, look, pane.side), clip.ground);
      layer.blend(isBare ? bare : below, out, { stride, ...pane });
    }
    if (comparing === "wipe") this.drawSplit(look.split, out);
  }

  /**
   * @param {number} split
   * @param {Uint32Array} out
   */
  drawSplit(split, out) {
    const { width, height, contour_px: thickness } = this.clip;
    const first = splitColumn(width, split) - (thickness >> 1);
    const left = Math.max(0, first);
    const right = Math.min(width, first + thickness);
    for (let y = 0; y < height; y++) out.fill(WHITE, y * width + left, y * width + right);
  }
}
