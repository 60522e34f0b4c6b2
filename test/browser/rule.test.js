// A manager sets the calling rule: tries it on a day, puts it in force, takes it
// back. With and without the page's script.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser, open, Server, signIn, soon } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  await server.post(office + "/counters/3/open");
  const numbers = [];
  for (let i = 0; i < 3; i++) numbers.push((await server.issue(office)).number);
  for (const number of numbers) {
    await server.post(office + "/counters/3/call-next");
    await server.post(`${office}/tickets/${number}/finish`);
  }
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {import("playwright-core").Page} page */
async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
  assert.deepEqual(violations.map((/** @type {{id: string, nodes: object[]}} */ v) => [v.id, v.nodes]), []);
}

/** What the API says of the rule. */
async function rule() {
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/rule`, { headers: { Authorization: "Bearer " + server.token } });
  return answer.json();
}

test("a rule is tried on a day, put in force and taken back", async () => {
  const { context, page, complaints } = await open(chrome);
  await signIn(page, server);
  await page.goto(`${server.url}/manager/${office}/rule`);
  await page.locator("#rule-form input[type=range]").first().waitFor();
  await accessible(page);
  await page.fill("#f-ratio", "1");
  await page.fill("#f-max_wait_seconds", "0");
  await page.check("input[name=choose][value=nobody]");
  const said = await page.locator("#says li").allTextContents();
  await page.selectOption("select[name=date]", "2026-04-01");
  await page.click("button[value=try]");
  await page.locator(".rule-table").waitFor();
  assert.deepEqual(await page.locator("#says li").allTextContents(), said, "the page and its script say the same");
  await accessible(page);
  await page.fill("input[name=reason]", "昼の混雑");
  await page.click("button[value=set]");
  await page.locator(".notice.good").waitFor();
  const set = await rule();
  assert.deepEqual([set.rule.ratio, set.rule.max_wait_seconds, set.rule.choose, set.applied, set.changed.reason], [1, 0, "nobody", true, "昼の混雑"]);
  await page.click(".rule-history button[value=ask]");
  await page.locator(".differences").waitFor();
  await page.click("button[value=set]");
  await page.locator(".notice.good").waitFor();
  assert.equal((await rule()).in_force.ratio, 2);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("without script a manager does the same, and is told of another's change", async () => {
  const context = await chrome.newContext({ locale: "en-GB", javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);
  await page.goto(`${server.url}/manager/${office}/rule`);
  await page.fill("#f-ratio", "4");
  await page.click("button[value=ask]");
  const now = await rule();
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/rule`, {
    method: "PUT", body: JSON.stringify({ rule: { ...now.rule, ratio: 3 }, version: now.version }),
    headers: { "Authorization": "Bearer " + server.token, "Content-Type": "application/json", "Idempotency-Key": "another-manager" },
  });
  assert.equal(answer.status, 200);
  await page.click("button[value=set]");
  assert.match(await page.locator("[role=alert]").innerText(), /Another manager/);
  await page.click("button[value=set]");
  assert.equal((await rule()).in_force.ratio, 4);
  await context.close();
});
