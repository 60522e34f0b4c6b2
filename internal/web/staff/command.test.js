import assert from "node:assert/strict";
import { test } from "node:test";
import { body, checkIn, commandBody, countdown, meant, numberOf, watch } from "./command.js";
import { burst, empty, erased, released, typed } from "./entry.js";
import { actsOf, digitOf, keyLabel, keyName, keysOf, signOf, taken } from "./keys.js";

test("a form becomes a command's body", () => {
  const entries = /** @type {[string, string][]} */ ([
    ["idempotency_key", "k"], ["counter", "3"], ["outcome", ""], ["processing", "true"], ["quantity", "2"], ["note", "12"],
    ["services", "moving"], ["services", "seal"], ["numbers", "A001 A002"], ["served.moving", "2"], ["served.seal", "0"], ["expect", "A012"],
  ]);
  const want = { counter: "3", processing: true, quantity: 2, note: "12", services: ["moving", "seal"], numbers: ["A001", "A002"], served: [{ service: "moving", quantity: 2 }] };
  assert.deepEqual(body(entries), want);
  assert.equal(commandBody("tickets/A012/finish", entries).counter, "3");
  assert.equal("counter" in commandBody("counters/3/finish-and-call-next", entries), false);
});

test("a check-in is typed or scanned", () => {
  assert.deepEqual(body([["code", "１２３ ４５６"]]), { code: "123456" });
  assert.deepEqual(checkIn("123-456"), { code: "123456" });
  assert.deepEqual(checkIn("https://machi.example/t/abc-DEF_1?lang=en"), { secret: "abc-DEF_1" });
  assert.deepEqual(checkIn("ｈｔｔｐｓ：／／machi／t／abc"), { secret: "abc" });
  assert.deepEqual(checkIn("abc"), { secret: "abc" });
});

test("a command says which ticket it is about", () => {
  assert.equal(numberOf("tickets/K1-0001/start"), "K1-0001");
  assert.equal(numberOf("tickets"), "");
  assert.equal(numberOf("counters/3/call-next"), "");
});

test("a typed number means one ticket or none", () => {
  const known = ["A012", "B012", "A013", "K1-0007"];
  for (const [text, want] of [["a012", "A012"], ["12", ""], ["13", "A013"], ["０１３", "A013"], ["7", "K1-0007"], ["C099", "C099"], ["99", ""], ["hello", ""]]) {
    assert.equal(meant(text, known), want, text);
  }
});

const plain = { key: "", code: "", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, repeat: false, isComposing: false };

test("a key has the name of its place", async (t) => {
  const rows = [
    { name: "the space bar", press: { ...plain, key: " ", code: "Space" }, want: "Space" },
    { name: "a letter by its place, whatever its sign", press: { ...plain, key: "ち", code: "KeyU" }, want: "KeyU" },
    { name: "with a modifier another key", press: { ...plain, key: "r", code: "KeyR", ctrlKey: true }, want: "Ctrl+KeyR" },
    { name: "a resting hand", press: { ...plain, key: " ", code: "Space", repeat: true }, want: "" },
    { name: "text being composed", press: { ...plain, key: "a", code: "KeyA", isComposing: true }, want: "" },
    { name: "a modifier alone", press: { ...plain, key: "Shift", code: "ShiftLeft", shiftKey: true }, want: "" },
    { name: "a button of its own", press: { ...plain, key: "F13", code: "F13" }, want: "F13" },
    { name: "a media key without a place", press: { ...plain, key: "MediaPlayPause", code: "" }, want: "MediaPlayPause" },
    { name: "the pad's Enter", press: { ...plain, key: "Enter", code: "NumpadEnter" }, want: "Enter" },
  ];
  for (const row of rows) await t.test(row.name, () => assert.equal(keyName(row.press), row.want));
});

test("signs are read through an input method and without NumLock", () => {
  assert.equal(digitOf({ ...plain, key: "End", code: "Numpad1" }), "1");
  assert.equal(digitOf({ ...plain, key: "7", code: "Digit7" }), "7");
  assert.equal(signOf({ ...plain, key: "Process", code: "KeyH" }), "h");
  assert.equal(signOf({ ...plain, key: "Process", code: "KeyH", shiftKey: true }), "H");
  assert.equal(signOf({ ...plain, key: "Process", code: "Slash" }), "/");
  assert.equal(signOf({ ...plain, key: "_", code: "IntlRo", shiftKey: true }), "_");
  assert.equal(signOf({ ...plain, key: "F13", code: "F13" }), "");
});

const table = [
  { act: "main", scope: "counter", group: "", keys: ["Space", "NumpadAdd"] },
  { act: "recall", scope: "counter", group: "", keys: ["KeyR"] },
  { act: "back", scope: "card", group: "", keys: ["KeyR"] },
];

test("a key stands for an action of the scope that is open", () => {
  const keys = keysOf(table, { main: ["Space", "F13"] });
  assert.deepEqual(actsOf(table, keys, "F13", false), ["main"]);
  assert.deepEqual(actsOf(table, keys, "NumpadAdd", false), []);
  assert.deepEqual(actsOf(table, keys, "KeyR", false), ["recall"]);
  assert.deepEqual(actsOf(table, keys, "KeyR", true), ["back", "recall"]);
});

test("one key of a scope stands for one action", () => {
  const keys = keysOf(table, {});
  assert.equal(taken(table, keys, "recall", "Space"), "main");
  assert.equal(taken(table, keys, "recall", "KeyR"), "");
  assert.equal(taken(table, keys, "back", "Space"), "");
});

test("keys are written as people know them", () => {
  const texts = { "keyname.Space": "スペース" };
  for (const [name, want] of [["Space", "スペース"], ["KeyR", "R"], ["NumpadAdd", "＋"], ["Ctrl+Alt+KeyQ", "Ctrl+Alt+Q"], ["F13", "F13"], ["Slash", "/"]]) {
    assert.equal(keyLabel(name, texts), want);
  }
});

test("digits gather, a letter alone is a shortcut, a burst is a scanner", () => {
  let entry = typed(empty, "1", 0);
  entry = typed(entry, "2", 300);
  assert.equal(entry.text, "12");
  assert.equal(erased(entry).text, "1");
  entry = typed(empty, "h", 1000);
  assert.deepEqual([entry.text, entry.held], ["", "h"]);
  assert.deepEqual(released(entry).held, "");
  for (const [i, sign] of [..."ttps://x/t/aB_1"].entries()) entry = typed(entry, sign, 1000 + (i + 1) * (burst - 5));
  assert.deepEqual([entry.text, entry.held], ["https://x/t/aB_1", ""]);
  const slow = typed(typed(empty, "h", 0), "x", burst + 1);
  assert.deepEqual([slow.text, slow.held], ["", "x"]);
});

test("the countdown of undo ends with nothing", () => {
  assert.equal(countdown(60_000, 0), "1:00");
  assert.equal(countdown(42_500, 0), "0:42");
  assert.equal(countdown(900, 0), "");
  assert.equal(countdown(0, 5000), "");
  assert.equal(watch(187_400), "3:07");
  assert.equal(watch(-1), "0:00");
});
