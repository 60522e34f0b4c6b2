import assert from "node:assert/strict";
import { test } from "node:test";
import { burst, nothing, paper, strayed } from "./entry.js";

/** What is taken for a paper after signs that came one by one, and Enter. @param {string} text @param {number} gap ms @param {number} [last] ms before Enter */
function enter(text, gap, last = gap) {
  let stray = nothing;
  let at = 1000;
  for (const sign of text) stray = strayed(stray, sign, (at += gap));
  return paper(stray, at + last);
}

test("a paper scanned into a field is told from what a hand types", () => {
  const address = "https://machi.example.jp/t/x";
  assert.equal(enter(address, 5), address);
  assert.equal(enter(address, burst), address);
  assert.equal(enter(address, burst + 1), "", "a fast hand");
  assert.equal(enter(address, 5, 200), "", "pasted or typed, and then Enter");
  assert.equal(enter("12345", 5), "", "too short for a paper");
  let stray = strayed(nothing, "9", 1000);
  for (const [i, sign] of [..."A01234"].entries()) stray = strayed(stray, sign, 2000 + 5 * i);
  assert.equal(paper(stray, 2030), "A01234", "what a hand typed before is no part of it");
});
