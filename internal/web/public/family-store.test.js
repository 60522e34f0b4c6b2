import assert from "node:assert/strict";
import { test } from "node:test";
import { read, remember, secretOf, without } from "./family-store.js";

/** @param {string | null} [kept] */
function store(kept = null) {
  return { kept, getItem() { return this.kept; }, setItem(/** @type {string} */ _, /** @type {string} */ text) { this.kept = text; } };
}
const [a, b] = ["0123456789ABCDEFGHJKMNPQRS", "ZZZZ456789ABCDEFGHJKMNPQRS"];

test("a device keeps what is a secret, and each once", () => {
  const s = store();
  assert.deepEqual(remember(s, remember(s, read(s), a), a), [a]);
  assert.deepEqual(remember(s, read(s), b), [a, b]);
  assert.deepEqual(without(s, read(s), a), [b]);
  assert.deepEqual(read(s), [b]);
});

test("what somebody else wrote there does no harm", () => {
  for (const text of ["", "{", "null", "5", '{"a":1}', '[1,"x","<script>"]']) assert.deepEqual(read(store(text)), []);
  assert.deepEqual(read({ getItem() { throw new Error("closed"); }, setItem() {} }), []);
});

test("a store that is full changes nothing for this page", () => {
  assert.deepEqual(remember({ getItem: () => null, setItem() { throw new Error("full"); } }, [], a), [a]);
});

test("the oldest is pushed out", () => {
  const s = store();
  let all = /** @type {string[]} */ ([]);
  for (let i = 0; i < 12; i++) all = remember(s, all, a + i);
  assert.equal(all.length, 8);
  assert.equal(all[7], a + 11);
});

test("a secret is found in what was typed or scanned", () => {
  for (const text of [a, ` ${a} `, `https://machi.example/t/${a}`, `https://machi.example/t/${a}?lang=en`, `/t/${a}#x`]) assert.equal(secretOf(text), a, text);
  for (const text of ["", "A012", "https://machi.example/t/", "https://machi.example/", "<img>", "a".repeat(200)]) assert.equal(secretOf(text), "", text);
});
