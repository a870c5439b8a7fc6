// Says beside the pointer what lies under it.

import { element } from "./dom.js";
import { columnLabel, formatCount, formatNumber } from "./words.js";

/** @typedef {import("./view.js").View} View */

const OFF_PX = 16; // from the pointer

/**
 * Puts an inset beside a place, on the side where there is room.
 * @param {HTMLElement} inset
 * @param {HTMLElement} stage it lies in
 * @param {{x: number, y: number}} place in the stage, in CSS pixels
 */
export function putBeside(inset, stage, { x, y }) {
  const { offsetWidth: width, offsetHeight: height } = inset;
  const isWide = x + OFF_PX + width <= stage.clientWidth;
  const isHigh = y + OFF_PX + height <= stage.clientHeight || y - OFF_PX - height < 0; // or it sticks out below
  inset.style.left = `${isWide ? x + OFF_PX : Math.max(0, Math.min(x - OFF_PX - width, stage.clientWidth - width))}px`;
  inset.style.top = `${isHigh ? y + OFF_PX : y - OFF_PX - height}px`;
}

/**
 * What is said of an object: which one it is, its area, the number shown.
 * @param {View} view
 * @param {number} object
 */
function tipLine({ clip, session, column }, object) {
  const { position } = session;
  const { side } = clip.objects[object];
  const number = side === "a" ? object : object - session.count;
  const words = [clip.sides ? `${clip.sides[side]} ${number}` : `object ${number}`];
  const area = session.series(0, object)[position];
  if (!Number.isNaN(area)) words.push(`${formatCount(area)} px`);
  const value = session.series(column, object)[position];
  const name = clip.columns[column];
  if (column > 0 && !Number.isNaN(value)) words.push(`${columnLabel(name)} ${formatNumber(name, value)}`);
  return words.join(" · ");
}

export class Tip {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.phrase = element("div", { class: "sv-tip-phrase", dir: "auto" });
    this.numbers = element("div", { class: "sv-tip-numbers" });
    this.element = element("div", { class: "sv-tip", hidden: "", "aria-hidden": "true" }, this.phrase, this.numbers);
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * @param {number} object
   * @param {HTMLElement} stage
   * @param {{x: number, y: number}} place in the stage, in CSS pixels
   */
  show(object, stage, place) {
    this.phrase.textContent = this.view.clip.objects[object].name;
    this.numbers.textContent = tipLine(this.view, object);
    this.element.style.setProperty("--c", this.view.css[object]);
    this.element.hidden = false;
    putBeside(this.element, stage, place);
  }
}
