// What a page knows, as pure functions: no document, no network, no clock.

/** @import { Office, Service, Estimate, Level, Position, Call, Link } from "./types.js" */

/**
 * Whether a frame is newer than what is known. Another epoch is another
 * server's counting: it replaces whatever is known.
 * @param {Position | undefined} known
 * @param {Position} frame
 */
export function newer(known, frame) {
  return !known || known.epoch !== frame.epoch || frame.seq > known.seq;
}

/**
 * Milliseconds to wait before the next try to connect: doubling to 15 s, spread
 * over half to one and a half so that a whole ward does not knock at once.
 * @param {number} failures in a row
 * @param {number} chance in [0, 1)
 */
export function backoff(failures, chance) {
  return Math.min(15000, 500 * 2 ** Math.min(failures, 10)) * (0.5 + chance);
}

/**
 * How far a screen may still be believed, by the milliseconds since the last
 * sign of life: after 5 s it says that it is stale, after 60 s it hides estimates.
 * @param {number} silence
 * @returns {Link}
 */
export function belief(silence) {
  if (silence > 60000) return "aged";
  return silence > 5000 ? "stale" : "live";
}

/** @type {Record<Level, number>} */
const rank = { closed: 1, suspended: 2, unknown: 3, quiet: 4, moderate: 5, busy: 6, very_busy: 7 };

/** @param {Service} service */
export function purposeOf(service) {
  return service.purpose || service.id;
}

/**
 * An office's headline: of one purpose, or of all its services. Waits reach from the
 * shortest to the longest of the services that take visitors. Twin of the server's
 * ui.Summarize.
 * @param {Office} office
 * @param {string} purpose empty: any
 * @returns {{level: Level, waiting: number, until: Estimate | null, finished: Estimate | null, found: boolean}}
 */
export function summarize(office, purpose) {
  /** @type {ReturnType<typeof summarize>} */
  const head = { level: "closed", waiting: 0, until: null, finished: null, found: false };
  let unknown = false;
  for (const service of office.services) {
    if (purpose && purposeOf(service) !== purpose) continue;
    head.found = true;
    head.waiting += service.waiting;
    if (rank[service.level] > rank[head.level]) head.level = service.level;
    if (!takes(service.level)) continue;
    unknown ||= !service.until_called;
    head.until = around(head.until, service.until_called);
    head.finished = around(head.finished, service.until_finished);
  }
  if (!purpose) head.waiting = office.waiting;
  else if (unknown) head.until = head.finished = null;
  return head;
}

/**
 * How an office stands with one of its services. Twin of the server's ui.HeadlineOf.
 * @param {Service | undefined} service
 * @returns {ReturnType<typeof summarize>}
 */
export function headlineOf(service) {
  if (!service) return { level: "closed", waiting: 0, until: null, finished: null, found: false };
  const told = takes(service.level);
  return {
    level: service.level, waiting: service.waiting, found: true,
    until: told ? service.until_called : null, finished: told ? service.until_finished : null,
  };
}

/**
 * The state that pages say of an office: one whose services are all out of hours is
 * closed to who would set out for it. Twin of the server's ui.Standing.
 * @param {Office} office
 */
export function standing(office) {
  return office.state === "open" && office.services.length > 0 && summarize(office, "").level === "closed" ? "closed" : office.state;
}

/**
 * Whether a wait means anything: where nobody is taken on there is none.
 * @param {Level} level
 */
export const takes = (level) => level !== "closed" && level !== "suspended";

/**
 * The range that holds both; one that is not known adds nothing.
 * @param {Estimate | null} a
 * @param {Estimate | null} b may be missing
 * @returns {Estimate | null}
 */
function around(a, b) {
  if (!a || !b) return a ?? b ?? null;
  return {
    p50_seconds: Math.max(a.p50_seconds, b.p50_seconds), p80_seconds: Math.max(a.p80_seconds, b.p80_seconds),
    low_seconds: Math.min(a.low_seconds, b.low_seconds), high_seconds: Math.max(a.high_seconds, b.high_seconds), as_of: a.as_of,
  };
}

/** @param {Call} call */
export function callKey(call) {
  return `${call.number}@${call.counter}@${call.at}@${call.times}`;
}

/**
 * The calls that a screen has not announced yet, oldest first. A screen that
 * has just begun announces nothing: what it finds was called before its time.
 * @param {Set<string> | null} announced keys, null at the beginning
 * @param {Call[]} calls newest first
 */
export function fresh(announced, calls) {
  if (announced === null) return [];
  return calls.filter((call) => !announced.has(callKey(call))).reverse();
}
