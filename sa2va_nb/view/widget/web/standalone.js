// Runs the scrubber in a page without a kernel: a model that answers from what the page holds.

import scrubber from "./scrubber.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @param {string} text base64
 * @returns {Bytes}
 */
function fromBase64(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/**
 * The bytes that the page holds in one of its elements.
 * @param {string} id
 */
function bytesIn(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? fromBase64(text) : undefined;
}

/** Holds the state that page.py wrote, and finds its packets in the page. */
class PageModel {
  /** @param {Record<string, any>} state */
  constructor(state) {
    this.state = state;
    /** @type {Map<string, Set<(...args: any[]) => void>>} */
    this.listeners = new Map();
    this.packets = { window: (/** @type {number} */ w) => bytesIn(`window-${w}`), numbers: () => bytesIn("numbers") };
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

  send() {} // nobody is there to answer
}

/** @returns {Record<string, any>} */
function pageState() {
  const state = JSON.parse(document.getElementById("state")?.textContent ?? "{}");
  const read = (/** @type {any} */ value) => (value?.base64 === undefined ? value : fromBase64(value.base64));
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, read(value)]));
}

scrubber().render({
  model: new PageModel({ playing: false, selected: null, opacity: 0.5, mode: "both", ...pageState() }),
  el: /** @type {HTMLElement} */ (document.getElementById("scrubber")),
});
