// One model's state, its frames and its clock, shared by all views of the model.

import { countA } from "./compare.js";
import { inflate, toBytes } from "./wire.js";
import { nearestIndex } from "./clock.js";
import { pictureDecoder } from "./decode.js";
import { FrameStore } from "./store.js";
import { Numbers } from "./numbers.js";
import { Player } from "./player.js";
import { Supply } from "./supply.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./paint.js").Look} Look */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @typedef {object} Model what anywidget and the stand-in for a page without a kernel give
 * @property {(name: string) => any} get
 * @property {(name: string, value: any, options?: {silent: boolean}) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback: (...args: any[]) => void) => void} off
 * @property {(content: any) => void} send
 * @property {import("./supply.js").Packets} [packets] where there is no kernel to ask
 *
 * @typedef {"frame" | "look" | "data" | "picture" | "playing" | "range" | "column" | "hover"} Change
 */

const LOCAL_BUDGET = 24 * 2 ** 20; // bytes kept of frames that the page holds anyway
const LOOK = ["selected", "visible", "opacity", "mode", "colors", "boxes", "trails", "comparing", "split"];

export class Session {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.clip = /** @type {Clip} */ (model.get("_clip"));
    this.count = countA(this.clip.objects);
    /** @type {Set<(change: Change) => void>} */ this.views = new Set();
    this.numbers = new Numbers(this.clip);
    this.supply = new Supply(model, this.clip, {
      frames: (window, packet) => this.takeFrames(window, packet),
      failed: (window, reason) => this.fail(window, reason),
      numbers: (numbers, marks) => this.takeNumbers(numbers, marks),
    });
    const doors = {
      ask: (/** @type {number[]} */ windows) => this.supply.ask(windows),
      decode: pictureDecoder(this.clip),
      ready: () => this.tell("picture"),
    };
    this.store = new FrameStore(this.clip, doors, this.supply.packets ? LOCAL_BUDGET : undefined);
    this.position = nearestIndex(this.clip.frame, model.get("frame"));
    this.store.focusAt = this.position;
    this.isStep = false; // whether the move that views are told of is a step
    this.isOwn = false; // whether the traits are being set from here
    this.player = new Player(this);
    /** @type {[string, () => void][]} */
    this.listeners = [
      ["change:frame", () => this.follow(nearestIndex(this.clip.frame, this.model.get("frame")), "time_s")],
      ["change:time_s", () => this.follow(nearestIndex(this.clip.time_s, this.model.get("time_s")), "frame")],
      ["change:playing", () => this.startOrStop()],
      ["change:range", () => this.tell("range")],
    ];
    for (const name of LOOK) this.listeners.push([`change:${name}`, () => this.tell("look")]);
    for (const [event, callback] of this.listeners) this.model.on(event, callback);
  }

  /**
   * Adds a view; frames are asked for from the first one on.
   * @param {(change: Change) => void} view
   */
  open(view) {
    this.views.add(view);
    if (!this.store.frames.size) this.begin();
    this.startOrStop();
  }

  /** Takes the first picture, which tells how large the frames are, and asks for the others. */
  async begin() {
    await this.store.put(toBytes(this.model.get("_first"))).catch(() => undefined); // it comes with the others, too
    if (!this.store.closed) this.store.askWanted();
  }

  /** @param {(change: Change) => void} view */
  closeView(view) {
    this.views.delete(view);
    if (!this.views.size) this.player.stop();
  }

  close() {
    for (const [event, callback] of this.listeners) this.model.off(event, callback);
    this.views.clear();
    this.player.stop();
    this.supply.close();
    this.store.close();
  }

  /** @param {Change} change */
  tell(change) {
    for (const view of this.views) view(change);
  }

  // ---------------------------------------------------------------- state

  /** @returns {Look} */
  get look() {
    const { model } = this;
    return {
      mode: model.get("mode"),
      opacity: model.get("opacity"),
      visible: model.get("visible"),
      selected: model.get("selected") ?? null,
      boxes: Boolean(model.get("boxes")),
      trails: Boolean(model.get("trails")),
      comparing: model.get("comparing") ?? "off",
      split: model.get("split") ?? 0.5,
    };
  }

  /** @returns {string[]} "#rrggbb" of A's objects */
  get colors() {
    return this.model.get("colors") ?? [];
  }

  /** @param {Record<string, any>} values */
  setAll(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    this.setAll({ [name]: value });
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
   * The stretch that is played, as positions, or null for all.
   * @returns {[number, number] | null}
   */
  get range() {
    const range = this.model.get("range") ?? [];
    if (range.length !== 2) return null;
    const [first, last] = range.map((/** @type {number} */ frame) => nearestIndex(this.clip.frame, frame));
    return [first, last];
  }

  /**
   * @param {number | null} first position, or null for all
   * @param {number} last
   */
  setRange(first, last = first ?? 0) {
    const ends = first === null ? [] : [Math.min(first, last), Math.max(first, last)];
    this.set("range", ends.map((position) => this.clip.frame[position]));
  }

  // ---------------------------------------------------------------- moving

  /**
   * Jumps to a position.
   * @param {number} position
   */
  go(position) {
    const target = Math.min(Math.max(position, 0), this.clip.frame.length - 1);
    this.show(target);
    this.player.anchor();
  }

  /**
   * Steps on from the position asked for last; each step's frame is painted, however fast they come.
   * @param {number} by
   */
  step(by) {
    this.isStep = true;
    this.go(this.position + by);
    this.isStep = false;
  }

  /** @param {number} position */
  show(position) {
    if (position === this.position) return;
    this.move(position);
    this.isOwn = true;
    this.setAll({ frame: this.clip.frame[position], time_s: this.clip.time_s[position] });
    this.isOwn = false;
  }

  /** @param {number} position */
  move(position) {
    this.position = position;
    this.store.focus(position);
    this.tell("frame");
  }

  /**
   * Goes where the frame or the time was set to from outside: from Python, a link, another view.
   * @param {number} position
   * @param {"frame" | "time_s"} other trait, which is set only where it says something else
   */
  follow(position, other) {
    if (this.isOwn) return;
    const values = this.clip[other];
    if (position !== this.position) {
      this.move(position);
      this.player.anchor();
    }
    if (nearestIndex(values, this.model.get(other)) !== position) this.set(other, values[position]);
  }

  // ---------------------------------------------------------------- playing

  get playing() {
    return Boolean(this.model.get("playing"));
  }

  togglePlay() {
    if (this.clip.frame.length > 1) this.set("playing", !this.playing);
  }

  get rate() {
    return this.player.clock.rate;
  }

  /** @param {number} rate times as fast as it was filmed; of this page alone */
  setRate(rate) {
    this.player.setRate(rate);
    this.tell("look");
  }

  startOrStop() {
    this.tell("playing");
    if (this.playing && this.views.size) this.player.start();
    else this.player.stop();
  }

  // ---------------------------------------------------------------- data

  /**
   * @param {number} window
   * @param {Bytes} packet
   */
  async takeFrames(window, packet) {
    try {
      await this.store.put(packet);
    } catch (error) {
      return this.fail(window, `These frames can't be read: ${error}`);
    }
    this.tell("data");
  }

  /**
   * @param {number} window
   * @param {string} reason
   */
  fail(window, reason) {
    this.store.fail(window, reason);
    this.tell("data");
  }

  /** Asks for the numbers, once; what is seen comes first. */
  askNumbers() {
    this.supply.askNumbers();
  }

  /**
   * @param {Bytes} bytes
   * @param {Clip["marks"]} [marks] which take more time to find than the clip has
   */
  async takeNumbers(bytes, marks) {
    this.numbers.values = new Float32Array(await inflate(bytes));
    if (marks) this.clip.marks = marks;
    this.tell("data");
  }

  /** What is marked on the timeline. */
  get marks() {
    return this.clip.marks ?? [];
  }

  get hasNumbers() {
    return this.numbers.values !== null;
  }

  /**
   * @param {number} column of clip.columns
   * @param {number} object
   */
  series(column, object) {
    return this.numbers.series(column, object);
  }
}
