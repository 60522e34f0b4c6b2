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
 * An office's headline: of one purpose, or of its busiest service. Twin of the
 * server's ui.Summarize.
 * @param {Office} office
 * @param {string} purpose empty: any
 * @returns {{level: Level, waiting: number, until: Estimate | null, finished: Estimate | null, found: boolean}}
 */
export function summarize(office, purpose) {
  /** @type {ReturnType<typeof summarize>} */
  const head = { level: "closed", waiting: 0, until: null, finished: null, found: false };
  for (const service of office.services) {
    if (purpose && purposeOf(service) !== purpose) continue;
    head.found = true;
    head.waiting += service.waiting;
    const busier = rank[service.level] > rank[head.level];
    if (busier || (service.level === head.level && longer(service.until_called, head.until))) {
      head.level = service.level;
      head.until = service.until_called;
      head.finished = service.until_finished;
    }
  }
  if (!purpose) head.waiting = office.waiting;
  return head;
}

/**
 * Whether a wait means anything: where nobody is taken on there is none.
 * @param {Level} level
 */
export const takes = (level) => level !== "closed" && level !== "suspended";

/**
 * @param {Estimate | null} a
 * @param {Estimate | null} b
 */
function longer(a, b) {
  return a !== null && (b === null || a.p50_seconds > b.p50_seconds);
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
