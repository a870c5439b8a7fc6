// Draws a lane for each object: the curve of one number over the clip, blank where there is none.

/**
 * @typedef {object} Lane
 * @property {string} color
 * @property {Float32Array} values one for each position; NaN and 0 are blank
 * @property {boolean} shown
 */

const LANE_PX = 18;
const GAP_PX = 4;

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
 * @param {{line: string}} theme
 */
export function drawLanes(canvas, lanes, theme) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(lanesHeight(lanes.length) * ratio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  lanes.forEach((lane, k) => {
    const top = k * (LANE_PX + GAP_PX) + GAP_PX;
    context.globalAlpha = 1;
    context.fillStyle = theme.line;
    context.fillRect(0, top + LANE_PX - 1, width, 1);
    context.globalAlpha = lane.shown ? 1 : 0.25;
    context.fillStyle = lane.color;
    drawCurve(context, lane.values, { left: 0, top, width, height: LANE_PX });
  });
}

/**
 * One bar a position, so that gaps stay gaps; as many columns as there are pixels at most.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} values
 * @param {{left: number, top: number, width: number, height: number}} box
 */
function drawCurve(context, values, box) {
  const [low, high] = extent(values);
  const scale = (box.height - 3) / (high - low || 1);
  const step = box.width / Math.max(1, values.length - 1);
  values.forEach((value, i) => {
    if (!value) return; // 0 or NaN
    const x0 = Math.max(0, (i - 0.5) * step);
    const x1 = Math.min(box.width, (i + 0.5) * step);
    const height = 3 + (value - low) * scale;
    context.fillRect(box.left + x0, box.top + box.height - height, Math.max(x1 - x0, 0.5), height);
  });
}
