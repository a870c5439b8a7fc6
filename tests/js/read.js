// Reads what fixtures.py wrote.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.SA2VA_NB_FIXTURES;
if (!folder) throw new Error("SA2VA_NB_FIXTURES must name the folder that tests/js/fixtures.py wrote to");

/** Scenes by name. */
export const scenes = Object.entries(JSON.parse(readFileSync(join(folder, "scenes.json"), "utf8")));

/** Bytes of base64, in a buffer of their own. */
export function bytesOf(text) {
  return new Uint8Array(Buffer.from(text, "base64"));
}
