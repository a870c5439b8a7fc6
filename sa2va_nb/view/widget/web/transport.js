// Play, the slider over all frames, and where it stands.

import { element, icon } from "./dom.js";
import { formatTime, placeOf } from "./words.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Change} Change */

export class Transport {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    const { session } = view;
    this.last = view.clip.frame.length - 1;
    this.play = element("button", { class: "sv-play", type: "button", click: () => session.togglePlay() });
    this.slider = element("input", {
      class: "sv-slider sv-frames", type: "range", min: 0, max: this.last, step: 1,
      "aria-label": "Frame", title: "Frame (← →)",
      input: () => session.go(Number(this.slider.value)),
    });
    this.play.disabled = this.slider.disabled = this.last === 0;
    this.frameText = element("span", { class: "sv-frame" });
    this.timeText = element("span", { class: "sv-time" });
    const readout = element("div", { class: "sv-readout" }, this.frameText, this.buildRange(), this.timeText);
    /** @type {HTMLElement} */
    this.element = element("div", { class: "sv-transport", role: "group", "aria-label": "Playback" },
      this.play, this.slider, readout);
  }

  buildRange() {
    this.rangeText = element("span");
    const clear = element("button", {
      class: "sv-clear", type: "button", "aria-label": "No range", title: "No range (\\)",
      click: () => this.view.session.setRange(null),
    }, icon("clear"));
    this.rangeBox = element("span", { class: "sv-range", hidden: "" }, this.rangeText, clear);
    return this.rangeBox;
  }

  /** @param {Change} change */
  react(change) {
    if (change === "playing") this.showPlaying();
    if (change === "frame") this.showPosition();
    if (change === "range") this.showRange();
  }

  showPlaying() {
    const { playing } = this.view.session;
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.play.title = playing ? "Pause (space)" : "Play (space)";
  }

  showPosition() {
    const { clip, session: { position } } = this.view;
    const { slider, last } = this;
    const time = clip.timed ? formatTime(clip.time_s[position]) : "";
    slider.value = String(position);
    slider.style.setProperty("--p", String(last ? position / last : 0));
    slider.setAttribute("aria-valuetext", `frame ${clip.frame[position]} of ${clip.frame[last]}${time && `, ${time}`}`);
    this.frameText.textContent = `frame ${clip.frame[position]} / ${clip.frame[last]}`;
    this.timeText.textContent = clip.timed ? `${time} / ${formatTime(clip.time_s[last])}` : "";
  }

  showRange() {
    const { clip, session: { range } } = this.view;
    if (!range && this.rangeBox.matches(":focus-within")) this.slider.focus();
    this.rangeBox.hidden = !range;
    if (!range) return;
    const [first, last] = range;
    this.rangeText.textContent = `plays ${clip.frame[first]} – ${clip.frame[last]}`;
    this.rangeBox.title = `Plays from ${placeOf(clip, first)} to ${placeOf(clip, last)}`;
  }
}
