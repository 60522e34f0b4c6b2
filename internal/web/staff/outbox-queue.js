// The actions of one counter that wait to be sent, as a machine without clock, link
// or store: what is told goes in, what is to be done comes out.

import { callable, endOfDay, keepable, partsOf, samePress } from "./outbox-rules.js";

/** @import { Action, Effects, Heard, Person } from "./types.d.ts" */

/**
 * Milliseconds until a number that nobody knows yet is asked for again, and for how
 * long: one of a machine that works alone, and the counter's own, which this server
 * has not heard of from the one that called it.
 */
const unknown = { served: { again: 15_000, patience: 60 * 60_000 }, own: { again: 1000, patience: 60_000 } };
/** How often the server may fail over one command before the others go on. */
const faults = 6;

export class Queue {
  /** @param {Action[]} kept as they were stored */
  constructor(kept) {
    const sorted = kept.toSorted((a, b) => a.seq - b.seq);
    this.waiting = sorted.filter((a) => !a.code);
    this.refused = sorted.filter((a) => a.code);
    /** @type {Person} */
    this.person = "same";
    this.linked = true;
    /** in a row, of the action that is first */
    this.failures = 0;
    /** @type {Set<string>} the ids of actions that have been sent at least once, as far as is known */
    this.sent = new Set(this.waiting.map((a) => a.id));
    /** @type {Map<string, number>} when a number that was unknown is asked for again */
    this.later = new Map();
    /** @type {Map<string, number>} when it was unknown first */
    this.missed = new Map();
    /** the number of the counter's ticket, by what was told and answered last */
    this.own = "";
    /** the same by what the page shows: it may be ahead or behind */
    this.shown = "";
  }

  /** Whether the server can not be asked now. */
  get cut() { return !this.linked || this.failures > 0; }

  get owned() { return [this.own, this.shown].filter(Boolean); }

  /** The command that is no fact and whose answer is out. */
  get doubt() { return this.waiting.find((a) => !a.keep); }

  /**
   * Why a command cannot be given now, as the code of a problem, or empty.
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {{counter: string, store: boolean}} at
   */
  refusal(path, body, { counter, store }) {
    const fact = keepable(path, body, { counter, own: this.owned });
    if (this.person === "other") return "other_person";
    if (!fact && this.person === "none") return "signed_out";
    if (!fact && this.doubt) return "one_at_a_time";
    if (!this.cut && this.person === "same") return "";
    if (!fact) return "no_link";
    return store ? "" : "no_store";
  }

  /**
   * The action that was pressed already and waits for its answer.
   * @param {string} path
   * @param {Record<string, unknown>} body
   */
  twin(path, body) {
    return this.waiting.find((a) => samePress(a, path, body));
  }

  /**
   * The action as it is kept here: another tab may have loaded the box anew.
   * @param {Action} action
   */
  find(action) { return this.waiting.find((a) => a.id === action.id) ?? action; }

  /** The place of the next action in the order. */
  get seq() {
    return Math.max(0, ...this.waiting.map((a) => a.seq), ...this.refused.map((a) => a.seq)) + 1;
  }

  /** @param {Action} action */
  add(action) { this.waiting.push(action); }

  /**
   * The action to send now, or in how many milliseconds to look again, or nothing.
   * @param {number} now ms of the machine's clock
   * @returns {{action: Action} | {wait: number} | null}
   */
  next(now) {
    if (this.person !== "same") return null;
    let wait = Infinity;
    for (const action of this.waiting) {
      const left = (this.later.get(action.id) ?? 0) - now;
      if (left <= 0) return { action };
      wait = Math.min(wait, left);
      if (!served(action)) break; // what follows builds on it
    }
    return wait < Infinity ? { wait } : null;
  }

  /** @param {Action} action that is being sent */
  sending(action) { this.sent.add(action.id); }

  /**
   * What came of sending an action.
   * @param {Action} action
   * @param {Heard} heard
   * @returns {Effects}
   */
  heard(action, heard) {
    if (heard.what === "again") return this.#again(action, heard);
    this.failures = 0;
    if (heard.what === "signed out" || heard.what === "other person") {
      this.person = heard.what === "signed out" ? "none" : "other";
      return this.#dropUnsent(heard.what === "signed out" ? "signed_out" : "other_person");
    }
    if (this.#waits(action, heard)) return { put: [], drop: [], tell: [{ action, heard, kept: true }] };
    const corrected = this.#corrected(action, heard);
    if (corrected) return { put: [corrected], drop: [], tell: [] };
    this.#remove(action);
    if (heard.what === "done") this.#owns(action, heard);
    return { put: [], drop: [action.id], tell: [{ action, heard, kept: false }] };
  }

  /**
   * Whether a number that is unknown is asked for again.
   * @param {Action} action
   * @param {Heard} heard
   */
  #waits(action, heard) {
    if (!action.keep || heard.code !== "unknown_ticket") return false;
    const { again, patience } = served(action) ? unknown.served : unknown.own;
    const first = this.missed.get(action.id) ?? heard.at;
    this.missed.set(action.id, first);
    if (heard.at - first >= patience) return false;
    this.later.set(action.id, heard.at + again);
    return true;
  }

  /**
   * Nobody knows whether it was done: it stays, and what was never sent behind it
   * and cannot wait is given up.
   * @param {Action} action
   * @param {Heard} heard
   * @returns {Effects}
   */
  #again(action, heard) {
    this.failures++;
    if (heard.faulty && (action.faults = (action.faults ?? 0) + 1) >= faults) {
      this.failures = 0;
      this.#remove(action);
      return { put: [], drop: [action.id], tell: [{ action, heard, kept: false }] };
    }
    const effects = this.#dropUnsent("no_link");
    effects.tell.push({ action, heard, kept: true });
    return effects;
  }

  /**
   * @param {string} code
   * @returns {Effects}
   */
  #dropUnsent(code) {
    const unsent = this.waiting.filter((a) => !a.keep && !this.sent.has(a.id));
    for (const action of unsent) this.#remove(action);
    /** @type {Heard} */
    const heard = { what: "refused", status: 0, code, data: null, at: 0 };
    return { put: [], drop: unsent.map((a) => a.id), tell: unsent.map((action) => ({ action, heard, kept: false })) };
  }

  /**
   * A moment that the server cannot believe: this machine's clock was changed. The
   * refusal was final, so the action goes on under another key, with the moment moved
   * to the server's now.
   * @param {Action} action
   * @param {Heard} heard
   */
  #corrected(action, heard) {
    if (heard.what !== "refused" || heard.code !== "out_of_range" || heard.data?.field !== "clicked_at") return null;
    if (action.key !== action.id || !heard.now) return null;
    action.key += "-2";
    action.body = { ...action.body, clicked_at: heard.now };
    return action;
  }

  /**
   * @param {Action} action
   * @param {Heard} heard
   */
  #owns(action, heard) {
    const ticket = heard.data?.ticket;
    if (!ticket?.number) return;
    const here = ticket.counter === action.counter && (ticket.state === "called" || ticket.state === "serving");
    if (here) this.own = ticket.number;
    else if (this.own === ticket.number) this.own = "";
  }

  /** @param {Action} action */
  #remove(action) {
    this.waiting = this.waiting.filter((a) => a.id !== action.id);
    this.later.delete(action.id);
    this.missed.delete(action.id);
    this.sent.delete(action.id);
  }

  /**
   * Keeps a refusal until the clerk puts it away.
   * @param {Action} action
   * @param {string} code
   */
  refuse(action, code) {
    action.code = code;
    this.refused.push(action);
    return action;
  }

  /**
   * Takes a refused action away, or lets it wait again.
   * @param {string} id
   * @param {boolean} again
   */
  putAway(id, again) {
    const action = this.refused.find((a) => a.id === id);
    this.refused = this.refused.filter((a) => a.id !== id);
    if (!action || !again) return null;
    delete action.code;
    delete action.faults;
    this.waiting.push(action);
    this.sent.add(action.id);
    return action;
  }
}

/** @param {Action} action */
function served(action) { return partsOf(action.path).verb === "serve"; }

/**
 * How long a command may be done, in ms of the offices' clock since its press.
 * @param {boolean} fact
 * @param {number} pressed moment of the press by the offices' clock
 */
export function lifetime(fact, pressed) {
  return fact ? endOfDay(pressed) - pressed : callable;
}
