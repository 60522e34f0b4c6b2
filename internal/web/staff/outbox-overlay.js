// What the clerk sees while actions wait to be sent: pure.

import { partsOf } from "./outbox-rules.js";

/** @import { Action } from "./types.d.ts" */

/**
 * The console as it will be once the waiting actions are known to the server. It
 * guesses nothing: only what the clerk did to the tickets is drawn in. What it is
 * given stays as it is.
 * @template {any} T as GET console tells it
 * @param {T} console
 * @param {Action[]} pending
 * @returns {T & {unsent: number}}
 */
export function overlay(console, pending) {
  const next = structuredClone(/** @type {any} */ (console));
  next.unsent = pending.length;
  if (pending.length > 0) next.undo = null; // it would take back what the server knows, not the newest
  for (const action of pending) if (action.keep) apply(next, action);
  return next;
}

/**
 * @param {any} console
 * @param {Action} action
 */
function apply(console, action) {
  const { name, verb } = partsOf(action.path);
  if (verb === "serve") return served(console, name);
  const ticket = console.current;
  if (!ticket || ticket.number !== name) return;
  ticket.unsent = true;
  if (verb === "start" && ticket.state === "called") Object.assign(ticket, { state: "serving", started_at: action.clicked });
  if (verb === "note") (ticket.notes ??= []).push({ text: action.body.text, by: action.personName, at: action.clicked });
  if (verb === "finish") leave(console, action.body.processing ? "processing" : "", {});
  if (verb === "no-show") leave(console, "no_show", {});
  if (verb === "hold") leave(console, "held", { hold_reason: action.body.reason, room: action.body.room });
}

/**
 * The ticket leaves the counter.
 * @param {any} console
 * @param {string} state in which it is set aside; empty: it is done
 * @param {Record<string, unknown>} more
 */
function leave(console, state, more) {
  const ticket = { ...console.current, ...more, state };
  console.current = null;
  if (console.counter) console.counter.number = "";
  if (state) console.aside = [ticket, ...(console.aside ?? [])];
}

/**
 * @param {any} console
 * @param {string} number
 */
function served(console, number) {
  /** @param {any} ticket */
  const other = (ticket) => ticket.number !== number;
  if (console.current?.number === number) leave(console, "", {});
  for (const list of ["waiting", "aside"]) if (console[list]) console[list] = console[list].filter(other);
  if (console.next?.number === number) console.next = null;
}
