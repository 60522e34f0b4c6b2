// Tests of the touch pages' pure modules: node --test kiosk/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { words } from "../internal/ui/assets/told.js";
import { Guard, rest, settle } from "./page/guard.js";
import { byName, fresh, lostAfter, pageOf, purposes, row, rowsHeld, services, shown, stopped, untouched, waits } from "./page/model.js";
import { languages, pick, say, texts } from "./page/words.js";

const readings = /\{fun\}/; // how 分 is read, where readings are written

for (const [area, words] of Object.entries(texts)) {
  test(`every language has the same texts of ${area}`, () => {
    const want = Object.keys(words.ja).sort();
    for (const [language] of languages) {
      assert.deepEqual(Object.keys(words[language]).sort(), want, language);
      for (const [key, text] of Object.entries(words[language])) {
        assert.deepEqual(text.replace(readings, "").match(/\{\w+\}/g)?.sort(), words.ja[key].match(/\{\w+\}/g)?.sort(), `${language} ${key}`);
      }
    }
  });
}

test("easy Japanese has a reading for every Chinese character", () => {
  for (const area of ["visit", "scan"]) { // the staff mode is for staff
    for (const [key, text] of Object.entries(texts[area]["ja-x-easy"])) {
      const bare = text.replace("{fun}", "ふん").replace(/[\p{Script=Han}々〆ヶ]+\([\p{Script=Hiragana}ー]+\)/gu, "");
      assert.doesNotMatch(bare, /\p{Script=Han}/u, `${area}.${key}: ${text}`);
    }
  }
});

test("a text is filled in, and falls back to Japanese", () => {
  assert.equal(say("en", "visit.waiting", { n: 3 }), "3 waiting");
  assert.equal(say("xx", "visit.back"), "もどる");
  assert.equal(say("en", "visit.no such text"), "visit.no such text");
  assert.equal(pick({ ja: "引越し", en: "Moving" }, "en"), "Moving");
  assert.equal(pick({ ja: "引越し" }, "ko"), "引越し");
  assert.equal(pick(undefined, "ko"), "");
});

/** @param {string} id @param {string} purpose @param {object} [more] @returns {import("./page/types.d.ts").Service} */
const service = (id, purpose, more = {}) => ({ id, purpose, name: { ja: id }, accepting: true, waiting: 0, ...more });

/** @type {import("./page/types.d.ts").Screen} */
const screen = {
  office: {}, ward: "", ready: true, online: true,
  purposes: [{ id: "moving", name: {} }, { id: "certificate", name: {} }, { id: "koseki", name: {} }, { id: "nobody offers this", name: {} }],
  services: [
    service("in", "moving", { waiting: 2, kana: "てんにゅう ひっこし", quote: { ahead: 2, low_minutes: 10, high_minutes: 20 } }),
    service("resident", "certificate", { waiting: 3, kana: "じゅうみんひょう", quote: { ahead: 3, low_minutes: 5, high_minutes: 10 } }),
    service("seal", "certificate", { waiting: 4, kana: "いんかんとうろく", quote: { ahead: 4, high_minutes: 25 } }),
    service("marriage", "koseki", { accepting: false, code: "outside_reception_hours", kana: "こんいん" }),
  ],
};

test("a purpose without an open service has no button", () => {
  assert.deepEqual(purposes(screen).map((p) => p.id), ["moving", "certificate"]);
  assert.deepEqual(services(screen, "certificate").map((s) => s.id), ["resident", "seal"]);
  assert.deepEqual(stopped(screen).map((s) => s.id), ["marriage"]);
  assert.deepEqual(stopped(screen, "moving"), []);
  assert.equal(services(screen).length, 3);
});

test("the wait of a purpose is that of its services, and is not known if one is not", () => {
  assert.deepEqual(waits(screen, "certificate"), { waiting: 7, low: 0, high: 25 });
  assert.deepEqual(waits(screen, "moving"), { waiting: 2, low: 10, high: 20 });
  const half = { ...screen, services: [...screen.services, service("x", "moving")] };
  assert.deepEqual(waits(half, "moving"), { waiting: 2, low: 0, high: 0 });
  assert.deepEqual(waits(screen, "koseki"), { waiting: 0, low: 0, high: 0 });
});

test("the list by name goes by the readings", () => {
  const name = (/** @type {import("./page/types.d.ts").Words} */ w) => w.ja;
  assert.deepEqual(byName(screen, name, "ja").map((s) => s.id), ["seal", "resident", "in"]);
  assert.deepEqual(byName(screen, name, "ja", "は").map((s) => s.id), ["in"], "moving is found under ひっこし too");
  assert.deepEqual(byName(screen, name, "en").map((s) => s.id), ["in", "resident", "seal"]);
  assert.deepEqual([...rowsHeld(screen)].sort(), ["あ", "さ", "た", "は"]);
});

for (const [sound, want] of [["あ", "あ"], ["ぎ", "か"], ["じゅ", "さ"], ["でん", "た"], ["ぱ", "は"], ["ボ", "は"], ["ゆ", "や"], ["ん", "わ"], ["を", "わ"], ["x", ""], ["", ""]]) {
  test(`the sound "${sound}" stands in the row "${want}"`, () => assert.equal(row(sound), want));
}

test("a long list has pages", () => {
  const list = [...Array(11).keys()];
  assert.deepEqual(pageOf(list, 0), { items: [0, 1, 2, 3, 4, 5, 6, 7], n: 0, of: 2 });
  assert.deepEqual(pageOf(list, 7), { items: [8, 9, 10], n: 1, of: 2 });
  assert.deepEqual(pageOf([], 3), { items: [], n: 0, of: 1 });
});

test("a wait is told in the words that all screens use", () => {
  const plain = (/** @type {string} */ text) => text.replace(/[\s\u200b]/g, "");
  for (const c of JSON.parse(readFileSync(new URL("../internal/told/testdata/told.json", import.meta.url), "utf8"))) {
    const { kind, ...values } = c.estimate ? words(c.estimate.low_seconds, c.estimate.high_seconds) : { kind: "unknown" };
    for (const lang of ["ja", "en", "zh", "ko"]) assert.equal(plain(say(lang, "visit." + kind, values)), plain(c[lang]), c.name);
    assert.equal(plain(say("ja-x-easy", "visit." + kind, values)).replaceAll(/分\((.+?)\)|早\((.+?)\)|長\((.+?)\)/g, "$1$2$3"), plain(c["ja-x-easy"]), c.name);
  }
});

/** @type {Record<string, import("./page/types.d.ts").Page>} */
const pages = { attract: { draw() {} }, service: { draw() {} }, ticket: { draw() {}, always: true } };
for (const [name, more, at, want] of /** @type {[string, object, string, string][]} */ ([
  ["an open machine shows the visitor's page", {}, "service", "service"],
  ["a page that nobody knows", {}, "dance", "attract"],
  ["no plan yet", { ready: false }, "service", "notReady"],
  ["barred", { barred: "store_copied" }, "service", "barred"],
  ["everything stopped", { services: [service("x", "y", { accepting: false })] }, "service", "closed"],
  ["silent for a while", { silent: 1_000 }, "service", "lost"],
  ["silent for a moment", { silent: 99_000 }, "service", "service"],
  ["a ticket stays, whatever happens", { ready: false, barred: "device_revoked", silent: 1 }, "ticket", "ticket"],
])) {
  test(`shown: ${name}`, () => {
    const state = { ...fresh(null), name: at, screen: { ...screen, ...more } };
    assert.equal(shown(state, pages, 1_000 + lostAfter + 1), want);
  });
}

test("a new visit takes over nothing but the machine's news", () => {
  const before = { ...fresh(null), screen, name: "ticket", props: { ticket: { number: "A001" } }, trail: [{ name: "service", props: {} }], language: "ko", visit: 7 };
  before.modes.large = true;
  const after = fresh(before);
  assert.ok(untouched(after));
  assert.ok(!untouched(before));
  assert.deepEqual([after.props, after.trail, after.screen, after.visit], [{}, [], screen, 7]);
  assert.notEqual(after.session, before.session);
});

/** A touch and its lifting, on a guard whose page is old. @param {Guard} g @param {number} at */
function tap(g, at, broad = false, id = 1) {
  g.press(id, broad, at);
  g.lift(id, at + 10);
  const meant = g.meant;
  g.clear();
  return meant;
}

test("of 20 taps a second one is meant", () => {
  const g = new Guard();
  assert.deepEqual([...Array(60).keys()].map((i) => tap(g, 1_000 + 50 * i)).filter(Boolean), [true]);
  assert.ok(tap(g, 1_000 + 50 * 60 + rest), "and the next one after a rest");
});

test("a tap on a page that is new is not meant", () => {
  const g = new Guard();
  g.page(1_000);
  assert.ok(!tap(g, 1_000 + settle - 1));
  assert.ok(tap(g, 1_000 + settle + rest + 10));
});

test("two fingers and a palm are not meant, until all are off", () => {
  const g = new Guard();
  g.press(1, false, 1_000);
  g.press(2, false, 1_100);
  g.lift(1, 1_200);
  assert.ok(!g.meant);
  g.clear();
  assert.ok(!g.meant, "one finger still lies there");
  g.lift(2, 1_300);
  g.clear();
  assert.ok(!tap(g, 3_000, true), "a palm");
  g.press(3, false, 5_000);
  g.grow(true);
  g.lift(3, 5_100);
  assert.ok(!g.meant, "a finger that became a palm");
  g.clear();
  assert.ok(tap(g, 7_000));
});
