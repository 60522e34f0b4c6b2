// The texts of the touch pages, by language and area.
import desk from "./texts/desk.js";
import scan from "./texts/scan.js";
import visit from "./texts/visit.js";

/** Id and own name of each language. @type {[string, string][]} */
export const languages = [["ja", "日本語"], ["ja-x-easy", "やさしい日本語(にほんご)"], ["en", "English"], ["zh", "中文"], ["ko", "한국어"]];

/** By area, language and key. @type {Record<string, Record<string, Record<string, string>>>} */
export const texts = { visit, desk, scan };

/**
 * Returns the text of "area.key", with {names} filled in; the key where there is none.
 * @param {string} language
 * @param {string} path
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function say(language, path, values = {}) {
  const dot = path.indexOf("."), area = texts[path.slice(0, dot)] ?? {}, key = path.slice(dot + 1);
  const text = area[language]?.[key] ?? area.ja?.[key] ?? path;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {string} path @returns {boolean} whether there is such a text */
export function known(path) {
  return say("ja", path) !== path;
}

/**
 * Returns a text of the plan in a language, or in Japanese.
 * @param {import("./types.d.ts").Words | undefined} texts
 * @param {string} language
 */
export function pick(texts, language) {
  return texts?.[language] || texts?.ja || "";
}
