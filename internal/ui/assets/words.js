// Words and figures, as pure functions over a catalogue. The server says the same
// things by the same rules; internal/told/testdata/told.json holds both to it.

import { words } from "./told.js";

/** @import { Texts, Text, Estimate } from "./types.js" */

/**
 * A text with its {names} replaced. An unknown key is its own text.
 * @param {Texts} texts
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(texts, key, values = {}) {
  let text = texts[key] ?? key;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, String(value));
  return text;
}

/**
 * An estimate in words.
 * @param {Texts} texts
 * @param {Estimate | null | undefined} estimate
 */
export function range(texts, estimate) {
  if (!estimate) return say(texts, "until.unknown");
  const { kind, ...values } = words(estimate.low_seconds, estimate.high_seconds);
  return say(texts, "until." + kind, values);
}

/**
 * A name of the catalogue in a language, or in Japanese.
 * @param {Text | null | undefined} text
 * @param {string} lang
 */
export function nameIn(text, lang) {
  return text?.[lang] || text?.ja || "";
}

const offset = 9 * 60 * 60 * 1000;

/**
 * The time of day in Japan, wherever the browser believes itself to be.
 * @param {number} ms since 1970
 */
export function clock(ms) {
  return new Date(ms + offset).toISOString().slice(11, 19);
}

/** @param {number} ms since 1970 */
export function hourMinute(ms) {
  return clock(ms).slice(0, 5);
}
