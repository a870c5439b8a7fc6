// What keys do.

import { MODE_TITLES, SKIP } from "./words.js";

/** @typedef {import("./view.js").View} View */

const OPACITY_STEPS = [0, 0.25, 0.5, 0.75, 1];

/** @param {View} view */
export function togglePlay({ play, session }) {
  if (!play.disabled) session.set("playing", !session.model.get("playing"));
}

/** @param {View} view */
export function toggleHelp({ help, helpButton }) {
  help.hidden = !help.hidden;
  helpButton.setAttribute("aria-expanded", String(!help.hidden));
}

/**
 * @param {View} view
 * @param {number} object
 */
function toggleObject({ clip, session, status }, object) {
  if (object >= clip.objects.length) return;
  session.toggle(object);
  const shown = session.look.visible.includes(object);
  status.textContent = `${clip.objects[object].name} ${shown ? "shown" : "hidden"}`;
}

/** @param {View} view */
function toggleAll({ clip, session, status }) {
  const all = clip.objects.map((_, k) => k);
  const shown = session.look.visible.length === all.length;
  session.set("visible", shown ? [] : all);
  status.textContent = shown ? "no objects shown" : "all objects shown";
}

/** @param {View} view */
function nextOpacity({ session, status }) {
  const next = OPACITY_STEPS.find((step) => step > session.look.opacity + 1e-6) ?? OPACITY_STEPS[0];
  session.set("opacity", next);
  status.textContent = `opacity ${100 * next} percent`;
}

/** @param {View} view */
function nextMode({ clip, session, status }) {
  const next = clip.modes[(clip.modes.indexOf(session.look.mode) + 1) % clip.modes.length];
  session.set("mode", next);
  status.textContent = MODE_TITLES[next] ?? next;
}

/**
 * @param {View} view
 * @param {KeyboardEvent} event
 * @returns {(() => void) | undefined}
 */
function actionOf(view, { key, shiftKey }) {
  const { clip, session } = view;
  const by = shiftKey ? SKIP : 1;
  if (/^[0-9]$/.test(key)) return () => toggleObject(view, Number(key));
  /** @type {Record<string, () => void>} */
  const actions = {
    " ": () => togglePlay(view),
    ArrowLeft: () => session.go(session.position - by),
    ArrowRight: () => session.go(session.position + by),
    Home: () => session.go(0),
    End: () => session.go(clip.frame.length - 1),
    a: () => toggleAll(view),
    o: () => nextOpacity(view),
    m: () => nextMode(view),
    Escape: () => session.set("selected", null),
    "?": () => toggleHelp(view),
  };
  return actions[key.length === 1 ? key.toLowerCase() : key];
}

/**
 * Whether a control has a use of its own for a key: a slider for arrows, a button for space.
 * @param {HTMLElement} target
 * @param {View} view
 * @param {string} key
 */
function isTaken(target, view, key) {
  if (target === view.slider) return false; // it steps as the whole view does
  if (target.tagName === "SELECT") return true;
  if (target.tagName === "INPUT") return !/^[a-z?]$/i.test(key);
  return key === " " && target.matches("button, summary, [role=button]");
}

/**
 * @param {View} view
 * @param {KeyboardEvent} event
 */
export function onKey(view, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const action = actionOf(view, event);
  if (!action || event.ctrlKey || event.metaKey || event.altKey || isTaken(target, view, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
