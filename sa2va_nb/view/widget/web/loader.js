// What a widget loads of its own: the module that its state holds, once for all widgets of a page. A browser keeps
// every module that it ever imported, and anywidget imports one for each widget.

/** @typedef {import("./session.js").Model} Model */
/** @typedef {ReturnType<typeof import("./scrubber.js").default>} Widget */
/** @typedef {{default: () => Widget}} Module */

const KEPT = Symbol.for("sa2va_nb modules");
const LARGE = ["_module", "_css", "_packets", "_first", "_clip"];

/** @type {Map<string, Promise<Module>>} by their texts, so that versions don't meet */
const modules = (/** @type {any} */ (globalThis)[KEPT] ??= new Map());

/** @param {string} text */
async function importText(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {Model} model */
async function load(model) {
  const text = model.get("_module");
  if (!modules.has(text)) modules.set(text, importText(text));
  return (await /** @type {Promise<Module>} */ (modules.get(text))).default();
}

/**
 * Takes out of a closed model what is large: JupyterLab keeps the closed models of all widgets.
 * @param {Model} model
 */
function lighten(model) {
  // The model remembers what it held before its last change, so that comes once more.
  for (const name of [...LARGE, LARGE[0]]) model.set(name, null, { silent: true });
}

export default () => {
  /** @type {Widget | undefined} */
  let widget;
  return {
    /** @param {{model: Model}} context */
    async initialize(context) {
      context.model.on("destroy", () => lighten(context.model));
      widget = await load(context.model);
      return widget.initialize(context);
    },
    /** @param {{model: Model, el: HTMLElement}} context */
    async render(context) {
      widget ??= await load(context.model);
      return widget.render(context);
    },
  };
};
