// What may be done without a link, and what an answer means: pure functions.

/** @import { Action, Heard } from "./types.d.ts" */

/**
 * What a clerk without link may do: it happened at the counter, whatever the server
 * knows of it. Everything else needs the server to decide.
 */
const facts = ["start", "finish", "hold", "no-show", "note", "serve"];

/** Milliseconds for which a command that is no fact may still be done after its press. */
export const callable = 20_000;

/**
 * The parts of a command's path, such as tickets/A012/start.
 * @param {string} path
 */
export function partsOf(path) {
  const [about = "", name = "", verb = ""] = path.split("/").map(decode);
  return verb ? { about, name, verb } : { about: "", name: "", verb: about };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether a command may wait for the link: a fact about the ticket that the counter
 * owns, or the service of a number that was typed or scanned.
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {{counter: string, own: string[]}} at the numbers that the counter may have now
 */
export function keepable(path, body, { counter, own }) {
  const { about, name, verb } = partsOf(path);
  if (about !== "tickets" || !facts.includes(verb)) return false;
  if (body.counter !== undefined && body.counter !== counter) return false;
  return verb === "serve" || own.includes(name);
}

/**
 * What an answer says of a command. Only an answer that bears the server's own mark
 * and could be read to its end counts: a proxy's page is no yes.
 * @param {{status: number, ours: boolean, whole: boolean, data: any, path: string}} answer
 * @returns {Heard["what"]}
 */
export function verdict({ status, ours, whole, data, path }) {
  const code = data?.code ?? "";
  if (!ours || !whole) return "again";
  if (status >= 200 && status < 300) return "done";
  if (status === 401 || code === "totp_required" || code === "password_change_required") return "signed out";
  if (code === "other_person") return "other person";
  if (status === 429 || status >= 500) return "again";
  // A machine that works alone may still have to tell of the number.
  if (code === "unknown_ticket" && partsOf(path).verb === "serve") return "later";
  return "refused";
}

/** The business day begins at 3 o'clock in Japan. */
const dayBegins = 6 * 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;

/**
 * The moment at which the business day of another moment is over. Numbers begin
 * anew then: what was done to A012 must not be done to tomorrow's.
 * @param {number} ms since 1970
 */
export function endOfDay(ms) {
  return (Math.floor((ms + dayBegins) / day) + 1) * day - dayBegins;
}

/**
 * Whether two presses are one: the same button, before it was answered.
 * @param {Action} a
 * @param {string} path
 * @param {Record<string, unknown>} body
 */
export function samePress(a, path, body) {
  const { clicked_at: _, ...known } = a.body;
  return a.path === path && JSON.stringify(known) === JSON.stringify(body);
}
