// Tests of staff mode's pure module: node --test kiosk/
import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, dialled, errorText, facts, searched, secondsLeft, span, troubles } from "./page/desk-model.js";
import desk from "./page/texts/desk.js";

/** @type {import("./page/desk-model.js").DeskState} */
const well = { link: "online", unsent: 0, slot: 1, store: "ok", printer: "ok", paper: "ok", clock: { offset_ms: 40, believed: true }, enrolled: true, alarms: [] };

/** @type {[string, Partial<import("./page/desk-model.js").DeskState>, string, string[]][]} */
const cases = [
  ["all is well", {}, "", []],
  ["out of paper", { paper: "out" }, "", ["paper_out"]],
  ["a cover that is open is why there is no paper", { paper: "cover_open", printer: "error" }, "", ["cover_open"]],
  ["a printer that is gone says nothing of its paper", { printer: "offline", paper: "out" }, "", ["printer_offline"]],
  ["no printer is no fault", { printer: "none", paper: "unknown" }, "", ["printer_none"]],
  ["alone: what is unsent is no trouble of its own", { link: "alone", unsent: 40 }, "", ["alone"]],
  ["alone without own numbers", { link: "alone", slot: -1 }, "", ["alone", "slot"]],
  ["a queue of records with a link", { unsent: 3 }, "", ["unsent"]],
  ["one file of two", { store: "one_file", alarms: ["file:journal"] }, "", ["store_one_file"]],
  ["a clock off", { clock: { offset_ms: -130_000, believed: true } }, "", ["clock_off"]],
  ["a clock that nobody believes", { clock: { offset_ms: 9e9, believed: false } }, "", ["clock_unbelievable"]],
  ["a copied disk", { alarms: ["store_copied"] }, "store_copied", ["store_copied"]],
  ["a revoked key", {}, "device_revoked", ["barred"]],
  ["the worst first", { store: "broken", paper: "near_end", link: "alone", enrolled: false, alarms: ["push_refused", "out_of_service"] }, "", ["store_broken", "alone", "paper_near_end", "other", "key"]],
];
for (const [name, change, barred, want] of cases) {
  test(`troubles: ${name}`, () => {
    const found = troubles({ ...well, ...change }, barred);
    assert.deepEqual(found.map((t) => t.id), want);
    for (const { id } of found) for (const words of [desk.ja, desk.en]) assert.ok(words["trouble." + id] && words[`trouble.${id}.do`], id);
  });
}

test("every word of the machine has a text", () => {
  const words = { link: ["online", "alone"], store: ["ok", "one_file", "broken"], printer: ["ok", "busy", "offline", "none", "error", "unknown"], paper: ["ok", "near_end", "out", "cover_open", "unknown"] };
  for (const [field, list] of Object.entries(words)) for (const word of list) {
    for (const f of facts({ ...well, [field]: word })) for (const language of [desk.ja, desk.en]) assert.ok(f.raw ?? language[f.text ?? ""], `${f.text}`);
  }
  for (const status of ["waiting", "called", "serving", "processing", "held", "no_show", "done", "withdrawn", "closed", "expired", "away"]) assert.ok(desk.ja["state." + status]);
});

test("staff mode speaks Japanese and English, and Japanese elsewhere", () => {
  assert.deepEqual(Object.keys(desk.en).sort(), Object.keys(desk.ja).sort());
  for (const [key, text] of Object.entries(desk.en)) assert.deepEqual([...text.matchAll(/\{\w+\}/g)].join().split(",").sort(), [...desk.ja[key].matchAll(/\{\w+\}/g)].join().split(",").sort(), key);
  for (const language of ["ja-x-easy", "zh", "ko"]) assert.equal(desk[language], desk.ja);
});

test("problems have words", () => {
  const known = (/** @type {string} */ name) => "error." + name in desk.ja;
  for (const code of ["alone", "no_answer", "unknown_ticket", "wrong_status", "paper_out", "cover_open", "offline", "print_failed", "print_unknown", "device_revoked", "wrong_code", "too_many_tries", "no_server", "other_machine", "out_of_service", "office_full"]) {
    assert.notEqual(errorText(code, known), "other", code);
  }
  assert.equal(errorText("a new one", known), "other");
});

test("lengths of time, moments, digits and searches", () => {
  assert.deepEqual([span(300), span(12_400), span(130_000), span(2 * 3600_000)].map(({ n, unit }) => n + unit), ["0.3s", "12s", "2m", "2h"]);
  assert.equal(secondsLeft("2026-04-01T10:00:10Z", Date.parse("2026-04-01T10:00:00.200Z")), 10);
  assert.equal(secondsLeft("2026-04-01T09:00:00Z", Date.parse("2026-04-01T10:00:00Z")), 0);
  assert.equal(secondsLeft("2036-04-01T09:00:00Z", Date.parse("2026-04-01T10:00:00Z")), 3600, "a clock that is years off locks nobody out for years");
  assert.equal(secondsLeft(undefined, 0), 0);
  assert.equal(clockTime("2026-04-01T10:56:01+09:00"), "10:56");
  assert.equal(clockTime("2026-04-01T07:58:00+09:00", true), "4/1 07:58");
  assert.equal(clockTime("yesterday"), "");
  assert.equal(["a", "0", "1", "あ", " ", "Backspace", "Shift"].reduce(searched, ""), "A0");
  assert.equal([..."12345678901", "Backspace", "x"].reduce((d, k) => dialled(d, k, 8), ""), "1234567");
});
