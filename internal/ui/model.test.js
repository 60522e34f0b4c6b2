import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { backoff, belief, callKey, fresh, headlineOf, newer, standing, summarize } from "./assets/model.js";

/** @param {string} name */
const cases = (name) => JSON.parse(readFileSync(new URL("testdata/" + name, import.meta.url), "utf8"));

/** @param {string} number @param {string} at */
const call = (number, at) => ({ number, counter: "1", stage: "reception", at, times: 1 });

test("the headline follows the cases that the server follows", async (t) => {
  for (const c of cases("headlines.json")) {
    await t.test(c.name, () => {
      const got = summarize(c.office, c.purpose);
      const low = got.until?.low_seconds ?? 0, high = got.until?.high_seconds ?? 0;
      assert.deepEqual({ level: got.level, waiting: got.waiting, low, high, finished: got.finished?.high_seconds ?? 0, found: got.found }, c.want);
    });
  }
});

test("one service speaks for itself, and not of waits while nobody is taken on", () => {
  const wait = { p50_seconds: 300, p80_seconds: 500, low_seconds: 0, high_seconds: 600, as_of: "" };
  const service = { id: "a", name: {}, series: "A", accepting: true, waiting: 2, until_called: wait, until_finished: wait };
  assert.deepEqual(headlineOf({ ...service, level: "quiet" }), { level: "quiet", waiting: 2, until: wait, finished: wait, found: true });
  assert.deepEqual(headlineOf({ ...service, level: "closed" }), { level: "closed", waiting: 2, until: null, finished: null, found: true });
  assert.equal(headlineOf(undefined).found, false);
});

test("an office stands as the server says", () => {
  for (const c of cases("standings.json")) assert.equal(standing(c.office), c.want, c.name);
});

test("a frame is newer by its number, and always in another epoch", () => {
  assert.equal(newer(undefined, { epoch: "a", seq: 0 }), true);
  assert.equal(newer({ epoch: "a", seq: 4 }, { epoch: "a", seq: 5 }), true);
  assert.equal(newer({ epoch: "a", seq: 5 }, { epoch: "a", seq: 5 }), false);
  assert.equal(newer({ epoch: "a", seq: 5 }, { epoch: "a", seq: 4 }), false);
  assert.equal(newer({ epoch: "a", seq: 5 }, { epoch: "b", seq: 1 }), true);
});

test("tries to connect spread out and never stop", () => {
  assert.equal(backoff(0, 0), 250);
  assert.equal(backoff(0, 0.5), 500);
  assert.equal(backoff(3, 0.5), 4000);
  for (const failures of [5, 50, 5000]) assert.equal(backoff(failures, 0.5), 15000);
});

test("a screen is believed for five seconds, and its estimates for sixty", () => {
  const silences = [0, 5000, 5001, 60000, 60001];
  assert.deepEqual(silences.map(belief), ["live", "live", "stale", "stale", "aged"]);
});

test("new calls come oldest first, each once; at the beginning none", () => {
  const [a, b, c] = [call("A001", "t1"), call("A002", "t2"), call("A003", "t3")];
  assert.deepEqual(fresh(null, [c, b, a]), []);
  assert.deepEqual(fresh(new Set([callKey(a)]), [c, b, a]), [b, c]);
  assert.deepEqual(fresh(new Set([a, b, c].map(callKey)), [c, b, a]), []);
});
