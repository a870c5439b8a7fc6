// Finds the pixels of lines: contours inside masks, boxes around them, trails behind them.

import { boxOf, eachRun } from "./runs.js";

/** @typedef {import("./wire.js").Runs} Runs */
/** @typedef {(start: number, end: number) => void} Put told of pixels, as row-major stretches */
/** @typedef {{width: number, height: number, contourPx: number}} Size */
/** @typedef {number[]} Spans starts and ends in one row, in turns, increasing */

/**
 * A mask's stretches row by row.
 * @param {Runs} runs
 * @param {Size} size
 * @returns {Spans[]} one for each row
 */
function rowsOf(runs, { width, height }) {
  /** @type {Spans[]} */
  const rows = Array.from({ length: height }, () => []);
  eachRun(runs, (start, end) => {
    for (let left = start; left < end; ) {
      const y = Math.floor(left / width); // a run may go on in the next row
      const right = Math.min(end, (y + 1) * width);
      rows[y].push(left - y * width, right - y * width);
      left = right;
    }
  });
  return rows;
}

/**
 * What two rows share.
 * @param {Spans} a
 * @param {Spans} b
 * @returns {Spans}
 */
function sharedSpans(a, b) {
  const shared = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const start = Math.max(a[i], b[j]);
    const end = Math.min(a[i + 1], b[j + 1]);
    if (start < end) shared.push(start, end);
    if (a[i + 1] < b[j + 1]) i += 2;
    else j += 2;
  }
  return shared;
}

/**
 * The pixels of a row that are at least `by` off the ends of its stretches.
 * @param {Spans} spans
 * @param {number} by
 * @returns {Spans}
 */
function narrowed(spans, by) {
  const narrow = [];
  for (let i = 0; i < spans.length; i += 2) {
    if (spans[i + 1] - spans[i] > 2 * by) narrow.push(spans[i] + by, spans[i + 1] - by);
  }
  return narrow;
}

/**
 * The inner contour: mask pixels with a pixel outside, or the border, at most `contourPx` off along an axis.
 * @param {Runs} runs
 * @param {Size} size
 * @param {Put} put
 */
export function drawContour(runs, size, put) {
  const { width, height, contourPx } = size;
  const rows = rowsOf(runs, size);
  for (let y = 0; y < height; y++) {
    const spans = rows[y];
    if (!spans.length) continue;
    let inside = y >= contourPx && y < height - contourPx ? narrowed(spans, contourPx) : [];
    for (let d = 1; inside.length && d <= contourPx; d++) {
      inside = sharedSpans(sharedSpans(inside, rows[y - d]), rows[y + d]);
    }
    const at = y * width;
    for (let i = 0, j = 0; i < spans.length; i += 2) {
      let left = spans[i];
      for (; j < inside.length && inside[j] < spans[i + 1]; j += 2) {
        put(at + left, at + inside[j]);
        left = inside[j + 1];
      }
      put(at + left, at + spans[i + 1]);
    }
  }
}

/**
 * The outline of a mask's box, inside the box.
 * @param {Runs} runs
 * @param {Size} size
 * @param {Put} put
 */
export function drawBox(runs, { width, contourPx }, put) {
  const box = boxOf(runs, width);
  if (!box) return;
  const { x0, y0, x1, y1 } = box;
  for (let y = y0; y < y1; y++) {
    const at = y * width;
    if (y < y0 + contourPx || y >= y1 - contourPx || x1 - x0 <= 2 * contourPx) {
      put(at + x0, at + x1);
    } else {
      put(at + x0, at + x0 + contourPx);
      put(at + x1 - contourPx, at + x1);
    }
  }
}

/**
 * The way a mask's centre came: squares of side 2 contourPx - 1 along the lines from each centre to the next.
 * A gap breaks the line.
 * @param {ArrayLike<number>} xs of the positions in the trail, NaN where absent
 * @param {ArrayLike<number>} ys
 * @param {Size} size
 * @param {Put} put
 */
export function drawTrail(xs, ys, { width, height, contourPx }, put) {
  const radius = contourPx - 1;
  const stamp = (/** @type {number} */ x, /** @type {number} */ y) => {
    const [column, row] = [Math.floor(x + 0.5), Math.floor(y + 0.5)];
    const left = Math.max(0, column - radius);
    const right = Math.min(width, column + radius + 1);
    const bottom = Math.min(height, row + radius + 1);
    if (left >= right) return;
    for (let r = Math.max(0, row - radius); r < bottom; r++) put(r * width + left, r * width + right);
  };
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(xs[i])) continue;
    const goesOn = i + 1 < xs.length && !Number.isNaN(xs[i + 1]);
    const [dx, dy] = goesOn ? [xs[i + 1] - xs[i], ys[i + 1] - ys[i]] : [0, 0];
    const steps = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)));
    stamp(xs[i], ys[i]);
    for (let j = 1; j <= steps; j++) stamp(xs[i] + dx * (j / steps), ys[i] + dy * (j / steps));
  }
}
