import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf, nextOpacity } from "../../sa2va_nb/view/widget/web/actions.js";
import { isTaken, meaningOf } from "../../sa2va_nb/view/widget/web/keys.js";
import { KEYS } from "../../sa2va_nb/view/widget/web/words.js";

/** A key event as browsers send it. */
function press(key, { code = "", altGraph = false, ...modifiers } = {}) {
  const none = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  return { key, code, ...none, ...modifiers, getModifierState: (name) => name === "AltGraph" && altGraph };
}

/** The part of an element that isTaken looks at. */
function target(tagName, matching = []) {
  return { tagName, matches: (selectors) => selectors.split(", ").some((s) => matching.includes(s)) };
}

test("letters mean the same with and without shift", () => {
  assert.deepEqual(meaningOf(press("m")), { action: "m" });
  assert.deepEqual(meaningOf(press("M", { shiftKey: true })), { action: "m" });
});

test("digits toggle their object, and with shift show it alone, whatever the keyboard prints", () => {
  assert.deepEqual(meaningOf(press("3", { code: "Digit3" })), { toggle: 3 });
  assert.deepEqual(meaningOf(press("&", { code: "Digit1" })), { toggle: 1 }, "a French keyboard");
  assert.deepEqual(meaningOf(press("!", { code: "Digit1", shiftKey: true })), { solo: 1 });
  assert.deepEqual(meaningOf(press("7", { code: "Numpad7" })), { toggle: 7 });
});

test("what the browser and Jupyter do with a modifier stays theirs", () => {
  for (const modifier of ["ctrlKey", "metaKey"]) {
    for (const key of ["b", "c", "a", "s", "ArrowLeft", "1"]) {
      assert.equal(meaningOf(press(key, { [modifier]: true, code: key === "1" ? "Digit1" : "" })), null);
    }
  }
  assert.equal(meaningOf(press("b", { altKey: true })), null);
  assert.deepEqual(meaningOf(press("ArrowUp", { altKey: true })), { action: "Alt ArrowUp" });
});

test("brackets that need AltGr are brackets", () => {
  const composed = { altGraph: true, ctrlKey: true, altKey: true };
  assert.deepEqual(meaningOf(press("[", { code: "Digit8", ...composed })), { action: "[" });
  assert.deepEqual(meaningOf(press("\\", { code: "Minus", ...composed })), { action: "\\" });
});

test("keys that nobody uses mean nothing, whatever they are called", () => {
  for (const key of ["Tab", "Enter", "z", "F5", "constructor", "toString", "__proto__", "Dead"]) {
    assert.equal(meaningOf(press(key)), null, key);
  }
});

test("every key that the help names does something", () => {
  const named = { Space: " ", "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown", "−": "-", Esc: "Escape" };
  for (const [keys] of KEYS.flatMap((group) => group.keys)) {
    if (/wheel|click|drag/i.test(keys)) continue; // what the pointer does
    const shiftKey = keys.startsWith("Shift ");
    const altKey = keys.startsWith("Alt ");
    for (const word of keys.replace(/^(Shift|Alt) /, "").split(" ").filter((w) => w !== "…")) {
      const key = named[word] ?? word;
      const code = /^[0-9]$/.test(key) ? `Digit${key}` : "";
      assert.notEqual(meaningOf(press(key, { code, shiftKey, altKey })), null, `${keys}: ${word}`);
    }
  }
});

test("controls keep the keys that they use themselves", () => {
  assert.ok(isTaken(target("BUTTON", ["button"]), " "));
  assert.ok(!isTaken(target("BUTTON", ["button"]), "ArrowRight"));
  assert.ok(isTaken(target("SELECT"), "m"));
  assert.ok(isTaken(target("INPUT"), "ArrowLeft"));
  assert.ok(!isTaken(target("INPUT"), "m"));
  assert.ok(!isTaken(target("INPUT", [".sv-frames"]), "ArrowLeft"), "the frames' slider steps as all does");
});

test("lists go round", () => {
  assert.equal(nextOf(["a", "b", "c"], "a"), "b");
  assert.equal(nextOf(["a", "b", "c"], "c"), "a");
  assert.equal(nextOf(["a", "b"], "unknown"), "a");
  let opacity = 0.5;
  const seen = Array.from({ length: 6 }, () => (opacity = nextOpacity(opacity)));
  assert.deepEqual(seen, [0.75, 1, 0, 0.25, 0.5, 0.75]);
  assert.equal(nextOpacity(0.3), 0.5);
});
