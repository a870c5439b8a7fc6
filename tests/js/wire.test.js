import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../sa2va_nb/view/widget/web/numbers.js";
import { areaOf, boxOf, covers } from "../../sa2va_nb/view/widget/web/runs.js";
import { carriedPackets } from "../../sa2va_nb/view/widget/web/supply.js";
import {
  inflate, packetHead, parsePacket, splitPackets, toBytes, versionProblem,
} from "../../sa2va_nb/view/widget/web/wire.js";
import { makeClip, makePacket, runsOf } from "./make.js";
import { bytesOf, scenes } from "./read.js";

/** Pixels of a mask as zeros and ones. */
function pixelsOf(runs, count) {
  return Uint8Array.from({ length: count }, (_, pixel) => Number(covers(runs, pixel)));
}

for (const [name, scene] of scenes) {
  const { clip } = scene;
  const pixels = clip.width * clip.height;
  const packets = scene.packets.map(bytesOf);

  test(`${name}: packets hold Python's masks of every frame, and a JPEG where there is a video`, async () => {
    const masks = bytesOf(scene.masks);
    let at = 0;
    for (const [w, packet] of packets.entries()) {
      const { first, frames } = await parsePacket(packet);
      assert.equal(first, w * clip.window);
      for (const { image, runs } of frames) {
        if (scene.has_video) assert.deepEqual([...image.subarray(0, 2)], [0xff, 0xd8]);
        else assert.equal(image, null);
        assert.equal(runs.length, clip.objects.length);
        for (const mask of runs) {
          assert.deepEqual(pixelsOf(mask, pixels), masks.subarray(at, at + pixels));
          at += pixels;
        }
      }
    }
    assert.equal(at, masks.length);
  });

  test(`${name}: a bundle falls into the packets and the numbers it was made of`, () => {
    const parts = splitPackets(bytesOf(scene.bundle));
    assert.deepEqual(parts, [...packets, bytesOf(scene.numbers)]);
    const carried = carriedPackets({ get: () => bytesOf(scene.bundle) }, clip);
    assert.deepEqual(packets.map((_, w) => carried.window(w)), packets);
    assert.equal(carried.window(packets.length), undefined);
    assert.deepEqual(carried.numbers(), bytesOf(scene.numbers));
  });

  test(`${name}: areas of the numbers are those of the masks`, async () => {
    const numbers = new Numbers(clip);
    assert.ok(clip.objects.every((_, k) => numbers.series(0, k).every(Number.isNaN)), "unknown before they came");
    numbers.values = new Float32Array(await inflate(bytesOf(scene.numbers)));
    assert.equal(clip.columns[0], "area_px");
    for (const packet of packets) {
      const { first, frames } = await parsePacket(packet);
      frames.forEach(({ runs }, i) => runs.forEach((mask, k) => {
        const area = numbers.series(0, k)[first + i];
        const isUncovered = clip.objects[k].side === "b" && Number.isNaN(area);
        assert.equal(isUncovered ? 0 : area, areaOf(mask));
        const [xs, ys] = numbers.trail(k, first + i);
        assert.equal(xs.length, Math.min(first + i, clip.trail) + 1);
        assert.equal(Number.isNaN(xs.at(-1)), areaOf(mask) === 0);
        const box = boxOf(mask, clip.width);
        assert.ok(!box || (xs.at(-1) >= box.x0 && xs.at(-1) < box.x1 && ys.at(-1) >= box.y0 && ys.at(-1) < box.y1));
      }));
    }
  });
}

test("bytes that are no packet of this version are told apart", async () => {
  const packet = makePacket(4, 2);
  assert.deepEqual(packetHead(packet), { first: 4, count: 2, objects: 1 });
  assert.equal(packetHead(packet.subarray(1)), null);
  assert.equal(packetHead(packet.subarray(0, 15)), null);
  await assert.rejects(parsePacket(packet.subarray(1)), /packet of version 2/);
});

test("bytes are read in place, wherever in a buffer they lie", async () => {
  const packet = makePacket(0, 3);
  const buffer = new ArrayBuffer(packet.length + 9);
  new Uint8Array(buffer, 5).set(packet);
  const view = new DataView(buffer, 5, packet.length);
  assert.deepEqual(toBytes(view), packet);
  assert.deepEqual(toBytes(view.buffer.slice(5, 5 + packet.length)), packet);
  assert.equal((await parsePacket(toBytes(view))).frames.length, 3);
});

test("nothing is carried by a widget that was not saved with its frames", () => {
  assert.deepEqual(splitPackets(new Uint8Array(0)), []);
  for (const bytes of [undefined, new DataView(new ArrayBuffer(0))]) {
    assert.equal(carriedPackets({ get: () => bytes }, makeClip()), null);
  }
});

test("data of another version are refused in words", () => {
  assert.equal(versionProblem(makeClip()), null);
  for (const clip of [{ version: 1 }, {}, undefined]) assert.match(versionProblem(clip), /Run its cell again/);
});

test("runs tell area, box and pixels", () => {
  const runs = runsOf("....", ".##.", "..##");
  assert.equal(areaOf(runs), 4);
  assert.deepEqual(boxOf(runs, 4), { x0: 1, y0: 1, x1: 4, y1: 3 });
  assert.deepEqual([4, 5, 6, 7, 11].map((pixel) => covers(runs, pixel)), [false, true, true, false, true]);
  assert.deepEqual(boxOf(runsOf("..##", "##.."), 4), { x0: 0, y0: 0, x1: 4, y1: 2 }, "a run over two rows");
  assert.equal(boxOf(runsOf("...."), 4), null);
});
