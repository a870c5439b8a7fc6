// Where things lie along the clip: marks, stretches, the ruler's ticks.

/** @typedef {import("./wire.js").Clip["marks"][number]} Mark */

const TICK_PX = 64; // from one label of the ruler to the next, at least
const TICK_STEPS = [1, 2, 5];

/**
 * Stretches of consecutive positions that hold a value.
 * @param {ArrayLike<number>} values NaN and 0 are none
 * @returns {[number, number][]} first and last position of each
 */
export function stretches(values) {
  /** @type {[number, number][]} */
  const found = [];
  for (let i = 0; i < values.length; i++) {
    if (!values[i]) continue; // 0 or NaN
    const last = found.at(-1);
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  }
  return found;
}

/**
 * Smallest and largest number.
 * @param {ArrayLike<number>[]} series NaN is none
 * @returns {[number, number] | null}
 */
export function spanOf(...series) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * Position at a share of the clip's length.
 * @param {number} share
 * @param {number} count positions in all
 */
export function positionAt(share, count) {
  return Math.round(Math.min(Math.max(share, 0), 1) * (count - 1));
}

/**
 * A whole step of 1, 2 or 5 times a power of ten, at least as large as asked for.
 * @param {number} least
 */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return power * (TICK_STEPS.find((step) => step * power >= least) ?? 10);
}

/**
 * Where a source frame lies among those that have masks; between two of them it's a fraction.
 * @param {number[]} frames increasing
 * @param {number} frame within them
 */
export function placeOfFrame(frames, frame) {
  const after = frames.findIndex((value) => value >= frame);
  if (after <= 0) return Math.max(0, after);
  return after - (frames[after] - frame) / (frames[after] - frames[after - 1]);
}

/**
 * The ruler's labels: round source frames, or all of them where there is room.
 * @param {number[]} frames
 * @param {number} width in CSS pixels
 * @returns {{at: number, text: string}[]} at: a position, maybe between two
 */
export function rulerTicks(frames, width) {
  const count = Math.max(1, Math.floor(width / TICK_PX));
  if (frames.length <= count + 1) return frames.map((frame, at) => ({ at, text: String(frame) }));
  const [first, last] = [frames[0], frames[frames.length - 1]];
  const step = niceStep((last - first) / count);
  /** @type {{at: number, text: string}[]} */
  const ticks = [];
  for (let frame = Math.ceil(first / step) * step; frame <= last; frame += step) {
    ticks.push({ at: placeOfFrame(frames, frame), text: String(frame) });
  }
  return ticks;
}

/**
 * The first positions of marks, increasing, each once.
 * @param {Mark[]} marks
 */
export function markPositions(marks) {
  return [...new Set(marks.map(({ first }) => first))].sort((a, b) => a - b);
}

/**
 * Where the next mark begins, or the one before.
 * @param {Mark[]} marks
 * @param {number} position
 * @param {1 | -1} direction
 * @returns {number | undefined}
 */
export function nextMark(marks, position, direction) {
  const positions = markPositions(marks);
  return direction > 0 ? positions.find((at) => at > position) : positions.findLast((at) => at < position);
}

/**
 * The mark of an object nearest to a place; a stretch is near anywhere within it.
 * @param {Mark[]} marks
 * @param {number} object
 * @param {number} place a position, maybe between two
 * @param {number} reach in positions
 * @returns {Mark | undefined}
 */
export function nearestMark(marks, object, place, reach) {
  const away = (/** @type {Mark} */ { first, last }) => Math.max(first - place, place - last, 0);
  const near = marks.filter((mark) => mark.object === object && away(mark) <= reach);
  return near.sort((a, b) => away(a) - away(b) || (a.last - a.first) - (b.last - b.first))[0];
}

/**
 * What is flagged of an object at a position, in words.
 * @param {Mark[]} marks
 * @param {number} object
 * @param {number} position
 */
export function flagsAt(marks, object, position) {
  return marks
    .filter((mark) => mark.kind === "flag" && mark.object === object && mark.first <= position && position <= mark.last)
    .map(({ text }) => text);
}

/**
 * The marks that are looked at: those of the objects shown.
 * @param {Mark[]} marks
 * @param {number} count of A's objects, which alone can be hidden
 * @param {number[]} visible
 */
export function shownMarks(marks, count, visible) {
  return marks.filter(({ object }) => object >= count || visible.includes(object));
}
