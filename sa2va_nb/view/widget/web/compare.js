// Compares two segmentations, A and B, in one picture.

import { eachRun } from "./runs.js";
import { MODES, parseColor } from "./paint.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {import("./wire.js").WireObject} WireObject */
/** @typedef {import("./paint.js").Layer} Layer */
/** @typedef {import("./paint.js").Look} Look */
/** @typedef {import("./paint.js").Objects} Objects */

export const BLINK_MS = 500;
const [AGREE, ONLY_A, ONLY_B] = [1, 2, 4]; // what was found in a pixel, together
/** The classes of a difference; a pixel with both one-sided ones is mixed. */
export const CLASSES = {
  agree: "#92dadd",
  onlyA: "#e76300",
  onlyB: "#832db6",
  mixed: "#bd1f01",
};
const CLASS_OF = /** @type {(keyof typeof CLASSES)[]} */ (
  ["agree", "agree", "onlyA", "onlyA", "onlyB", "onlyB", "mixed", "mixed"] // by what was found; 0 stays bare
);

/**
 * The colours of all objects: B's have those of their partners.
 * @param {WireObject[]} objects
 * @param {string[]} colors of A's objects; they come round again
 */
export function wireColors(objects, colors) {
  const own = (/** @type {number} */ k) => (colors.length ? colors[k % colors.length] : objects[k].color);
  return objects.map(({ side, partner, color }, k) => {
    if (side === "a") return own(k);
    return partner === null ? color : own(partner);
  });
}

/**
 * How many of the objects are A's; they come first.
 * @param {WireObject[]} objects
 */
export function countA(objects) {
  return objects.filter(({ side }) => side === "a").length;
}

/**
 * B's objects that are drawn: those whose partner is, and those that have none.
 * @param {WireObject[]} objects
 * @param {number[]} visible of A's
 */
export function visibleInB(objects, visible) {
  return objects.flatMap(({ side, partner }, k) =>
    side === "b" && (partner === null || visible.includes(partner)) ? [k] : []);
}

/**
 * The look of one side.
 * @param {WireObject[]} objects
 * @param {Look} look
 * @param {"a" | "b"} side
 * @returns {Look}
 */
export function sideLook(objects, look, side) {
  const { selected } = look;
  const isOwn = selected === null || objects[selected].side === side;
  return {
    ...look,
    visible: side === "a" ? look.visible : visibleInB(objects, look.visible),
    selected: isOwn ? selected : objects[selected].partner ?? -1, // -1: it has none, and all stand back
  };
}

/**
 * Whether B has masks at a position.
 * @param {Clip} clip
 * @param {number} position
 */
export function isCovered({ covered }, position) {
  return Boolean(covered?.some(([first, last]) => first <= position && position <= last));
}

/**
 * How a position is compared: as asked for, or not at all where there is nothing to compare with.
 * @param {Clip} clip
 * @param {Look} look
 * @param {number} position
 */
export function comparingAt(clip, look, position) {
  const { comparing } = look;
  if (!clip.sides || (comparing === "difference" && !isCovered(clip, position))) return "off";
  return comparing;
}

/**
 * The first column of B in a wipe.
 * @param {number} width
 * @param {number} split
 */
export function splitColumn(width, split) {
  return Math.floor(split * width + 0.5);
}

/**
 * The pairs of a difference; null is where one side has none.
 * @param {WireObject[]} objects
 * @param {Look} look
 * @returns {[number | null, number | null][]} object of A, object of B
 */
export function pairsOf(objects, { visible, selected }) {
  /** @type {[number | null, number | null][]} */
  const pairs = visible.map((a) => [a, objects[a].partner]);
  objects.forEach(({ side, partner }, b) => side === "b" && partner === null && pairs.push([null, b]));
  return selected === null ? pairs : pairs.filter((pair) => pair.includes(selected));
}

/**
 * Calls `each` for every stretch of pixels that lies in either mask.
 * @param {Runs} a
 * @param {Runs} b
 * @param {(start: number, end: number, inA: boolean, inB: boolean) => void} each
 */
export function eachShare(a, b, each) {
  const edges = [a, b].map((runs) => {
    /** @type {number[]} */
    const found = [];
    eachRun(runs, (start, end) => found.push(start, end));
    return found;
  });
  for (let at = 0, i = 0, j = 0; i < edges[0].length || j < edges[1].length; ) {
    const end = Math.min(edges[0][i] ?? Infinity, edges[1][j] ?? Infinity);
    if (end > at && (i % 2 || j % 2)) each(at, end, i % 2 === 1, j % 2 === 1);
    at = end;
    while (edges[0][i] === at) i++;
    while (edges[1][j] === at) j++;
  }
}

/**
 * Fills a layer with the differences of pairs of masks.
 * @param {Layer} layer
 * @param {Objects} objects
 * @param {[number | null, number | null][]} pairs
 * @param {Look} look
 */
export function composeDifference(layer, { masks }, pairs, { mode, opacity }) {
  const strength = MODES[mode]?.picture === false ? 1 : opacity;
  layer.clear();
  for (let found = 1; found < CLASS_OF.length; found++) {
    layer.addNumber([layer.addPaint(parseColor(CLASSES[CLASS_OF[found]]), strength)], strength);
  }
  const none = new Uint32Array(0);
  const { numbers } = layer;
  for (const [a, b] of pairs) {
    eachShare(a === null ? none : masks[a], b === null ? none : masks[b], (start, end, inA, inB) => {
      const found = inA && inB ? AGREE : inA ? ONLY_A : ONLY_B;
      for (let i = start; i < end; i++) numbers[i] |= found;
    });
  }
}
