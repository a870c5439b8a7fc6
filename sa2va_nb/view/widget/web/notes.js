// What is to be known about a segmentation, folded away.

import { element } from "./dom.js";

/** @typedef {import("./view.js").View} View */

export class Notes {
  /** @param {View} view */
  constructor({ clip: { notes } }) {
    /** @type {HTMLElement | null} */
    this.element = notes.length ? this.build(notes) : null;
  }

  /** @param {string[]} notes */
  build(notes) {
    const title = notes.length === 1 ? "1 note" : `${notes.length} notes`;
    const items = notes.map((note) => element("li", { dir: "auto" }, note));
    return element("details", { class: "sv-notes" },
      element("summary", { title: "What is to be known about these masks" }, title), element("ul", {}, ...items));
  }
}
