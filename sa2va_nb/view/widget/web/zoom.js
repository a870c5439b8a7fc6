// Zooms into the picture and pans over it; the canvas itself stays as it is.

export const MAX_ZOOM = 32;
const PIXELS_FROM = 3; // times: from there on pixels are seen as squares
const WHEEL_RATE = 0.01; // of a wheel's way; a pinch on a touch pad comes as a wheel, too
const WHEEL_STEP = 0.5; // at most so much of a doubling at once: wheels with notches leap
const DRAG_PX = 4; // less is a click

/**
 * @typedef {object} Zoomed
 * @property {number} scale 1 or more
 * @property {number} x share of the picture's width that lies left of what is seen
 * @property {number} y
 */

/**
 * @param {Zoomed} state
 * @returns {Zoomed} without anything beside the picture
 */
function clamped({ scale, x, y }) {
  const most = 1 - 1 / scale;
  return { scale, x: Math.min(Math.max(x, 0), most), y: Math.min(Math.max(y, 0), most) };
}

/**
 * Zooms so that the point under the pointer stays there.
 * @param {Zoomed} state
 * @param {number} factor
 * @param {number} u place of the pointer, as a share of what is seen
 * @param {number} v
 */
export function zoomedAt({ scale, x, y }, factor, u, v) {
  const wanted = Math.min(Math.max(scale * factor, 1), MAX_ZOOM);
  const next = wanted < 1.02 ? 1 : wanted;
  return clamped({ scale: next, x: x + u / scale - u / next, y: y + v / scale - v / next });
}

/**
 * Moves what is seen with the pointer.
 * @param {Zoomed} state
 * @param {number} du the pointer's way, as a share of what is seen
 * @param {number} dv
 */
export function pannedBy({ scale, x, y }, du, dv) {
  return clamped({ scale, x: x - du / scale, y: y - dv / scale });
}

export class Zoom {
  /**
   * @param {HTMLElement} pane what the picture is seen through
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} changed
   */
  constructor(pane, canvas, changed) {
    this.pane = pane;
    this.canvas = canvas;
    this.changed = changed;
    /** @type {Zoomed} */ this.state = { scale: 1, x: 0, y: 0 };
    /** @type {Map<number, {x: number, y: number}>} */ this.pointers = new Map();
    this.way = 0; // of the pointer since it went down, in pixels
    const lift = (/** @type {PointerEvent} */ event) => this.pointers.delete(event.pointerId);
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("dblclick", () => this.reset());
    this.show();
  }

  get scale() {
    return this.state.scale;
  }

  /** Whether the pointer was dragged since it went down: then its click is none. */
  get wasDragged() {
    return this.way > DRAG_PX;
  }

  /** @param {Zoomed} state */
  set(state) {
    this.state = state;
    this.show();
    this.changed();
  }

  show() {
    const { scale, x, y } = this.state;
    const { style } = this.canvas;
    style.transformOrigin = "0 0";
    style.transform = scale === 1 ? "" : `scale(${scale}) translate(${-100 * x}%, ${-100 * y}%)`;
    style.imageRendering = scale >= PIXELS_FROM ? "pixelated" : "";
    style.touchAction = scale === 1 ? "pan-x pan-y" : "none"; // two fingers are ours, and one to pan
    this.pane.classList.toggle("sv-zoomed", scale > 1);
  }

  /**
   * @param {number} factor
   * @param {number} u place to zoom at, as a share of what is seen
   * @param {number} v
   */
  by(factor, u = 0.5, v = 0.5) {
    this.set(zoomedAt(this.state, factor, u, v));
  }

  /**
   * @param {number} du share of what is seen
   * @param {number} dv
   */
  pan(du, dv) {
    this.set(pannedBy(this.state, du, dv));
  }

  reset() {
    if (this.scale !== 1) this.set({ scale: 1, x: 0, y: 0 });
  }

  /**
   * Place in the pane, as shares of it.
   * @param {{clientX: number, clientY: number}} event
   */
  placeOf({ clientX, clientY }) {
    const box = this.pane.getBoundingClientRect();
    return { u: (clientX - box.left) / box.width, v: (clientY - box.top) / box.height, box };
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const { u, v } = this.placeOf(event);
    const way = -event.deltaY * (event.deltaMode ? 16 : 1) * WHEEL_RATE;
    this.by(2 ** Math.min(Math.max(way, -WHEEL_STEP), WHEEL_STEP), u, v);
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button !== 0) return;
    if (!this.pointers.size) this.way = 0;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.scale > 1 || this.pointers.size > 1) this.canvas.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!event.buttons) {
      this.pointers.delete(event.pointerId); // it was lifted elsewhere
      return;
    }
    this.pointers.set(event.pointerId, now);
    this.way += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    const { box } = this.placeOf(event);
    const share = other ? 0.5 : 1; // of two fingers, the middle moves
    if (other) this.pinch(before, now, other);
    if (this.scale > 1) this.pan((share * (now.x - before.x)) / box.width, (share * (now.y - before.y)) / box.height);
  }

  /**
   * @param {{x: number, y: number}} before of the finger that moved
   * @param {{x: number, y: number}} now
   * @param {{x: number, y: number}} other finger
   */
  pinch(before, now, other) {
    const apart = Math.hypot(before.x - other.x, before.y - other.y);
    const { u, v } = this.placeOf({ clientX: (before.x + other.x) / 2, clientY: (before.y + other.y) / 2 });
    if (apart > 0) this.by(Math.hypot(now.x - other.x, now.y - other.y) / apart, u, v);
  }
}
