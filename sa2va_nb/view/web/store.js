// Keeps the frames that came, asks for those that are missing, decodes those that come next.

import { parsePacket } from "./wire.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./wire.js").Frame} Frame */

const COMPRESSED_BUDGET = 96 * 2 ** 20; // bytes of JPEG and runs kept
const DECODED_BUDGET = 64 * 2 ** 20; // bytes of decoded pictures kept
const IN_FLIGHT = 2; // windows asked for at a time: one travels while Python makes the other
const LOOK_AHEAD = 6; // pictures decoded before they are needed

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

export class FrameStore {
  /**
   * @param {Clip} clip
   * @param {(window: number) => void} ask
   * @param {(position: number) => void} onReady called when a position can be painted
   */
  constructor(clip, ask, onReady) {
    this.clip = clip;
    this.ask = ask;
    this.onReady = onReady;
    this.bytes = 0;
    this.focusAt = 0;
    this.direction = 1;
    /** @type {Map<number, Frame>} */ this.frames = new Map();
    /** @type {Map<number, ImageBitmap | null>} */ this.pictures = new Map(); // least recently used first
    /** @type {Set<number>} */ this.decoding = new Set();
    /** @type {Set<number>} */ this.asked = new Set();
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
    if (position !== this.focusAt) this.direction = Math.sign(position - this.focusAt);
    this.focusAt = position;
    this.askNext();
    this.decodeAhead();
  }

  /** @param {Uint8Array} packet */
  async put(packet) {
    const { first, frames } = await parsePacket(packet);
    frames.forEach((frame, i) => {
      const { image, runs } = frame;
      if (this.frames.has(first + i)) return;
      this.frames.set(first + i, frame);
      this.bytes += (image?.byteLength ?? 0) + runs.reduce((sum, r) => sum + r.byteLength, 0);
    });
    const window = this.windowOf(first);
    const length = Math.min(this.clip.window, this.clip.frame.length - window * this.clip.window);
    if (frames.length === length) {
      this.loaded.add(window);
      this.asked.delete(window);
      this.failed.delete(window);
    }
    this.dropFar();
    this.focus(this.focusAt);
  }

  /**
   * @param {number} window
   * @param {string} reason
   */
  fail(window, reason) {
    this.asked.delete(window);
    this.failed.set(window, reason);
    this.focus(this.focusAt);
  }

  /** Asks for the nearest missing windows, as long as there is room. */
  askNext() {
    const here = this.windowOf(this.focusAt);
    const count = Math.ceil(this.clip.frame.length / this.clip.window);
    if (this.loaded.size + this.failed.size === count) return;
    for (const window of windowsByDistance(here, count)) {
      if (this.asked.size >= IN_FLIGHT) return;
      if (this.bytes > COMPRESSED_BUDGET && Math.abs(window - here) > 1) return;
      if (this.loaded.has(window) || this.asked.has(window) || this.failed.has(window)) continue;
      this.asked.add(window);
      this.ask(window);
    }
  }

  decodeAhead() {
    for (let i = 0; i <= LOOK_AHEAD; i++) this.decode(this.focusAt + i * this.direction);
    this.decode(this.focusAt - this.direction);
  }

  /** @param {number} position */
  async decode(position) {
    const frame = this.frames.get(position);
    if (!frame || this.pictures.has(position) || this.decoding.has(position)) return;
    this.decoding.add(position);
    const picture = frame.image && (await createImageBitmap(new Blob([frame.image], { type: "image/jpeg" })));
    this.decoding.delete(position);
    this.pictures.set(position, picture);
    for (const oldest of this.pictures.keys()) {
      if (this.pictures.size <= this.maxPictures) break;
      this.forgetPicture(oldest);
    }
    this.onReady(position);
  }

  /** @param {number} position */
  forgetPicture(position) {
    this.pictures.get(position)?.close();
    this.pictures.delete(position);
  }

  dropFar() {
    const here = this.windowOf(this.focusAt);
    for (const window of windowsByDistance(here, Math.ceil(this.clip.frame.length / this.clip.window)).reverse()) {
      if (this.bytes <= COMPRESSED_BUDGET || Math.abs(window - here) <= 1) return;
      if (!this.loaded.delete(window)) continue;
      const start = window * this.clip.window;
      for (let p = start; p < start + this.clip.window; p++) this.dropFrame(p);
    }
  }

  /** @param {number} position */
  dropFrame(position) {
    const frame = this.frames.get(position);
    if (!frame) return;
    this.bytes -= (frame.image?.byteLength ?? 0) + frame.runs.reduce((sum, r) => sum + r.byteLength, 0);
    this.frames.delete(position);
    this.forgetPicture(position);
  }

  close() {
    for (const position of [...this.pictures.keys()]) this.forgetPicture(position);
    this.frames.clear();
  }
}
