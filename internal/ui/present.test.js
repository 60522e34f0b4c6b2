import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "./assets/present.js";

/** A page at which keys are moved by hand, and time as well. */
function page(busy = false) {
  const target = new EventTarget();
  const p = { at: 0, told: 0, busy, minute: () => {}, press: () => target.dispatchEvent(new Event("keydown")) };
  present(() => p.busy, { target, now: () => p.at, tell: () => p.told++, every: (look) => { p.minute = look; } });
  return p;
}

test("who moves is told of once a minute, and nobody else", () => {
  const p = page();
  p.press();
  assert.equal(p.told, 0, "opening the page has told");
  p.at = 60_000;
  p.press();
  p.press();
  assert.equal(p.told, 1);
  for (p.at = 120_000; p.at < 3_600_000; p.at += 60_000) p.minute();
  assert.equal(p.told, 1, "an empty chair is present");
  p.press();
  assert.equal(p.told, 2);
});

test("a talk of an hour is told of, one without end is not", () => {
  const p = page(true);
  for (p.at = 60_000; p.at <= 3_600_000; p.at += 60_000) p.minute();
  assert.equal(p.told, 60);
  for (; p.at <= 12 * 3_600_000; p.at += 60_000) p.minute();
  assert.equal(p.told, 119, "two hours without a key are the end");
});
