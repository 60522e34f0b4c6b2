// Tests of the scanner's pure modules: node --test kiosk/
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorText, inLine, offered, standing } from "./page/scan-model.js";
import { character, gap, press, settle, shortest } from "./page/scan-wedge.js";
import scan from "./page/texts/scan.js";

/** @typedef {import("./page/scan-wedge.js").Key} Key */

/** @param {string} key @param {string} [code] @param {boolean} [shiftKey] @returns {Key} */
const key = (key, code = "", shiftKey = false) => ({ key, code, shiftKey });

/** @param {string} text @returns {Key[]} as a US keyboard types it */
const typed = (text) => [...text].map((c) => key(c));
const enter = key("Enter", "Enter");

/**
 * Presses keys and waits at the end.
 * @param {[Key, number][]} keys each with the milliseconds since the one before
 */
function play(keys) {
  /** @type {import("./page/scan-wedge.js").Held[]} */
  let held = [];
  /** @type {string[]} */
  const person = [], scanner = [];
  let at = 0;
  for (const [k, after] of keys) {
    at += after;
    const out = press(held, k, at);
    held = out.held;
    person.push(...out.typed.map((x) => x.key));
    if (out.scanned !== null) scanner.push(out.scanned);
  }
  const end = settle(held);
  person.push(...end.typed.map((x) => x.key));
  if (end.scanned !== null) scanner.push(end.scanned);
  return { person: person.join(" "), scanner };
}

/** @param {Key[]} keys @param {number} ms @returns {[Key, number][]} */
const every = (keys, ms) => keys.map((k) => [k, ms]);

const url = "http://machi.example.jp/t/3f9c0a1b2c3d4e5f60718293a4b5c6d7";
/** @type {[string, [Key, number][], {person: string, scanner: string[]}][]} */
const hands = [
  ["a scanner", every([...typed(url), enter], 8), { person: "", scanner: [url] }],
  ["a slow scanner", every([...typed(url), enter], gap), { person: "", scanner: [url] }],
  ["a scanner at a browser with much to do", [...every(typed(url.slice(0, 20)), 8), ...every([...typed(url.slice(20)), enter], 150)], { person: "", scanner: [url] }],
  ["a scanner that presses no Enter", every(typed(url), 8), { person: "", scanner: [url] }],
  ["a scanner that presses Tab", every([...typed("123456"), key("Tab", "Tab")], 8), { person: "", scanner: ["123456"] }],
  ["six digits", every([...typed("123456"), enter], 8), { person: "", scanner: ["123456"] }],
  ["two scans", every([...typed("123456"), enter, ...typed("654321"), enter], 8), { person: "", scanner: ["123456", "654321"] }],
  ["a person", every([...typed("123456"), enter], 120), { person: "1 2 3 4 5 6 Enter", scanner: [] }],
  ["a quick person", every([...typed("123456"), enter], gap + 1), { person: "1 2 3 4 5 6 Enter", scanner: [] }],
  ["two fingers at once", every([...typed("12"), enter], 5), { person: "1 2 Enter", scanner: [] }],
  ["a person, then a scanner", [[key("5"), 0], ...every([...typed("123456"), enter], 8)], { person: "", scanner: ["5123456"] }],
  ["a person, a breath, a scanner", [[key("5"), 0], [key("1"), 200], ...every([...typed("23456"), enter], 8)], { person: "5", scanner: ["123456"] }],
  ["arrows and Escape", every([key("ArrowDown"), key("Escape"), key("Tab")], 5), { person: "ArrowDown Escape Tab", scanner: [] }],
  ["the shift of a colon", every([...typed("http"), key("Shift"), key(":"), ...typed("//abcdef"), enter], 8), { person: "", scanner: ["http://abcdef"] }],
  ["a hand that rests on a key", every(Array.from({ length: 20 }, () => ({ ...key("1"), repeat: true })), 30), { person: "", scanner: [] }],
  ["a shortcut", every([{ ...key("a", "KeyA"), ctrlKey: true }], 5), { person: "a", scanner: [] }],
];

for (const [name, keys, want] of hands) test(`wedge: ${name}`, () => assert.deepEqual(play(keys), want));

test("wedge: whatever is pressed belongs to one of the two, in order, and no scan is shorter than a code", () => {
  let seed = 7;
  const chance = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 500; round++) {
    const keys = /** @type {[Key, number][]} */ (Array.from({ length: 30 }, () => [chance() < 0.1 ? enter : key(String(Math.floor(chance() * 10))), chance() < 0.6 ? 10 : 150]));
    const out = play(keys), digits = (/** @type {string} */ s) => s.replace(/\D/g, "");
    assert.equal(digits(out.person).length + out.scanner.join("").length, keys.filter(([k]) => k !== enter).length);
    for (const read of out.scanner) assert.ok(read.length >= shortest, read);
  }
});

/** @type {[string, Key, string][]} */
const characters = [
  ["plain", key("a", "KeyA"), "a"], ["full width", key("１", "Digit1"), "1"], ["full-width letter", key("Ａ", "KeyA", true), "A"],
  ["under an input method", key("Process", "Digit7"), "7"], ["a letter under an input method", key("Process", "KeyQ"), "q"],
  ["a capital under an input method", key("Process", "KeyQ", true), "Q"], ["a colon under an input method", key("Process", "Semicolon", true), ":"],
  ["a slash under an input method", key("Process", "Slash"), "/"], ["a shifted digit under an input method", key("Process", "Digit3", true), "#"],
  ["the pad under an input method", key("Process", "Numpad4"), "4"], ["the pad's star", key("*", "NumpadMultiply"), "*"],
  ["kana", key("ぬ", "Digit1"), "1"], ["an unknown key", key("Unidentified", "KeyB"), "b"],
  ["Enter", enter, ""], ["space", key(" ", "Space"), ""], ["an arrow", key("ArrowUp", "ArrowUp"), ""], ["nothing known", key("Process", ""), ""],
];
for (const [name, k, want] of characters) test(`character: ${name}`, () => assert.equal(character(k), want));

test("the sentence of a ticket, what is offered, and when the line matters", () => {
  /** @type {import("./page/scan-model.js").Found} */
  const found = { handle: "h", kind: "ticket", number: "A012", state: "waiting", ahead: 3, can: ["leave", "later"] };
  assert.equal(standing(found), "waiting");
  assert.equal(standing({ ...found, ahead: 0 }), "next");
  assert.equal(standing({ ...found, state: "called", ahead: 0 }), "called");
  assert.equal(standing({ ...found, kind: "check_in", can: ["check_in"] }), "away");
  assert.deepEqual(offered(found), ["later", "leave"]);
  assert.deepEqual(offered({ ...found, can: undefined }), []);
  assert.ok(inLine(found) && !inLine({ ...found, state: "serving" }));
});

test("every state and every problem has words in every language", () => {
  const states = ["waiting", "next", "away", "called", "serving", "processing", "held", "no_show", "done", "withdrawn", "closed", "expired"];
  const codes = ["unknown_code", "alone", "already_here", "code_ambiguous", "too_often", "staff_needed", "scan_over", "day_closed", "wrong_status", "print_failed", "other_office"];
  for (const [language, words] of Object.entries(scan)) {
    assert.deepEqual(Object.keys(words).sort(), Object.keys(scan.ja).sort(), language);
    for (const s of states) assert.ok(words["state." + s], `${language} ${s}`);
    for (const c of codes) {
      const name = errorText(c, (n) => "error." + n in words);
      assert.notEqual(name, "other", c);
      assert.ok(words[`error.${name}`] && words[`error.${name}.do`], `${language} ${c}`);
    }
    for (const [k, text] of Object.entries(words)) assert.deepEqual(text.match(/\{\w+\}/g), scan.ja[k].match(/\{\w+\}/g), `${language} ${k}`);
  }
  assert.equal(errorText("unknown_code", () => true, true), "unknown_digits");
  assert.equal(errorText("no such code", () => false), "other");
});
