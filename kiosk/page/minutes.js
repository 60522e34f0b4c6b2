// How long one waits, in words. The rule is the server's own module, which the machine
// carries as well.
import { words } from "./told.js";

/**
 * The text of a range of minutes, such as "約20〜40分".
 * @param {(key: string, args?: Record<string, unknown>) => string} t
 * @param {number | undefined} low
 * @param {number | undefined} high 0: not known
 * @returns {string} "" where it is not known
 */
export function minutes(t, low = 0, high = 0) {
  if (!high) return "";
  const { kind, ...values } = words(low * 60, high * 60);
  return kind === "unknown" ? "" : t("visit." + kind, values);
}
