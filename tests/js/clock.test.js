import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, nearestIndex } from "../../sa2va_nb/view/widget/web/clock.js";

const TIMES = Array.from({ length: 10 }, (_, i) => i / 10);
const ALL = [0, 9];

test("the nearest of increasing values is found, the earlier of two", () => {
  const values = [0, 10, 20, 25];
  const wanted = [-3, 0, 4, 5, 6, 14.9, 22.5, 22.6, 99];
  assert.deepEqual(wanted.map((value) => nearestIndex(values, value)), [0, 0, 0, 0, 1, 1, 2, 3, 3]);
  assert.equal(nearestIndex([7], 100), 0);
});

test("frames are due when their time has come", () => {
  const clock = new Clock(TIMES, 0.1);
  clock.start(2, 1000);
  assert.deepEqual([1000, 1099, 1101, 1250, 1701].map((now) => clock.due(2, now, ALL)), [2, 2, 3, 4, 9]);
});

test("frames of uneven times keep theirs", () => {
  const clock = new Clock([0, 0.5, 0.6, 2], 1);
  clock.start(0, 0);
  assert.deepEqual([499, 501, 601, 1999, 2001].map((now) => clock.due(0, now, [0, 3])), [0, 1, 2, 2, 3]);
});

test("the last frame lasts its step, then the first is due again", () => {
  const clock = new Clock(TIMES, 0.1);
  clock.start(9, 0);
  assert.equal(clock.due(9, 99, ALL), 9);
  assert.equal(clock.due(9, 101, ALL), 0);
  assert.equal(clock.due(0, 150, ALL), 0, "the round begins when it was shown");
  assert.equal(clock.due(0, 202, ALL), 1);
});

test("a range is played round and round", () => {
  const clock = new Clock(TIMES, 0.1);
  clock.start(5, 0);
  assert.equal(clock.due(5, 101, [3, 6]), 6);
  assert.equal(clock.due(6, 199, [3, 6]), 6);
  assert.equal(clock.due(6, 201, [3, 6]), 3);
  clock.start(9, 300);
  assert.equal(clock.due(9, 310, [3, 6]), 3, "from outside it goes in");
});

test("another speed is that many times as fast", () => {
  const clock = new Clock(TIMES, 0.1);
  clock.rate = 0.25;
  clock.start(0, 0);
  assert.equal(clock.due(0, 399, ALL), 0);
  assert.equal(clock.due(0, 401, ALL), 1);
  clock.rate = 2;
  clock.start(0, 0);
  assert.equal(clock.due(0, 201, ALL), 4);
});
