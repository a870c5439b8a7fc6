// Which key does what, and which keys are left to the control that has the focus.

import { ACTIONS, soloObject, toggleObject } from "./actions.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {"shiftKey" | "altKey" | "ctrlKey" | "metaKey"} Modifier */

const INPUT_KEYS = /^(Arrow.*|Page.*|Home|End|Enter| )$/; // of sliders and of colours

/**
 * What a key stands for: the name of an action, an object to toggle or to show alone, or nothing.
 * @param {Pick<KeyboardEvent, "key" | "code" | Modifier | "getModifierState">} event
 * @returns {{action: string} | {toggle: number} | {solo: number} | null}
 */
export function meaningOf(event) {
  const { key, code, shiftKey, altKey, ctrlKey, metaKey } = event;
  const composed = event.getModifierState("AltGraph"); // brackets, on many keyboards
  if (!composed && (ctrlKey || metaKey)) return null;
  if (!composed && altKey) {
    return /^Arrow/.test(key) ? { action: `Alt ${shiftKey ? "Shift " : ""}${key}` } : null;
  }
  const digit = /^Digit([0-9])$/.exec(code)?.[1]; // whatever is on top of it
  if (digit && !composed) return shiftKey ? { solo: Number(digit) } : { toggle: Number(digit) };
  if (/^[0-9]$/.test(key)) return { toggle: Number(key) };
  const action = key.length === 1 ? key.toLowerCase() : (shiftKey && /^Arrow/.test(key) ? "Shift " : "") + key;
  return Object.hasOwn(ACTIONS, action) ? { action } : null;
}

/**
 * @param {View} view
 * @param {NonNullable<ReturnType<typeof meaningOf>>} meaning
 * @returns {boolean | void} false: there was nothing to do
 */
function perform(view, meaning) {
  if ("action" in meaning) return ACTIONS[meaning.action](view);
  if ("solo" in meaning) soloObject(view, meaning.solo);
  else toggleObject(view, meaning.toggle);
}

/**
 * Whether a control has a use of its own for a key: a slider for arrows, a button for space.
 * @param {HTMLElement} target
 * @param {string} key
 */
export function isTaken(target, key) {
  if (target.matches(".sv-frames")) return false; // it steps as the whole view does
  if (target.tagName === "SELECT") return true;
  if (target.tagName === "INPUT") return INPUT_KEYS.test(key);
  return key === " " && target.matches("button, summary, [role=button]");
}

/**
 * @param {View} view
 * @param {KeyboardEvent} event
 */
export function onKey(view, event) {
  const meaning = meaningOf(event);
  if (!meaning || event.defaultPrevented || isTaken(/** @type {HTMLElement} */ (event.target), event.key)) return;
  if (perform(view, meaning) === false) return; // alt and an arrow may be the browser's
  event.preventDefault();
  event.stopPropagation();
}
