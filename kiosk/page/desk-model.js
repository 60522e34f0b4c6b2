// What staff are told of the machine, as pure functions of what it says of itself.

/**
 * The answer of POST desk/state. Words: link online|alone; store ok|one_file|broken;
 * printer ok|busy|offline|none|error|unknown; paper ok|near_end|out|cover_open|unknown.
 * @typedef {{
 *   link: string, server?: string, unsent: number, slot: number, store: string, files?: string[],
 *   clock?: {offset_ms: number, believed: boolean}, printer: string, paper: string, version?: string, kiosk?: string,
 *   office?: string, enrolled?: boolean, key_id?: string, started_at?: string, alarms?: string[],
 *   offers?: {service: string, kind: string, shown: number, taken: number}[],
 * }} DeskState
 *
 * One row of POST desk/list.
 * @typedef {{id: string, number: string, service: string, status: string, away?: boolean, issued_at: string, own?: boolean, print_state?: string, channel?: string}} Row
 *
 * bad: visitors feel it now; care: before long; note: good to know.
 * @typedef {"bad" | "care" | "note"} Level
 * @typedef {{id: string, level: Level, n?: number | string, ms?: number, code?: string}} Trouble
 * @typedef {{id: string, level: Level | "ok", text?: string, raw?: string, n?: number, ms?: number, args?: Record<string, unknown>}} Fact
 */

/** Milliseconds by which a clock may be wrong before anybody need know. */
export const clockOff = 2_000;

/** Alarms of the machine that one of its words tells already. */
const told = ["out_of_service", "printer", "paper_out", "paper_near_end", "cover_open", "store_copied", "device_revoked", "many_tickets", "device_unknown"];

/**
 * Everything to look after, the worst first.
 * @param {DeskState} s
 * @param {string} [barred] the server's reason for stopping the machine
 * @returns {Trouble[]}
 */
export function troubles(s, barred = "") {
  /** @type {(Trouble | false | undefined)[]} */
  const list = [
    barred !== "" && barred !== "store_copied" && { id: "barred", level: "bad" },
    (barred === "store_copied" || s.alarms?.includes("store_copied")) && { id: "store_copied", level: "bad" },
    (s.store === "broken" || s.alarms?.includes("out_of_service")) && { id: "store_broken", level: "bad" },
    ...printing(s),
    s.link === "alone" && { id: "alone", level: "care" },
    s.link === "alone" && s.slot < 0 && { id: "slot", level: "care" },
    s.link !== "alone" && s.unsent > 0 && { id: "unsent", level: "care", n: s.unsent },
    s.store === "one_file" && { id: "store_one_file", level: "care" },
    s.paper === "near_end" && { id: "paper_near_end", level: "care" },
    s.alarms?.includes("device_unknown") && { id: "device_unknown", level: "care" },
    s.alarms?.includes("many_tickets") && { id: "many_tickets", level: "care" },
    ...(s.alarms ?? []).filter((code) => !told.includes(code) && !code.startsWith("file:")).map((code) => /** @type {Trouble} */ ({ id: "other", level: "care", code })),
    clock(s),
    s.enrolled === false && { id: "key", level: "note" },
    s.printer === "none" && { id: "printer_none", level: "note" },
    s.printer === "unknown" && { id: "printer_unknown", level: "note" },
  ];
  return list.filter((t) => t !== false && t !== undefined);
}

/** @param {DeskState} s @returns {Trouble[]} why no paper comes out: one reason, the nearest to the hand */
function printing(s) {
  if (s.printer === "none") return [];
  if (s.printer === "offline") return [{ id: "printer_offline", level: "bad" }];
  if (s.paper === "cover_open") return [{ id: "cover_open", level: "bad" }];
  if (s.paper === "out") return [{ id: "paper_out", level: "bad" }];
  return s.printer === "error" ? [{ id: "printer_error", level: "bad" }] : [];
}

/** @param {DeskState} s @returns {Trouble | false} */
function clock(s) {
  if (s.clock?.believed === false) return { id: "clock_unbelievable", level: "care" };
  const ms = Math.abs(s.clock?.offset_ms ?? 0);
  return ms > clockOff && { id: "clock_off", level: "note", ms };
}

/**
 * The machine's state in rows.
 * @param {DeskState} s
 * @returns {Fact[]}
 */
export function facts(s) {
  const found = troubles(s), of = (/** @type {string[]} */ ...ids) => found.find((t) => ids.includes(t.id))?.level ?? "ok";
  const wrong = clock(s);
  return [
    { id: "link", level: of("alone"), text: "link." + s.link },
    { id: "unsent", level: of("unsent"), text: s.unsent > 0 ? "unsent.n" : "unsent.0", n: s.unsent },
    { id: "printer", level: of("printer_offline", "printer_error", "printer_none", "printer_unknown"), text: "printer." + s.printer },
    { id: "paper", level: s.printer === "none" ? "ok" : of("paper_out", "cover_open", "paper_near_end"), text: "paper." + s.paper },
    wrong ? { id: "clock", level: wrong.level, text: wrong.id === "clock_off" ? "clock.off" : "clock.unbelievable", ms: wrong.ms } : { id: "clock", level: "ok", text: "clock.ok" },
    { id: "store", level: of("store_broken", "store_one_file"), text: "store." + s.store },
    { id: "slot", level: of("slot"), text: s.slot < 0 ? "slot.no" : "slot.yes" },
    { id: "key", level: of("key"), text: s.enrolled ? "key.yes" : "key.no" },
    { id: "version", level: "ok", raw: s.version || "–" },
    { id: "started", level: "ok", raw: clockTime(s.started_at, true) || "–" },
    { id: "offers", level: "ok", text: "offers.n", args: { shown: sum(s, "shown"), taken: sum(s, "taken") } },
  ];
}

/** @param {DeskState} s @param {"shown" | "taken"} field */
const sum = (s, field) => (s.offers ?? []).reduce((n, o) => n + (Number(o[field]) || 0), 0);

/**
 * A length of time in its largest unit that says enough.
 * @param {number} ms
 * @returns {{unit: "s" | "m" | "h", n: number}}
 */
export function span(ms) {
  const s = ms / 1000;
  if (s < 90) return { unit: "s", n: s < 10 ? Math.round(s * 10) / 10 : Math.round(s) };
  return s < 5400 ? { unit: "m", n: Math.round(s / 60) } : { unit: "h", n: Math.round(s / 3600) };
}

/**
 * What is left of a lock-out in whole seconds, rounded up; never more than an hour,
 * whatever the clocks say.
 * @param {string | undefined} until
 * @param {number} now ms since 1970
 */
export function secondsLeft(until, now) {
  const left = Math.ceil((Date.parse(until ?? "") - now) / 1000);
  return Number.isFinite(left) ? Math.min(3600, Math.max(0, left)) : 0;
}

/**
 * The time of day that a moment of the machine carries, whatever zone the browser
 * believes itself in.
 * @param {string | undefined} at RFC 3339
 * @param {boolean} [day] with month and day
 */
export function clockTime(at, day = false) {
  const [, month, date, time] = /^\d{4}-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(at ?? "") ?? [];
  if (!time) return "";
  return day ? `${Number(month)}/${Number(date)} ${time}` : time;
}

/** What may still be withdrawn. @param {Row} row */
export const open = (row) => !["done", "withdrawn", "closed", "expired"].includes(row.status);

/** Longest search: a number of an overflow series, K12-00001. */
const longestSearch = 9;

/**
 * The search after a key: letters, digits and a hyphen as numbers have them.
 * @param {string} q
 * @param {string} key
 */
export function searched(q, key) {
  if (key === "Backspace") return q.slice(0, -1);
  const c = key.toUpperCase();
  return /^[A-Z0-9-]$/.test(c) ? (q + c).slice(0, longestSearch) : q;
}

/**
 * Digits after a key.
 * @param {string} digits
 * @param {string} key
 * @param {number} longest
 */
export function dialled(digits, key, longest) {
  if (key === "Backspace") return digits.slice(0, -1);
  return /^[0-9]$/.test(key) ? (digits + key).slice(0, longest) : digits;
}

const errors = {
  unknown_number: "unknown_ticket", not_found: "unknown_ticket", ticket_over: "ticket_over", wrong_status: "ticket_over", changed_since: "ticket_over",
  near_end: "printer", offline: "printer", busy: "printer", error: "printer", silent: "printer", none: "printer", print_failed: "printer",
  device_revoked: "barred", store_copied: "barred", device_unknown: "barred",
  wrong_code: "bad_code", expired_code: "bad_code", unknown_code: "bad_code",
  too_many_tries: "too_many", rate_limited: "too_many", too_many_requests: "too_many",
  day_not_open: "day_closed", range_missing: "alone", no_range_left: "alone", stopping: "no_answer",
};

/**
 * The name of the text that tells of a problem.
 * @param {string} code
 * @param {(name: string) => boolean} known
 */
export function errorText(code, known) {
  const name = /** @type {Record<string, string>} */ (errors)[code] ?? code;
  return known(name) ? name : "other";
}
