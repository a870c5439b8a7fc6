// A loupe over the picture: its pixels enlarged, and the place and colour of the one in the middle.

import { element } from "./dom.js";

/** @typedef {import("./wire.js").Clip} Clip */

const TIMES = 8;
const REACH = 8; // pixels seen on each side of the one in the middle
const SMALL_REACH = 4; // in a stage too low for more
const ROOM_PX = 220; // that the whole loupe needs

/**
 * The pixel of the source frame under the middle of a pixel of the view.
 * @param {number} at
 * @param {number} shown pixels of the view along an axis
 * @param {number} full pixels of the source
 */
export function sourcePixel(at, shown, full) {
  return Math.floor((at + 0.5) * (full / shown));
}

/**
 * What a loupe says of a pixel.
 * @param {Clip} clip
 * @param {{x: number, y: number}} pixel of the view
 * @param {ArrayLike<number>} rgb
 */
function pixelLines({ width, height, source }, { x, y }, rgb) {
  const [fullH, fullW] = source ?? [height, width];
  const there = `${sourcePixel(x, width, fullW)}, ${sourcePixel(y, height, fullH)}`;
  const lines = [`x, y  ${x}, ${y}`, `rgb  ${rgb[0]}, ${rgb[1]}, ${rgb[2]}`];
  return fullW === width && fullH === height ? lines : [lines[0], `in the source  ${there}`, lines[1]];
}

export class Loupe {
  /**
   * @param {Clip} clip
   * @param {HTMLCanvasElement} picture
   */
  constructor(clip, picture) {
    this.clip = clip;
    this.picture = picture;
    this.isOn = false;
    /** @type {{x: number, y: number} | null} */ this.at = null; // pixel of the painted picture
    this.glass = element("canvas", { class: "sv-glass" });
    this.lines = element("div", { class: "sv-loupe-text" });
    this.element = element("div", { class: "sv-loupe", hidden: "", "aria-hidden": "true" }, this.glass, this.lines);
  }

  toggle() {
    this.isOn = !this.isOn;
    this.element.hidden = !this.isOn;
  }

  /**
   * Moves it onto a pixel of the painted picture, and back into it where that lies beside it.
   * @param {number} x
   * @param {number} y
   */
  aim(x, y) {
    const { width, height } = this.picture;
    this.at = { x: Math.min(Math.max(x, 0), width - 1), y: Math.min(Math.max(y, 0), height - 1) };
  }

  /** The pixel it stands on: the last one, or the middle. */
  get pixel() {
    const { width, height } = this.picture;
    return this.at ?? { x: width >> 1, y: height >> 1 };
  }

  /** What it says. */
  get text() {
    return [...this.lines.children].map((line) => line.textContent).join("; ");
  }

  draw() {
    if (!this.isOn) return;
    const { x, y } = this.pixel;
    const reach = (this.element.parentElement?.clientHeight ?? 0) < ROOM_PX ? SMALL_REACH : REACH;
    const count = 2 * reach + 1;
    const side = Math.round(count * TIMES * (devicePixelRatio || 1));
    this.glass.style.width = this.glass.style.height = `${count * TIMES}px`;
    if (this.glass.width !== side) this.glass.width = this.glass.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (this.glass.getContext("2d"));
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, side, side);
    context.drawImage(this.picture, x - reach, y - reach, count, count, 0, 0, side, side);
    this.drawCross(context, side, side / count);
    const rgb = /** @type {CanvasRenderingContext2D} */ (this.picture.getContext("2d")).getImageData(x, y, 1, 1).data;
    const pixel = { x: x % this.clip.width, y };
    this.lines.replaceChildren(...pixelLines(this.clip, pixel, rgb).map((line) => element("div", {}, line)));
  }

  /**
   * A cross that leaves the pixel in the middle free, light on dark to be seen on any ground.
   * @param {CanvasRenderingContext2D} context
   * @param {number} side
   * @param {number} step of one enlarged pixel
   */
  drawCross(context, side, step) {
    const middle = side / 2;
    const [near, far] = [(side - step) / 2, (side + step) / 2];
    const cross = new Path2D();
    cross.rect(near, near, step, step);
    for (const [from, to] of [[0, near], [far, side]]) {
      cross.moveTo(from, middle);
      cross.lineTo(to, middle);
      cross.moveTo(middle, from);
      cross.lineTo(middle, to);
    }
    for (const [color, width] of /** @type {[string, number][]} */ ([["rgb(0 0 0 / 60%)", 3], ["#fff", 1]])) {
      context.strokeStyle = color;
      context.lineWidth = width * (devicePixelRatio || 1);
      context.stroke(cross);
    }
  }
}
