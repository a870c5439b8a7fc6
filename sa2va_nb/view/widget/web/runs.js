// Reads masks as they travel: row-major run lengths, background first.

/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Box half-open */

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

/**
 * Pixels of a mask.
 * @param {Runs} runs
 */
export function areaOf(runs) {
  let area = 0;
  for (let i = 1; i < runs.length; i += 2) area += runs[i];
  return area;
}

/**
 * The smallest box around a mask, or null for an empty one.
 * @param {Runs} runs
 * @param {number} width of the mask's rows
 * @returns {Box | null}
 */
export function boxOf(runs, width) {
  const box = { x0: width, y0: -1, x1: 0, y1: 0 };
  eachRun(runs, (start, end) => {
    const top = Math.floor(start / width);
    const bottom = Math.floor((end - 1) / width);
    if (box.y0 < 0) box.y0 = top;
    box.y1 = bottom + 1;
    box.x0 = Math.min(box.x0, top === bottom ? start - top * width : 0); // a run over rows touches both borders
    box.x1 = Math.max(box.x1, top === bottom ? end - top * width : width);
  });
  return box.y0 < 0 ? null : box;
}
