// Reads the bytes that Python sends; wire.py describes them.

export const WIRE_VERSION = 1;
const PACKET_MAGIC = 0x31563253; // "S2V1", little-endian

/**
 * @typedef {object} Clip what wire.clip gives
 * @property {number} version
 * @property {number} width
 * @property {number} height
 * @property {number} window frames a packet
 * @property {number[]} frame source frame of each position
 * @property {boolean} timed whether the times are known; else they are made up, to play by
 * @property {number[]} time_s time of each position
 * @property {number} step_s how long the last frame lasts
 * @property {{name: string, color: string}[]} objects
 * @property {{text: string, object: number | null, space: boolean}[]} answer
 * @property {string[]} notes
 * @property {string[]} columns
 * @property {string[]} modes
 * @property {number} contour_px
 * @property {[number, number, number]} ground
 *
 * @typedef {Uint32Array} Runs row-major run lengths, background first
 * @typedef {{image: Uint8Array | null, runs: Runs[]}} Frame a JPEG, and the runs of each object
 */

/**
 * @param {DataView | ArrayBuffer | Uint8Array} data
 * @returns {Uint8Array}
 */
export function toBytes(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * @param {Uint8Array} bytes zlib
 * @returns {Promise<ArrayBuffer>}
 */
export function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<{first: number, frames: Frame[]}>}
 */
export async function parsePacket(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== PACKET_MAGIC) throw new Error("not a packet of version " + WIRE_VERSION);
  const [first, count, objects] = [4, 8, 12].map((at) => view.getUint32(at, true));
  let at = 16 + 4 * (count + 1);
  const images = Array.from({ length: count }, (_, i) => {
    const length = view.getUint32(16 + 4 * i, true);
    at += length;
    return length ? bytes.slice(at - length, at) : null;
  });
  const words = new Uint32Array(await inflate(bytes.subarray(at)));
  let word = 0;
  const frames = images.map((image) => ({
    image,
    runs: Array.from({ length: objects }, () => {
      const start = word + 1;
      word = start + words[word];
      return words.subarray(start, word);
    }),
  }));
  return { first, frames };
}
