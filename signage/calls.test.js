import assert from "node:assert/strict";
import { test } from "node:test";
import "../test/resolve.js";

const { announcer, earlier, hear, nextCall, readyOf, together } = await import("./calls.js");

/** @param {number} n @param {number} [times] */
const call = (n, times = 1) => ({
  number: "A" + String(n).padStart(3, "0"), counter: String(n % 5), stage: "reception",
  at: new Date(Date.UTC(2026, 3, 1, 0, 0, n + 100 * times)).toISOString(), times,
});

/** Takes everything out of the line. @param {import("./calls.js").Announcer} state */
function drain(state) {
  const numbers = [];
  for (let out = nextCall(state); out.group.length; out = nextCall(state)) {
    numbers.push(out.group.map((call) => call.number).join(" "));
    state = out.state;
  }
  return { numbers, state };
}

test("a wall that has just begun announces nothing old", () => {
  assert.deepEqual(drain(hear(announcer(), [call(2), call(1)])).numbers, []);
});

test("calls that come together are announced one after another, none lost, none twice", () => {
  let state = hear(announcer(), [call(1)]);
  state = hear(state, [call(3), call(2), call(1)]);
  state = hear(state, [call(5), call(4), call(3), call(2), call(1)]);
  const first = drain(state);
  assert.deepEqual(first.numbers, ["A002", "A003", "A004", "A005"]);
  assert.deepEqual(drain(hear(first.state, [call(5), call(4), call(3)])).numbers, []);
});

test("a call is kept in line when newer ones have pushed it off the board's list", () => {
  let state = hear(announcer(), []);
  state = hear(state, [call(2), call(1)]);
  state = hear(state, [call(4), call(3)]);
  assert.deepEqual(drain(state).numbers, ["A001", "A002", "A003", "A004"]);
});

test("a call that was undone before its turn is not announced", () => {
  let state = hear(announcer(), [call(1)]);
  state = hear(state, [call(3), call(2), call(1)]);
  state = hear(state, [call(2), call(1)]);
  assert.deepEqual(drain(state).numbers, ["A002"]);
});

test("a recall is announced again", () => {
  const state = hear(hear(announcer(), [call(1)]), [call(1, 2), call(1)]);
  assert.deepEqual(drain(state).numbers, ["A001"]);
});

test("the small list shows every number once and not the large one", () => {
  const calls = [call(3, 2), call(3), call(2), call(1)];
  assert.deepEqual(earlier(calls, [calls[0]], 5).map((c) => c.number), ["A002", "A001"]);
  assert.deepEqual(earlier(calls, [calls[0]], 1).map((c) => c.number), ["A002"]);
});

test("numbers of one announcement are shown at once, and those of another counter after them", () => {
  const at = new Date(Date.UTC(2026, 3, 1, 1)).toISOString();
  /** @param {number} n @param {string} counter */
  const announced = (n, counter) => ({ ...call(n), counter, stage: "delivery", at });
  const calls = [announced(4, "8"), announced(3, "7"), announced(2, "7"), announced(1, "7"), call(9)];
  assert.deepEqual(drain(hear(hear(announcer(), [call(9)]), calls)).numbers, ["A001 A002 A003", "A004"]);
  assert.deepEqual(together(calls.slice(1)).map((c) => c.number), ["A001", "A002", "A003"]);
  assert.deepEqual(together([call(2), call(1)]).map((c) => c.number), ["A002"]);
  assert.deepEqual(together([]), []);
  assert.deepEqual(earlier(calls, together(calls.slice(1)), 5).map((c) => c.number), ["A004", "A009"]);
});

test("what can be fetched stands before what is only ready", () => {
  const services = [{ ready: ["A001", "A002"], announced: [{ number: "A002", counter: "7", at: "" }] }, { ready: ["B001"] }];
  assert.deepEqual(readyOf(/** @type {any} */ ({ services })), [
    { number: "A002", counter: "7" }, { number: "A001", counter: "" }, { number: "B001", counter: "" },
  ]);
});
