// Numbers typed without a field, and scanners, which are keyboards that type very
// fast. Pure: the moments come in with the keys.

/** Milliseconds between two signs of a scanner, at the most. */
export const burst = 60;

/**
 * @typedef {object} Entry
 * @property {string} text typed so far
 * @property {string} held a letter that may be a shortcut or a scanner's first sign
 * @property {number} at ms of the newest sign
 */

/** @type {Entry} */
export const empty = { text: "", held: "", at: -Infinity };

/**
 * Takes a sign. A letter alone is held: it is a shortcut unless another sign
 * follows within a burst.
 * @param {Entry} entry
 * @param {string} sign
 * @param {number} at ms
 * @returns {Entry}
 */
export function typed(entry, sign, at) {
  const digit = sign >= "0" && sign <= "9";
  if (at - entry.at <= burst) return { text: entry.text + entry.held + sign, held: "", at };
  if (digit) return { text: entry.text + sign, held: "", at };
  return { text: entry.text, held: sign, at };
}

/** How many signs in one burst nobody types by hand. */
const scanned = 6;

/**
 * @typedef {object} Stray signs that came while a field of another thing had the focus
 * @property {string} text of the newest burst
 * @property {number} at ms of its newest sign
 */

/** @type {Stray} */
export const nothing = { text: "", at: -Infinity };

/**
 * @param {Stray} stray
 * @param {string} sign
 * @param {number} at ms
 * @returns {Stray}
 */
export function strayed(stray, sign, at) {
  return { text: at - stray.at <= burst ? stray.text + sign : sign, at };
}

/**
 * What a scanner typed, when its Enter comes; empty where a hand did.
 * @param {Stray} stray
 * @param {number} at ms
 */
export function paper(stray, at) {
  return at - stray.at <= burst && stray.text.length >= scanned ? stray.text : "";
}

/**
 * The held letter was a shortcut after all.
 * @param {Entry} entry
 * @returns {Entry}
 */
export function released(entry) {
  return { ...entry, held: "" };
}

/**
 * @param {Entry} entry
 * @returns {Entry}
 */
export function erased(entry) {
  return { text: entry.text.slice(0, -1), held: "", at: -Infinity };
}
