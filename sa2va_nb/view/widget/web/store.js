// Keeps the frames that came, asks for those that are missing, decodes those that come next.

import { parsePacket } from "./wire.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./wire.js").Frame} Frame */
/** @typedef {import("./decode.js").Decode} Decode */
/**
 * @typedef {object} Doors what a store reaches the world through
 * @property {(windows: number[]) => void} ask for windows, the most wanted first
 * @property {Decode} decode
 * @property {(position: number) => void} ready told when a position can be painted
 */

const COMPRESSED_BUDGET = 96 * 2 ** 20; // bytes of JPEG and runs kept
const DECODED_BUDGET = 32 * 2 ** 20; // bytes of decoded pictures kept
const LOOK_AHEAD = 6; // pictures decoded before they are needed
const FULL = 0.9; // of the budget is asked for: windows differ in size
const NEAREST = 3; // windows asked for however large they are
const FEW = 4; // with fewer windows to come, more are asked for

/**
 * The windows nearest to one, itself first.
 * @param {number} center
 * @param {number} count
 */
export function windowsByDistance(center, count) {
  return Array.from({ length: count }, (_, w) => w).sort(
    (a, b) => Math.abs(a - center) - Math.abs(b - center) || b - a,
  );
}

/** @param {Frame} frame */
function frameBytes({ image, runs }) {
  return (image?.byteLength ?? 0) + runs.reduce((sum, r) => sum + r.byteLength, 0);
}

export class FrameStore {
  /**
   * @param {Clip} clip
   * @param {Doors} doors
   * @param {number} budget bytes of JPEG and runs kept
   */
  constructor(clip, doors, budget = COMPRESSED_BUDGET) {
    this.clip = clip;
    this.doors = doors;
    this.budget = budget;
    this.count = Math.ceil(clip.frame.length / clip.window);
    this.bytes = 0;
    this.focusAt = 0;
    this.direction = 1;
    this.closed = false;
    /** @type {Map<number, Frame>} */ this.frames = new Map();
    /** @type {Map<number, Uint32Array | null>} */ this.pictures = new Map(); // least recently used first
    /** @type {Set<number>} */ this.decoding = new Set();
    /** @type {number[]} */ this.pending = []; // windows asked for, in order
    /** @type {Set<number>} */ this.loaded = new Set();
    /** @type {Map<number, string>} */ this.failed = new Map();
    this.maxPictures = Math.max(2 * LOOK_AHEAD + 2, Math.floor(DECODED_BUDGET / (clip.width * clip.height * 4)));
  }

  /** @param {number} position */
  windowOf(position) {
    return Math.floor(position / this.clip.window);
  }

  /** @param {number} position */
  isReady(position) {
    return this.pictures.has(position);
  }

  /** @param {number} position */
  hasFailed(position) {
    return this.failed.has(this.windowOf(position));
  }

  /**
   * What there is to paint; only for a position that is ready.
   * @param {number} position
   */
  at(position) {
    const picture = this.pictures.get(position) ?? null;
    this.pictures.delete(position);
    this.pictures.set(position, picture); // now the most recently used
    return { picture, runs: /** @type {Frame} */ (this.frames.get(position)).runs };
  }

  /**
   * Tells where the viewer is, so that what is near comes first.
   * @param {number} position
   */
  focus(position) {
    const moved = this.windowOf(position) !== this.windowOf(this.focusAt);
    const by = position - this.focusAt;
    if (by) this.direction = by < 0 && by > -this.clip.window ? -1 : 1; // after a jump, on
    this.focusAt = position;
    if (moved) this.askWanted();
    this.decodeAhead();
  }

  /** @param {Uint8Array<ArrayBuffer>} packet */
  async put(packet) {
    const { first, frames } = await parsePacket(packet);
    if (this.closed) return;
    frames.forEach((frame, i) => {
      if (this.frames.has(first + i)) return;
      this.frames.set(first + i, frame);
      this.bytes += frameBytes(frame);
    });
    const window = this.windowOf(first);
    const start = window * this.clip.window;
    if (first === start && frames.length === Math.min(this.clip.window, this.clip.frame.length - start)) {
      this.loaded.add(window);
      this.failed.delete(window);
      this.settle(window);
    }
    this.dropFar();
    this.decodeAhead();
    if (!this.pictures.size) this.decode(first); // a picture to begin with
  }

  /**
   * @param {number} window
   * @param {string} reason
   */
  fail(window, reason) {
    this.failed.set(window, reason);
    this.settle(window);
  }

  /**
   * Asks once more for a window that failed, or doesn't come.
   * @param {number} window
   */
  retry(window) {
    this.failed.delete(window);
    this.settle(window);
    this.askWanted();
  }

  /** @param {number} window that came or failed */
  settle(window) {
    this.pending = this.pending.filter((other) => other !== window);
  }

  /** Windows there is room for, the nearest first, but for those that came or failed. */
  wanted() {
    const perFrame = this.bytes / this.frames.size; // NaN while there is none
    const room = Math.floor((FULL * this.budget) / (perFrame * this.clip.window)) || 0;
    return windowsByDistance(this.windowOf(this.focusAt), this.count)
      .slice(0, Math.max(room, NEAREST))
      .filter((window) => !this.loaded.has(window) && !this.failed.has(window));
  }

  /** Asks for what is wanted, where what was asked for isn't that already. */
  askWanted() {
    const wanted = this.wanted();
    const isUrgent = wanted.length > 0 && wanted[0] !== this.pending[0];
    const isRunningOut = this.pending.length < FEW && wanted.length > this.pending.length;
    if (!isUrgent && !isRunningOut) return;
    this.pending = wanted;
    this.doors.ask(wanted);
  }

  decodeAhead() {
    for (let i = 0; i <= LOOK_AHEAD; i++) this.decode(this.focusAt + i * this.direction);
    this.decode(this.focusAt - this.direction);
  }

  /** @param {number} position */
  async decode(position) {
    const frame = this.frames.get(position);
    if (!frame || this.closed || this.pictures.has(position) || this.decoding.has(position)) return;
    this.decoding.add(position);
    const picture = frame.image && (await this.doors.decode(/** @type {any} */ (frame.image)).catch(() => null));
    this.decoding.delete(position);
    if (this.closed || !this.frames.has(position)) return;
    this.pictures.set(position, picture);
    for (const oldest of this.pictures.keys()) {
      if (this.pictures.size <= this.maxPictures) break;
      this.pictures.delete(oldest);
    }
    this.doors.ready(position);
  }

  /** Drops the farthest windows that there is no room for. */
  dropFar() {
    if (this.bytes <= this.budget) return;
    const here = this.windowOf(this.focusAt);
    for (const window of windowsByDistance(here, this.count).reverse()) {
      if (this.bytes <= this.budget || Math.abs(window - here) <= 1) return;
      this.loaded.delete(window);
      const start = window * this.clip.window;
      for (let p = start; p < start + this.clip.window; p++) this.dropFrame(p);
    }
  }

  /** @param {number} position */
  dropFrame(position) {
    const frame = this.frames.get(position);
    if (!frame) return;
    this.bytes -= frameBytes(frame);
    this.frames.delete(position);
    this.pictures.delete(position);
  }

  close() {
    this.closed = true;
    this.pictures.clear();
    this.frames.clear();
  }
}
