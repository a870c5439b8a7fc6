// Makes clips, packets and a stand-in for the kernel's end, for tests.

import { deflateSync } from "node:zlib";

/** A clip as wire.py describes it, of `frames` positions at 25 a second. */
export function makeClip({ frames = 8, width = 4, height = 3, objects = 1, ...rest } = {}) {
  return {
    version: 2,
    width,
    height,
    source: [height, width],
    window: 4,
    frame: Array.from({ length: frames }, (_, i) => i),
    timed: true,
    time_s: Array.from({ length: frames }, (_, i) => i / 25),
    step_s: 0.04,
    kind: "none",
    sides: null,
    covered: null,
    objects: Array.from({ length: objects }, (_, k) => makeObject(`object ${k}`)),
    answer: [],
    notes: [],
    columns: ["area_px"],
    shown: 0,
    marks: [],
    modes: ["both"],
    comparisons: ["off"],
    contour_px: 1,
    ground: [38, 38, 38],
    trail: 3,
    ...rest,
  };
}

export function makeObject(name, side = "a", partner = null) {
  return { name, side, partner, color: "#3f90da", dashed: false };
}

/** A packet of frames whose images are `bytes` long and whose masks cover everything. */
export function makePacket(first, count, { bytes = 10, objects = 1, pixels = 12 } = {}) {
  const runs = deflateSync(Buffer.from(new Uint32Array(Array(count * objects).fill([2, 0, pixels]).flat()).buffer));
  const head = Buffer.alloc(16 + 4 * (count + 1));
  head.write("S2V2", "latin1");
  const lengths = [...Array(count).fill(bytes), runs.length];
  [first, count, objects, ...lengths].forEach((value, i) => head.writeUInt32LE(value, 4 + 4 * i));
  return new Uint8Array(Buffer.concat([head, Buffer.alloc(count * bytes, 7), runs]));
}

/** Runs of a mask given as rows of text, where "#" is foreground. */
export function runsOf(...rows) {
  const runs = [];
  let value = ".";
  let length = 0;
  for (const character of rows.join("")) {
    if (character !== value) {
      runs.push(length);
      [value, length] = [character, 0];
    }
    length += 1;
  }
  if (value === "#") runs.push(length);
  return new Uint32Array(runs);
}
