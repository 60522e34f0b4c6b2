// What a scanned ticket is to its holder, as pure functions of what the machine
// answered.

/**
 * The answer of POST scan and scan/act.
 * @typedef {{
 *   handle: string, kind: "ticket" | "check_in", number: string, service?: string, state?: string, away?: boolean, counter?: string,
 *   ahead?: number, quote?: import("./types.d.ts").Quote, can?: string[], own?: boolean,
 * }} Found
 */

/** What a holder may do, in the order of the screen. */
const acts = ["check_in", "later", "reprint", "leave"];

/** @param {Found} f @returns {string[]} of acts */
export const offered = (f) => acts.filter((a) => f.can?.includes(a));

/** Which sentence tells where the ticket stands. @param {Found} f */
export function standing(f) {
  if (f.away || (f.kind === "check_in" && f.can?.includes("check_in"))) return "away";
  return f.state === "waiting" && f.ahead === 0 ? "next" : f.state || "waiting";
}

/** Whether people ahead and minutes mean something. @param {Found} f */
export const inLine = (f) => f.state === "waiting" || f.state === undefined;

const errors = {
  wrong_office: "other_office", no_answer: "alone", out_of_service: "alone", busy: "alone", stopping: "alone",
  day_closed: "closed", day_not_open: "closed", day_is_closed: "closed", scan_over: "expired", wrong_status: "too_late", changed_since: "too_late", unknown_ticket: "unknown_code", print_unknown: "print_failed",
};

/**
 * The name of the texts that tell of a problem and of what to do.
 * @param {string} code
 * @param {(name: string) => boolean} known
 * @param {boolean} [digits] typed rather than scanned
 */
export function errorText(code, known, digits = false) {
  const name = /** @type {Record<string, string>} */ (errors)[code] ?? code;
  if (name === "unknown_code" && digits) return "unknown_digits";
  return known(name) ? name : "other";
}
