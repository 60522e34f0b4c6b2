import assert from "node:assert/strict";
import { test } from "node:test";
import { after, commandOf, to } from "./place.js";

test("the address keeps where the desk stands and forgets what was said", () => {
  const here = "/staff/o/desk?q=%E7%8A%AC&t=A012&id=x&did=note&about=A012";
  assert.equal(to(here, {}), "/staff/o/desk?q=%E7%8A%AC&t=A012&id=x");
  assert.equal(to(here, { t: "", id: "", issued: "B001" }), "/staff/o/desk?q=%E7%8A%AC&issued=B001");
  assert.equal(to("/staff/o/desk?problem=too_soon", {}), "/staff/o/desk");
  assert.equal(to("/staff/o/desk", { q: "引越し 子ども" }), "/staff/o/desk?" + new URLSearchParams({ q: "引越し 子ども" }));
});

test("a form's command is its path in the API", () => {
  assert.equal(commandOf("http://h/staff/o/desk/do/tickets/A012/merge?q=x&t=A012"), "tickets/A012/merge");
  assert.equal(commandOf("/staff/o/delivery/do/ready"), "ready");
});

test("the desk stands where the command led", () => {
  assert.deepEqual(after("tickets", { given: "A013" }), { issued: "A013", t: "", id: "", n: "" });
  assert.deepEqual(after("tickets/A012/merge", { number: "A012", into: " a011 " }), { t: "A011", id: "", n: "" });
  assert.deepEqual(after("tickets/A012/withdraw", { number: "A012" }), { t: "", id: "" });
  assert.deepEqual(after("tickets/A012/note", { number: "A012" }), {});
});
