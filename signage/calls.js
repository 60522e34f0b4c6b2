// The line of calls that the wall has still to announce, as pure functions.

import { callKey, fresh } from "../model.js";

/** @import { Call } from "../types.js" */

/** @typedef {{announced: Set<string> | null, line: Call[]}} Announcer */

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
 * Takes the next call out of the line.
 * @param {Announcer} state
 * @returns {{call: Call | undefined, state: Announcer}}
 */
export function nextCall(state) {
  return { call: state.line[0], state: { ...state, line: state.line.slice(1) } };
}

/**
 * The calls shown small under the large one: the newest of every number but it.
 * @param {Call[]} calls newest first
 * @param {Call | undefined} large
 * @param {number} limit
 */
export function earlier(calls, large, limit) {
  const seen = new Set(large ? [large.number] : []);
  const rows = [];
  for (const call of calls) {
    if (seen.has(call.number)) continue;
    seen.add(call.number);
    rows.push(call);
  }
  return rows.slice(0, limit);
}
