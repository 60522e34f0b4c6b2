// One counter's actions of one person: stored before they are sent, sent one at a
// time in order, under one key until they are answered.

import { backoff } from "../model.js";
import { local } from "./outbox-clock.js";
import { Queue, lifetime } from "./outbox-queue.js";
import { endOfDay, keepable } from "./outbox-rules.js";
import { send } from "./outbox-send.js";

/** @import { Action, Answer, Effects, Heard } from "./types.d.ts" */
/** @import { Clocks } from "./outbox-clock.js" */
/** @import { Store } from "./store.js" */

/** Milliseconds after which a fact counts as taken though its answer is not there. */
const grace = 1000;

export class Box {
  /**
   * @param {{office: string, counter: string, person: string, personName: string}} place
   * @param {Clocks} clocks
   * @param {() => void} changed
   */
  constructor(place, clocks, changed) {
    this.place = place;
    this.clocks = clocks;
    this.changed = changed;
    /** @type {Store | null} */
    this.store = null;
    this.full = false;
    this.writing = 0; // steps that are on their way to the disk
    this.queue = new Queue([]);
    this.acts = false;
    this.pumping = false;
    /** @type {Map<string, (answer: Answer) => void>} who waits for an action's answer */
    this.waiters = new Map();
  }

  /** Whether an action is safe on this machine's disk. */
  get safe() { return this.store !== null && !this.full; }

  /** @param {Action} action */
  owns(action) {
    const { office, counter, person } = this.place;
    return action.office === office && action.counter === counter && action.person === person;
  }

  /** @param {Action[]} stored */
  load(stored) {
    const { person, linked, own, shown } = this.queue;
    const loose = this.safe ? [] : this.queue.waiting.filter((a) => stored.every((b) => b.id !== a.id));
    this.queue = new Queue([...stored.filter((a) => this.owns(a)), ...loose]);
    Object.assign(this.queue, { person, linked, own, shown });
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {string} number
   * @returns {Promise<Answer>}
   */
  async act(path, body, number) {
    const code = this.queue.refusal(path, body, { counter: this.place.counter, store: this.safe });
    if (code) return { ok: false, status: 0, code, data: null };
    const twin = this.queue.twin(path, body);
    if (twin) return { ok: true, status: 0, code: "", data: null, kept: true };
    const action = this.#action(path, body, number);
    this.queue.add(action);
    this.changed();
    const answer = this.#answered(action);
    // Where it cannot be stored it lives in this tab alone, which the clerk is told.
    await this.#write([action], []);
    this.pump();
    return answer;
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {string} number
   * @returns {Action}
   */
  #action(path, body, number) {
    const pressed = local();
    const moment = this.clocks.office(pressed);
    const wall = this.clocks.wall(pressed);
    const keep = keepable(path, body, { counter: this.place.counter, own: this.queue.owned });
    const clicked = new Date(moment).toISOString();
    const id = freshKey();
    return {
      id, key: id, seq: this.queue.seq, ...this.place, path, number, pressed, clicked, keep,
      body: keep && this.clocks.newest ? { ...body, clicked_at: clicked } : body,
      ...(wall ? { notAfter: new Date(wall + lifetime(keep, moment)).toISOString() } : {}),
    };
  }

  /**
   * @param {Action[]} put
   * @param {string[]} drop ids; what cannot be forgotten is sent again after a reload,
   *   under the same key
   */
  async #write(put, drop) {
    if (put.length + drop.length === 0) return;
    // What found no room before is stored as soon as there is some.
    const late = this.full ? [...this.queue.waiting, ...this.queue.refused].filter((a) => !drop.includes(a.id)) : [];
    this.writing++;
    try {
      await this.store?.write([...late, ...put], drop);
      this.full = false;
    } catch {
      this.full = true;
    }
    this.writing--;
    this.changed();
  }

  /**
   * The answer to a press. A fact is taken once it is stored, whatever the link does.
   * @param {Action} action
   * @returns {Promise<Answer>}
   */
  #answered(action) {
    return new Promise((resolve) => {
      this.waiters.set(action.id, resolve);
      if (action.keep) setTimeout(() => this.#tell(action, { ok: true, status: 0, code: "", data: null, kept: true }), grace);
    });
  }

  /**
   * @param {Action} action
   * @param {Answer} answer
   * @returns {boolean} whether somebody waited for it
   */
  #tell(action, answer) {
    const waiter = this.waiters.get(action.id);
    this.waiters.delete(action.id);
    waiter?.(answer);
    return waiter !== undefined;
  }

  /** Sends what can be sent, until nothing is left or the link is cut. */
  async pump() {
    clearTimeout(this.timer);
    if (this.pumping || !this.acts) return;
    this.pumping = true;
    try {
      while (await this.#step());
    } finally {
      this.pumping = false;
    }
  }

  /** @returns {Promise<boolean>} whether to go on at once */
  async #step() {
    const next = this.acts ? this.queue.next(local()) : null;
    if (!next) return false;
    if ("wait" in next) {
      this.timer = setTimeout(() => this.pump(), next.wait);
      return false;
    }
    const { action } = next;
    if (this.#dayOver(action)) {
      await this.#carry(this.queue.heard(action, { what: "refused", status: 0, code: "day_over", data: null, at: local() }));
      return true;
    }
    this.queue.sending(action);
    const heard = await send(action, this.clocks);
    await this.#carry(this.queue.heard(this.queue.find(action), heard));
    if (heard.what !== "again") return true;
    this.timer = setTimeout(() => this.pump(), backoff(this.queue.failures, Math.random()));
    return false;
  }

  /**
   * Whether numbers may have begun anew since the press. Only the clock that a moment
   * was told by can judge it: a tab that never heard the offices' leaves it to the server.
   * @param {Action} action
   */
  #dayOver(action) {
    if (!this.clocks.newest && action.notAfter) return false;
    return this.clocks.office(local()) >= endOfDay(Date.parse(action.clicked));
  }

  /**
   * Carries out what an answer asks for. What was answered is forgotten only once a
   * refusal that nobody waits for is safely kept.
   * @param {Effects} effects
   */
  async #carry({ put, drop, tell }) {
    const kept = [...put];
    for (const { action, heard, kept: waits } of tell) {
      const told = this.#tell(action, answerOf(action, heard, waits));
      if (!waits && !told && heard.what !== "done") kept.push(this.queue.refuse(action, heard.code));
    }
    this.changed();
    const ids = new Set(kept.map((a) => a.id));
    await this.#write(kept, drop.filter((id) => !ids.has(id)));
  }

  /**
   * The clerk has read a refusal.
   * @param {string} id
   * @param {boolean} again whether to send it once more
   */
  async putAway(id, again) {
    const action = this.queue.putAway(id, again);
    this.changed();
    await this.#write(action ? [action] : [], action ? [] : [id]);
    this.pump();
  }
}

/**
 * @param {Action} action
 * @param {Heard} heard
 * @param {boolean} waits
 * @returns {Answer}
 */
function answerOf(action, heard, waits) {
  const { status, code, data } = heard;
  if (waits && action.keep) return { ok: true, status, code: "", data: null, kept: true };
  if (waits) return { ok: false, status, code: "unanswered", data: null };
  return { ok: heard.what === "done" && code === "", status, code, data };
}

/** 128 random bits; crypto.randomUUID needs HTTPS, which a branch's network may lack. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
