// The one way by which a clerk's page sends commands. They are stored before they
// are sent, and sent under one key until they are answered, so that neither a cut
// link nor a reload, nor the end of a session, loses one or does one twice.

import { backoff } from "../model.js";
import { present } from "../present.js";
import { Box } from "./outbox-box.js";
import { Clocks, local } from "./outbox-clock.js";
import { overlay } from "./outbox-overlay.js";
import { drawOutbox } from "./outbox-view.js";
import { openStore } from "./store.js";
import { keepShell, readSeen, writeSeen, forgetPrivate } from "./sw-shell.js";
import { attempt, chorus, hold } from "./tabs.js";

/** @import { Action, Outbox, Place } from "./types.d.ts" */

export { overlay };

/**
 * Opens the outbox of one counter and draws it into the page's part #outbox.
 * @param {Place} place
 * @returns {Outbox}
 */
export function openOutbox(place) {
  const outbox = new Desk(place);
  drawOutbox(outbox, place);
  present(() => document.querySelector("#work .badge-serving") !== null);
  return outbox;
}

/** @implements {Outbox} */
class Desk {
  /** @param {Place} place */
  constructor(place) {
    const { office, counter, person = "", personName = "" } = place;
    this.place = { office, counter, person, personName };
    this.clocks = new Clocks(null);
    this.box = new Box(this.place, this.clocks, () => this.changed());
    /** @type {Action[]} of others */
    this.foreign = [];
    /** @type {Action[]} of the same person at other counters, refused */
    this.elsewhere = [];
    /** @type {Set<() => void>} */
    this.watchers = new Set();
    this.onchange = () => {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.queued = undefined;
    this.readOnly = false;
    /** @type {any} */
    this.last = null;
    this.tell = chorus(() => this.reload());
    this.ready = this.begin();
    if (document.documentElement.dataset.kept) this.link(false);
    this.meet(0);
    addEventListener("online", () => this.pump());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.pump(); });
  }

  async begin() {
    try {
      this.box.store = await openStore();
      this.clocks.recall(await this.box.store.recall(clockOf(this.place.office)));
      if (this.clocks.first) this.remember();
    } catch {
      this.box.store = null;
    }
    await this.reload();
    navigator.storage?.persist?.().catch(() => {});
    const seen = await readSeen(this.place);
    this.last ??= seen;
    this.box.queue.own ||= this.last?.current?.number ?? "";
    await new Promise((resolve) => {
      this.turn = hold(lockOf(this.place), {
        held: () => { this.take().then(resolve); },
        waits: () => { this.box.acts = false; this.readOnly = true; this.changed(); resolve(undefined); },
      });
    });
    keepShell();
  }

  /**
   * Learns the server's clocks and who is signed in. A page that was drawn without a
   * link asks until the server is there.
   * @param {number} failures in a row
   */
  async meet(failures) {
    try {
      const { status, id } = await this.who();
      this.link(true);
      if (status === 401) this.signedOut();
      else if (id && this.place.person && id !== this.place.person) this.signed("other");
    } catch {
      const again = () => { removeEventListener("online", again); clearTimeout(timer); this.meet(failures + 1); };
      const timer = setTimeout(again, backoff(failures, Math.random()));
      addEventListener("online", again);
    }
  }

  /** Asks who is signed in; throws where it is not the server that answers. */
  async who() {
    const asked = local();
    const answer = await fetch("/api/v1/me", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const now = answer.headers.get("Machi-Now");
    if (now === null) throw new Error("somebody else answers for the server");
    if (!practised(this.place.office)) this.clocks.hear({ office: now, wall: answer.headers.get("Date"), asked, local: local() });
    this.remember();
    return { status: answer.status, id: answer.ok ? /** @type {string} */ ((await answer.json()).id) : "" };
  }

  /** The tab acts from now on, with whatever the one before it has left. */
  async take() {
    // What the one before has left is read for certain: from now on nobody reads it again.
    for (let n = 0; n < 20 && !(await this.reload()); n++) await new Promise((done) => setTimeout(done, 250));
    this.readOnly = false;
    this.box.acts = true;
    this.changed();
    this.pump();
  }

  /** Reads what is stored: of this counter, and of others who must sign in to send it. False: it cannot be read now. */
  async reload() {
    let read = true;
    const all = (await this.box.store?.all().catch(() => { read = false; return []; })) ?? [];
    if (!this.box.acts && read) this.box.load(all);
    this.foreign = all.filter((a) => a.person !== this.place.person && !a.code);
    this.elsewhere = all.filter((a) => a.person === this.place.person && a.code && !this.box.owns(a));
    this.changed();
    return read;
  }

  /**
   * Sends what the same person left at another counter, where no tab does. A cut link
   * ends the attempt: the counter is not held meanwhile.
   */
  async emptyOthers() {
    if (this.readOnly || this.box.queue.person !== "same") return;
    const all = (await this.box.store?.all().catch(() => [])) ?? [];
    const left = all.filter((a) => a.person === this.place.person && !a.code && !this.box.owns(a) && clockOf(a.office) === clockOf(this.place.office));
    const places = new Map(left.map(({ office, counter, person, personName }) => [lockOf({ office, counter }), { office, counter, person, personName }]));
    for (const [name, place] of places) {
      await attempt(name, async () => {
        const box = new Box(place, this.clocks, () => this.changed());
        box.store = this.box.store;
        box.load((await box.store?.all().catch(() => [])) ?? []);
        box.acts = true;
        await box.pump();
        box.acts = false;
      });
    }
    if (left.length === 0) return;
    await this.reload();
    this.tell();
  }

  changed() {
    this.queued ??= setTimeout(() => {
      this.queued = undefined;
      for (const draw of this.watchers) draw();
      this.onchange();
    });
  }

  pump() {
    this.box.pump();
    this.emptyOthers();
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {{number?: string}} [about]
   */
  async act(path, body, about = {}) {
    await this.ready;
    if (this.readOnly) return { ok: false, status: 0, code: "other_tab", data: null };
    this.look();
    const answer = await this.box.act(path, body, about.number ?? "");
    this.remember();
    return answer;
  }

  /** The number that the page shows as the counter's, which the server drew. */
  look() { this.box.queue.shown = document.getElementById("work")?.dataset.number ?? ""; }

  /** The clocks outlive a reload without link; other tabs hear of what has changed. */
  remember() {
    this.box.store?.remember(clockOf(this.place.office), this.clocks.newest).catch(() => {});
    this.tell();
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   */
  mayAct(path, body = {}) {
    if (this.readOnly) return "other_tab";
    this.look();
    return this.box.queue.refusal(path, body, { counter: this.place.counter, store: this.box.safe });
  }

  pending() { return [...this.box.queue.waiting]; }

  refused() { return [...this.box.queue.refused, ...this.elsewhere]; }

  strangers() { return [...this.foreign]; }

  /** @param {string} id */
  async putAway(id) {
    await this.box.putAway(id, false);
    await this.reload();
  }

  /** @param {string} id */
  sendAgain(id) { this.box.putAway(id, true); }

  state() {
    const { queue, safe, writing } = this.box;
    return { writing: writing > 0, readOnly: this.readOnly, cut: queue.cut, doubt: queue.doubt ?? null, person: queue.person, store: safe };
  }

  now() { return this.clocks.office(local()); }

  /**
   * @template T
   * @param {T} console
   */
  see(console) {
    const seen = /** @type {any} */ (console);
    this.last = seen;
    this.box.queue.own = seen?.current?.number ?? "";
    writeSeen(this.place, seen);
    return overlay(seen, this.pending());
  }

  async seen() {
    await this.ready;
    return this.last;
  }

  /** @param {boolean} live */
  link(live) {
    this.box.queue.linked = live;
    this.changed();
    if (live) this.pump();
  }

  /** @param {import("./types.d.ts").Person} person */
  signed(person) {
    this.box.queue.person = person;
    this.changed();
  }

  signedOut() {
    forgetPrivate();
    if (this.box.queue.person === "same") this.signed("none");
  }

  /** Asks who is signed in now. The server asks again with every command. */
  async signedIn() {
    const { status, id } = await this.who();
    const same = status !== 401 && (!id || !this.place.person || id === this.place.person);
    this.signed(same ? "same" : status === 401 ? "none" : "other");
    if (same) keepShell();
    this.pump();
    return same;
  }

  takeOver() { this.turn?.take(); }

  /** @param {() => void} draw called whenever something has changed */
  watch(draw) { this.watchers.add(draw); }
}

/**
 * Whether people only practise at an office: its clock is its own.
 * @param {string} office
 */
function practised(office) { return office.startsWith("practice-"); }

/**
 * The name under which an office's clock is remembered: the real offices have one.
 * @param {string} office
 */
function clockOf(office) { return practised(office) ? "clock " + office : "clock"; }

/** @param {{office: string, counter: string}} place */
function lockOf({ office, counter }) {
  return `machi-counter ${office} ${counter}`;
}
