// The line under the picture that says what is A, what is B, and what a difference's colours mean.

import { CLASSES, isCovered } from "./compare.js";
import { element } from "./dom.js";
import { DIFFERENCE_NAMES } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */

export class Legend {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    /** @type {string | undefined} */ this.shown = undefined;
    /** @type {HTMLElement | null} */
    this.element = view.clip.sides ? element("div", { class: "sv-legend", hidden: "" }) : null;
  }

  /** @param {Change} change */
  react(change) {
    if ((change !== "look" && change !== "frame") || !this.element) return;
    const { clip, session: { look, position } } = this.view;
    const { comparing } = look;
    const isBare = comparing !== "off" && !isCovered(clip, position);
    const shown = `${comparing} ${isBare}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.hidden = comparing === "off";
    this.element.dataset.comparing = comparing;
    this.element.replaceChildren(...(comparing !== "difference" ? this.names() : isBare ? [] : this.classes()),
      ...(isBare ? [this.missing()] : []));
  }

  /** Says that there is nothing to compare with here. */
  missing() {
    const name = this.view.clip.kind === "reference" ? "The truth" : "B";
    return element("span", { class: "sv-missing" }, `${name} has no masks in this frame.`);
  }

  classes() {
    const names = DIFFERENCE_NAMES[this.view.clip.kind] ?? DIFFERENCE_NAMES.compare;
    return Object.entries(CLASSES).map(([name, color]) => {
      const swatch = element("span", { class: "sv-swatch" });
      swatch.style.setProperty("--c", color);
      return element("span", { class: "sv-class" }, swatch, names[name]);
    });
  }

  names() {
    const { sides } = this.view.clip;
    return [["A", sides?.a], ["B", sides?.b]].map(([side, name]) => {
      const words = name && name !== side ? element("span", { dir: "auto", title: name }, name) : null;
      return element("span", { class: "sv-side" }, element("b", {}, side ?? ""), words);
    });
  }
}
