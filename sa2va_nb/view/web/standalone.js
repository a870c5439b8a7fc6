// Runs the scrubber in a page without a kernel: a model that answers from what the page holds.

import scrubber from "./scrubber.js";

/** @param {string} text base64 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Holds the state and the packets that page.py wrote. */
export class PageModel {
  /** @param {Record<string, any>} state */
  constructor(state) {
    this.state = state;
    /** @type {Map<string, Set<(...args: any[]) => void>>} */
    this.listeners = new Map();
  }

  /** @param {string} name */
  get(name) {
    return this.state[name];
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${name}`);
  }

  save_changes() {}

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} callback
   */
  on(event, callback) {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(callback));
  }

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} callback
   */
  off(event, callback) {
    this.listeners.get(event)?.delete(callback);
  }

  /**
   * @param {string} event
   * @param {any[]} values
   */
  emit(event, ...values) {
    for (const callback of this.listeners.get(event) ?? []) callback(...values);
  }

  /** @param {{type: string, window: number}} request */
  send({ type, window }) {
    const packet = document.getElementById(`window-${window}`)?.textContent;
    if (type !== "frames" || !packet) return;
    setTimeout(() => this.emit("msg:custom", { type, window }, [fromBase64(packet)])); // as a kernel: later
  }
}

/** @returns {Record<string, any>} */
export function pageState() {
  const state = JSON.parse(document.getElementById("state")?.textContent ?? "{}");
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value?.base64 === undefined ? value : fromBase64(value.base64)]),
  );
}

scrubber().render({
  model: new PageModel({ playing: false, selected: null, opacity: 0.5, mode: "both", ...pageState() }),
  el: /** @type {HTMLElement} */ (document.getElementById("scrubber")),
});
