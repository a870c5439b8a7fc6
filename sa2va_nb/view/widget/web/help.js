// The list of keys.

import { element } from "./dom.js";
import { KEYS } from "./words.js";

/** @typedef {import("./view.js").View} View */

export class Help {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const groups = KEYS.filter(({ of }) => !of || view.clip.sides);
    /** @type {HTMLElement} */
    this.element = element("div", { class: "sv-help", role: "group", "aria-label": "Keys", hidden: "" },
      ...groups.map(({ title, keys }) => element("section", {},
        element("div", { class: "sv-help-title" }, title),
        element("dl", {}, ...keys.flatMap(([key, what]) => [element("dt", {}, key), element("dd", {}, what)])))));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle() {
    this.element.hidden = this.isOpen;
    this.view.tools.helpButton.setAttribute("aria-expanded", String(this.isOpen));
  }
}
