// Decodes the pictures.

import { packColor } from "./paint.js";

/** @typedef {import("./wire.js").Clip} Clip */
/** @typedef {(image: Uint8Array<ArrayBuffer>) => Promise<Uint32Array>} Decode packed pixels of a JPEG */

/**
 * Makes what decodes the pictures of a clip, all of one size.
 * @param {Clip} clip
 * @returns {Decode}
 */
export function pictureDecoder({ width, height }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  return async (image) => {
    const bitmap = await createImageBitmap(new Blob([image], { type: "image/jpeg" }));
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  };
}

/**
 * What stands for the picture where there is none.
 * @param {Clip} clip
 */
export function groundPicture({ width, height, ground }) {
  return new Uint32Array(width * height).fill(packColor(ground));
}
