// The line of calls that the wall has still to announce, as pure functions.

import { callKey, fresh } from "../model.js";

/** @import { Call, Office } from "../types.js" */

/** @typedef {{announced: Set<string> | null, line: Call[]}} Announcer */

/** @typedef {Call[]} Group calls that are shown at once, in the order of their numbers; empty: none */

/** Numbers that one announcement shows at once. */
const mostTogether = 6;

/** Milliseconds that every call has to itself. */
export const showFor = 6000;

/** Keys remembered; more than the board ever lists, so that none is announced twice. */
const remembered = 200;

/** @returns {Announcer} */
export function announcer() {
  return { announced: null, line: [] };
}

/**
 * Takes a new list of calls: new ones join the end of the line, and those that
 * were undone before their turn leave it.
 * @param {Announcer} state
 * @param {Call[]} calls newest first, as the board lists them
 * @returns {Announcer}
 */
export function hear(state, calls) {
  const listed = new Set(calls.map(callKey));
  const oldest = calls.at(-1)?.at ?? "";
  const kept = state.line.filter((call) => listed.has(callKey(call)) || Date.parse(call.at) < Date.parse(oldest));
  const announced = [...(state.announced ?? []), ...listed].slice(-remembered);
  return { announced: new Set(announced), line: [...kept, ...fresh(state.announced, calls)] };
}

/**
 * Takes the next call out of the line, with those that were announced with it.
 * @param {Announcer} state
 * @returns {{group: Group, state: Announcer}}
 */
export function nextCall(state) {
  const group = leading(state.line);
  return { group, state: { ...state, line: state.line.slice(group.length) } };
}

/**
 * The newest call of a board, with those that were announced with it.
 * @param {Call[]} calls newest first
 * @returns {Group}
 */
export function together(calls) {
  return leading(calls).reverse();
}

/**
 * A delivery desk calls several numbers at once; each to itself would take minutes.
 * @param {Call[]} calls
 */
function leading(calls) {
  const [first] = calls;
  if (!first) return [];
  if (first.stage !== "delivery") return [first];
  const end = calls.findIndex((call) => call.at !== first.at || call.counter !== first.counter || call.stage !== first.stage);
  return calls.slice(0, Math.min(mostTogether, end < 0 ? calls.length : end));
}

/**
 * What is ready, first what can be fetched at a counter now.
 * @param {Office} office
 * @returns {{number: string, counter: string}[]}
 */
export function readyOf(office) {
  const called = office.services.flatMap((service) => service.announced ?? []);
  const numbers = new Set(called.map(({ number }) => number));
  const later = office.services.flatMap((service) => service.ready ?? []).filter((number) => !numbers.has(number));
  return [...called.map(({ number, counter }) => ({ number, counter })), ...later.map((number) => ({ number, counter: "" }))];
}

/**
 * The calls shown small under the large ones: the newest of every other number.
 * @param {Call[]} calls newest first
 * @param {Group} large
 * @param {number} limit
 */
export function earlier(calls, large, limit) {
  const seen = new Set(large.map((call) => call.number));
  const rows = [];
  for (const call of calls) {
    if (seen.has(call.number)) continue;
    seen.add(call.number);
    rows.push(call);
  }
  return rows.slice(0, limit);
}
