// The ruler over the lanes: source frames, what is there of B, and the range that is played.

import { element, sharpContext } from "./dom.js";
import { laneX } from "./lanes.js";
import { positionAt, rulerTicks } from "./marks.js";
import { SKIP, placeOf } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./lanes.js").Inks} Inks */

const RULER_HEIGHT = 24;
const BRUSH_PX = 4; // a drag as short as this is a click
const COVERED_PX = 3;
const TICK_HEIGHT = 5;
const FONT_PX = 11;

/**
 * The range after one of its ends was moved; the ends may pass each other.
 * @param {[number, number]} range
 * @param {0 | 1} end
 * @param {number} position
 * @param {number} count positions in all
 * @returns {[number, number]}
 */
export function movedRange(range, end, position, count) {
  const at = Math.min(Math.max(position, 0), count - 1);
  const other = range[1 - end];
  return [Math.min(at, other), Math.max(at, other)];
}

/**
 * Whether B lacks some of the positions.
 * @param {[number, number][] | null} covered
 * @param {number} count positions in all
 */
function isPartial(covered, count) {
  return covered !== null && covered.reduce((sum, [first, last]) => sum + last - first + 1, 0) < count;
}

export class Ruler {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.count = view.clip.frame.length;
    /** @type {{id: number, x: number, at: number, moved: boolean} | null} */ this.brush = null;
    /** @type {HTMLCanvasElement} */
    this.canvas = element("canvas", { class: "sv-ruler-canvas", "aria-hidden": "true" });
    this.band = element("div", { class: "sv-band", hidden: "" });
    this.handles = [this.buildHandle(0), this.buildHandle(1)];
    /** @type {HTMLElement} */
    this.element = element("div", {
      class: "sv-ruler", title: "Drag to play a range; click to go there",
      pointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
      pointermove: (/** @type {PointerEvent} */ event) => this.drag(event),
      pointerup: (/** @type {PointerEvent} */ event) => this.release(event),
      pointercancel: () => (this.brush = null),
    }, this.canvas, this.buildCovered(), this.band, ...this.handles);
    this.element.style.height = `${RULER_HEIGHT}px`;
  }

  /** Names the line of the frames that B has, where it lacks some. */
  buildCovered() {
    const { clip } = this.view;
    this.isPartial = isPartial(clip.covered, this.count);
    if (!this.isPartial) return null;
    const name = clip.kind === "reference" ? "truth" : "B";
    return element("span", { class: "sv-covered", title: `The line shows which frames ${name} has` }, name);
  }

  /** @param {0 | 1} end */
  buildHandle(end) {
    const move = (/** @type {number} */ position) => {
      const { session } = this.view;
      if (session.range) session.setRange(...movedRange(session.range, end, position, this.count));
    };
    /** @type {HTMLElement} */
    const handle = element("div", {
      class: `sv-end sv-end-${end ? "last" : "first"}`, role: "slider", tabindex: "0", hidden: "",
      "aria-label": end ? "Last frame of the range" : "First frame of the range",
      "aria-valuemin": 0, "aria-valuemax": this.count - 1,
      title: end ? "Last frame of the range; drag, or ← →" : "First frame of the range; drag, or ← →",
      pointerdown: (/** @type {PointerEvent} */ event) => {
        event.stopPropagation();
        handle.setPointerCapture(event.pointerId);
      },
      pointermove: (/** @type {PointerEvent} */ event) => {
        event.stopPropagation();
        if (handle.hasPointerCapture(event.pointerId)) move(this.positionOf(event));
      },
      pointerup: (/** @type {PointerEvent} */ event) => event.stopPropagation(),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const by = event.shiftKey ? SKIP : 1;
        const now = this.view.session.range?.[end] ?? 0;
        const to = { ArrowLeft: now - by, ArrowRight: now + by, Home: 0, End: this.count - 1 }[event.key];
        if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        move(to);
      },
    });
    return handle;
  }

  /** @param {PointerEvent} event */
  positionOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return positionAt((event.clientX - box.left) / box.width, this.count);
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.brush = { id: event.pointerId, x: event.clientX, at: this.positionOf(event), moved: false };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { brush } = this;
    if (!brush || event.pointerId !== brush.id) return;
    brush.moved ||= Math.abs(event.clientX - brush.x) > BRUSH_PX;
    const at = this.positionOf(event);
    if (brush.moved) this.view.session.setRange(Math.min(brush.at, at), Math.max(brush.at, at));
  }

  /**
   * A click goes there; outside the range, it takes the range away as well.
   * @param {PointerEvent} event
   */
  release(event) {
    const { brush, view: { session } } = this;
    this.brush = null;
    if (!brush || brush.moved || event.pointerId !== brush.id) return;
    const { range } = session;
    if (range && (brush.at < range[0] || brush.at > range[1])) session.setRange(null);
    session.go(brush.at);
  }

  showRange() {
    const { clip, transport, session: { range } } = this.view;
    if (!range && this.element.matches(":focus-within")) transport.slider.focus();
    for (const node of [this.band, ...this.handles]) node.hidden = !range;
    range?.forEach((position, end) => {
      const share = String(position / Math.max(1, this.count - 1));
      this.band.style.setProperty(end ? "--last" : "--first", share);
      this.handles[end].style.setProperty("--p", share);
      this.handles[end].setAttribute("aria-valuenow", String(position));
      this.handles[end].setAttribute("aria-valuetext", placeOf(clip, position));
    });
  }

  /** @param {Inks} inks */
  draw(inks) {
    const { clip, session: { store } } = this.view;
    const width = this.canvas.clientWidth;
    const context = sharpContext(this.canvas, width, RULER_HEIGHT);
    const x = laneX(width, this.count);
    const bar = (/** @type {number} */ first, /** @type {number} */ last, /** @type {number} */ px) =>
      context.fillRect(x(first - 0.5), RULER_HEIGHT - px, x(last + 0.5) - x(first - 0.5), px);
    context.fillStyle = inks.soft;
    if (store.loaded.size * clip.window < this.count) {
      for (const window of store.loaded) bar(window * clip.window, (window + 1) * clip.window - 1, 1);
    }
    if (this.isPartial) for (const [first, last] of clip.covered ?? []) bar(first, last, COVERED_PX);
    context.font = `${FONT_PX}px ${getComputedStyle(this.element).fontFamily}`;
    for (const { at, text } of rulerTicks(clip.frame, width)) {
      const half = context.measureText(text).width / 2;
      context.fillRect(Math.min(x(at), width - 1), RULER_HEIGHT - COVERED_PX - TICK_HEIGHT, 1, TICK_HEIGHT);
      context.fillText(text, Math.min(Math.max(x(at) - half, 0), width - 2 * half), FONT_PX);
    }
  }
}
