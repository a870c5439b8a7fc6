// What can be done by key.

import { ZOOM_STEP } from "./tools.js";
import { WIPE_STEP } from "./wipe.js";
import { COMPARING_TITLES, MODE_TITLES, SKIP, SPEEDS, shorten } from "./words.js";

/** @typedef {import("./view.js").View} View */

const OPACITY_STEPS = [0, 0.25, 0.5, 0.75, 1];

/**
 * The value after one in a list, round and round.
 * @template T
 * @param {readonly T[]} values
 * @param {T} value
 */
export function nextOf(values, value) {
  return values[(values.indexOf(value) + 1) % values.length];
}

/** @param {number} opacity */
export function nextOpacity(opacity) {
  return OPACITY_STEPS.find((step) => step > opacity + 1e-6) ?? OPACITY_STEPS[0];
}

/**
 * @param {string} modifiers
 * @param {number} by pixels of the picture
 * @returns {Record<string, (view: View) => boolean>}
 */
function nudges(modifiers, by) {
  return {
    [`${modifiers}ArrowLeft`]: ({ stage }) => stage.nudge(-by, 0),
    [`${modifiers}ArrowRight`]: ({ stage }) => stage.nudge(by, 0),
    [`${modifiers}ArrowUp`]: ({ stage }) => stage.nudge(0, -by),
    [`${modifiers}ArrowDown`]: ({ stage }) => stage.nudge(0, by),
  };
}

/** What keys do; letters may come with shift. */
export const ACTIONS = /** @type {Record<string, (view: View) => boolean | void>} */ ({
  " ": ({ session }) => session.togglePlay(),
  ArrowLeft: ({ session }) => session.step(-1),
  ArrowRight: ({ session }) => session.step(1),
  "Shift ArrowLeft": ({ session }) => session.step(-SKIP),
  "Shift ArrowRight": ({ session }) => session.step(SKIP),
  ...nudges("Alt ", 1),
  ...nudges("Alt Shift ", SKIP),
  Home: ({ session }) => session.go(0),
  End: ({ session, clip }) => session.go(clip.frame.length - 1),
  n: ({ timeline }) => timeline.goToMark(1),
  p: ({ timeline }) => timeline.goToMark(-1),
  "[": (view) => setRangeEnd(view, 0),
  "]": (view) => setRangeEnd(view, 1),
  "\\": (view) => clearRange(view),
  s: (view) => changeSpeed(view),
  a: (view) => toggleAll(view),
  Escape: (view) => letGo(view),
  m: (view) => changeMode(view),
  o: (view) => changeOpacity(view),
  b: (view) => toggleTrait(view, "boxes"),
  t: (view) => toggleTrait(view, "trails"),
  l: (view) => toggleLoupe(view),
  "+": (view) => zoomBy(view, ZOOM_STEP),
  "=": (view) => zoomBy(view, ZOOM_STEP),
  "-": (view) => zoomBy(view, 1 / ZOOM_STEP),
  f: ({ stage }) => stage.resetZoom(),
  c: (view) => changeComparing(view),
  ",": ({ stage }) => stage.moveSplit(-WIPE_STEP),
  ".": ({ stage }) => stage.moveSplit(WIPE_STEP),
  x: ({ stage }) => stage.flip(),
  "?": ({ help }) => help.toggle(),
});

/**
 * @param {View} view
 * @param {number} object
 */
export function toggleObject(view, object) {
  const { clip, session } = view;
  if (object >= session.count) return;
  session.toggle(object);
  const shown = session.look.visible.includes(object);
  view.announce(`${shorten(clip.objects[object].name)} ${shown ? "shown" : "hidden"}`);
}

/**
 * @param {View} view
 * @param {number} object
 */
export function soloObject({ objects, session }, object) {
  if (object < session.count) objects.solo(object);
}

/** @param {View} view */
function toggleAll(view) {
  const { session, session: { count, look } } = view;
  const shown = look.visible.length === count;
  session.set("visible", shown ? [] : Array.from({ length: count }, (_, k) => k));
  view.announce(shown ? "no objects shown" : "all objects shown");
}

/** @param {View} view */
function changeOpacity(view) {
  const next = nextOpacity(view.session.look.opacity);
  view.session.set("opacity", next);
  view.announce(`opacity ${100 * next} percent`);
}

/** @param {View} view */
function changeMode(view) {
  const next = nextOf(view.clip.modes, view.session.look.mode);
  view.session.set("mode", next);
  view.announce(MODE_TITLES[next] ?? next);
}

/** @param {View} view */
function changeComparing(view) {
  const { comparisons } = view.clip;
  if (comparisons.length < 2) return view.announce("there is nothing to compare with");
  const next = nextOf(comparisons, view.session.look.comparing);
  view.session.set("comparing", next);
  view.announce(COMPARING_TITLES[next] ?? next);
}

/** @param {View} view */
function changeSpeed(view) {
  const next = nextOf(SPEEDS, view.session.rate);
  view.session.setRate(next);
  view.announce(`speed ${next}`);
}

/**
 * @param {View} view
 * @param {"boxes" | "trails"} trait
 */
function toggleTrait(view, trait) {
  const on = !view.session.look[trait];
  view.session.set(trait, on);
  view.announce(`${trait} ${on ? "shown" : "hidden"}`);
}

/** @param {View} view */
function toggleLoupe(view) {
  view.stage.toggleLoupe();
  view.announce(`loupe ${view.stage.loupeOn ? "on" : "off"}`);
}

/**
 * @param {View} view
 * @param {number} factor
 */
function zoomBy(view, factor) {
  view.stage.zoomBy(factor);
  view.announce(`zoom ${Math.round(100 * view.stage.zoom.scale)} percent`);
}

/**
 * Lets the range begin or end here; where it would be empty, the other end goes to the clip's.
 * @param {View} view
 * @param {0 | 1} end
 */
function setRangeEnd(view, end) {
  const { clip, session, session: { position } } = view;
  const last = clip.frame.length - 1;
  const range = session.range ?? [0, last];
  if (end === 0) session.setRange(position, position <= range[1] ? range[1] : last);
  else session.setRange(position >= range[0] ? range[0] : 0, position);
  view.announce(`range ${end ? "ends" : "begins"} at frame ${clip.frame[position]}`);
}

/** @param {View} view */
function clearRange(view) {
  view.session.setRange(null);
  view.announce("no range");
}

/** @param {View} view */
function letGo({ help, session }) {
  if (session.look.selected !== null) session.set("selected", null);
  else if (help.isOpen) help.toggle();
}
