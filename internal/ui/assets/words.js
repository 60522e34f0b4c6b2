// Words and figures, as pure functions over a catalogue. The server says the same
// things by the same rules; testdata/ranges.json holds both to it.

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
  const low = Math.floor(Math.max(0, estimate.low_seconds) / 60);
  const high = Math.ceil(Math.max(0, estimate.high_seconds) / 60);
  if (high === 0) return say(texts, "until.now");
  if (low === 0) return say(texts, "until.within", { high: span(texts, high) });
  if (low === high) return say(texts, "until.about", { high: span(texts, high) });
  if (high < 60) return say(texts, "until.range", { low, high: span(texts, high) });
  return say(texts, "until.range", { low: span(texts, low), high: span(texts, high) });
}

/**
 * Minutes in words, from an hour on with hours.
 * @param {Texts} texts
 * @param {number} minutes
 */
export function span(texts, minutes) {
  const h = Math.floor(minutes / 60);
  const m = minutes % 60;
  if (h === 0) return say(texts, "span.minutes", { m });
  return m === 0 ? say(texts, "span.hours", { h }) : say(texts, "span.both", { h, m });
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
