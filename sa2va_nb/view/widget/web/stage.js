// The picture: paints the frames, and knows what lies under the pointer.

import { areaOf, covers } from "./runs.js";
import { BLINK_MS } from "./compare.js";
import { Painter, objectsAt } from "./picture.js";
import { element } from "./dom.js";
import { formatTime } from "./words.js";
import { Loupe } from "./loupe.js";
import { Message } from "./message.js";
import { Tip, putBeside } from "./tip.js";
import { WipeHandle } from "./wipe.js";
import { Zoom } from "./zoom.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */

const MOST_DUE = 60; // steps that wait to be painted; they are made up for in a second

export class Stage {
  /** @param {View} view */
  constructor(view) {
    const { clip, session } = view;
    this.view = view;
    this.painter = new Painter(clip);
    this.image = new ImageData(clip.width, clip.height);
    /** @type {number[]} positions to paint; the last one is the session's */ this.due = [];
    /** @type {number | null} the position that is seen */ this.painted = null;
    this.nextFrame = 0; // the animation frame asked for
    this.flipped = false; // whether a blink shows B
    /** @type {ReturnType<typeof setInterval> | undefined} */ this.blinking = undefined;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.onStill = () => this.blink();
    this.still.addEventListener("change", this.onStill);
    this.canvas = /** @type {HTMLCanvasElement} */ (element("canvas", {
      class: "sv-picture", width: clip.width, height: clip.height, role: "img", tabindex: "0",
      click: (/** @type {PointerEvent} */ event) => this.onClick(event),
      pointermove: (/** @type {PointerEvent} */ event) => this.onPointer(event),
      pointerleave: () => this.tip.hide(),
    }));
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { willReadFrequently: true }));
    this.handle = new WipeHandle((split) => session.set("split", split), (event) => this.shareAt(event));
    this.tip = new Tip(view);
    this.loupe = new Loupe(clip, this.canvas);
    this.message = new Message(session);
    const pane = /** @type {HTMLElement} */ (element("div", { class: "sv-pane" }, this.canvas, this.handle.element));
    this.element = /** @type {HTMLElement} */ (element("div", { class: "sv-stage" },
      pane, this.loupe.element, this.tip.element, this.message.element));
    this.zoom = new Zoom(pane, this.canvas, () => this.onZoom());
  }

  close() {
    this.message.hide();
    clearInterval(this.blinking);
    cancelAnimationFrame(this.nextFrame);
    this.still.removeEventListener("change", this.onStill);
  }

  /** @param {Change} change */
  react(change) {
    const { session } = this.view;
    if (change === "look") this.showLook();
    if (change === "frame") {
      this.due = session.isStep ? [...this.due, session.position].slice(-MOST_DUE) : [session.position];
      this.showPosition();
    }
    if (change === "frame" || change === "picture" || change === "data") this.paintDue();
    if (change === "look" || change === "hover" || change === "data") this.repaint();
    if (change === "data" && session.store.hasFailed(session.position)) this.message.show();
  }

  showLook() {
    const { view } = this;
    const { comparing, split } = view.look;
    this.handle.show(comparing === "wipe" && view.clip.sides !== null, split, this.zoom.state);
    view.root.style.setProperty("--sv-ratio", String(this.painter.widthOf(view.look) / view.clip.height));
    if ((comparing === "blink") !== (this.blinking !== undefined)) this.blink();
  }

  showPosition() {
    const { clip, session } = this.view;
    const time = clip.timed ? ` at ${formatTime(clip.time_s[session.position])}` : "";
    this.canvas.setAttribute("aria-label", `Frame ${clip.frame[session.position]}${time}`);
    this.tip.hide();
  }

  // ---------------------------------------------------------------- painting

  /** Paints the next position due, if it has come; of fast steps each gets a frame of its own. */
  paintDue() {
    const { store } = this.view.session;
    const wanted = this.due.at(-1) ?? 0;
    const isLost = (/** @type {number} */ p) => store.hasFailed(p) || (!store.frames.has(p) && store.isReady(wanted));
    while (this.due.length > 1 && isLost(this.due[0])) this.due.shift();
    const [position] = this.due;
    if (position === undefined) return;
    if (!store.isReady(position)) {
      store.decode(position);
      const [other] = store.pictures.keys();
      if (this.painted === null && other !== undefined) this.paint(other); // better than nothing
      return this.message.soon();
    }
    this.due.shift();
    this.paint(position);
    if (!this.due.length || this.nextFrame) return;
    this.nextFrame = requestAnimationFrame(() => {
      this.nextFrame = 0;
      this.paintDue();
    });
  }

  /** Paints what is seen once more, as it is looked at now. */
  repaint() {
    if (this.painted !== null && this.view.session.store.isReady(this.painted)) this.paint(this.painted);
  }

  /**
   * Paints a position that is ready; root's data say which frame is seen, and how.
   * @param {number} position
   */
  paint(position) {
    const { view, painter, canvas, flipped } = this;
    const { session, clip, look } = view;
    const { picture, runs } = session.store.at(position);
    const trails = look.trails && session.hasNumbers ? runs.map((_, k) => session.numbers.trail(k, position)) : [];
    const width = painter.widthOf(look);
    if (canvas.width !== width) {
      canvas.width = width;
      this.image = new ImageData(width, clip.height);
    }
    const scene = { position, picture, runs, colors: view.colors, trails, flipped };
    painter.paint(scene, look, new Uint32Array(this.image.data.buffer));
    this.context.putImageData(this.image, 0, 0);
    this.painted = position;
    this.loupe.draw();
    if (position === session.position) this.message.hide();
    const { dataset } = view.root;
    dataset.comparing = look.comparing;
    dataset.mode = look.mode;
    dataset.side = look.comparing === "blink" ? (flipped ? "b" : "a") : "";
    dataset.frame = String(clip.frame[position]);
    dataset.ready = "true";
    session.askNumbers();
  }

  // ---------------------------------------------------------------- comparing

  /** Shows A and B in turns, unless the reader wants nothing to move. */
  blink() {
    const isOn = this.view.look.comparing === "blink";
    clearInterval(this.blinking);
    this.blinking = isOn && !this.still.matches ? setInterval(() => this.flip(), BLINK_MS) : undefined;
    if (!isOn) this.flipped = false;
  }

  /** Shows the other side of a blink. */
  flip() {
    if (this.view.look.comparing !== "blink") return;
    this.flipped = !this.flipped;
    this.repaint();
  }

  /** @param {number} by share of the width */
  moveSplit(by) {
    const { comparing, split } = this.view.look;
    if (comparing === "wipe") this.handle.moveTo(split + by);
  }

  // ---------------------------------------------------------------- the pointer

  /**
   * Share of the picture's width at the pointer.
   * @param {MouseEvent} event
   */
  shareAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  }

  /**
   * The painted pixel at the pointer.
   * @param {MouseEvent} event
   */
  pixelAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.canvas;
    const at = (/** @type {number} */ share, /** @type {number} */ size) =>
      Math.min(Math.max(Math.floor(share * size), 0), size - 1);
    return { x: at(this.shareAt(event), width), y: at((event.clientY - box.top) / box.height, height) };
  }

  /**
   * The smallest object drawn at a painted pixel.
   * @param {{x: number, y: number}} pixel
   */
  pick(pixel) {
    const { painted, flipped, view } = this;
    const { clip, session } = view;
    if (painted === null || !session.store.isReady(painted)) return null;
    const { objects, x } = objectsAt(clip, session.look, { position: painted, flipped }, pixel.x);
    const { runs } = session.store.at(painted);
    const under = objects.filter((k) => covers(runs[k], pixel.y * clip.width + x));
    return under.sort((a, b) => areaOf(runs[a]) - areaOf(runs[b]))[0] ?? null;
  }

  /** @param {PointerEvent} event */
  onClick(event) {
    if (this.zoom.wasDragged) return;
    const { session, clip } = this.view;
    const object = this.pick(this.pixelAt(event));
    const own = object !== null && clip.objects[object].side === "b" ? clip.objects[object].partner : object;
    if (own !== null || object === null) session.select(own); // one of B alone can't be selected
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    const box = this.element.getBoundingClientRect();
    const place = { x: event.clientX - box.left, y: event.clientY - box.top };
    const pixel = this.pixelAt(event);
    const object = this.loupe.isOn || event.pointerType === "touch" || event.buttons > 0 ? null : this.pick(pixel);
    if (object === null) this.tip.hide();
    else this.tip.show(object, this.element, place);
    this.loupe.aim(pixel.x, pixel.y);
    this.drawLoupe(place);
  }

  // ---------------------------------------------------------------- zoom and loupe

  onZoom() {
    this.showLook();
    this.drawLoupe();
    this.view.react("look");
  }

  /** @param {number} factor */
  zoomBy(factor) {
    this.zoom.by(factor);
  }

  resetZoom() {
    this.zoom.reset();
  }

  get loupeOn() {
    return this.loupe.isOn;
  }

  toggleLoupe() {
    this.loupe.toggle();
    this.tip.hide();
    this.drawLoupe();
    this.view.react("look");
  }

  /**
   * Moves the loupe, or else what is seen of a zoomed picture.
   * @param {number} dx pixels of the view; the zoomed picture moves a tenth of what is seen for each, at most half
   * @param {number} dy
   * @returns {boolean} whether there was anything to move
   */
  nudge(dx, dy) {
    const { loupe, zoom } = this;
    const share = (/** @type {number} */ by) => Math.min(Math.max(by / 10, -0.5), 0.5);
    if (loupe.isOn) {
      loupe.aim(loupe.pixel.x + dx, loupe.pixel.y + dy);
      this.drawLoupe();
      this.view.announce(loupe.text);
    } else if (zoom.scale > 1) {
      zoom.pan(-share(dx), -share(dy));
    }
    return loupe.isOn || zoom.scale > 1;
  }

  /**
   * Draws the loupe beside a place in the stage; without one, beside the pixel it stands on.
   * @param {{x: number, y: number}} [place] in CSS pixels
   */
  drawLoupe(place) {
    const { loupe, canvas } = this;
    if (!loupe.isOn) return;
    loupe.draw();
    const stage = this.element.getBoundingClientRect();
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(loupe.pixel.x + 0.5) / canvas.width, (loupe.pixel.y + 0.5) / canvas.height];
    const own = { x: box.left - stage.left + x * box.width, y: box.top - stage.top + y * box.height };
    putBeside(loupe.element, this.element, place ?? own);
  }
}
