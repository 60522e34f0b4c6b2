import assert from "node:assert/strict";
import { test } from "node:test";
import { meant } from "./scan.js";

test("a scan means the ticket whose page it names, a number itself", async () => {
  /** @type {string[]} */
  const asked = [];
  const ask = async (/** @type {string} */ path) => {
    asked.push(path);
    return path.endsWith("/abc") ? { office: "o", number: "A012" } : path.endsWith("/other") ? { office: "p", number: "A013" } : null;
  };
  for (const [text, want] of [
    ["https://machi.example/t/abc", "A012"], ["ｈｔｔｐｓ：／／machi.example／t／abc", "A012"], ["https://machi.example/t/other", ""], ["/t/gone", ""],
    [" a012 ", "a012"], ["１２", "12"], ["", ""],
  ]) assert.equal(await meant(text, "o", ask), want, text);
  assert.deepEqual(asked, ["/api/v1/tickets/abc", "/api/v1/tickets/abc", "/api/v1/tickets/other", "/api/v1/tickets/gone"]);
});
