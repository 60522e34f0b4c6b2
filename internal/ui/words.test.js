import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { told } from "./assets/told.js";
import { clock, hourMinute, nameIn, range, say } from "./assets/words.js";

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const languages = ["ja", "ja-x-easy", "en", "zh", "ko"];
/** @type {Record<string, Record<string, string>>} */
const texts = Object.fromEntries(languages.map((lang) => [lang, read(`texts/public/${lang}.json`)]));

test("a wait is told by the cases that the server follows", async (t) => {
  for (const c of read("../told/testdata/told.json")) {
    await t.test(c.name, () => {
      for (const lang of languages) assert.equal(range(texts[lang], c.estimate), c[lang]);
      if (c.estimate) assert.deepEqual(told(c.estimate.low_seconds, c.estimate.high_seconds), { kind: c.kind, low: c.low, high: c.high });
    });
  }
});

test("names are replaced, unknown keys shown", () => {
  assert.equal(say(texts.en, "label.counter", { n: 3 }), "Counter 3");
  assert.equal(say(texts.en, "no.such.key"), "no.such.key");
});

test("a name that is not translated is said in Japanese", () => {
  assert.equal(nameIn({ ja: "転入", en: "Moving" }, "en"), "Moving");
  assert.equal(nameIn({ ja: "転入", en: "" }, "en"), "転入");
  assert.equal(nameIn(null, "en"), "");
});

test("clocks are Japan's, wherever the browser is", () => {
  const at = Date.parse("2026-03-31T23:05:07Z");
  assert.equal(clock(at), "08:05:07");
  assert.equal(hourMinute(at), "08:05");
});
