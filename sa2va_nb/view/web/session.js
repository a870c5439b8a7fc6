// One model's state, its frames and its clock, shared by all views of the model.

import { inflate, toBytes } from "./wire.js";
import { FrameStore } from "./store.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./paint.js").Look} Look */

/**
 * @typedef {object} Model what anywidget and the stand-in for a page without a kernel give
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback?: (...args: any[]) => void) => void} off
 * @property {(content: any) => void} send
 *
 * @typedef {"frame" | "look" | "data" | "playing"} Change
 */

/**
 * Index of the value nearest to one in an increasing list; the earlier of two.
 * @param {number[]} values
 * @param {number} value
 */
export function nearestIndex(values, value) {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value - values[low - 1] <= values[low] - value ? low - 1 : low;
}

export class Session {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.clip = /** @type {Clip} */ (model.get("_clip"));
    /** @type {Float32Array | null} */ this.values = null;
    /** @type {Set<(change: Change) => void>} */ this.views = new Set();
    this.store = new FrameStore(
      this.clip,
      (window) => model.send({ type: "frames", window }),
      (position) => position === this.position && this.tell("data"),
    );
    this.position = nearestIndex(this.clip.frame, model.get("frame"));
    this.anchor = { position: 0, at: 0 }; // of the clock: this position was due at this time
    /** @type {[string, (...args: any[]) => void][]} */
    this.listeners = [
      ["change:frame", () => this.follow()],
      ["change:playing", () => this.startOrStop()],
      ["msg:custom", (content, buffers) => this.receive(content, buffers)],
      ...["selected", "visible", "opacity", "mode"].map(
        (name) => /** @type {[string, () => void]} */ ([`change:${name}`, () => this.tell("look")]),
      ),
    ];
    for (const [event, callback] of this.listeners) model.on(event, callback);
  }

  /**
   * Adds a view; frames are asked for from the first one on.
   * @param {(change: Change) => void} view
   */
  open(view) {
    this.views.add(view);
    if (this.views.size > 1) return;
    this.store.focus(this.position);
    this.store.put(toBytes(this.model.get("_first")));
    inflate(toBytes(this.model.get("_values"))).then((buffer) => {
      this.values = new Float32Array(buffer);
      this.tell("data");
    });
    this.startOrStop();
  }

  /** @param {(change: Change) => void} view */
  closeView(view) {
    this.views.delete(view);
  }

  close() {
    for (const [event, callback] of this.listeners) this.model.off(event, callback);
    this.views.clear();
    this.store.close();
  }

  /** @param {Change} change */
  tell(change) {
    for (const view of this.views) view(change);
  }

  /** @returns {Look} */
  get look() {
    const [mode, opacity, visible, selected] = ["mode", "opacity", "visible", "selected"].map((name) =>
      this.model.get(name));
    return { mode, opacity, visible, selected: selected ?? null };
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** @param {number} position */
  go(position) {
    const target = Math.min(Math.max(position, 0), this.clip.frame.length - 1);
    this.anchor = { position: target, at: performance.now() };
    this.show(target);
  }

  /** @param {number} position */
  show(position) {
    if (position === this.position) return;
    this.position = position;
    this.store.focus(position);
    this.tell("frame");
    this.set("frame", this.clip.frame[position]);
  }

  /** The frame was set from outside: from Python, a link, another view. */
  follow() {
    const position = nearestIndex(this.clip.frame, this.model.get("frame"));
    if (position === this.position) return;
    this.position = position;
    this.anchor = { position, at: performance.now() };
    this.store.focus(position);
    this.tell("frame");
  }

  /** @param {number} object */
  toggle(object) {
    const { visible } = this.look;
    const without = visible.filter((k) => k !== object);
    this.set("visible", without.length < visible.length ? without : [...visible, object].sort((a, b) => a - b));
  }

  /** @param {number | null} object */
  select(object) {
    this.set("selected", this.look.selected === object ? null : object);
  }

  /**
   * @param {number} column
   * @param {number} object
   * @returns {Float32Array} a value for each position
   */
  series(column, object) {
    const length = this.clip.frame.length;
    const start = (column * this.clip.objects.length + object) * length;
    return this.values ? this.values.subarray(start, start + length) : new Float32Array(length).fill(NaN);
  }

  startOrStop() {
    this.tell("playing");
    if (!this.model.get("playing") || !this.views.size || this.ticking) return;
    this.anchor = { position: this.position, at: performance.now() };
    this.ticking = true;
    requestAnimationFrame((now) => this.tick(now));
  }

  /**
   * Shows the frame that is due. One that hasn't come yet is waited for, not left out.
   * @param {number} now
   */
  tick(now) {
    this.ticking = this.model.get("playing") && this.views.size > 0;
    if (!this.ticking) return;
    const due = this.duePosition(now);
    if (due !== this.position && this.store.isReady(due)) this.show(due);
    else if (due !== this.position) this.anchor = { position: this.position, at: now };
    requestAnimationFrame((next) => this.tick(next));
  }

  /** @param {number} now */
  duePosition(now) {
    const { time_s, step_s } = this.clip;
    const last = time_s.length - 1;
    const elapsed = (now - this.anchor.at) / 1000;
    if (this.position === last) {
      const over = time_s[last] + step_s - time_s[this.anchor.position] - elapsed;
      if (over > 0) return last;
      this.anchor = { position: 0, at: now };
      this.store.focus(0);
      return 0;
    }
    let due = this.position;
    const time = time_s[this.anchor.position] + elapsed;
    while (due < last && time_s[due + 1] <= time) due++;
    return due;
  }

  /**
   * @param {any} content
   * @param {DataView[]} buffers
   */
  receive(content, buffers) {
    if (content.type === "frames") this.store.put(toBytes(buffers[0]));
    if (content.type === "failed") {
      this.store.fail(content.window, content.reason);
      this.tell("data");
    }
  }
}
