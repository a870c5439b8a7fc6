// The words and numbers that the scrubber shows.

export const SKIP = 10; // frames that shift and an arrow step
export const MODE_NAMES = /** @type {Record<string, string>} */ ({
  both: "Both",
  fill: "Fill",
  contour: "Contour",
  mask: "Masks",
});
export const MODE_TITLES = /** @type {Record<string, string>} */ ({
  both: "Masks filled and outlined",
  fill: "Masks filled",
  contour: "Masks outlined",
  mask: "Masks alone, without the picture",
});
export const KEYS = [
  ["Space", "play or pause"],
  ["← →", "one frame back or on"],
  ["Shift ← →", `${SKIP} frames back or on`],
  ["Home End", "first or last frame"],
  ["0 … 9", "show or hide that object"],
  ["A", "show all objects, or none"],
  ["O", "next opacity"],
  ["M", "next way of drawing"],
  ["Esc", "let go of the selected object"],
  ["?", "show or hide this list"],
];

/** @param {number} seconds */
export function formatTime(seconds) {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, "0")}`;
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
