// Tests of the touch pages' pure modules: node --test kiosk/
import assert from "node:assert/strict";
import { test } from "node:test";
import { act, purposes, services, start, waiting } from "./page/model.js";
import { languages, pick, say, words } from "./page/words.js";

test("every language has the same texts", () => {
  const want = Object.keys(words.ja).sort();
  for (const [language] of languages) {
    assert.deepEqual(Object.keys(words[language]).sort(), want, language);
    for (const [key, text] of Object.entries(words[language])) {
      assert.deepEqual(text.match(/\{\w+\}/g), words.ja[key].match(/\{\w+\}/g), `${language} ${key}`);
    }
  }
});

test("a text is filled in, and falls back to Japanese", () => {
  assert.equal(say("en", "waiting", { n: 3 }), "3 waiting");
  assert.equal(say("xx", "back"), "もどる");
  assert.equal(say("en", "no such text"), "no such text");
  assert.equal(pick({ ja: "引越し", en: "Moving" }, "en"), "Moving");
  assert.equal(pick({ ja: "引越し" }, "ko"), "引越し");
  assert.equal(pick(undefined, "ko"), "");
});

const screen = {
  purposes: [{ id: "moving" }, { id: "certificate" }, { id: "nobody offers this" }],
  services: [
    { id: "in", purpose: "moving", waiting: 2 },
    { id: "resident", purpose: "certificate", waiting: 3 }, { id: "seal", purpose: "certificate", waiting: 4 },
  ],
};

test("purposes are those with a service here", () => {
  assert.deepEqual(purposes(screen).map((p) => p.id), ["moving", "certificate"]);
  assert.deepEqual(purposes({ services: screen.services }), []);
  assert.deepEqual(services(screen, "certificate").map((s) => s.id), ["resident", "seal"]);
  assert.equal(services(screen, "").length, 3);
  assert.equal(waiting(screen, "certificate"), 7);
});

const moves = [
  ["from purpose to its services", { view: "purpose" }, "purpose", "moving", { view: "service", purpose: "moving" }],
  ["from service to the question", { view: "service", purpose: "moving" }, "service", "in", { view: "confirm", service: "in" }],
  ["back to the services of a purpose", { view: "confirm", purpose: "moving", service: "in" }, "back", undefined, { view: "service", service: "" }],
  ["back to the purposes", { view: "confirm", purpose: "", service: "in" }, "back", undefined, { view: "purpose", service: "" }],
  ["back from the services", { view: "service", purpose: "moving" }, "back", undefined, { view: "purpose" }],
  ["the press", { view: "confirm" }, "take", undefined, { view: "making" }],
  ["a ticket", { view: "making" }, "ticket", { state: "printing", number: "A001" }, { view: "ticket" }],
  ["a ticket whose paper failed", { view: "making" }, "ticket", { state: "failed", code: "printer", number: "A001" }, { view: "ticket" }],
  ["a refusal", { view: "making" }, "ticket", { state: "refused", code: "office_full" }, { view: "refused" }],
  ["another language", { view: "confirm" }, "language", "en", { view: "confirm", language: "en" }],
  ["what nobody knows", { view: "confirm" }, "dance", undefined, { view: "confirm" }],
];

for (const [name, from, verb, value, want] of moves) {
  test(`move: ${name}`, () => {
    const at = act({ ...start("session"), ...from }, verb, value);
    for (const [key, wanted] of Object.entries(want)) assert.equal(at[key], wanted, key);
    assert.equal(at.session, "session");
  });
}
