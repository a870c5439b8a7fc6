// The controls below: how masks are drawn and compared, zoom, speed, the list of keys.

import { element, icon } from "./dom.js";
import { COMPARING_NAMES, COMPARING_TITLES, MODE_NAMES, MODE_TITLES, SPEEDS } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */

export const ZOOM_STEP = 1.25;
const NO_FILLING = ["contour", "mask", "spotlight", "cutout"]; // modes that opacity says nothing in

/**
 * Whether the opacity has something to act on.
 * @param {{mode: string, comparing: string}} look
 */
function usesOpacity({ mode, comparing }) {
  return comparing === "difference" ? mode !== "mask" : !NO_FILLING.includes(mode);
}

export class Tools {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const { clip, session } = view;
    this.modes = clip.modes.map((mode) =>
      this.buildChoice("mode", mode, MODE_NAMES[mode], `${MODE_TITLES[mode] ?? mode} (M)`));
    this.comparings = clip.comparisons.length < 2 ? [] : clip.comparisons.map((name) =>
      this.buildChoice("comparing", name, COMPARING_NAMES[name], `${COMPARING_TITLES[name] ?? name} (C)`));
    this.opacity = this.buildSlider("opacity", "Opacity", "Opacity of the filling (O)", 0.05);
    this.split = this.buildSlider("split", "Line", "Place of the wipe's line (, .)", 0.01);
    this.boxes = this.buildSwitch("boxes", "Boxes", "Box around each object (B)",
      () => session.set("boxes", !session.look.boxes));
    this.trails = this.buildSwitch("trails", "Trails", "Where each object was in the last second (T)",
      () => session.set("trails", !session.look.trails));
    this.loupe = this.buildSwitch("loupe", "Loupe", "Magnify what is under the pointer (L)",
      () => view.stage.toggleLoupe());
    this.helpButton = element("button", {
      class: "sv-help-button", type: "button", "aria-expanded": "false", "aria-label": "Keys", title: "Keys (?)",
      click: () => view.help.toggle(),
    }, "?");
    /** @type {HTMLElement} */
    this.element = this.build();
  }

  /** @returns {HTMLElement} */
  build() {
    const compare = this.comparings.length ? element("div", { class: "sv-tool-row" },
      element("div", { class: "sv-label" }, element("span", { "aria-hidden": "true" }, "Compare"),
        this.buildGroup("sv-comparings", "Compare A and B", this.comparings)),
      this.split.label) : null;
    const switches = this.buildGroup("sv-switches", "Shown as well", [this.boxes, this.trails, this.loupe]);
    return element("div", { class: "sv-tools", role: "group", "aria-label": "View" },
      compare,
      element("div", { class: "sv-tool-row" },
        this.buildGroup("sv-modes", "What is drawn", this.modes), this.opacity.label, this.helpButton),
      element("div", { class: "sv-tool-row" }, switches, this.buildZoom(), this.buildSpeed()));
  }

  /**
   * @param {string} className
   * @param {string} label
   * @param {HTMLElement[]} buttons
   * @returns {HTMLElement}
   */
  buildGroup(className, label, buttons) {
    return element("div", { class: className, role: "group", "aria-label": label }, ...buttons);
  }

  /**
   * One of several that exclude each other.
   * @param {"mode" | "comparing"} trait
   * @param {string} value
   * @param {string | undefined} name
   * @param {string} title
   * @returns {HTMLButtonElement}
   */
  buildChoice(trait, value, name, title) {
    return element("button", {
      type: "button", title, [`data-${trait}`]: value, click: () => this.view.session.set(trait, value),
    }, name ?? value);
  }

  /**
   * @param {"boxes" | "trails" | "loupe"} name
   * @param {string} text
   * @param {string} title
   * @param {() => void} click
   * @returns {HTMLButtonElement}
   */
  buildSwitch(name, text, title, click) {
    const attributes = { class: "sv-switch", type: "button", title, "data-switch": name, click };
    return element("button", attributes, icon(name), text);
  }

  /**
   * A slider over 0..1 for a trait.
   * @param {"opacity" | "split"} trait
   * @param {string} text
   * @param {string} title
   * @param {number} step
   */
  buildSlider(trait, text, title, step) {
    /** @type {HTMLInputElement} */
    const input = element("input", {
      class: `sv-slider sv-${trait}`, type: "range", min: 0, max: 1, step, title,
      input: () => this.view.session.set(trait, Number(input.value)),
    });
    const number = element("span", { class: "sv-number", "aria-hidden": "true" });
    /** @type {HTMLElement} */
    const label = element("label", { class: "sv-label" }, text, input, number);
    const show = (/** @type {number} */ value) => {
      input.value = String(value);
      input.style.setProperty("--p", String(value));
      number.textContent = `${Math.round(100 * value)} %`;
      input.setAttribute("aria-valuetext", number.textContent);
    };
    return { input, label, show };
  }

  /** @returns {HTMLElement} */
  buildZoom() {
    const { stage } = this.view;
    this.zoomOut = this.buildZoomButton("Zoom out", "Zoom out (−)", () => stage.zoomBy(1 / ZOOM_STEP), icon("minus"));
    this.scale = this.buildZoomButton("Whole picture", "The whole picture (F)", () => stage.resetZoom(), "");
    this.scale.classList.add("sv-zoom-scale");
    const zoomIn = this.buildZoomButton("Zoom in", "Zoom in (+)", () => stage.zoomBy(ZOOM_STEP), icon("plus"));
    return this.buildGroup("sv-zoom", "Zoom", [this.zoomOut, this.scale, zoomIn]);
  }

  /**
   * @param {string} label
   * @param {string} title
   * @param {() => void} click
   * @param {Node | string} face
   * @returns {HTMLButtonElement}
   */
  buildZoomButton(label, title, click, face) {
    return element("button", { type: "button", "aria-label": label, title, click }, face);
  }

  /** @returns {HTMLElement} */
  buildSpeed() {
    this.speed = element("select", {
      class: "sv-speed", title: "Speed of playing (S)",
      change: () => this.view.session.setRate(SPEEDS[this.speed.selectedIndex]),
    }, ...SPEEDS.map((rate) => element("option", {}, `${rate}×`)));
    return element("label", { class: "sv-label" }, "Speed", this.speed);
  }

  /** @param {Change} change */
  react(change) {
    if (change !== "look") return;
    this.showPressed();
    this.showZoom();
    const { session, session: { look } } = this.view;
    this.opacity.show(look.opacity);
    this.opacity.input.disabled = !usesOpacity(look);
    this.split.show(look.split);
    this.split.label.hidden = look.comparing !== "wipe";
    this.speed.selectedIndex = SPEEDS.indexOf(session.rate);
  }

  showPressed() {
    const { stage, session: { look } } = this.view;
    const press = (/** @type {HTMLElement} */ button, /** @type {boolean} */ on) =>
      button.setAttribute("aria-pressed", String(on));
    for (const button of this.modes) press(button, button.dataset.mode === look.mode);
    for (const button of this.comparings) press(button, button.dataset.comparing === look.comparing);
    press(this.boxes, look.boxes);
    press(this.trails, look.trails);
    press(this.loupe, stage.loupeOn);
  }

  showZoom() {
    const { scale } = this.view.stage.zoom;
    const percent = `${Math.round(100 * scale)} %`;
    const { scale: button, zoomOut } = this;
    if (!button || !zoomOut) return;
    button.textContent = percent;
    button.setAttribute("aria-label", `Whole picture, now ${percent}`);
    button.disabled = zoomOut.disabled = scale <= 1;
  }
}
