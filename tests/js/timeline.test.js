import assert from "node:assert/strict";
import { test } from "node:test";
import { laneScale, laneX } from "../../sa2va_nb/view/widget/web/lanes.js";
import {
  flagsAt, markPositions, nearestMark, nextMark, niceStep, placeOfFrame, positionAt, rulerTicks, shownMarks, spanOf,
  stretches,
} from "../../sa2va_nb/view/widget/web/marks.js";
import { movedRange } from "../../sa2va_nb/view/widget/web/ruler.js";

const flag = (object, first, last, text = "") => ({ object, first, last, kind: "flag", text });

test("stretches are where there is something", () => {
  assert.deepEqual(stretches([0, 3, 3, NaN, 1, 0, 0, 2]), [[1, 2], [4, 4], [7, 7]]);
  assert.deepEqual(stretches([]), []);
  assert.deepEqual(stretches(new Float32Array(3).fill(NaN)), []);
});

test("the span of numbers leaves out what is unknown", () => {
  assert.deepEqual(spanOf([NaN, 3, 5], [-1, NaN]), [-1, 5]);
  assert.equal(spanOf([NaN]), null);
});

test("scales start at zero, and scores go from 0 to 1", () => {
  assert.deepEqual(laneScale("area_px", [40, 60, NaN]), [0, 60]);
  assert.deepEqual(laneScale("vx", [-3, 2]), [-3, 2]);
  for (const column of ["J", "iou", "score"]) assert.deepEqual(laneScale(column, [0.4]), [0, 1]);
  assert.deepEqual(laneScale("area_px", [NaN]), [0, 0]);
});

test("positions and pixels are one another's inverse, at the ends too", () => {
  const x = laneX(300, 31);
  for (let position = 0; position < 31; position++) assert.equal(positionAt(x(position) / 300, 31), position);
  assert.equal(positionAt(-1, 31), 0);
  assert.equal(positionAt(2, 31), 30);
  assert.equal(positionAt(0.5, 1), 0, "a clip of one frame");
  assert.equal(laneX(300, 1)(0), 0);
});

test("the ruler's labels are round and far enough apart", () => {
  assert.deepEqual([1, 2, 3, 6, 11, 49, 51].map(niceStep), [1, 2, 5, 10, 20, 50, 100]);
  const frames = Array.from({ length: 1000 }, (_, i) => i);
  for (const width of [80, 200, 640, 1500]) {
    const ticks = rulerTicks(frames, width);
    const texts = ticks.map(({ text }) => Number(text));
    assert.equal(new Set(texts.slice(1).map((value, i) => value - texts[i])).size <= 1, true);
    ticks.slice(1).forEach(({ at }, i) => assert.ok(((at - ticks[i].at) * width) / 999 >= 50, `${width}`));
  }
  assert.deepEqual(rulerTicks([5, 90], 640), [{ at: 0, text: "5" }, { at: 1, text: "90" }]);
});

test("a frame between two that have masks lies between their places", () => {
  assert.deepEqual([10, 15, 20, 40].map((frame) => placeOfFrame([10, 20, 60], frame)), [0, 0.5, 1, 1.5]);
});

test("marks are walked from one to the next, either way", () => {
  const marks = [flag(0, 9, 12), flag(1, 3, 3), flag(0, 3, 5)];
  assert.deepEqual(markPositions(marks), [3, 9]);
  assert.equal(nextMark(marks, 0, 1), 3);
  assert.equal(nextMark(marks, 3, 1), 9);
  assert.equal(nextMark(marks, 9, 1), undefined);
  assert.equal(nextMark(marks, 9, -1), 3);
  assert.equal(nextMark(marks, 3, -1), undefined);
});

test("the nearest mark is of that object and within reach; of two that hold the place, the shorter", () => {
  const long = flag(0, 0, 20, "long");
  const short = flag(0, 8, 9, "short");
  const marks = [long, short, flag(1, 10, 10, "other")];
  assert.equal(nearestMark(marks, 0, 8.4, 1), short);
  assert.equal(nearestMark(marks, 0, 15, 1), long);
  assert.equal(nearestMark(marks, 0, 22, 1), undefined);
  assert.equal(nearestMark(marks, 0, 21, 1), long);
});

test("flags are told where they hold; those of hidden objects are not looked at", () => {
  const marks = [flag(0, 2, 4, "small"), flag(0, 4, 6, "jumps"), flag(1, 4, 4, "gone"), { ...flag(0, 4, 4, "born"), kind: "event" }];
  assert.deepEqual(flagsAt(marks, 0, 4), ["small", "jumps"]);
  assert.deepEqual(flagsAt(marks, 0, 7), []);
  assert.deepEqual(shownMarks(marks, 2, [1]).map(({ text }) => text), ["gone"]);
  assert.deepEqual(shownMarks(marks, 1, []).map(({ text }) => text), ["gone"], "B's can't be hidden");
});

test("an end of the range stays on its side and in the clip", () => {
  for (const end of [0, 1]) {
    for (let position = -5; position < 25; position++) {
      const moved = movedRange([5, 15], end, position, 20);
      assert.ok(moved[0] <= moved[1] && moved[0] >= 0 && moved[1] <= 19, `${end} ${position}: ${moved}`);
    }
  }
  assert.deepEqual(movedRange([5, 15], 0, 8, 20), [8, 15]);
  assert.deepEqual(movedRange([5, 15], 1, 8, 20), [5, 8]);
});
