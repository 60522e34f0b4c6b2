import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue, lifetime } from "./outbox-queue.js";

/** @import { Action, Heard } from "./types.d.ts" */

const at = { counter: "3", store: true };

/** @param {Partial<Action>} [more] @returns {Action} */
function action(more = {}) {
  const id = more.id ?? "k1";
  return {
    id, key: id, seq: 1, person: "p", personName: "佐藤", office: "o", counter: "3", path: "tickets/A012/finish",
    body: { counter: "3" }, number: "A012", clicked: "2026-04-01T01:00:00Z", pressed: 0, keep: true, ...more,
  };
}

/** @param {Partial<Heard>} [more] @returns {Heard} */
const heard = (more = {}) => ({ what: "done", status: 200, code: "", data: null, at: 0, ...more });
const cut = heard({ what: "again", status: 0, code: "network" });

test("while the link is cut only facts are taken", () => {
  const q = new Queue([]);
  q.own = "A012";
  const [finish, call] = ["tickets/A012/finish", "counters/3/call-next"];
  assert.equal(q.refusal(call, {}, at), "");
  q.linked = false;
  assert.equal(q.refusal(call, {}, at), "no_link");
  assert.equal(q.refusal(finish, { counter: "3" }, at), "");
  assert.equal(q.refusal(finish, { counter: "3" }, { ...at, store: false }), "no_store");
  assert.equal(q.refusal("tickets/A013/finish", { counter: "3" }, at), "no_link");
  q.person = "none";
  assert.equal(q.refusal(call, {}, at), "signed_out");
  assert.equal(q.refusal(finish, { counter: "3" }, at), "");
  q.person = "other";
  assert.equal(q.refusal(finish, { counter: "3" }, at), "other_person");
});

test("a call whose answer is out bars the next, but no fact", () => {
  const q = new Queue([]);
  q.own = "A012";
  q.add(action({ id: "c", path: "counters/3/finish-and-call-next", keep: false }));
  assert.equal(q.refusal("counters/3/call-next", {}, at), "one_at_a_time");
  assert.equal(q.refusal("tickets/A012/note", { text: "x" }, at), "");
});

test("what was sent and not answered stays first, what was not sent is given up", () => {
  const q = new Queue([]);
  const [fact, call] = [action(), action({ id: "c", seq: 2, path: "counters/3/call-next", keep: false })];
  q.add(fact);
  q.sending(fact);
  q.add(call);
  const effects = q.heard(fact, cut);
  assert.deepEqual(effects.tell.map((t) => [t.action.id, t.heard.code, t.kept]), [["c", "no_link", false], ["k1", "network", true]]);
  assert.deepEqual(effects.drop, ["c"]);
  assert.equal(q.cut, true);
  assert.deepEqual(q.next(0), { action: fact });
  q.heard(fact, heard());
  assert.equal(q.cut, false);
  assert.equal(q.next(0), null);
});

test("what may have been sent before a reload is asked for again", () => {
  const call = action({ id: "c", path: "counters/3/call-next", keep: false });
  const q = new Queue([call]);
  assert.deepEqual(q.heard(call, cut).drop, []);
  assert.deepEqual(q.next(0), { action: call });
});

test("nothing is sent for somebody else", () => {
  for (const [what, person] of /** @type {[Heard["what"], string][]} */ ([["signed out", "none"], ["other person", "other"]])) {
    const q = new Queue([action()]);
    q.heard(q.waiting[0], heard({ what, status: 401 }));
    assert.equal(q.person, person);
    assert.equal(q.next(0), null);
    assert.equal(q.waiting.length, 1);
    q.person = "same";
    assert.ok(q.next(0));
  }
});

test("a number that nobody knows yet is asked for again, and holds nobody up", () => {
  const q = new Queue([]);
  const [serve, finish] = [action({ id: "s", path: "tickets/A801/serve" }), action({ id: "f", seq: 2 })];
  q.add(serve);
  q.add(finish);
  q.heard(serve, heard({ what: "later", status: 404, code: "unknown_ticket", at: 1000 }));
  assert.deepEqual(q.next(1000), { action: finish });
  q.heard(finish, heard());
  assert.deepEqual(q.next(1000), { wait: 15_000 });
  assert.deepEqual(q.next(16_000), { action: serve });
  const hour = 60 * 60_000;
  const last = q.heard(serve, heard({ what: "later", status: 404, code: "unknown_ticket", at: hour + 1000 }));
  assert.deepEqual(last.tell.map((t) => [t.heard.code, t.kept]), [["unknown_ticket", false]]);
  assert.equal(q.next(hour), null);
});

test("the counter's own number that this server has not heard of is asked for again, in order, for a minute", () => {
  const q = new Queue([]);
  const [start, note] = [action({ path: "tickets/A012/start" }), action({ id: "n", seq: 2, path: "tickets/A012/note" })];
  const missing = (/** @type {number} */ at) => heard({ what: "refused", status: 404, code: "unknown_ticket", at });
  q.add(start);
  q.add(note);
  assert.deepEqual(q.heard(start, missing(5000)).tell.map((t) => t.kept), [true]);
  assert.deepEqual(q.next(5000), { wait: 1000 }, "the note went before the start");
  assert.deepEqual(q.next(6000), { action: start });
  assert.equal(q.heard(start, missing(64_000)).tell[0].kept, true);
  assert.equal(q.heard(start, missing(65_000)).tell[0].kept, false);
  const call = action({ id: "c", seq: 3, path: "tickets/A013/call", keep: false });
  q.add(call);
  assert.equal(q.heard(call, missing(65_000)).tell[0].kept, false, "what is no fact waits");
});

test("a moment that the server cannot believe is moved, once, under another key", () => {
  const q = new Queue([action({ body: { counter: "3", clicked_at: "2026-04-01T09:00:00Z" } })]);
  const unbelievable = heard({ what: "refused", status: 422, code: "out_of_range", data: { field: "clicked_at" }, now: "2026-04-01T01:00:05Z" });
  const { put, tell } = q.heard(q.waiting[0], unbelievable);
  assert.deepEqual(tell, []);
  assert.equal(put[0].key, "k1-2");
  assert.equal(put[0].body.clicked_at, "2026-04-01T01:00:05Z");
  assert.equal(q.heard(q.waiting[0], unbelievable).tell[0].kept, false);
});

test("a command over which the server fails again and again lets the others by", () => {
  const q = new Queue([action({ id: "bad" }), action({ id: "good", seq: 2 })]);
  const fault = heard({ what: "again", status: 500, code: "internal_error", faulty: true });
  for (let i = 1; i < 6; i++) assert.equal(q.heard(q.waiting[0], fault).tell[0].kept, true);
  assert.equal(q.heard(q.waiting[0], fault).tell[0].kept, false);
  assert.equal(q.waiting[0].id, "good");
});

test("a refusal stays until it is put away", () => {
  const q = new Queue([]);
  q.refuse(action(), "wrong_status");
  assert.equal(new Queue(q.refused).refused.length, 1, "it is gone after a reload");
  assert.equal(q.putAway("k1", false), null);
  assert.equal(q.refused.length, 0);
  q.refuse(action(), "http_500");
  assert.equal(q.putAway("k1", true)?.code, undefined);
  assert.equal(q.waiting.length, 1);
});

test("what was called is the counter's own", () => {
  const q = new Queue([]);
  const call = action({ path: "counters/3/call-next", keep: false });
  q.heard(call, heard({ data: { ticket: { number: "A013", counter: "3", state: "called" } } }));
  assert.equal(q.own, "A013");
  q.heard(action({ path: "tickets/A013/hold" }), heard({ data: { ticket: { number: "A013", counter: "3", state: "held" } } }));
  assert.equal(q.own, "");
});

/** Numbers in [0, 1) from a seed. @param {number} seed */
function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A clerk, a link that cuts at any moment, a tab that crashes, and a server that does
 * each key once and refuses some.
 */
class World {
  /** @param {number} seed */
  constructor(seed) {
    this.roll = dice(seed);
    this.clock = 0;
    /** @type {Map<string, Action>} */
    this.disk = new Map();
    /** @type {string[]} keys in the order in which the server did them */
    this.log = [];
    /** @type {Action[]} */
    this.pressed = [];
    /** @type {Map<string, string>} what the clerk was told of actions that are not kept */
    this.told = new Map();
    this.queue = new Queue([]);
    this.cut = false;
  }

  press() {
    const keep = this.roll() < 0.7;
    const id = "k" + this.pressed.length;
    const path = keep ? "tickets/A012/note" : "counters/3/call-next";
    const body = { text: id };
    this.queue.own = "A012";
    if (this.queue.refusal(path, body, at)) return;
    const a = action({ id, path, body, keep, seq: this.queue.seq, pressed: this.clock, notAfter: String(this.clock + lifetime(keep, 0)) });
    this.pressed.push(a);
    this.queue.add(a);
    this.disk.set(id, structuredClone(a));
  }

  /** The server: a key that is known is answered again, one that is late is not done. @param {Action} a */
  serve(a) {
    if (this.log.includes(a.key)) return heard();
    if (this.clock > Number(a.notAfter)) return heard({ what: "refused", status: 409, code: "arrived_late" });
    if (Number(a.id.slice(1)) % 7 === 3) return heard({ what: "refused", status: 409, code: "wrong_status" });
    this.log.push(a.key);
    return heard();
  }

  send() {
    const next = this.queue.next(this.clock);
    if (!next || !("action" in next)) return;
    const { action: a } = next;
    this.queue.sending(a);
    const lost = this.cut || this.roll() < 0.2;
    const reached = !lost || this.roll() < 0.5;
    const answer = reached ? this.serve(a) : cut;
    if (this.roll() < 0.05) return this.crash();
    const { put, drop, tell } = this.queue.heard(a, lost ? { ...cut, at: this.clock } : { ...answer, at: this.clock });
    for (const { action: about, heard: what, kept } of tell) {
      if (kept) continue;
      this.told.set(about.id, what.what === "done" ? "done" : what.code);
      if (what.what !== "done") put.push(this.queue.refuse(about, what.code));
    }
    const stays = new Set(put.map((p) => p.id));
    for (const p of put) this.disk.set(p.id, structuredClone(p));
    for (const id of drop) if (!stays.has(id)) this.disk.delete(id);
  }

  crash() { this.queue = new Queue([...this.disk.values()].map((a) => structuredClone(a))); }

  step() {
    this.clock += Math.floor(this.roll() * 8000);
    const chance = this.roll();
    if (chance < 0.4) this.press();
    else if (chance < 0.85) this.send();
    else if (chance < 0.95) this.cut = !this.cut;
    else this.crash();
  }

  /** The link is whole again: everything must come to its end. */
  heal() {
    this.cut = false;
    for (let i = 0; this.queue.waiting.length > 0; i++) {
      assert.ok(i < 10_000, "something waits for ever");
      this.send();
    }
  }
}

test("nothing is lost, nothing is done twice, nothing out of order, over 500 random outages", () => {
  /** @type {Set<string>} */
  const met = new Set();
  for (let seed = 1; seed <= 500; seed++) {
    const world = new World(seed);
    for (let i = 0; i < 120; i++) world.step();
    world.heal();
    assert.deepEqual([...world.disk.values()].filter((a) => !a.code), [], `seed ${seed}: what is answered stays on the disk`);
    assert.equal(new Set(world.log).size, world.log.length, `seed ${seed}: done twice`);
    const kept = world.pressed.filter((a) => a.keep).map((a) => a.id);
    assert.deepEqual(world.log.filter((k) => kept.includes(k)), kept.filter((k) => world.log.includes(k)), `seed ${seed}: out of order`);
    for (const a of world.pressed) {
      const [done, told] = [world.log.includes(a.key), world.told.get(a.id) ?? ""];
      met.add(`${a.keep} ${told} ${done}`);
      assert.equal(told === "done", done, `seed ${seed}: ${a.id} (${a.path}) was told ${told}, done ${done}`);
    }
  }
  for (const rare of ["true done true", "true wrong_status false", "false done true", "false no_link false", "false arrived_late false"]) {
    assert.ok(met.has(rare), `${rare} was never reached: ${[...met]}`);
  }
});
