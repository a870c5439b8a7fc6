// The line below the lanes: which number they show, and what their height stands for.

import { element } from "./dom.js";
import { laneScale } from "./lanes.js";
import { columnLabel, formatNumber } from "./words.js";

/** @typedef {import("./view.js").View} View */

const PAIR_COLUMNS = ["J", "iou"]; // the same number on both sides

/**
 * What stands left of an object's lane.
 * @param {View} view
 * @param {number} object
 */
export function laneName({ session }, object) {
  return object < session.count ? String(object) : "B";
}

/**
 * The numbers of an object's partner in B, while the two are compared.
 * @param {View} view
 * @param {number} object
 */
export function otherValues({ clip, column, session }, object) {
  const partner = clip.objects.findIndex(({ side, partner: k }) => side === "b" && k === object);
  if (partner < 0 || session.look.comparing === "off" || PAIR_COLUMNS.includes(clip.columns[column])) return null;
  return session.series(column, partner);
}

export class Caption {
  /**
   * @param {View} view
   * @param {number[]} objects that have a lane
   */
  constructor(view, objects) {
    this.view = view;
    this.objects = objects;
    this.scale = element("span", { class: "sv-scale" });
    this.select = element("select", {
      class: "sv-column", "aria-label": "Number shown", title: "Number shown in the lanes and beside each object",
      change: () => view.showColumn(this.select.selectedIndex),
    }, ...view.clip.columns.map((name) => element("option", {}, columnLabel(name))));
    /** @type {HTMLElement} */
    this.element = element("div", { class: "sv-caption" }, this.select, this.scale);
    this.element.hidden = !objects.length;
  }

  show() {
    this.select.selectedIndex = this.view.column;
    this.scale.textContent = this.scaleText;
  }

  /** The scale of the one lane looked at, or of all if they share it. */
  get scaleText() {
    const { view, objects } = this;
    const column = view.clip.columns[view.column];
    const one = objects.length === 1 ? objects[0] : view.look.selected;
    if (!view.session.hasNumbers || !objects.length) return "";
    if (one === null) return laneScale(column)[1] ? "lanes from 0 to 1" : "each lane has its own scale";
    const other = otherValues(view, one);
    const [low, high] = laneScale(column, view.session.series(view.column, one), ...(other ? [other] : []));
    const which = objects.length > 1 ? `lane ${laneName(view, one)}: ` : "";
    return `${which}${formatNumber(column, low)} to ${formatNumber(column, high)}${other ? "; dashed: B" : ""}`;
  }
}
