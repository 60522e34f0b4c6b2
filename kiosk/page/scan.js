/** @type {Record<string, import("./types.d.ts").Page>} by name */
export const pages = {};

/**
 * Hears every key before the page does.
 * @param {KeyboardEvent} event
 * @param {import("./types.d.ts").Context} c
 * @returns {boolean} whether the key belongs to the scanner
 */
export function wedge(event, c) {
  return false;
}
