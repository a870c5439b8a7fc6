// Says why a frame isn't seen yet.

import { element } from "./dom.js";

const BUSY_AFTER_MS = 200; // sooner, a message would flicker
const LATE_AFTER_MS = 6000; // by then, Python may be gone

export class Message {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.timer = undefined;
    this.reason = element("span", { dir: "auto" });
    this.again = element("button", { class: "sv-again", type: "button", click: () => this.retry() }, "Try again");
    this.element = /** @type {HTMLElement} */ (
      element("div", { class: "sv-message", role: "status", hidden: "" }, this.reason, this.again));
  }

  /** Says it in a while, where the frame hasn't come by then; of another frame, at once. */
  soon() {
    if (!this.element.hidden) this.show();
    this.timer ??= setTimeout(() => {
      this.show();
      this.timer = setTimeout(() => this.show(true), LATE_AFTER_MS);
    }, BUSY_AFTER_MS);
  }

  show(isLate = false) {
    const { store, position, clip } = this.session;
    if (store.isReady(position)) return;
    const reason = store.failed.get(store.windowOf(position));
    const frame = `Frame ${clip.frame[position]}`;
    const wait = isLate ? `${frame} doesn't come: Python is busy, or it ended.` : `${frame} is on its way.`;
    this.reason.textContent = reason ?? wait;
    this.again.hidden = reason === undefined && !isLate;
    this.element.hidden = false;
  }

  hide() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.element.hidden = true;
  }

  retry() {
    const { store, position } = this.session;
    store.retry(store.windowOf(position));
    this.hide();
    this.soon();
  }
}
