import assert from "node:assert/strict";
import { test } from "node:test";
import { Clocks, local } from "./outbox-clock.js";
import { overlay } from "./outbox-overlay.js";
import { endOfDay, keepable, partsOf, samePress, verdict } from "./outbox-rules.js";

const at = { counter: "3", own: ["A012"] };

test("only facts about the own ticket, and a number that was served, may wait", async (t) => {
  /** @type {[string, string, Record<string, unknown>, boolean][]} */
  const rows = [
    ["start", "tickets/A012/start", { counter: "3" }, true],
    ["finish", "tickets/A012/finish", { counter: "3", processing: true }, true],
    ["hold", "tickets/A012/hold", { counter: "3", reason: "書類" }, true],
    ["no-show", "tickets/A012/no-show", { counter: "3" }, true],
    ["note", "tickets/A012/note", { text: "x" }, true],
    ["another's ticket", "tickets/A013/finish", { counter: "3" }, false],
    ["a note on another's ticket", "tickets/A013/note", { text: "x" }, false],
    ["for another counter", "tickets/A012/finish", { counter: "4" }, false],
    ["a number that was served", "tickets/A801/serve", { counter: "3" }, true],
    ["a number with its machine", "tickets/K1-0001/serve", { counter: "3" }, true],
    ["a call", "counters/3/call-next", {}, false],
    ["a call of a number", "tickets/A012/call", { counter: "3" }, false],
    ["a recall", "tickets/A012/recall", { counter: "3" }, false],
    ["a transfer", "tickets/A012/transfer", { counter: "3", to: "4" }, false],
    ["undo", "counters/3/undo", {}, false],
    ["check-in", "check-in", { code: "123456" }, false],
  ];
  for (const [name, path, body, want] of rows) await t.test(name, () => assert.equal(keepable(path, body, at), want));
});

test("a path is read as the server reads it", () => {
  assert.deepEqual(partsOf("tickets/A012/start"), { about: "tickets", name: "A012", verb: "start" });
  assert.deepEqual(partsOf("tickets/K%31/start"), { about: "tickets", name: "K1", verb: "start" });
  assert.deepEqual(partsOf("tickets/%/start"), { about: "tickets", name: "%", verb: "start" });
  assert.deepEqual(partsOf("check-in"), { about: "", name: "", verb: "check-in" });
});

test("an answer counts only if it is the server's own, and whole", async (t) => {
  const path = "tickets/A012/start";
  const server = { status: 200, ours: true, whole: true, data: /** @type {any} */ ({}), path };
  /** @type {[string, Partial<typeof server>, string][]} */
  const rows = [
    ["done", {}, "done"],
    ["done, on one disk so far", { status: 202 }, "done"],
    ["nobody waits", { status: 204, data: null }, "done"],
    ["a proxy's page", { ours: false }, "again"],
    ["a proxy's log-in page", { ours: false, status: 401 }, "again"],
    ["an answer that broke off", { whole: false }, "again"],
    ["the store does not answer", { status: 503, data: { code: "store_unreachable" } }, "again"],
    ["too many requests", { status: 429, data: { code: "rate_limited" } }, "again"],
    ["a fault", { status: 500, data: { code: "internal_error" } }, "again"],
    ["signed out", { status: 401, data: { code: "unauthenticated" } }, "signed out"],
    ["a code is owed first", { status: 403, data: { code: "totp_required" } }, "signed out"],
    ["somebody else", { status: 409, data: { code: "other_person" } }, "other person"],
    ["refused", { status: 409, data: { code: "wrong_status" } }, "refused"],
    ["not allowed", { status: 403, data: { code: "forbidden" } }, "refused"],
    ["too late", { status: 409, data: { code: "arrived_late" } }, "refused"],
    ["an unknown number", { status: 404, data: { code: "unknown_ticket" } }, "refused"],
    ["a number that a machine may still tell of", { status: 404, data: { code: "unknown_ticket" }, path: "tickets/A801/serve" }, "later"],
  ];
  for (const [name, change, want] of rows) await t.test(name, () => assert.equal(verdict({ ...server, ...change }), want));
});

test("a business day ends at three in the morning in Japan", () => {
  const end = Date.parse("2026-04-02T03:00:00+09:00");
  for (const text of ["2026-04-01T03:00:00+09:00", "2026-04-01T12:00:00+09:00", "2026-04-02T02:59:59+09:00"]) {
    assert.equal(endOfDay(Date.parse(text)), end, text);
  }
});

test("the same button before its answer is the same press", () => {
  const a = /** @type {any} */ ({ path: "tickets/A012/finish", body: { counter: "3", clicked_at: "2026-04-01T10:00:00Z" } });
  assert.equal(samePress(a, "tickets/A012/finish", { counter: "3" }), true);
  assert.equal(samePress(a, "tickets/A012/finish", { counter: "3", processing: true }), false);
  assert.equal(samePress(a, "tickets/A013/finish", { counter: "3" }), false);
});

/** A console with one ticket at the counter and others around it. */
const seen = () => ({
  counter: { id: "3", number: "A012" }, undo: { command: "c" },
  current: { number: "A012", state: "called", notes: [{ text: "old" }] },
  next: { number: "A013" }, waiting: [{ number: "A013" }, { number: "A014" }], aside: [{ number: "A009", state: "held" }],
});
/** @param {string} path @param {object} [body] @param {boolean} [keep] */
const action = (path, body = {}, keep = true) => /** @type {any} */ ({ path, body, keep, clicked: "2026-04-01T01:00:00Z", personName: "佐藤" });

test("what waits to be sent is drawn in", async (t) => {
  await t.test("nothing waits", () => {
    const console = seen();
    const got = overlay(console, []);
    assert.deepEqual(got, { ...seen(), unsent: 0 });
    assert.deepEqual(console, seen(), "what was given has changed");
  });
  await t.test("start", () => {
    const { current, undo } = /** @type {any} */ (overlay(seen(), [action("tickets/A012/start")]));
    assert.equal(current.state, "serving");
    assert.equal(current.started_at, "2026-04-01T01:00:00Z");
    assert.equal(current.unsent, true);
    assert.equal(undo, null);
  });
  await t.test("a note", () => {
    const { current } = /** @type {any} */ (overlay(seen(), [action("tickets/A012/note", { text: "new" })]));
    assert.deepEqual(current.notes.map((/** @type {any} */ n) => n.text), ["old", "new"]);
  });
  await t.test("start and finish", () => {
    const got = /** @type {any} */ (overlay(seen(), [action("tickets/A012/start"), action("tickets/A012/finish")]));
    assert.equal(got.current, null);
    assert.equal(got.counter.number, "");
    assert.deepEqual(got.aside.map((/** @type {any} */ x) => x.number), ["A009"]);
    assert.equal(got.unsent, 2);
  });
  for (const [verb, state, body] of /** @type {[string, string, object][]} */ ([
    ["hold", "held", { reason: "書類", room: "2" }], ["no-show", "no_show", {}], ["finish", "processing", { processing: true }],
  ])) {
    await t.test(`${verb} sets aside as ${state}`, () => {
      const got = /** @type {any} */ (overlay(seen(), [action(`tickets/A012/${verb}`, body)]));
      assert.equal(got.current, null);
      assert.equal(got.aside[0].number, "A012");
      assert.equal(got.aside[0].state, state);
    });
  }
  await t.test("a number that was served leaves the line and is not next", () => {
    const got = /** @type {any} */ (overlay(seen(), [action("tickets/A013/serve")]));
    assert.deepEqual(got.waiting.map((/** @type {any} */ x) => x.number), ["A014"]);
    assert.equal(got.next, null);
    assert.equal(got.current.number, "A012");
  });
  await t.test("what the server knows already changes nothing", () => {
    const got = /** @type {any} */ (overlay({ ...seen(), current: null }, [action("tickets/A012/finish")]));
    assert.equal(got.current, null);
  });
  await t.test("a call whose answer is out is not guessed", () => {
    const got = /** @type {any} */ (overlay({ ...seen(), current: null }, [action("counters/3/call-next", {}, false)]));
    assert.equal(got.current, null);
    assert.equal(got.next.number, "A013");
  });
});

test("the clocks are the server's, never ahead of it", () => {
  const clocks = new Clocks(null);
  assert.equal(clocks.office(5000), 5000, "nothing heard: the machine's own");
  assert.equal(clocks.wall(5000), undefined);
  clocks.hear({ office: "2026-04-01T01:00:00Z", wall: "Sat, 21 Nov 2026 16:00:00 GMT", local: 1000 });
  assert.equal(clocks.office(4000), Date.parse("2026-04-01T01:00:03Z"));
  assert.equal(clocks.wall(4000), Date.parse("2026-11-21T16:00:03Z"));
  assert.equal(clocks.office(0), Date.parse("2026-04-01T01:00:00Z"), "a clock that was set back moves nothing");
  clocks.hear({ office: null, wall: "x", local: 9000 });
  assert.equal(clocks.office(1000), Date.parse("2026-04-01T01:00:00Z"), "an answer without the mark says nothing");
});

test("the machine's clock goes on when it is set back, and follows when it is set forward", (t) => {
  const before = local();
  const real = Date.now;
  t.after(() => { Date.now = real; });
  Date.now = () => real() - 3_600_000;
  assert.ok(local() >= before, "it went back");
  Date.now = () => real() + 3_600_000;
  assert.ok(local() >= before + 3_599_000, "an hour asleep did not count");
});

test("a hurried rehearsal is followed at its speed", () => {
  const clocks = new Clocks(null);
  clocks.hear({ office: "2026-04-01T01:00:00Z", wall: null, local: 0 });
  clocks.hear({ office: "2026-04-01T01:10:00Z", wall: null, local: 10_000 });
  assert.equal(clocks.speed, 60);
  assert.equal(clocks.office(11_000), Date.parse("2026-04-01T01:11:00Z"));
});

test("answers that came late are no hurried rehearsal", () => {
  const clocks = new Clocks(null);
  clocks.hear({ office: "2026-04-01T01:00:00Z", wall: null, asked: 0, local: 1500 }); // a busy page read it late
  clocks.hear({ office: "2026-04-01T01:00:04Z", wall: null, asked: 3900, local: 4100 });
  assert.equal(clocks.speed, 1);
  assert.equal(clocks.office(64_100), Date.parse("2026-04-01T01:01:04Z"), "a clerk's moment would be ahead of the server's");
});

test("a hurried rehearsal is followed at no more than its speed, however late its answers are", () => {
  for (const late of [0, 200, 900]) {
    const clocks = new Clocks(null);
    const at = (/** @type {number} */ ms) => new Date(Date.parse("2026-04-01T01:00:00Z") + 60 * ms).toISOString();
    clocks.hear({ office: at(100), wall: null, asked: 0, local: 100 + late });
    clocks.hear({ office: at(10_000), wall: null, asked: 9_900, local: 10_050 });
    assert.ok(clocks.speed <= 60 && clocks.speed > 50, `${clocks.speed} where 60 is right, ${late} ms late`);
  }
});

test("what a machine remembered of the server's clock does not replace what the server has told since", () => {
  const old = { office: Date.parse("2026-04-01T00:00:00Z"), wall: 0, local: 0 };
  for (const known of [undefined, old]) {
    const clocks = new Clocks(null);
    clocks.hear({ office: "2026-04-01T01:00:00Z", wall: null, local: 1000 });
    clocks.recall(known);
    assert.equal(clocks.office(1000), Date.parse("2026-04-01T01:00:00Z"));
  }
  const clocks = new Clocks(null);
  clocks.recall(old);
  assert.equal(clocks.office(1000), Date.parse("2026-04-01T00:00:01Z"));
});
