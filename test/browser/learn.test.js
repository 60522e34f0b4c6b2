// Learning the counter: practice with pretend visitors, the card of keys, and the
// hints of a first morning.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, browser, open, signIn, until } from "./server.js";

const office = "km-setagaya";

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

test("practice begins at a form, says what to try next, and ticks what was done", async () => {
  const { page, complaints, context } = await open(chrome);
  await signIn(page, server);
  await page.goto(server.url + "/staff/practice");
  await page.selectOption("select[name=place]", `${office}/3`);
  await page.click("form[action='/staff/practice'] button");
  await page.waitForURL(/\/staff\/practice-[0-9a-f]+\/3$/);
  const strip = page.locator("#practice");
  await until(async () => (await strip.innerText()).includes("練習 0／14"), async () => `the strip says: ${await strip.innerText()}; the page loaded ${
    await page.evaluate(() => performance.getEntriesByType("resource").map((e) => `${new URL(e.name).pathname} ${Math.round(e.duration)} ms`).join(", "))}`);
  assert.match(await page.locator(".strip summary").innerText(), /窓口をひらく/);
  assert.match(await page.locator("body").innerText(), /訓練中/, "no page may be taken for the real one");
  for (const [from, done, next] of [["closed", "1", "次の方を呼ぶ"], ["idle|next", "2", "対応をはじめる"], ["called", "3", "対応を終わる"], ["serving", "4", "もう一度呼ぶ"]]) {
    // A button whose visitor has only just changed takes no press: one asks again, as people do.
    await until(async () => {
      const mode = (await page.locator("#work").getAttribute("data-mode")) ?? "";
      if (!from.split("|").includes(mode)) return true;
      if (await page.locator("main[aria-busy=false] .big button:enabled").count() > 0) await page.keyboard.press("Space");
      return false;
    }, () => "the big button does nothing");
    await page.locator(".strip", { hasText: `練習 ${done}／14` }).waitFor();
    assert.match(await page.locator(".strip summary").innerText(), new RegExp(next));
  }
  const real = await (await fetch(`${server.url}/api/v1/offices/${office}`)).json();
  assert.deepEqual(real.counters.filter((/** @type {{state: string}} */ c) => c.state !== "closed"), [], "a real counter was opened");
  await page.goto(server.url + "/staff/practice");
  assert.match(await page.locator("main").innerText(), /14個のうち4個/);
  await page.click("form[action='/staff/practice/end'] button");
  await until(async () => (await page.locator("progress").count()) === 0, () => "practice does not end");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the first hints stay until they are understood, and the card shows one's own keys", async () => {
  const { page, complaints, context } = await open(chrome);
  await signIn(page, server);
  await page.goto(`${server.url}/staff/${office}/4`);
  await page.locator(".strip summary").click();
  await page.getByRole("button", { name: "わかりました" }).click();
  assert.equal(await page.locator("#practice").innerText(), "");
  await page.reload();
  await page.locator(".big button").waitFor();
  assert.equal(await page.locator("#practice").innerText(), "");
  const person = await page.locator("main").getAttribute("data-person");
  await page.evaluate((name) => localStorage.setItem(name, JSON.stringify({ own: { recall: ["F13"] } })), "machi-console:" + person);
  await page.goto(server.url + "/staff/keys");
  await page.locator("kbd[data-action=recall]", { hasText: "F13" }).waitFor();
  assert.equal(await page.locator("kbd[data-action=undo]").innerText(), "U");
  assert.deepEqual(complaints, []);
  await context.close();
});
