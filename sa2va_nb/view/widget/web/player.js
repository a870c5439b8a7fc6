// Plays: shows each frame when it is due.

import { Clock } from "./clock.js";

/** @typedef {import("./session.js").Session} Session */

export class Player {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.clock = new Clock(session.clip.time_s, session.clip.step_s);
    this.ticking = 0; // the animation frame asked for
  }

  /** @param {number} rate times as fast as it was filmed */
  setRate(rate) {
    this.clock.rate = rate;
    this.anchor();
  }

  /** Plays on from what is shown now. */
  anchor() {
    this.clock.start(this.session.position, performance.now());
  }

  start() {
    if (this.ticking) return;
    this.anchor();
    this.ticking = requestAnimationFrame((now) => this.tick(now));
  }

  stop() {
    cancelAnimationFrame(this.ticking);
    this.ticking = 0;
  }

  /**
   * Shows the frame that is due. One that hasn't come yet is waited for, not left out.
   * @param {number} now
   */
  tick(now) {
    const { session, clock } = this;
    const { store, position, clip } = session;
    const due = clock.due(position, now, session.range ?? [0, clip.frame.length - 1]);
    if (due !== position && (store.isReady(due) || store.hasFailed(due))) session.show(due);
    else if (due !== position) {
      if (due < position) store.focus(due); // round again: what comes next is there
      clock.start(position, now);
    }
    this.ticking = requestAnimationFrame((next) => this.tick(next));
  }
}
