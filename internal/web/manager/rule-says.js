// A calling rule in sentences, as a pure function. The server says the same
// (rule_words.go): the browser test compares the two.

import { say } from "../words.js";

/** @import { Texts } from "../types.js" */

/**
 * The fields of the form, in the units that people set them in.
 * @typedef {Record<string, number>} Fields
 */

/**
 * @param {Texts} texts
 * @param {Fields} rule
 * @param {string} choose staff, manager or nobody
 * @returns {string[]}
 */
export function says(texts, rule, choose) {
  const or0 = (/** @type {string} */ key, /** @type {number} */ n) => say(texts, "rule.says." + key + (n === 0 ? ".0" : ""), { n });
  return [
    or0("ratio", rule.ratio),
    or0("max_wait", rule.max_wait_seconds),
    or0("max_overtaken", rule.max_overtaken),
    say(texts, "rule.says.slot", { early: rule.appointment_early_seconds, late: rule.appointment_late_seconds }),
    say(texts, "rule.says.miss", { n: rule.no_show_calls }),
    or0("restore", rule.restore_back),
    or0("close", rule.no_show_close_seconds),
    say(texts, "rule.says.choose." + choose),
    or0("skip", rule.skip_seconds),
  ];
}

/**
 * The nearest number that a field may have: 0 where that switches it off, else
 * within its range.
 * @param {number} n
 * @param {{min: number, low: number, max: number}} field
 */
export function nearest(n, { min, low, max }) {
  if (min < low && n < low) return n * 2 < low ? 0 : low;
  return Math.min(max, Math.max(low, n));
}
