// The words and numbers that the scrubber shows.

export const SKIP = 10; // frames that shift and an arrow step
const LONGEST_NAME = 200; // characters
export const SPEEDS = [0.25, 0.5, 1, 2];
export const MODE_NAMES = /** @type {Record<string, string>} */ ({
  both: "Both",
  fill: "Fill",
  contour: "Contour",
  spotlight: "Spotlight",
  cutout: "Cut-out",
  mask: "Masks",
});
export const MODE_TITLES = /** @type {Record<string, string>} */ ({
  both: "Masks filled and outlined",
  fill: "Masks filled",
  contour: "Masks outlined",
  spotlight: "What is in no mask darkened",
  cutout: "What is in no mask left out",
  mask: "Masks alone, without the picture",
});
export const COMPARING_NAMES = /** @type {Record<string, string>} */ ({
  off: "Off",
  side: "Side by side",
  wipe: "Wipe",
  blink: "Blink",
  difference: "Difference",
});
export const COMPARING_TITLES = /** @type {Record<string, string>} */ ({
  off: "A alone",
  side: "A beside B",
  wipe: "A on the left, B on the right of a line that moves",
  blink: "A and B in turns",
  difference: "Where A and B differ",
});
/** What a difference's colours say, in the order of compare.js's classes. */
export const DIFFERENCE_NAMES = /** @type {Record<string, Record<string, string>>} */ ({
  reference: { agree: "right", onlyA: "too much", onlyB: "missed", mixed: "wrong object" },
  compare: { agree: "both", onlyA: "only A", onlyB: "only B", mixed: "other object" },
});
const COLUMN_NAMES = /** @type {Record<string, string>} */ ({
  area_px: "Area",
  area_frac: "Share of the picture",
  J: "J with the truth",
  iou: "IoU of A and B",
  iou_prev: "IoU with the frame before",
  score: "Quality",
});
export const SCORES = ["J", "iou", "score"]; // columns that go from 0 to 1

/** What keys do, in groups: [keys, what]; `of` says where a group makes sense. */
export const KEYS = /** @type {{title: string, of?: "b", keys: [string, string][]}[]} */ ([
  { title: "Time", keys: [
    ["Space", "play or pause"],
    ["← →", "one frame back or on"],
    ["Shift ← →", `${SKIP} frames back or on`],
    ["Home End", "first or last frame"],
    ["N P", "next or previous mark"],
    ["[ ]", "the range begins or ends here"],
    ["\\", "no range"],
    ["Drag the ruler", "play that range"],
    ["S", "next speed"],
  ] },
  { title: "Objects", keys: [
    ["0 … 9", "show or hide that object"],
    ["Shift 0 … 9", "that object alone, or all again"],
    ["A", "show all objects, or none"],
    ["Esc", "let go of the selected object"],
  ] },
  { title: "Picture", keys: [
    ["M", "next way of drawing"],
    ["O", "next opacity"],
    ["B T", "boxes, trails"],
    ["+ −", "zoom in or out"],
    ["F", "the whole picture again"],
    ["L", "loupe"],
    ["Alt ← ↑ → ↓", `move the loupe, or the zoomed picture; with Shift by ${SKIP}`],
    ["Ctrl wheel", "zoom at the pointer"],
    ["Double click", "the whole picture again"],
  ] },
  { title: "A and B", of: "b", keys: [
    ["C", "next way of comparing"],
    [", .", "move the wipe's line"],
    ["X", "the other one, while they blink"],
  ] },
]);

/** @param {number} seconds */
export function formatTime(seconds) {
  const hundredths = Math.round(100 * seconds); // so that no part ever reads 60
  if (hundredths < 6000) return `${(hundredths / 100).toFixed(2)} s`;
  const minutes = Math.floor(hundredths / 6000);
  return `${minutes}:${((hundredths - 6000 * minutes) / 100).toFixed(2).padStart(5, "0")}`;
}

/** @param {number} value */
export function formatCount(value) {
  return Number.isNaN(value) ? "–" : Math.round(value).toLocaleString("en").replaceAll(",", "\u202f");
}

/** @param {number} value */
export function formatValue(value) {
  return Number.isNaN(value) ? "–" : value.toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: false });
}

/** @param {number} share */
export function formatShare(share) {
  return Number.isNaN(share) ? "–" : `${(100 * share).toFixed(share < 0.0995 ? 2 : 1)} %`;
}

/**
 * A name as short as a tooltip takes it.
 * @param {string} name
 */
export function shorten(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** @param {string} name of a column of numbers */
export function columnLabel(name) {
  return COLUMN_NAMES[name] ?? name;
}

/**
 * A number of a column with its unit, which the column's name ends in.
 * @param {string} name
 * @param {number} value
 */
export function formatNumber(name, value) {
  if (Number.isNaN(value)) return "–";
  if (SCORES.includes(name)) return value.toFixed(2);
  if (name.endsWith("_px") && Math.abs(value) >= 1000) return `${formatCount(value)} px`;
  const unit = /_(px|s|deg)$/.exec(name)?.[1];
  if (name === "area_frac") return formatShare(value);
  return formatValue(value) + (unit ? { px: " px", s: " s", deg: "°" }[unit] : "");
}

/**
 * Where a position is, in words.
 * @param {import("./wire.js").Clip} clip
 * @param {number} position
 */
export function placeOf({ frame, timed, time_s: time }, position) {
  return timed ? `frame ${frame[position]}, ${formatTime(time[position])}` : `frame ${frame[position]}`;
}
