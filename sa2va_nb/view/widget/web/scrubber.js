// The widget: what anywidget calls, and the page without a kernel.

import { element } from "./dom.js";
import { versionProblem } from "./wire.js";
import { Session } from "./session.js";
import { View } from "./view.js";

/** @typedef {import("./session.js").Model} Model */

/**
 * Says what keeps a clip from being shown.
 * @param {HTMLElement} el
 * @param {string} problem
 */
function showProblem(el, problem) {
  const message = element("p", { class: "sv-stale", role: "alert" }, problem);
  el.append(element("div", { class: "sa2va-scrubber" }, message));
}

export default function scrubber() {
  /** @type {Session | undefined} */
  let session; // one for all views of the model
  return {
    /** @param {{model: Model}} context */
    initialize({ model }) {
      if (!versionProblem(model.get("_clip"))) session = new Session(model);
      return () => {
        session?.close();
        session = undefined;
      };
    },
    /** @param {{model: Model, el: HTMLElement}} context */
    render({ model, el }) {
      const problem = versionProblem(model.get("_clip"));
      if (problem) return showProblem(el, problem);
      session ??= new Session(model);
      const view = new View(session, el);
      return () => view.close();
    },
  };
}
