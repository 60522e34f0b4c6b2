import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../test/resolve.js";
import { Clocks } from "./outbox-clock.js";
import { openStore } from "./store.js";

const { Box } = await import("./outbox-box.js");

/** @param {any} [result] @returns {any} a request that succeeds */
function request(result) {
  const asked = /** @type {any} */ ({ result });
  queueMicrotask(() => asked.onsuccess?.());
  return asked;
}

test("a store that the browser has closed is opened anew", async (t) => {
  const rows = new Map();
  let open = 0;
  const database = () => {
    let closed = ++open === 1;
    return {
      close() { closed = true; },
      transaction() {
        if (closed) throw new DOMException("closed", "InvalidStateError");
        const step = /** @type {any} */ ({
          objectStore: () => ({ put: (/** @type {any} */ row) => rows.set(row.id, row), delete: (/** @type {string} */ id) => rows.delete(id), getAll: () => request([...rows.values()]) }),
        });
        queueMicrotask(() => queueMicrotask(() => step.oncomplete?.()));
        return step;
      },
    };
  };
  Object.assign(globalThis, { indexedDB: { open: () => request(database()) } });
  t.after(() => { Reflect.deleteProperty(globalThis, "indexedDB"); });
  const store = await openStore();
  await store.write([/** @type {any} */ ({ id: "a" })]);
  assert.deepEqual((await store.all()).map((a) => a.id), ["a"]);
  assert.equal(open, 2);
});

test("what found no room on the disk is stored as soon as there is some", async (t) => {
  const real = globalThis.fetch;
  t.after(() => { globalThis.fetch = real; });
  /** @type {((answer: Response) => void)[]} */
  const answers = [];
  globalThis.fetch = () => new Promise((resolve) => { answers.push(resolve); });
  const rows = new Set();
  let full = true;
  const box = new Box({ office: "o", counter: "3", person: "p", personName: "P" }, new Clocks(null), () => {});
  box.store = /** @type {any} */ ({
    async write(/** @type {any[]} */ put, /** @type {string[]} */ drop) {
      if (full && put.length > 0) throw new DOMException("full", "QuotaExceededError");
      for (const { id } of put) rows.add(id);
      for (const id of drop) rows.delete(id);
    },
  });
  box.acts = true;
  box.queue.own = "A012";
  const first = box.act("tickets/A012/start", { counter: "3" }, "A012");
  box.act("tickets/A012/note", { text: "x" }, "A012");
  const note = box.queue.waiting[1].id;
  while (answers.length === 0) await new Promise(setImmediate);
  assert.equal(box.safe, false);
  full = false;
  answers[0](new Response("{}", { headers: { "Machi-Now": "2026-04-01T01:00:00Z" } }));
  await first;
  while (answers.length === 1) await new Promise(setImmediate);
  assert.equal(box.safe, true);
  assert.deepEqual([...rows], [note], "the page says that it is safe, and it is in this tab alone");
  box.acts = false;
  answers[1](new Response("{}", { headers: { "Machi-Now": "2026-04-01T01:00:00Z" } }));
});

test("a tab that never heard the offices' clock does not judge that a press is of another day", async (t) => {
  const real = globalThis.fetch;
  t.after(() => { globalThis.fetch = real; });
  /** @type {string[]} */
  const sent = [];
  globalThis.fetch = async (address) => {
    sent.push(String(address));
    return new Response("{}", { headers: { "Machi-Now": "2026-04-01T01:00:00Z" } });
  };
  const place = { office: "o", counter: "3", person: "p", personName: "P" };
  const pressed = { ...place, key: "a", seq: 1, path: "tickets/A012/finish", number: "A012", body: {}, pressed: 0, keep: true };
  const box = new Box(place, new Clocks(null), () => {});
  box.load([
    { ...pressed, id: "a", clicked: "2026-04-01T00:59:00Z", notAfter: "2026-04-01T18:00:00Z" }, // a rehearsal's
    { ...pressed, id: "b", seq: 2, path: "tickets/A013/finish", clicked: "2026-03-31T00:59:00Z", notAfter: "2026-03-31T18:00:00Z" },
  ]);
  box.acts = true;
  await box.pump();
  assert.deepEqual(sent, ["/api/v1/offices/o/tickets/A012/finish"]);
  assert.deepEqual(box.queue.refused.map(({ id, code }) => [id, code]), [["b", "day_over"]], "the answer told the day");
});
