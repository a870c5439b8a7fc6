// Fetches frames and numbers: from Python, or from what a page or a saved widget holds.

import { packetHead, splitPackets, toBytes } from "./wire.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {import("./session.js").Model} Model */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @typedef {object} Packets what needs no kernel to be had
 * @property {(window: number) => Bytes | undefined} window
 * @property {() => Bytes | undefined} numbers
 *
 * @typedef {object} Taker where what came goes to
 * @property {(window: number, packet: Bytes) => Promise<void>} frames
 * @property {(window: number, reason: string) => void} failed
 * @property {(numbers: Bytes, marks?: Clip["marks"]) => void} numbers
 */

/**
 * The packets that a saved widget carries, if it does.
 * @param {Model} model
 * @param {Clip} clip
 * @returns {Packets | null}
 */
export function carriedPackets(model, clip) {
  const bytes = model.get("_packets");
  const packets = bytes ? splitPackets(toBytes(bytes)) : [];
  if (!packets.length) return null;
  /** @type {Map<number, Bytes>} */
  const windows = new Map();
  /** @type {Bytes | undefined} */
  let numbers;
  for (const packet of packets) {
    const head = packetHead(packet);
    if (head) windows.set(Math.floor(head.first / clip.window), packet);
    else numbers = packet;
  }
  return { window: (w) => windows.get(w), numbers: () => numbers };
}

export class Supply {
  /**
   * @param {Model} model
   * @param {Clip} clip
   * @param {Taker} taker
   */
  constructor(model, clip, taker) {
    this.model = model;
    this.taker = taker;
    this.packets = model.packets ?? carriedPackets(model, clip);
    this.feeds = 0; // how many feedings began
    this.hasAskedNumbers = false;
    this.receive = this.receive.bind(this);
    model.on("msg:custom", this.receive);
  }

  close() {
    this.feeds++;
    this.model.off("msg:custom", this.receive);
  }

  /** @param {number[]} windows the most wanted first */
  ask(windows) {
    if (this.packets) this.feed(windows, this.packets);
    else this.model.send({ type: "frames", windows });
  }

  /**
   * Takes windows from where no kernel is needed; a later call puts an end to an earlier one.
   * @param {number[]} windows
   * @param {Packets} packets
   */
  async feed(windows, packets) {
    const feeds = ++this.feeds;
    for (const window of windows) {
      const packet = packets.window(window);
      if (packet) await this.taker.frames(window, packet);
      else this.taker.failed(window, "These frames were not saved with the page.");
      if (feeds !== this.feeds) return;
    }
  }

  /** Asks for the numbers, the first time. */
  askNumbers() {
    if (this.hasAskedNumbers) return;
    this.hasAskedNumbers = true;
    const numbers = this.packets?.numbers();
    if (numbers) this.taker.numbers(numbers);
    else this.model.send({ type: "numbers" });
  }

  /**
   * @param {any} content
   * @param {DataView[]} buffers
   */
  receive(content, buffers) {
    if (content.type === "frames") this.taker.frames(content.window, toBytes(buffers[0]));
    if (content.type === "failed") this.taker.failed(content.window, content.reason);
    if (content.type === "numbers") this.taker.numbers(toBytes(buffers[0]), content.marks);
  }
}
