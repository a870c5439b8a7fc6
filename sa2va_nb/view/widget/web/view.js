// One view of a session: builds the parts and passes changes on to them.

import { element, emptyOut } from "./dom.js";
import { parseColor } from "./paint.js";
import { wireColors } from "./compare.js";
import { Stage } from "./stage.js";
import { AnswerLine } from "./answer.js";
import { Legend } from "./legend.js";
import { Timeline } from "./timeline.js";
import { Transport } from "./transport.js";
import { ObjectList } from "./objects.js";
import { Tools } from "./tools.js";
import { Help } from "./help.js";
import { Notes } from "./notes.js";
import { onKey } from "./keys.js";

/** @typedef {import("./paint.js").Look} Look */
/** @typedef {import("./paint.js").Rgb} Rgb */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").Change} Change */
/** @typedef {{element: HTMLElement | null, react?: (change: Change) => void, close?: () => void}} Part */

export class View {
  /**
   * @param {Session} session
   * @param {HTMLElement} el
   */
  constructor(session, el) {
    this.session = session;
    this.clip = session.clip;
    this.column = this.clip.shown ?? 0; // of the numbers in the lanes and beside each object
    /** @type {number | null} */ this.hovered = null;
    /** @type {string[]} "#rrggbb" of all objects, A's and then B's */ this.css = [];
    /** @type {Rgb[]} */ this.colors = [];
    this.mixColors();
    this.root = element("div", {
      class: "sa2va-scrubber", role: "group", "aria-label": "Segmented video",
      keydown: (/** @type {KeyboardEvent} */ event) => onKey(this, event),
    });
    this.answer = new AnswerLine(this);
    this.stage = new Stage(this);
    this.legend = new Legend(this);
    this.transport = new Transport(this);
    this.timeline = new Timeline(this);
    this.objects = new ObjectList(this);
    this.tools = new Tools(this);
    this.help = new Help(this);
    this.notes = new Notes(this);
    this.status = element("div", { class: "sv-status", role: "status" });
    /** @type {Part[]} */
    this.parts = [
      this.answer, this.stage, this.legend, this.transport, this.timeline, this.objects, this.tools, this.help,
      this.notes,
    ];
    this.root.append(...this.parts.flatMap((part) => part.element ?? []), this.status);
    el.append(this.root);
    this.update = (/** @type {Change} */ change) => this.react(change);
    session.open(this.update);
    for (const change of /** @type {Change[]} */ (["look", "range", "frame", "playing"])) this.react(change);
  }

  close() {
    this.session.closeView(this.update);
    for (const part of this.parts) part.close?.();
    this.root.remove();
    for (const canvas of this.root.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    this.root.replaceChildren();
    emptyOut(this);
  }

  /** @param {Change} change */
  react(change) {
    if (change === "look") this.mixColors();
    for (const part of this.parts) part.react?.(change);
  }

  /** Takes the colours of all objects as they stand. */
  mixColors() {
    this.css = wireColors(this.clip.objects, this.session.colors);
    this.colors = this.css.map(parseColor);
  }

  /**
   * The look as it is, or as the object under the pointer makes it.
   * @returns {Look}
   */
  get look() {
    const { look } = this.session;
    return { ...look, selected: this.hovered ?? look.selected };
  }

  /**
   * Lets an object stand out for as long as the pointer is on it.
   * @param {number | null} object
   */
  hover(object) {
    if (object === this.hovered) return;
    this.hovered = object;
    this.react("hover");
  }

  /** @param {number} column */
  showColumn(column) {
    this.column = column;
    this.react("column");
  }

  /** @param {string} text said to those who can't see it, the same words once more, too */
  announce(text) {
    this.status.replaceChildren(text);
  }
}
