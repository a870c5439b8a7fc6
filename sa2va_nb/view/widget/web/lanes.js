// Draws a lane for each object: the curve of one number over the clip, when the object is there, its marks.

import { sharpContext } from "./dom.js";
import { spanOf, stretches } from "./marks.js";
import { SCORES } from "./words.js";

/** @typedef {import("./marks.js").Mark} Mark */

/**
 * @typedef {object} Lane
 * @property {string} color
 * @property {Float32Array} values one for each position; NaN is blank
 * @property {Float32Array | null} other the same of its partner in B
 * @property {Float32Array} area tells where the object is
 * @property {Mark[]} marks
 * @property {boolean} shown
 *
 * @typedef {{top: number, width: number, height: number}} Box
 * @typedef {{ink: string, soft: string}} Inks
 */

const HEIGHTS = [46, 34, 30]; // px of a lane among 1, 2, 3 objects
const HEIGHT = 26; // among more
const GAP = 4; // below each lane
const MARKS = 7; // px for marks, at the top
const PRESENCE = 3; // px of the bar at the bottom
const HIDDEN = 0.3; // opacity of a hidden object's lane
const FILLING = 0.22; // opacity below a curve
const MIN_PX = 2; // width of what lasts for one frame only
const FLAG_PX = 4; // half of a triangle's width

/** @param {number} count of lanes */
export function laneHeight(count) {
  return (HEIGHTS[count - 1] ?? HEIGHT) + GAP;
}

/**
 * What a lane shows from its floor to its top: shares and counts start at 0.
 * @param {string} column
 * @param {ArrayLike<number>[]} series
 * @returns {[number, number]}
 */
export function laneScale(column, ...series) {
  if (SCORES.includes(column)) return [0, 1];
  const span = spanOf(...series);
  if (!span) return [0, 0];
  return [Math.min(0, span[0]), Math.max(0, span[1])];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Lane[]} lanes
 * @param {string} column
 * @param {Inks} inks
 */
export function drawLanes(canvas, lanes, column, inks) {
  const width = canvas.clientWidth;
  const height = laneHeight(lanes.length);
  const context = sharpContext(canvas, width, height * lanes.length);
  lanes.forEach((lane, k) => {
    const box = { top: k * height, width, height: height - GAP };
    context.globalAlpha = lane.shown ? 1 : HIDDEN;
    drawValues(context, lane, column, box);
    drawPresence(context, lane, box);
    drawMarks(context, lane, box, inks);
  });
}

/**
 * From positions to pixels; half a step out of the lane stays in it.
 * @param {number} width
 * @param {number} count
 */
export function laneX(width, count) {
  return (/** @type {number} */ at) => Math.min(Math.max((at * width) / Math.max(1, count - 1), 0), width);
}

/**
 * The curve with a pale filling, and its partner's, dashed.
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {string} column
 * @param {Box} box
 */
function drawValues(context, { color, values, other }, column, box) {
  const [low, high] = laneScale(column, values, ...(other ? [other] : []));
  const floor = box.top + box.height - PRESENCE - 1;
  const room = box.height - PRESENCE - MARKS - 2;
  const y = (/** @type {number} */ value) => floor - ((value - low) / (high - low || 1)) * room;
  const x = laneX(box.width, values.length);
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  eachPart(values, (part) => drawCurve(context, values, part, { x, y, floor }));
  if (!other) return;
  context.setLineDash([4, 3]);
  eachPart(other, (part) => context.stroke(curvePath(other, part, { x, y })));
  context.setLineDash([]);
}

/**
 * Calls `each` for every stretch of numbers.
 * @param {Float32Array} values
 * @param {(part: [number, number]) => void} each
 */
function eachPart(values, each) {
  stretches(values.map((value) => Number(!Number.isNaN(value)))).forEach(each);
}

/**
 * @param {Float32Array} values
 * @param {[number, number]} part
 * @param {{x: (at: number) => number, y: (value: number) => number}} scale
 */
function curvePath(values, [first, last], { x, y }) {
  const path = new Path2D();
  path.moveTo(x(first - 0.5), y(values[first]));
  for (let i = first; i <= last; i++) path.lineTo(x(i), y(values[i]));
  path.lineTo(x(last + 0.5), y(values[last]));
  return path;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} values
 * @param {[number, number]} part
 * @param {{x: (at: number) => number, y: (value: number) => number, floor: number}} scale
 */
function drawCurve(context, values, part, scale) {
  const line = curvePath(values, part, scale);
  const area = new Path2D(line);
  area.lineTo(scale.x(part[1] + 0.5), scale.floor);
  area.lineTo(scale.x(part[0] - 0.5), scale.floor);
  context.stroke(line);
  const { globalAlpha } = context;
  context.globalAlpha = globalAlpha * FILLING;
  context.fill(area);
  context.globalAlpha = globalAlpha;
}

/**
 * A bar where the object is.
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {Box} box
 */
function drawPresence(context, { color, area }, box) {
  const x = laneX(box.width, area.length);
  context.fillStyle = color;
  for (const [first, last] of stretches(area)) {
    const left = x(first - 0.5);
    context.fillRect(left, box.top + box.height - PRESENCE, Math.max(MIN_PX, x(last + 0.5) - left), PRESENCE);
  }
}

/**
 * Flags are triangles with a line as long as they last, events are ticks.
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {Box} box
 * @param {Inks} inks
 */
function drawMarks(context, { marks, values }, box, inks) {
  const x = laneX(box.width, values.length);
  for (const { first, last, kind } of marks) {
    const at = Math.min(Math.max(x(first), FLAG_PX), box.width - FLAG_PX);
    context.fillStyle = kind === "flag" ? inks.ink : inks.soft;
    if (kind === "event") {
      context.fillRect(Math.round(x(first)) - 1, box.top, 2, MARKS);
      continue;
    }
    context.beginPath();
    context.moveTo(at - FLAG_PX, box.top);
    context.lineTo(at + FLAG_PX, box.top);
    context.lineTo(at, box.top + MARKS);
    context.fill();
    if (last > first) context.fillRect(at, box.top, x(last + 0.5) - at, 1.5);
  }
}
