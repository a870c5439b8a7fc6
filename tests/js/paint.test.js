import assert from "node:assert/strict";
import { test } from "node:test";
import { wireColors } from "../../sa2va_nb/view/widget/web/compare.js";
import { Numbers } from "../../sa2va_nb/view/widget/web/numbers.js";
import { packColor, parseColor, roundEven } from "../../sa2va_nb/view/widget/web/paint.js";
import { Painter } from "../../sa2va_nb/view/widget/web/picture.js";
import { inflate, parsePacket } from "../../sa2va_nb/view/widget/web/wire.js";
import { bytesOf, scenes } from "./read.js";

/** Packed pixels of bytes in threes. */
function packed(bytes) {
  return Uint32Array.from({ length: bytes.length / 3 }, (_, i) => packColor(bytes.subarray(3 * i, 3 * i + 3)));
}

/** What a picture differs in, in words; empty where it is the same. */
function differences(drawn, expected, width) {
  const wrong = [...expected.keys()].filter((i) => drawn[i] !== expected[i]);
  const [at] = wrong;
  const hex = (value) => value.toString(16);
  return wrong.length
    ? `${wrong.length} pixels, as at x ${at % width}, y ${Math.floor(at / width)}: ${hex(drawn[at])} for ${hex(expected[at])}`
    : "";
}

for (const [name, scene] of scenes) {
  test(`${name}: every look is painted as Python draws it, to the bit`, async () => {
    const { clip } = scene;
    const numbers = new Numbers(clip);
    numbers.values = new Float32Array(await inflate(bytesOf(scene.numbers)));
    const frames = (await Promise.all(scene.packets.map((packet) => parsePacket(bytesOf(packet))))).flatMap((p) => p.frames);
    const painter = new Painter(clip);
    for (const { look, position, picture, expected } of scene.looks) {
      const out = new Uint32Array(painter.widthOf(look) * clip.height);
      const here = {
        position,
        picture: picture && packed(bytesOf(picture)),
        runs: frames[position].runs,
        colors: wireColors(clip.objects, look.colors).map(parseColor),
        trails: clip.objects.map((_, k) => numbers.trail(k, position)),
        flipped: false,
      };
      painter.paint(here, look, out);
      const wanted = packed(bytesOf(expected));
      assert.equal(out.length, wanted.length);
      assert.equal(differences(out, wanted, painter.widthOf(look)), "", JSON.stringify({ position, look }));
    }
  });
}

test("halves are rounded to the even neighbour, as numpy does", () => {
  assert.deepEqual([0, 0.5, 1.5, 2.5, 2.4999, 2.5001, 254.5, 255].map(roundEven), [0, 0, 2, 2, 2, 3, 254, 255]);
});

test("colours are packed as the canvas keeps them", () => {
  assert.deepEqual(parseColor("#3f90da"), [0x3f, 0x90, 0xda]);
  const [pixel] = new Uint32Array(new Uint8ClampedArray([0x3f, 0x90, 0xda, 255]).buffer);
  assert.equal(packColor([0x3f, 0x90, 0xda]), pixel);
});
