// The answer above the picture, each phrase in the colour of its object.

import { element, hovering, letScroll } from "./dom.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */

export class AnswerLine {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    /** @type {{object: number, node: HTMLElement}[]} */ this.phrases = [];
    const box = view.clip.answer.length ? this.build() : null;
    this.element = box;
    this.resizing = new ResizeObserver(() => box && letScroll(box, "Answer"));
    if (box) this.resizing.observe(box);
  }

  close() {
    this.resizing.disconnect();
  }

  /** @returns {HTMLElement} */
  build() {
    const answer = element("p", { class: "sv-answer", dir: "auto" });
    for (const part of this.view.clip.answer) {
      answer.append(part.space ? " " : "", part.object === null ? part.text : this.buildPhrase(part.text, part.object));
    }
    return answer;
  }

  /**
   * @param {string} text
   * @param {number} object
   */
  buildPhrase(text, object) {
    const { session } = this.view;
    const node = element("span", {
      class: "sv-phrase", role: "button", tabindex: "0", dir: "auto", "aria-pressed": "false",
      "data-object": object, title: `Object ${object}: click to let it stand out`,
      click: () => session.select(object),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault(); // space would scroll
        session.select(object);
      },
      ...hovering(this.view, object),
    }, text || `[${object}]`);
    this.phrases.push({ object, node });
    return node;
  }

  /** @param {Change} change */
  react(change) {
    if (change !== "look" && change !== "hover") return;
    const { view } = this;
    const { look } = view.session;
    const standsOut = view.look.selected;
    for (const { object, node } of this.phrases) {
      node.style.setProperty("--c", view.css[object]);
      node.setAttribute("aria-pressed", String(look.selected === object));
      node.classList.toggle("sv-hot", view.hovered === object);
      node.classList.toggle("sv-off", !look.visible.includes(object));
      node.classList.toggle("sv-dimmed", standsOut !== null && standsOut !== object);
    }
  }
}
