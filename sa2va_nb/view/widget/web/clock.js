// Tells which position is due.

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

/** Plays through a stretch of positions, round and round. */
export class Clock {
  /**
   * @param {number[]} times in seconds
   * @param {number} step how long the last position lasts, in seconds
   */
  constructor(times, step) {
    this.times = times;
    this.step = step;
    this.rate = 1; // times as fast as it was filmed
    this.anchor = { position: 0, at: 0 }; // this position was due at this time, in milliseconds
  }

  /**
   * Says what is shown now.
   * @param {number} position
   * @param {number} now
   */
  start(position, now) {
    this.anchor = { position, at: now };
  }

  /**
   * The position due, and from the stretch's end on its first one.
   * @param {number} position shown at present
   * @param {number} now
   * @param {[number, number]} stretch first and last position
   */
  due(position, now, [first, last]) {
    if (position < first || position > last) {
      this.start(first, now);
      return first;
    }
    const { times, anchor } = this;
    const time = times[anchor.position] + (this.rate * (now - anchor.at)) / 1000;
    if (position === last) {
      const end = last + 1 < times.length ? times[last + 1] : times[last] + this.step;
      if (time < end) return last;
      this.start(first, now);
      return first;
    }
    let due = position;
    while (due < last && times[due + 1] <= time) due++;
    return due;
  }
}
