import assert from "node:assert/strict";
import { test } from "node:test";
import { comparingAt, eachShare, isCovered, pairsOf, sideLook, splitColumn, visibleInB, wireColors } from "../../sa2va_nb/view/widget/web/compare.js";
import { sourcePixel } from "../../sa2va_nb/view/widget/web/loupe.js";
import { soloOf } from "../../sa2va_nb/view/widget/web/objects.js";
import { objectsAt, panesOf } from "../../sa2va_nb/view/widget/web/picture.js";
import { columnLabel, formatCount, formatNumber, formatShare, formatTime, formatValue, MODE_NAMES, placeOf } from "../../sa2va_nb/view/widget/web/words.js";
import { MODES } from "../../sa2va_nb/view/widget/web/paint.js";
import { MAX_ZOOM, pannedBy, zoomedAt } from "../../sa2va_nb/view/widget/web/zoom.js";
import { makeClip, makeObject, runsOf } from "./make.js";
import { scenes } from "./read.js";

/** A's 0 and 1, B's 2 (partner of 0) and 3 (alone). */
const OBJECTS = [makeObject("a", "a", 2), makeObject("b"), makeObject("c", "b", 0), { ...makeObject("d", "b"), color: "#123456" }];
const COMPARED = makeClip({ objects: 0, sides: { a: "A", b: "B" }, covered: [[0, 2], [5, 6]] });
COMPARED.objects = OBJECTS;
const LOOK = { visible: [0, 1], selected: null, comparing: "off", split: 0.5 };

test("Python and the view know the same modes", () => {
  for (const [, { clip }] of scenes) {
    assert.deepEqual([...clip.modes].sort(), Object.keys(MODES).sort());
    for (const mode of clip.modes) assert.ok(MODE_NAMES[mode]);
  }
});

test("B's objects are shown with their partners, or for themselves", () => {
  assert.deepEqual(visibleInB(OBJECTS, [0, 1]), [2, 3]);
  assert.deepEqual(visibleInB(OBJECTS, [1]), [3]);
});

test("B's objects have the colours of their partners", () => {
  assert.deepEqual(wireColors(OBJECTS, ["#aa0000", "#00aa00"]), ["#aa0000", "#00aa00", "#aa0000", "#123456"]);
});

test("the selected object's partner stands out on the other side; without one, all stand back", () => {
  assert.equal(sideLook(OBJECTS, { ...LOOK, selected: 0 }, "b").selected, 2);
  assert.equal(sideLook(OBJECTS, { ...LOOK, selected: 1 }, "b").selected, -1);
  assert.equal(sideLook(OBJECTS, { ...LOOK, selected: 1 }, "a").selected, 1);
  assert.equal(sideLook(OBJECTS, LOOK, "b").selected, null);
});

test("a difference is of pairs, and of what has no partner", () => {
  assert.deepEqual(pairsOf(OBJECTS, LOOK), [[0, 2], [1, null], [null, 3]]);
  assert.deepEqual(pairsOf(OBJECTS, { ...LOOK, visible: [1] }), [[1, null], [null, 3]]);
  assert.deepEqual(pairsOf(OBJECTS, { ...LOOK, selected: 0 }), [[0, 2]]);
  assert.deepEqual(pairsOf(OBJECTS, { ...LOOK, selected: 0, visible: [1] }), [], "it is hidden");
});

test("where B has no masks there is no difference to show", () => {
  assert.deepEqual([0, 2, 3, 5, 7].map((p) => isCovered(COMPARED, p)), [true, true, false, true, false]);
  const look = { ...LOOK, comparing: "difference" };
  assert.equal(comparingAt(COMPARED, look, 1), "difference");
  assert.equal(comparingAt(COMPARED, look, 3), "off");
  assert.equal(comparingAt(COMPARED, { ...look, comparing: "side" }, 3), "side");
  assert.equal(comparingAt(makeClip(), look, 1), "off");
});

test("two masks fall into what either has alone and both share", () => {
  const found = [];
  eachShare(runsOf("..####.."), runsOf("#...##.#"), (...share) => found.push(share));
  assert.deepEqual(found, [
    [0, 1, false, true], [2, 4, true, false], [4, 6, true, true], [7, 8, false, true],
  ]);
});

test("each pixel of a painted picture belongs to one side", () => {
  const x = (comparing, at, split = 0.5, flipped = false) =>
    objectsAt(COMPARED, { ...LOOK, comparing, split }, { position: 0, flipped }, at);
  const width = COMPARED.width;
  assert.deepEqual(x("side", width + 1), { objects: [2, 3], x: 1 });
  assert.deepEqual(x("side", 1), { objects: [0, 1], x: 1 });
  assert.deepEqual(x("wipe", 1).objects, [0, 1]);
  assert.deepEqual(x("wipe", 2).objects, [2, 3]);
  assert.deepEqual(x("blink", 2, 0.5, true).objects, [2, 3]);
  assert.deepEqual(x("difference", 2).objects, [0, 1, 2, 3]);
  for (const split of [0, 0.1, 0.5, 1]) {
    const panes = panesOf("wipe", 10, split, false);
    assert.equal(panes[0].to, panes[1].from);
    assert.equal(splitColumn(10, split), panes[0].to);
  }
});

test("an object is shown alone, and all again", () => {
  assert.deepEqual(soloOf([0, 1, 2], 1, 3), [1]);
  assert.deepEqual(soloOf([1], 1, 3), [0, 1, 2]);
  assert.deepEqual(soloOf([0], 1, 3), [1]);
});

test("zooming keeps what is under the pointer, and never shows what is beside the picture", () => {
  let state = { scale: 1, x: 0, y: 0 };
  const there = ({ scale, x, y }, u, v) => [x + u / scale, y + v / scale];
  for (const [factor, u, v] of [[2, 0.25, 0.75], [3, 0.5, 0.5], [0.5, 0.1, 0.9], [1.25, 0, 1]]) {
    const next = zoomedAt(state, factor, u, v);
    const [before, after] = [there(state, u, v), there(next, u, v)];
    if (factor > 1) before.forEach((value, i) => assert.ok(Math.abs(value - after[i]) < 1e-9));
    for (const value of [next.x, next.y]) assert.ok(value >= 0 && value <= 1 - 1 / next.scale + 1e-12);
    state = next;
  }
  assert.equal(zoomedAt(state, 1e9, 0.5, 0.5).scale, MAX_ZOOM);
  assert.deepEqual(zoomedAt(state, 1e-9, 0.5, 0.5), { scale: 1, x: 0, y: 0 });
  assert.deepEqual(pannedBy({ scale: 2, x: 0.25, y: 0.25 }, 9, -9), { scale: 2, x: 0, y: 0.5 });
});

test("the loupe names the source's pixels", () => {
  assert.deepEqual([0, 319].map((at) => sourcePixel(at, 320, 1920)), [3, 1917]);
  assert.deepEqual([0, 5, 319].map((at) => sourcePixel(at, 320, 320)), [0, 5, 319]);
});

test("times, counts and numbers read well", () => {
  assert.deepEqual([0, 1.234, 59.5, 61.5, 600].map(formatTime), ["0.00 s", "1.23 s", "59.50 s", "1:01.50", "10:00.00"]);
  assert.equal(formatTime(59.999), "1:00.00", "seconds never read 60");
  assert.equal(formatTime(119.999), "2:00.00");
  assert.equal(formatCount(12345.4), "12\u202f345");
  for (const format of [formatCount, formatValue, formatShare]) assert.equal(format(NaN), "–");
  assert.deepEqual([0.00012, 0.0994, 0.1, 1].map(formatShare), ["0.01 %", "9.94 %", "10.0 %", "100.0 %"]);
  assert.equal(formatNumber("area_px", 12345), "12\u202f345 px");
  assert.equal(formatNumber("angle_deg", 12.5), "12.5°");
  assert.equal(formatNumber("area_frac", 0.5), "50.0 %");
  assert.equal(formatNumber("x", NaN), "–");
  assert.deepEqual([1, 0.9247].map((value) => formatNumber("score", value)), ["1.00", "0.92"]);
  assert.equal(columnLabel("<b>"), "<b>");
});

test("a position is told by its source frame, and its time where that is known", () => {
  const clip = makeClip({ frame: [0, 10, 20], time_s: [0, 0.4, 0.8] });
  assert.equal(placeOf(clip, 1), "frame 10, 0.40 s");
  assert.equal(placeOf({ ...clip, timed: false }, 1), "frame 10");
});
