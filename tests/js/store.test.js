import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { FrameStore, windowsByDistance } from "../../sa2va_nb/view/widget/web/store.js";
import { makeClip, makePacket } from "./make.js";

/** A store, and what it asks for. */
function makeStore({ frames = 40, budget, clip = makeClip({ frames }) } = {}) {
  const asked = [];
  const ready = [];
  const doors = {
    ask: (windows) => asked.push(windows),
    decode: async () => new Uint32Array(clip.width * clip.height),
    ready: (position) => ready.push(position),
  };
  return { store: new FrameStore(clip, doors, budget), asked, ready };
}

/** Puts whole windows of four frames. */
async function put(store, ...windows) {
  for (const w of windows) await store.put(makePacket(4 * w, Math.min(4, store.clip.frame.length - 4 * w)));
  await turn();
}

test("windows come nearest first, the next one before the last one", () => {
  assert.deepEqual(windowsByDistance(2, 6), [2, 3, 1, 4, 0, 5]);
  assert.deepEqual(windowsByDistance(0, 3), [0, 1, 2]);
  assert.deepEqual(windowsByDistance(2, 3), [2, 1, 0]);
  assert.deepEqual(windowsByDistance(0, 0), []);
});

test("what there is room for is asked for, nearest first, each window but once", async () => {
  const { store, asked } = makeStore();
  await store.put(makePacket(0, 1)); // the first picture alone: it tells how large frames are
  store.askWanted();
  assert.deepEqual(asked, [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  store.askWanted();
  assert.equal(asked.length, 1, "nothing new is wanted");
  await put(store, 0, 1);
  assert.deepEqual([...store.loaded], [0, 1]);
  assert.deepEqual(store.wanted(), [2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a jump asks for the windows around it first", async () => {
  const { store, asked } = makeStore();
  await store.put(makePacket(0, 1));
  store.askWanted();
  store.focus(25);
  assert.deepEqual(asked.at(-1), [6, 7, 5, 8, 4, 9, 3, 2, 1, 0]);
  store.focus(26);
  assert.equal(asked.length, 2, "the same window is not asked for again");
});

test("every window of a clip that fits comes in the end", async () => {
  const { store, asked } = makeStore();
  await store.put(makePacket(0, 1));
  store.askWanted();
  await put(store, ...asked[0]);
  assert.equal(store.loaded.size, store.count);
  assert.deepEqual(store.wanted(), []);
});

test("no more is kept than the budget, and what is near stays", async () => {
  const frameBytes = 10 + 8; // an image, and two run lengths
  const budget = 20 * frameBytes; // five windows of ten
  const { store } = makeStore({ budget });
  await store.put(makePacket(0, 1));
  assert.deepEqual(store.wanted(), [0, 1, 2, 3], "nine tenths of the budget");
  await put(store, 0, 1, 2, 3, 4);
  store.focus(36);
  await put(store, 9, 8, 7, 6);
  assert.ok(store.bytes <= budget);
  assert.equal(store.bytes, store.frames.size * frameBytes);
  for (const w of [9, 8, 7, 6]) assert.ok(store.loaded.has(w), `window ${w} is near`);
  assert.ok(!store.loaded.has(0), "the first one was dropped");
});

test("the windows around the viewer are kept however large they are", async () => {
  const { store } = makeStore({ budget: 1 });
  store.focus(20);
  await put(store, 5, 4, 6);
  assert.deepEqual([...store.loaded].sort(), [4, 5, 6]);
  await put(store, 0);
  assert.ok(!store.loaded.has(0));
});

test("a window that failed is let alone until it is asked for anew", async () => {
  const { store, asked } = makeStore();
  await store.put(makePacket(0, 1));
  store.askWanted();
  store.focus(5);
  store.fail(1, "no such file");
  assert.ok(store.hasFailed(5));
  assert.ok(!store.wanted().includes(1));
  store.retry(1);
  assert.ok(!store.hasFailed(5));
  assert.equal(asked.at(-1)[0], 1);
  const { length } = asked;
  store.retry(2);
  assert.equal(asked.length, length, "it never failed");
});

test("frames around the viewer are decoded, in the direction it goes", async () => {
  const { store, ready } = makeStore();
  store.focus(8);
  await put(store, 2, 1, 3);
  assert.ok(store.isReady(8));
  assert.ok([7, 9, 10, 11, 12, 13, 14].every((position) => ready.includes(position)));
  store.focus(7);
  await turn();
  assert.ok([4, 5, 6].every((position) => store.isReady(position)), "it goes back now");
});

test("decoded pictures are bounded, the last used stay", async () => {
  const clip = makeClip({ frames: 200, width: 2048, height: 1024 }); // 8 MB a picture
  const { store } = makeStore({ clip });
  for (let w = 0; w < 50; w++) await put(store, w);
  for (let position = 0; position < 200; position++) {
    store.focus(position);
    await turn();
  }
  assert.ok(store.pictures.size <= store.maxPictures);
  assert.ok(store.isReady(199));
  assert.ok(!store.isReady(0));
});

test("a frame whose picture can't be decoded shows its masks alone", async () => {
  const clip = makeClip();
  const doors = { ask() {}, decode: () => Promise.reject(new Error("no JPEG")), ready() {} };
  const store = new FrameStore(clip, doors);
  await put(store, 0);
  assert.ok(store.isReady(0));
  assert.equal(store.at(0).picture, null);
  assert.equal(store.at(0).runs.length, 1);
});

test("what comes after the end is let go", async () => {
  const { store, ready } = makeStore();
  store.close();
  await put(store, 0, 1);
  assert.equal(store.frames.size, 0);
  assert.deepEqual(ready, []);
});

test("a broken packet is an error for the one who puts it", async () => {
  const { store } = makeStore();
  await assert.rejects(store.put(new Uint8Array(20)));
  const cut = makePacket(0, 4);
  await assert.rejects(store.put(cut.subarray(0, cut.length - 9)));
  assert.equal(store.loaded.size, 0);
});
