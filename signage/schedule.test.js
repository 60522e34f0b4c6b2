import assert from "node:assert/strict";
import { test } from "node:test";
import { due, plays, round } from "./schedule.js";

/** @param {string} id @param {Partial<import("./schedule.js").Schedule>} [schedule] */
const item = (id, schedule = {}) => ({ id, kind: "notice", title: { ja: id }, schedule: { from: "2026-04-01", seconds: 10, weight: 1, ...schedule } });
const at = (/** @type {string} */ text) => Date.parse(text + "+09:00");

test("an item is due on its days, in its hours, by the clock of Japan", () => {
  const s = { from: "2026-04-01", to: "2026-04-30", weekdays: [1, 3], begin: "09:00", end: "17:00", seconds: 10, weight: 1 };
  for (const [when, want] of /** @type {[string, boolean][]} */ ([
    ["2026-04-01T09:00:00", true], ["2026-04-01T08:59:59", false], ["2026-04-01T16:59:59", true], ["2026-04-01T17:00:00", false],
    ["2026-04-02T10:00:00", false], ["2026-04-06T10:00:00", true], ["2026-03-30T10:00:00", false], ["2026-05-04T10:00:00", false],
  ])) assert.equal(due(s, at(when)), want, when);
  assert.ok(due({ from: "2026-04-01", seconds: 10, weight: 1 }, at("2026-04-01T00:00:00")));
  assert.ok(!due({ from: "2026-04-01", seconds: 10, weight: 1 }, at("2026-03-31T23:59:59")));
});

test("a round holds each item as often as it weighs, and spreads it", () => {
  const order = round([item("c"), item("a", { weight: 3 }), item("b")]).map((x) => x.id).join("");
  assert.equal(order.length, 5);
  assert.equal(order.replaceAll(/[^a]/g, "").length, 3);
  assert.ok(!order.includes("aaa"), order);
});

test("screens that know the items in any order show the same at every moment, without a gap", () => {
  const items = [item("a", { seconds: 7 }), item("b", { weight: 2 }), item("c", { seconds: 30, begin: "10:00", end: "11:00" })];
  const other = [...items].reverse();
  const seen = new Set();
  for (let t = at("2026-04-01T09:58:00"); t < at("2026-04-01T10:05:00"); t += 500) {
    const slot = plays(items, t);
    assert.deepEqual(slot, plays(other, t));
    assert.ok(slot && slot.start <= t && t < slot.end);
    assert.equal(slot.end - slot.start, slot.item.schedule.seconds * 1000);
    seen.add(slot.item.id);
  }
  assert.deepEqual([...seen].sort(), ["a", "b", "c"]);
  assert.equal(plays([], at("2026-04-01T10:00:00")), null);
  assert.equal(plays(items, at("2025-04-01T10:00:00")), null);
});
