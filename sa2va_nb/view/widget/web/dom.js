// Makes elements.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zM13 5h4v14h-4z",
  solo: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 1h2v4h-2zM11 19h2v4h-2zM1 11h4v2H1zM19 11h4v2h-4z",
  boxes: "M3 4h18v16H3zm2 2v12h14V6z",
  trails: "M3 18.5a2 2 0 1 1 4 0 2 2 0 0 1-4 0zM8 14.500a1.7 1.7 0 1 1 3.4 0 1.7 1.7 0 0 1-3.4 0z"
    + "M12 10.500a1.4 1.4 0 1 1 2.8 0 1.4 1.4 0 0 1-2.8 0zM16 6.500a3 3 0 1 1 6 0 3 3 0 0 1-6 0z",
  loupe: "M10 2a8 8 0 1 0 4.9 14.300l5.4 5.4 1.4-1.4-5.4-5.400A8 8 0 0 0 10 2zm0 2a6 6 0 1 1 0 12 6 6 0 0 1 0-12z",
  minus: "M5 11h14v2H5z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  clear: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.400z",
};
const FOCUSABLE = ["button", "input", "select", "summary"];

/**
 * Makes an element; text only ever becomes text.
 * @param {string} tag
 * @param {Record<string, any>} attributes functions among them become listeners; null is left out
 * @param {(Node | string | null)[]} children
 * @returns {any}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  if (FOCUSABLE.includes(tag) || "tabindex" in attributes) {
    node.setAttribute("data-lm-suppress-shortcuts", "true"); // or Jupyter acts on the keys as well
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "sv-icon");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * Listeners that let an object stand out for as long as a mouse is on an element; a finger leaves no trace.
 * @param {import("./view.js").View} view
 * @param {number} object
 */
export function hovering(view, object) {
  const hover = (/** @type {number | null} */ value) => (/** @type {PointerEvent} */ event) => {
    if (event.pointerType !== "touch") view.hover(value);
  };
  return { pointerenter: hover(object), pointerleave: hover(null) };
}

/**
 * Lets keys scroll a box whose content is longer than it.
 * @param {HTMLElement} box
 * @param {string} label
 */
export function letScroll(box, label) {
  const scrolls = box.scrollHeight > box.clientHeight + 1;
  const attributes = { tabindex: "0", role: "group", "aria-label": label, "data-lm-suppress-shortcuts": "true" };
  for (const [name, value] of Object.entries(attributes)) {
    if (scrolls) box.setAttribute(name, value);
    else box.removeAttribute(name);
  }
  box.classList.toggle("sv-scrolls", scrolls);
}

/**
 * A canvas made as sharp as the screen, ready to be drawn in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sharpContext(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  return context;
}

/**
 * Takes everything out of what is closed: Jupyter keeps hold of the closed views of all widgets, and so of whatever
 * they hold.
 * @param {object} closed
 */
export function emptyOut(closed) {
  for (const name of Object.keys(closed)) Reflect.deleteProperty(closed, name);
}
