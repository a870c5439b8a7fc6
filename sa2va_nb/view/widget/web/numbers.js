// Holds the numbers of each object at each position.

/** @typedef {import("./wire.js").Clip} Clip */

export class Numbers {
  /** @param {Clip} clip */
  constructor(clip) {
    this.clip = clip;
    /** @type {Float32Array | null} */ this.values = null; // (columns + 2, objects, positions)
  }

  /**
   * A column of clip.columns; the two behind them are the x and y of the centroids, in view pixels.
   * @param {number} column
   * @param {number} object
   * @returns {Float32Array} a value for each position; NaN where unknown
   */
  series(column, object) {
    const length = this.clip.frame.length;
    const start = (column * this.clip.objects.length + object) * length;
    return this.values ? this.values.subarray(start, start + length) : new Float32Array(length).fill(NaN);
  }

  /**
   * The way an object came to a position: x and y of the positions in its trail.
   * @param {number} object
   * @param {number} position
   * @returns {[Float32Array, Float32Array]}
   */
  trail(object, position) {
    const { columns, trail } = this.clip;
    const part = (/** @type {number} */ column) =>
      this.series(column, object).subarray(Math.max(0, position - trail), position + 1);
    return [part(columns.length), part(columns.length + 1)];
  }
}
