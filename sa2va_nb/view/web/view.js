// One view of a session: picture, answer, timeline, objects, controls.

import { Layer, covers, parseColor } from "./paint.js";
import { drawLanes, lanesHeight } from "./lanes.js";
import { KEYS, MODE_NAMES, MODE_TITLES, formatCount, formatShare, formatTime, formatValue } from "./words.js";
import { element, icon } from "./dom.js";
import { onKey, toggleHelp, togglePlay } from "./keys.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").Change} Change */

const BUSY_AFTER_MS = 200; // sooner, a message would flicker

export class View {
  /**
   * @param {Session} session
   * @param {HTMLElement} el
   */
  constructor(session, el) {
    this.session = session;
    this.clip = session.clip;
    this.colors = this.clip.objects.map((object) => parseColor(object.color));
    this.column = 0; // of the numbers in the lanes
    /** @type {number | null} */ this.hovered = null;
    const { width, height, contour_px: contourPx } = this.clip;
    this.layer = new Layer(width, height, contourPx);
    this.over = element("canvas", { width, height }); // the layer, as something that can be drawn
    this.root = this.build();
    el.append(this.root);
    this.resizing = new ResizeObserver(() => this.showLanes());
    this.resizing.observe(this.lanes);
    this.update = (/** @type {Change} */ change) => this.react(change);
    session.open(this.update);
    this.react("look");
    this.react("frame");
    this.react("playing");
  }

  close() {
    this.resizing.disconnect();
    clearTimeout(this.busyTimer);
    this.session.closeView(this.update);
    this.root.remove();
  }

  // ---------------------------------------------------------------- building

  build() {
    const { clip } = this;
    const root = element("div", {
      class: "sa2va-scrubber", role: "group", "aria-label": "Segmented video",
      keydown: (/** @type {KeyboardEvent} */ event) => onKey(this, event),
    });
    root.style.setProperty("--sv-ratio", String(clip.width / clip.height));
    this.status = element("div", { class: "sv-status", role: "status" });
    root.append(...[
      this.buildAnswer(), this.buildStage(), this.buildTransport(), this.buildTimeline(),
      this.buildObjects(), this.buildTools(), this.buildHelp(), this.buildNotes(), this.status,
    ].filter((part) => part !== null));
    return root;
  }

  buildAnswer() {
    if (!this.clip.answer.length) return null;
    const answer = element("p", { class: "sv-answer", dir: "auto" });
    for (const part of this.clip.answer) {
      answer.append(part.space ? " " : "", part.object === null ? part.text : this.buildPhrase(part));
    }
    return answer;
  }

  /** @param {import("./wire.js").Clip["answer"][number]} part */
  buildPhrase(part) {
    const object = /** @type {number} */ (part.object);
    const phrase = element("span", {
      class: "sv-phrase", role: "button", tabindex: "0", dir: "auto", "aria-pressed": "false",
      "data-object": object, title: "Highlight this object",
      click: () => this.session.select(object),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault(); // space would scroll
        this.session.select(object);
      },
      ...this.hovering(object),
    }, part.text || `[${object}]`);
    phrase.style.setProperty("--c", this.clip.objects[object].color);
    return phrase;
  }

  /** @param {number} object */
  hovering(object) {
    const hover = (/** @type {number | null} */ value) => () => {
      this.hovered = value;
      this.react("look");
    };
    return { mouseenter: hover(object), mouseleave: hover(null) };
  }

  buildStage() {
    const { width, height } = this.clip;
    this.canvas = element("canvas", {
      class: "sv-picture", width, height, role: "img", tabindex: "0",
      click: (/** @type {PointerEvent} */ event) => this.session.select(this.pick(event)),
    });
    this.context = this.canvas.getContext("2d");
    this.message = element("div", { class: "sv-message", hidden: "" });
    return element("div", { class: "sv-stage" }, this.canvas, this.message);
  }

  buildTransport() {
    const last = this.clip.frame.length - 1;
    this.play = element("button", { class: "sv-play", type: "button", click: () => togglePlay(this) });
    this.play.disabled = last === 0;
    this.slider = element("input", {
      class: "sv-slider", type: "range", min: 0, max: last, step: 1, "aria-label": "Frame",
      input: () => this.session.go(Number(this.slider.value)),
    });
    this.slider.disabled = last === 0;
    this.frameText = element("span");
    this.timeText = element("span");
    const readout = element("div", { class: "sv-readout" }, this.frameText, this.timeText);
    return element("div", { class: "sv-transport" }, this.play, this.slider, readout);
  }

  buildTimeline() {
    this.lanes = element("canvas", { class: "sv-lanes", "aria-hidden": "true" });
    this.cursor = element("div", { class: "sv-cursor" });
    const seek = (/** @type {PointerEvent} */ event) => {
      if (event.type === "pointermove" && !this.lanes.hasPointerCapture(event.pointerId)) return;
      if (event.type === "pointerdown") this.lanes.setPointerCapture(event.pointerId);
      const box = this.lanes.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      this.session.go(Math.round(share * (this.clip.frame.length - 1)));
    };
    this.lanes.addEventListener("pointerdown", seek);
    this.lanes.addEventListener("pointermove", seek);
    this.lanes.style.height = this.cursor.style.height = `${lanesHeight(this.clip.objects.length)}px`;
    const empty = this.clip.objects.length === 0 || this.clip.frame.length === 1;
    return element("div", { class: "sv-timeline", ...(empty && { hidden: "" }) }, this.lanes, this.cursor);
  }

  buildObjects() {
    if (!this.clip.objects.length) {
      return element("p", { class: "sv-none" }, "Nothing was segmented: there is no object to show.");
    }
    this.rows = this.clip.objects.map((object, k) => this.buildRow(object, k));
    return element("ul", { class: "sv-objects", "aria-label": "Objects" }, ...this.rows.map((row) => row.item));
  }

  /**
   * @param {{name: string, color: string}} object
   * @param {number} k
   */
  buildRow(object, k) {
    const toggle = element("button", {
      class: "sv-toggle", type: "button", title: `Show or hide (${k < 10 ? `key ${k}` : "click"})`,
      "aria-label": `Show object ${k}: ${object.name}`, click: () => this.session.toggle(k),
    }, String(k));
    const name = element("button", {
      class: "sv-name", type: "button", dir: "auto", title: object.name, click: () => this.session.select(k),
    }, object.name);
    const [value, area, share] = ["sv-value", "sv-area", "sv-share"].map((c) => element("span", { class: c }));
    const item = element("li", { class: "sv-object", ...this.hovering(k) }, toggle, name, value, area, share);
    item.style.setProperty("--c", object.color);
    return { item, toggle, name, value, area, share };
  }

  buildTools() {
    this.modes = this.clip.modes.map((mode) => element("button", {
      type: "button", "data-mode": mode, title: `${MODE_TITLES[mode] ?? mode} (M)`,
      click: () => this.session.set("mode", mode),
    }, MODE_NAMES[mode] ?? mode));
    this.opacity = element("input", {
      class: "sv-slider sv-opacity", type: "range", min: 0, max: 1, step: 0.05, "aria-label": "Opacity",
      title: "Opacity of the filling (O)", input: () => this.session.set("opacity", Number(this.opacity.value)),
    });
    this.opacityText = element("span", { class: "sv-number" });
    this.helpButton = element("button", {
      class: "sv-help-button", type: "button", "aria-expanded": "false", "aria-label": "Keys", title: "Keys (?)",
      click: () => toggleHelp(this),
    }, "?");
    return element("div", { class: "sv-tools" },
      element("div", { class: "sv-modes", role: "group", "aria-label": "What is drawn" }, ...this.modes),
      element("label", { class: "sv-label" }, "Opacity", this.opacity, this.opacityText),
      this.buildColumns(),
      this.helpButton);
  }

  buildColumns() {
    const { columns } = this.clip;
    if (columns.length <= 2) return null; // the two areas have places of their own
    const select = element("select", {
      title: "Number shown in the lanes and beside each object",
      change: () => {
        this.column = select.selectedIndex;
        this.showLanes();
        this.showNumbers();
      },
    }, ...columns.map((name) => element("option", {}, name)));
    return element("label", { class: "sv-label" }, "Show", select);
  }

  buildHelp() {
    this.help = element("dl", { class: "sv-help", hidden: "" });
    for (const [keys, what] of KEYS) this.help.append(element("dt", {}, keys), element("dd", {}, what));
    return this.help;
  }

  buildNotes() {
    const { notes } = this.clip;
    if (!notes.length) return null;
    const title = notes.length === 1 ? "1 note" : `${notes.length} notes`;
    const items = notes.map((note) => element("li", { dir: "auto" }, note));
    return element("details", { class: "sv-notes" }, element("summary", {}, title), element("ul", {}, ...items));
  }

  // ---------------------------------------------------------------- showing

  /** @param {Change} change */
  react(change) {
    if (change === "look") this.showLook();
    if (change === "playing") this.showPlaying();
    if (change === "frame") this.showPosition();
    if (change === "frame" || change === "data") this.showNumbers();
    if (change === "look" || change === "data") this.showLanes();
    if (change !== "playing") this.paint();
  }

  /** The look as it is, or as the object under the pointer makes it. */
  get look() {
    const { look } = this.session;
    return { ...look, selected: this.hovered ?? look.selected };
  }

  /** Draws the frame wanted, if it has come; root's data say which frame is seen. */
  paint() {
    const { session, clip, context } = this;
    const { position, store } = session;
    if (!store.isReady(position)) {
      this.busyTimer ??= setTimeout(() => this.showMessage(), BUSY_AFTER_MS);
      return;
    }
    clearTimeout(this.busyTimer);
    this.busyTimer = undefined;
    const { picture, runs } = store.at(position);
    const { look } = this;
    const { width, height, ground } = clip;
    context.fillStyle = `rgb(${ground.join(" ")})`;
    if (picture && look.mode !== "mask") context.drawImage(picture, 0, 0, width, height);
    else context.fillRect(0, 0, width, height);
    this.over.getContext("2d").putImageData(this.layer.compose(runs, this.colors, look), 0, 0);
    context.drawImage(this.over, 0, 0);
    this.message.hidden = true;
    this.root.dataset.frame = String(clip.frame[position]);
    this.root.dataset.ready = "true";
  }

  showMessage() {
    this.busyTimer = undefined;
    const { store, position } = this.session;
    if (store.isReady(position)) return;
    const reason = store.failed.get(store.windowOf(position));
    this.message.textContent = reason ?? `Frame ${this.clip.frame[position]} is on its way; it comes once Python is free.`;
    this.message.hidden = false;
  }

  showPosition() {
    const { clip, session } = this;
    const last = clip.frame.length - 1;
    const frame = clip.frame[session.position];
    const time = clip.timed ? formatTime(clip.time_s[session.position]) : "";
    const share = last ? session.position / last : 0;
    this.slider.value = String(session.position);
    this.slider.style.setProperty("--p", String(share));
    this.slider.setAttribute("aria-valuetext", time ? `frame ${frame}, ${time}` : `frame ${frame}`);
    this.frameText.textContent = `frame ${frame} / ${clip.frame[last]}`;
    this.timeText.textContent = clip.timed ? `${time} / ${formatTime(clip.time_s[last])}` : "";
    this.cursor.style.setProperty("--p", String(share));
    this.canvas.setAttribute("aria-label", time ? `Frame ${frame} at ${time}` : `Frame ${frame}`);
  }

  showNumbers() {
    const { session } = this;
    const { position } = session;
    this.rows?.forEach((row, k) => {
      const [area, share] = [0, 1].map((column) => session.series(column, k)[position]);
      row.item.classList.toggle("sv-absent", area === 0);
      row.area.textContent = area === 0 ? "not visible" : `${formatCount(area)} px`;
      row.share.textContent = area === 0 ? "" : formatShare(share);
      row.value.textContent = this.column < 2 ? "" : formatValue(session.series(this.column, k)[position]);
    });
  }

  showLook() {
    const { look, session } = this;
    const shown = new Set(look.visible);
    this.rows?.forEach((row, k) => {
      row.toggle.setAttribute("aria-pressed", String(shown.has(k)));
      row.name.setAttribute("aria-pressed", String(session.look.selected === k));
      row.item.classList.toggle("sv-off", !shown.has(k));
      row.item.classList.toggle("sv-dimmed", look.selected !== null && look.selected !== k);
    });
    for (const phrase of this.root.querySelectorAll(".sv-phrase")) {
      const object = Number(phrase.dataset.object);
      phrase.setAttribute("aria-pressed", String(session.look.selected === object));
      phrase.classList.toggle("sv-off", !shown.has(object));
      phrase.classList.toggle("sv-dimmed", look.selected !== null && look.selected !== object);
    }
    for (const button of this.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === look.mode));
    this.opacity.value = String(look.opacity);
    this.opacity.style.setProperty("--p", String(look.opacity));
    this.opacity.disabled = look.mode === "contour" || look.mode === "mask";
    this.opacityText.textContent = `${Math.round(100 * look.opacity)} %`;
    this.opacity.setAttribute("aria-valuetext", this.opacityText.textContent);
  }

  showPlaying() {
    const playing = Boolean(this.session.model.get("playing"));
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.play.title = playing ? "Pause (space)" : "Play (space)";
  }

  showLanes() {
    if (!this.lanes.clientWidth) return;
    const shown = new Set(this.look.visible);
    const lanes = this.clip.objects.map(({ color }, k) => ({
      color, values: this.session.series(this.column, k), shown: shown.has(k),
    }));
    drawLanes(this.lanes, lanes);
  }

  /**
   * The smallest visible object under the pointer.
   * @param {PointerEvent} event
   */
  pick(event) {
    const { store, position } = this.session;
    if (!store.isReady(position)) return null;
    const { width, height } = this.clip;
    const x = Math.min(width - 1, Math.floor((event.offsetX / this.canvas.clientWidth) * width));
    const y = Math.min(height - 1, Math.floor((event.offsetY / this.canvas.clientHeight) * height));
    const { runs } = store.at(position);
    const area = (/** @type {number} */ k) => runs[k].reduce((sum, run, i) => sum + (i % 2 ? run : 0), 0);
    const under = this.session.look.visible.filter((k) => covers(runs[k], y * width + x));
    return under.sort((a, b) => area(a) - area(b))[0] ?? null;
  }
}
