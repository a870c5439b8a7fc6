// Reads the bytes that Python sends; wire.py describes them.

const WIRE_VERSION = 2;
const PACKET_MAGIC = 0x32563253; // "S2V2", little-endian

/**
 * @typedef {object} WireObject
 * @property {string} name the phrase, or "object 2" for one that has none
 * @property {string} color "#rrggbb", where the trait `colors` says nothing else
 * @property {"a" | "b"} side
 * @property {number | null} partner the object of the other side that it is compared with
 * @property {boolean} dashed whether its contour is, as another object has its colour
 *
 * @typedef {object} Clip what wire.clip gives
 * @property {number} version
 * @property {number} width
 * @property {number} height
 * @property {[number, number]} source height and width of the source frames
 * @property {number} window frames a packet
 * @property {number[]} frame source frame of each position
 * @property {boolean} timed whether the times are known; else they are made up, to play by
 * @property {number[]} time_s time of each position
 * @property {number} step_s how long the last frame lasts
 * @property {WireObject[]} objects A's, then B's
 * @property {{a: string, b: string} | null} sides names of A and B
 * @property {"none" | "reference" | "compare"} kind
 * @property {[number, number][] | null} covered stretches of positions where B has masks, ends included
 * @property {{text: string, object: number | null, space: boolean}[]} answer
 * @property {string[]} notes
 * @property {string[]} columns
 * @property {number} shown index of the column shown at first
 * @property {{object: number, first: number, last: number, kind: "flag" | "event", text: string}[]} marks
 * @property {string[]} modes
 * @property {string[]} comparisons
 * @property {number} contour_px
 * @property {[number, number, number]} ground
 * @property {number} trail positions in a trail
 *
 * @typedef {Uint32Array} Runs row-major run lengths, background first
 * @typedef {{image: Uint8Array | null, runs: Runs[]}} Frame a JPEG, and the runs of each object
 */

/**
 * What keeps a clip from being shown, in words, or null.
 * @param {{version?: number} | undefined} clip
 */
export function versionProblem(clip) {
  if (clip?.version === WIRE_VERSION) return null;
  return `This scrubber was saved by another version of sa2va_nb (its data have version ${clip?.version ?? "?"}, ` +
    `this page reads version ${WIRE_VERSION}). Run its cell again to see it.`;
}

/**
 * @param {DataView | ArrayBuffer | Uint8Array} data
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function toBytes(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(/** @type {ArrayBuffer} */ (data.buffer), data.byteOffset, data.byteLength);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes zlib
 * @returns {Promise<ArrayBuffer>}
 */
export function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * The first three numbers of a packet, or null for bytes that are none.
 * @param {Uint8Array} bytes
 */
export function packetHead(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 16 || view.getUint32(0, true) !== PACKET_MAGIC) return null;
  const [first, count, objects] = [4, 8, 12].map((at) => view.getUint32(at, true));
  return { first, count, objects };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<{first: number, frames: Frame[]}>}
 */
export async function parsePacket(bytes) {
  const head = packetHead(bytes);
  if (!head) throw new Error(`a packet of version ${WIRE_VERSION} was expected`);
  const { first, count, objects } = head;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 16 + 4 * (count + 1);
  const images = Array.from({ length: count }, (_, i) => {
    const length = view.getUint32(16 + 4 * i, true);
    at += length;
    return length ? bytes.subarray(at - length, at) : null;
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

/**
 * Takes apart the packets that a saved widget carries: a count, then each behind its length.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Uint8Array<ArrayBuffer>[]}
 */
export function splitPackets(bytes) {
  if (bytes.byteLength < 4) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4;
  return Array.from({ length: view.getUint32(0, true) }, () => {
    const start = at + 4;
    at = start + view.getUint32(at, true);
    return bytes.subarray(start, at);
  });
}
