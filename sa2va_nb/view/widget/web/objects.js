// The list of objects: shows, hides, selects and colours them, and tells their numbers in the frame shown.

import { element, hovering, icon } from "./dom.js";
import { flagsAt } from "./marks.js";
import { columnLabel, formatCount, formatNumber, formatShare, shorten } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */
/** @typedef {ReturnType<ObjectList["buildRow"]>} Row */

const [AREA, SHARE] = [0, 1]; // columns that always come first
const OVERLAP = { reference: "J", compare: "iou", none: "" }; // the column that compares a pair

/**
 * What is visible after an object was asked for alone: it, or all where it is alone already.
 * @param {number[]} visible
 * @param {number} object
 * @param {number} count
 */
export function soloOf(visible, object, count) {
  const alone = visible.length === 1 && visible[0] === object;
  return alone ? Array.from({ length: count }, (_, k) => k) : [object];
}

export class ObjectList {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const { clip, session: { count } } = view;
    this.overlap = clip.columns.indexOf(OVERLAP[clip.kind]);
    /** @type {Row[]} */
    this.rows = clip.objects.slice(0, count).map(({ name }, k) => this.buildRow(name, k));
    /** B's objects without a partner, which are told of only. */
    this.others = clip.objects.flatMap(({ name, side, partner }, k) =>
      side === "b" && partner === null ? [this.buildOther(name, k)] : []);
    /** @type {HTMLElement} */
    this.element = this.build();
  }

  build() {
    const items = [...this.rows, ...this.others].map(({ item }) => item);
    if (!items.length) return element("p", { class: "sv-none" }, "Nothing was segmented: there is no object to show.");
    return element("ul", { class: "sv-objects", role: "list", "aria-label": "Objects" }, ...items);
  }

  /**
   * @param {string} text
   * @param {number} k
   */
  buildRow(text, k) {
    const { session } = this.view;
    const key = k < 10 ? ` (${k})` : "";
    const toggle = element("button", {
      class: "sv-toggle", type: "button", title: `Show or hide${key}`,
      "aria-label": shorten(`Show object ${k}: ${text}`), click: () => session.toggle(k),
    }, String(k));
    const name = element("button", {
      class: "sv-name", type: "button", dir: "auto", title: shorten(text), click: () => session.select(k),
    }, text);
    const solo = element("button", {
      class: "sv-solo", type: "button", title: `This object alone, or all again${key && ` (Shift ${k})`}`,
      "aria-label": `Object ${k} alone`, click: () => this.solo(k),
    }, icon("solo"));
    const color = element("input", {
      class: "sv-color", type: "color", title: "Colour", "aria-label": `Colour of object ${k}`,
      input: () => this.paint(k, color.value),
    });
    const flags = element("span", { class: "sv-flags" });
    const { numbers, pair, value, area, share } = this.buildNumbers();
    const what = element("span", { class: "sv-what" }, name, flags);
    const item = element("li", { class: "sv-object", ...hovering(this.view, k) },
      toggle, what, numbers, solo, color);
    return { item, toggle, name, flags, pair, value, area, share, solo, color };
  }

  /**
   * @param {string} text
   * @param {number} k
   */
  buildOther(text, k) {
    const { numbers, pair, value, area, share } = this.buildNumbers();
    pair.textContent = `only in ${this.sideName("b")}`;
    const badge = element("span", { class: "sv-badge", "aria-hidden": "true" }, "B");
    const name = element("span", { class: "sv-other", dir: "auto", title: shorten(text) }, text);
    const what = element("span", { class: "sv-what" }, name);
    const item = element("li", { class: "sv-object" }, badge, what, numbers);
    return { item, k, value, area, share };
  }

  buildNumbers() {
    const [pair, value, area, share] = ["sv-pair", "sv-value", "sv-area", "sv-share"].map((name) =>
      element("span", { class: name }));
    return { numbers: element("span", { class: "sv-numbers" }, pair, value, area, share), pair, value, area, share };
  }

  /** @param {"a" | "b"} side */
  sideName(side) {
    return this.view.clip.kind === "reference" && side === "b" ? "the truth" : side.toUpperCase();
  }

  /** @param {number} object */
  solo(object) {
    const { clip, session, session: { count, look } } = this.view;
    const visible = soloOf(look.visible, object, count);
    session.set("visible", visible);
    this.view.announce(visible.length === 1 ? `${shorten(clip.objects[object].name)} alone` : "all objects shown");
  }

  /**
   * @param {number} object
   * @param {string} color "#rrggbb"
   */
  paint(object, color) {
    const { css, session } = this.view;
    session.set("colors", css.slice(0, session.count).map((old, k) => (k === object ? color : old)));
  }

  /** @param {Change} change */
  react(change) {
    if (change === "look" || change === "hover") this.showLook();
    if (change === "frame" || change === "data" || change === "column" || change === "look") this.showNumbers();
  }

  showLook() {
    const { view } = this;
    const { look } = view.session;
    const standsOut = view.look.selected;
    this.rows.forEach((row, k) => {
      const shown = look.visible.includes(k);
      row.item.style.setProperty("--c", view.css[k]);
      if (row.color.value !== view.css[k]) row.color.value = view.css[k];
      row.toggle.setAttribute("aria-pressed", String(shown));
      row.name.setAttribute("aria-pressed", String(look.selected === k));
      row.solo.setAttribute("aria-pressed", String(shown && look.visible.length === 1 && this.rows.length > 1));
      row.item.classList.toggle("sv-off", !shown);
      row.item.classList.toggle("sv-hot", view.hovered === k);
      row.item.classList.toggle("sv-dimmed", standsOut !== null && standsOut !== k);
    });
    for (const { item, k } of this.others) item.style.setProperty("--c", view.css[k]);
  }

  showNumbers() {
    this.rows.forEach((row, k) => {
      this.showAreas(row, k);
      this.showPair(row.pair, k);
      const flags = flagsAt(this.view.session.marks, k, this.view.session.position).join("; ");
      row.flags.textContent = flags && `⚑ ${flags}`;
      row.flags.title = flags;
    });
    for (const row of this.others) this.showAreas(row, row.k);
  }

  /**
   * @param {{item: HTMLElement, value: HTMLElement, area: HTMLElement, share: HTMLElement}} row
   * @param {number} k
   */
  showAreas(row, k) {
    const { column, clip: { columns }, session } = this.view;
    const [area, share, value] = [AREA, SHARE, column].map((i) => session.series(i, k)[session.position]);
    const absent = area === 0;
    row.item.classList.toggle("sv-absent", absent);
    row.area.textContent = absent ? "not visible" : Number.isNaN(area) ? "" : `${formatCount(area)} px`;
    row.share.textContent = absent || Number.isNaN(share) ? "" : formatShare(share);
    const wanted = column > SHARE && column !== this.overlap && session.hasNumbers;
    row.value.textContent = wanted ? formatNumber(columns[column], value) : "";
    row.value.title = columnLabel(columns[column]);
  }

  /**
   * What it is compared with, and how much the two overlap here.
   * @param {HTMLElement} node
   * @param {number} k
   */
  showPair(node, k) {
    const { clip, session } = this.view;
    if (!clip.sides || session.look.comparing === "off") return node.replaceChildren();
    const partner = clip.objects.findIndex((object) => object.side === "b" && object.partner === k);
    if (partner < 0) return node.replaceChildren(clip.kind === "reference" ? "not in the truth" : "only in A");
    const value = this.overlap < 0 ? NaN : session.series(this.overlap, k)[session.position];
    const name = OVERLAP[clip.kind] === "iou" ? "IoU" : OVERLAP[clip.kind];
    const other = shorten(clip.objects[partner].name);
    node.title = `Compared with ${other} of ${this.sideName("b")}`;
    node.replaceChildren(Number.isNaN(value) ? "" : `${name} ${value.toFixed(2)}`);
  }
}
