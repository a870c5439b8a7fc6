// Draws a lane for each object: the curve of one number over the clip, blank where there is none.

/**
 * @typedef {object} Lane
 * @property {string} color
 * @property {Float32Array} values one for each position; NaN and 0 are blank
 * @property {boolean} shown
 */

const LANE_PX = 20;
const GAP_PX = 3;

/** @param {number} count */
export function lanesHeight(count) {
  return count * (LANE_PX + GAP_PX);
}

/**
 * Smallest and largest finite value, 0 included.
 * @param {Float32Array} values
 */
export function extent(values) {
  return values.reduce(([low, high], v) => (v < low ? [v, high] : v > high ? [low, v] : [low, high]), [0, 0]);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Lane[]} lanes
 */
export function drawLanes(canvas, lanes) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(lanesHeight(lanes.length) * ratio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  lanes.forEach((lane, k) => {
    const top = k * (LANE_PX + GAP_PX) + GAP_PX;
    context.globalAlpha = lane.shown ? 1 : 0.25;
    context.fillStyle = lane.color;
    context.strokeStyle = lane.color;
    context.lineWidth = 1.5;
    drawCurve(context, lane.values, { top, width, height: LANE_PX });
  });
}

/**
 * Stretches of consecutive positions that hold a value.
 * @param {Float32Array} values
 * @returns {[number, number][]} first and last position of each
 */
export function stretches(values) {
  /** @type {[number, number][]} */
  const found = [];
  values.forEach((value, i) => {
    const last = found.at(-1);
    if (!value) return; // 0 or NaN
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/**
 * A curve over a pale filling for each stretch; each position is as wide as its share of the lane.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} values
 * @param {{top: number, width: number, height: number}} box
 */
function drawCurve(context, values, box) {
  const [low, high] = extent(values);
  const bottom = box.top + box.height;
  const y = (/** @type {number} */ value) => bottom - 3 - ((value - low) / (high - low || 1)) * (box.height - 4);
  const x = (/** @type {number} */ i) =>
    Math.min(Math.max((i * box.width) / Math.max(1, values.length - 1), 0), box.width);
  for (const [first, last] of stretches(values)) {
    const top = new Path2D();
    top.moveTo(x(first - 0.5), y(values[first]));
    for (let i = first; i <= last; i++) top.lineTo(x(i), y(values[i]));
    top.lineTo(x(last + 0.5), y(values[last]));
    const area = new Path2D(top);
    area.lineTo(x(last + 0.5), bottom);
    area.lineTo(x(first - 0.5), bottom);
    const { globalAlpha } = context;
    context.stroke(top);
    context.globalAlpha = globalAlpha * 0.35;
    context.fill(area);
    context.globalAlpha = globalAlpha;
  }
}
