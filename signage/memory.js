// The last state the wall has seen, kept in the browser with its moment: after a
// power cut without a network the wall shows that, and says how old it is.

/** @import { Office } from "../types.js" */

/** @param {string} office */
const keyOf = (office) => "machi-wall-" + office;

/** @param {Office} office */
export function keep(office) {
  try {
    localStorage.setItem(keyOf(office.id), JSON.stringify(office));
  } catch {
    // A full or forbidden store costs the memory, not the wall.
  }
}

/**
 * @param {string} id
 * @returns {Office | null}
 */
export function recall(id) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(id)) ?? "null");
  } catch {
    return null;
  }
}
