import assert from "node:assert/strict";
import { test } from "node:test";
import { body, checkIn, countdown, shortcut } from "./command.js";

test("a form becomes a command's body", () => {
  const entries = /** @type {[string, string][]} */ ([
    ["idempotency_key", "k"], ["counter", "3"], ["outcome", ""], ["processing", "true"], ["quantity", "2"], ["note", "12"],
  ]);
  assert.deepEqual(body(entries), { counter: "3", processing: true, quantity: 2, note: "12" });
});

test("a check-in is typed or scanned", () => {
  assert.deepEqual(body([["code", "１２３ ４５６"]]), { code: "123456" });
  assert.deepEqual(checkIn("123-456"), { code: "123456" });
  assert.deepEqual(checkIn("https://machi.example/t/abc-DEF_1?lang=en"), { secret: "abc-DEF_1" });
  assert.deepEqual(checkIn("ｈｔｔｐｓ：／／machi／t／abc"), { secret: "abc" });
  assert.deepEqual(checkIn("abc"), { secret: "abc" });
});

test("a key stands for a command", async (t) => {
  const plain = { key: "", code: "", ctrlKey: false, altKey: false, metaKey: false, repeat: false, isComposing: false };
  const rows = [
    { name: "the space bar", press: { ...plain, key: " ", code: "Space" }, want: "Space" },
    { name: "a letter by its place, whatever its sign", press: { ...plain, key: "ち", code: "KeyU" }, want: "U" },
    { name: "the browser's own shortcut", press: { ...plain, key: "r", code: "KeyR", ctrlKey: true }, want: "" },
    { name: "a resting hand", press: { ...plain, key: " ", code: "Space", repeat: true }, want: "" },
    { name: "text being composed", press: { ...plain, key: "a", code: "KeyA", isComposing: true }, want: "" },
    { name: "a digit", press: { ...plain, key: "1", code: "Digit1" }, want: "" },
  ];
  for (const row of rows) await t.test(row.name, () => assert.equal(shortcut(row.press), row.want));
});

test("the countdown of undo ends with nothing", () => {
  assert.equal(countdown(60_000, 0), "1:00");
  assert.equal(countdown(42_500, 0), "0:42");
  assert.equal(countdown(900, 0), "");
  assert.equal(countdown(0, 5000), "");
});
