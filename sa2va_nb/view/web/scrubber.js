// The widget: what anywidget calls, and the page without a kernel.

import { Session } from "./session.js";
import { View } from "./view.js";

/** @typedef {import("./session.js").Model} Model */

export default function scrubber() {
  /** @type {Session | undefined} */
  let session; // one for all views of the model
  return {
    /** @param {{model: Model}} context */
    initialize({ model }) {
      session = new Session(model);
      return () => session?.close();
    },
    /** @param {{model: Model, el: HTMLElement}} context */
    render({ model, el }) {
      session ??= new Session(model);
      const view = new View(session, el);
      return () => view.close();
    },
  };
}
