import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { about, metres, rank } from "./assets/travel.js";

const cases = JSON.parse(await readFile(new URL("../travel/testdata/travel.json", import.meta.url), "utf8"));
/** @param {number[]} p */
const point = ([lat, lng]) => ({ lat, lng });
/** @param {number[]} r */
const range = ([low, high]) => ({ low, high });

test("a way takes about as long as the server says", () => {
  for (const c of cases.ways) assert.deepEqual(about(metres(point(c.from), point(c.to)), c.mode, c.rough), { low: c.low, high: c.high }, c.why);
});

test("offices are ranked as the server does", () => {
  for (const c of cases.ranks) {
    const choices = c.choices.map((/** @type {any} */ o) => ({ ...o, way: range(o.way), finished: range(o.finished) }));
    assert.deepEqual(rank(choices), c.want, c.why);
  }
});
