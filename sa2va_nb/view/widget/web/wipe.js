// The handle of a wipe: moves the line between A and B.

import { element } from "./dom.js";

export const WIPE_STEP = 0.02; // of the width, by a key

export class WipeHandle {
  /**
   * @param {(split: number) => void} moved told of the share of the width it was moved to
   * @param {(event: MouseEvent) => number} shareAt the share of the picture's width at the pointer
   */
  constructor(moved, shareAt) {
    this.moved = moved;
    this.split = 0.5;
    const drag = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointerdown") this.element.setPointerCapture(event.pointerId);
      if (!this.element.hasPointerCapture(event.pointerId)) return;
      this.moveTo(shareAt(event));
    };
    this.element = /** @type {HTMLElement} */ (element("div", {
      class: "sv-handle", role: "slider", tabindex: "0", hidden: "", "aria-label": "Place of the wipe",
      "aria-valuemin": 0, "aria-valuemax": 100, pointerdown: drag, pointermove: drag,
      keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
    }));
  }

  /** @param {number} split share of the width */
  moveTo(split) {
    this.moved(Math.min(Math.max(Math.round(split * 1000) / 1000, 0), 1));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: this.split - WIPE_STEP, ArrowRight: this.split + WIPE_STEP, Home: 0, End: 1 };
    const place = places[event.key];
    if (place === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere, these keys step
    this.moveTo(place);
  }

  /**
   * @param {boolean} isShown
   * @param {number} split
   * @param {import("./zoom.js").Zoomed} zoomed
   */
  show(isShown, split, { scale, x }) {
    this.split = split;
    this.element.hidden = !isShown;
    this.element.style.left = `${100 * scale * (split - x)}%`;
    this.element.setAttribute("aria-valuenow", String(Math.round(100 * split)));
  }
}
