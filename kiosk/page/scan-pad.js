// The ten digits on the screen, for a PIN, a code and a number.
import { h } from "./draw.js";

/** @typedef {import("./types.d.ts").Context} Context */

/**
 * One button of a pad. It never takes the focus from a finger, so that Enter of a
 * keyboard still goes on, and hears quick taps: people type digits faster than
 * they choose.
 * @param {string} key
 * @param {string} text
 * @param {() => void} onclick
 * @param {{label?: string, disabled?: boolean, kind?: string}} [more]
 */
export function padKey(key, text, onclick, { label = "", disabled = false, kind = "" } = {}) {
  return h("button", {
    className: `pad-key ${kind}`.trim(), type: "button", key: "pad-" + key, disabled, onclick, data: { quick: "" }, aria: label ? { label } : {},
    onpointerdown: (/** @type {PointerEvent} */ e) => e.preventDefault(),
  }, text);
}

/**
 * Digits, one that takes the newest away, and one that goes on.
 * @param {{label: string, clear: string, enter: string, press: (key: string) => void, enterNow: () => void, disabled?: boolean, ready?: boolean}} o
 */
export function pad({ label, clear, enter, press, enterNow, disabled = false, ready = true }) {
  const digit = (/** @type {number} */ n) => padKey(String(n), String(n), () => press(String(n)), { disabled });
  return h("div", { className: "pad", key: "pad", role: "group", aria: { label } },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit),
    padKey("clear", clear, () => press("Backspace"), { disabled, kind: "word" }), digit(0),
    h("button", { className: "pad-key enter", type: "button", key: "pad-enter", disabled: disabled || !ready, onclick: enterNow, data: { primary: "", quick: "" } }, enter));
}

/**
 * What was entered: digits in boxes, or only how many.
 * @param {string} digits
 * @param {number} places
 * @param {string} said for who cannot see it
 * @param {boolean} [hidden] show dots
 */
export function entered(digits, places, said, hidden = false) {
  const cells = Array.from({ length: places }, (_, i) => h("span", { className: i < digits.length ? "full" : "" }, i >= digits.length ? "" : hidden ? "●" : digits[i]));
  return h("p", { className: "entered", key: "entered", role: "status" },
    h("span", { className: "unseen" }, said), h("span", { className: "cells", aria: { hidden: "true" } }, ...cells));
}

/**
 * Gives a key that types a digit or takes one away to a pad.
 * @param {KeyboardEvent} e
 * @param {(key: string) => void} press
 * @returns {boolean}
 */
export function padHears(e, press) {
  if (e.ctrlKey || e.altKey || e.metaKey) return false;
  if (!/^[0-9]$/.test(e.key) && e.key !== "Backspace") return false;
  press(e.key);
  return true;
}
