// A lane for each object below a ruler: one number over the clip, marks, and where the clip stands.

import { element, letScroll } from "./dom.js";
import { Caption, laneName, otherValues } from "./caption.js";
import { drawLanes, laneHeight } from "./lanes.js";
import { nearestMark, nextMark, positionAt, shownMarks } from "./marks.js";
import { Ruler } from "./ruler.js";
import { formatNumber, placeOf, shorten } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */
/** @typedef {import("./marks.js").Mark} Mark */

const REACH_PX = 6; // how near to a mark the pointer finds it
const LANE_TIP_PX = 18; // from the pointer down to the words

export class Timeline {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const { clip } = view;
    this.count = clip.frame.length;
    /** A's objects, and those of B that have no partner. @type {number[]} */
    this.objects = clip.objects.flatMap(({ side, partner }, k) => (side !== "b" || partner === null ? [k] : []));
    this.drawn = ""; // what the lanes were drawn from
    this.ruler = new Ruler(view);
    this.caption = new Caption(view, this.objects);
    /** @type {HTMLCanvasElement} */
    this.canvas = element("canvas", {
      class: "sv-lanes", "aria-hidden": "true",
      pointerdown: (/** @type {PointerEvent} */ event) => this.seek(event),
      pointermove: (/** @type {PointerEvent} */ event) => this.point(event),
      pointerleave: () => this.leave(),
    });
    this.canvas.style.height = `${laneHeight(this.objects.length) * this.objects.length}px`;
    this.labels = this.objects.map((object) => element("span", { class: "sv-lane-label" }, laneName(view, object)));
    this.cursors = [0, 1].map(() => element("div", { class: "sv-cursor" }));
    this.tip = element("div", { class: "sv-lane-tip", hidden: "", "aria-hidden": "true" });
    /** @type {HTMLElement} */
    this.element = this.build();
    this.element.addEventListener("transitionrun", () => this.show()); // of the text's colour: the theme changes
    this.resizing = new ResizeObserver(() => {
      letScroll(this.box, "Lanes");
      this.show();
    });
    this.resizing.observe(this.element);
  }

  /** @returns {HTMLElement} */
  build() {
    const empty = !this.objects.length;
    const labels = element("div", { class: "sv-lane-labels", "aria-hidden": "true" }, ...this.labels);
    const area = element("div", { class: "sv-lane-area" }, labels, this.canvas, this.cursors[1]);
    area.style.setProperty("--lane", `${laneHeight(this.objects.length)}px`);
    this.box = element("div", { class: "sv-lane-box", ...(empty && { hidden: "" }) }, area);
    this.ruler.element.append(this.cursors[0]);
    return element("div", {
      class: "sv-timeline", role: "group", "aria-label": "Timeline", ...(this.count === 1 && { hidden: "" }),
    }, this.ruler.element, this.box, this.caption.element, this.tip);
  }

  close() {
    this.resizing.disconnect();
  }

  /** The marks of the objects shown. */
  get marks() {
    const { session } = this.view;
    return shownMarks(session.marks, session.count, session.look.visible);
  }

  /** @param {Change} change */
  react(change) {
    if (change === "frame") this.showCursor();
    else if (change === "range") this.ruler.showRange();
    else if (change !== "playing") this.show();
  }

  showCursor() {
    const share = String(this.view.session.position / Math.max(1, this.count - 1));
    for (const cursor of this.cursors) cursor.style.setProperty("--p", share);
  }

  /** Draws again, if what is drawn has changed. */
  show() {
    const { view, canvas, ruler } = this;
    if (!ruler.canvas.clientWidth) return;
    this.caption.show();
    this.labels.forEach((label, i) => label.classList.toggle("sv-hot", this.objects[i] === view.look.selected));
    const style = getComputedStyle(view.root);
    const { session, session: { look } } = view;
    const drawn = JSON.stringify([
      ruler.canvas.clientWidth, devicePixelRatio, style.color, style.backgroundColor, view.css, view.column,
      look.visible, look.comparing === "off", session.hasNumbers, session.marks.length, session.store.loaded.size,
    ]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const inks = { ink: style.color, soft: getComputedStyle(this.caption.element).color };
    ruler.draw(inks);
    if (this.objects.length) drawLanes(canvas, this.lanes(), view.clip.columns[view.column], inks);
  }

  /** @returns {import("./lanes.js").Lane[]} */
  lanes() {
    const { view, marks } = this;
    const { session } = view;
    return this.objects.map((k) => ({
      color: view.css[k],
      values: session.series(view.column, k),
      other: otherValues(view, k),
      area: session.series(0, k),
      marks: marks.filter(({ object }) => object === k),
      shown: k >= session.count || session.look.visible.includes(k),
    }));
  }

  /** @param {PointerEvent} event */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const lane = Math.floor((event.clientY - box.top) / laneHeight(this.objects.length));
    const object = this.objects[Math.min(Math.max(lane, 0), this.objects.length - 1)];
    return { share: (event.clientX - box.left) / box.width, object, perPx: (this.count - 1) / box.width };
  }

  /** @param {PointerEvent} event */
  seek(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.view.session.go(positionAt(this.placeOf(event).share, this.count));
  }

  /** @param {PointerEvent} event */
  point(event) {
    const { share, object, perPx } = this.placeOf(event);
    if (this.canvas.hasPointerCapture(event.pointerId)) this.view.session.go(positionAt(share, this.count));
    if (event.pointerType === "touch") return;
    if (object < this.view.session.count) this.view.hover(object);
    const mark = nearestMark(this.marks, object, share * (this.count - 1), REACH_PX * perPx);
    this.showTip(event, mark ? this.tipOfMark(mark) : [this.tipOfValue(object, positionAt(share, this.count))]);
  }

  leave() {
    this.view.hover(null);
    this.tip.hidden = true;
  }

  /** @param {Mark} mark */
  tipOfMark({ object, first, last, text }) {
    const { clip } = this.view;
    const until = last > first ? ` to ${clip.frame[last]}` : "";
    const name = element("bdi", {}, shorten(clip.objects[object].name));
    return [`frame ${clip.frame[first]}${until}: `, name, `: ${text}`];
  }

  /**
   * @param {number} object
   * @param {number} position
   */
  tipOfValue(object, position) {
    const { clip, column, session } = this.view;
    if (!session.hasNumbers) return placeOf(clip, position);
    const value = session.series(column, object)[position];
    return `${placeOf(clip, position)}: ${formatNumber(clip.columns[column], value)}`;
  }

  /**
   * Shows words below the pointer, so that the mark it points at stays in sight.
   * @param {PointerEvent} event
   * @param {(Node | string)[]} words
   */
  showTip(event, words) {
    const box = this.element.getBoundingClientRect();
    this.tip.replaceChildren(...words);
    this.tip.hidden = false;
    const x = event.clientX - box.left - this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.max(0, Math.min(x, box.width - this.tip.offsetWidth))}px`;
    this.tip.style.top = `${event.clientY - box.top + LANE_TIP_PX}px`;
  }

  /**
   * Goes to the next or the previous mark and says what it is.
   * @param {1 | -1} direction
   */
  goToMark(direction) {
    const { marks, view: { clip, session }, view } = this;
    const position = nextMark(marks, session.position, direction);
    if (position === undefined) return view.announce(direction > 0 ? "no mark after this" : "no mark before this");
    session.go(position);
    const here = marks.filter(({ first }) => first === position);
    const words = here.map(({ object, text }) => `${shorten(clip.objects[object].name)}: ${text}`);
    view.announce(`frame ${clip.frame[position]}: ${words.join("; ")}`);
  }
}
