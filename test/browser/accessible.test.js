import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server, browser, open, signIn, soon } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {Record<string, string>} */
const pages = {};

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  await fill();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** A morning in little: people wait, are called, are served, are set aside. */
async function fill() {
  for (const counter of ["3", "4", "5"]) await server.post(`${office}/counters/${counter}/open`);
  const tickets = [];
  for (let i = 0; i < 6; i++) tickets.push(await server.issue(office));
  for (const counter of ["3", "4", "5"]) await server.post(`${office}/counters/${counter}/call-next`);
  await server.post(`${office}/tickets/${tickets[1].number}/start`);
  await server.post(`${office}/tickets/${tickets[2].number}/start`);
  await server.post(`${office}/tickets/${tickets[2].number}/hold`, { reason: "書類を記入中" });
  await server.post(`${office}/counters/5/ask-help`, { text: "応援をお願いします" });
  /** @param {{status_url: string}} ticket */
  const path = (ticket) => new URL(ticket.status_url, server.url).pathname;
  Object.assign(pages, {
    "all offices": "/", "one purpose": "/?for=moving", "one office": `/offices/${office}`,
    "a ticket that waits": path(tickets[5]), "a ticket that is called": path(tickets[0]), "a ticket that is served": path(tickets[1]),
    "nothing there": "/t/nothing", "the wall": `/signage/${office}`, "the sign-in": "/staff/login",
    "the offices to work at": "/staff", "the counters": `/staff/${office}`, "a free counter": `/staff/${office}/5`,
    "a counter that called": `/staff/${office}/3`, "a counter that serves": `/staff/${office}/4`,
    "a closed counter": `/staff/${office}/8`, "the practice": "/staff/practice", "the card of keys": "/staff/keys", "the overview": "/manager", "the machines": `/manager/${office}/machines`,
    "a ticket set aside": path(tickets[2]), "what a holder is told of": path(tickets[5]) + "/tell", "the tickets of a family": "/family",
    "a ticket from home": path(await server.post(`${office}/tickets`, { service: "moving", channel: "web" })),
  });
}

for (const [lang, locale] of [["ja", "ja-JP"], ["en", "en-US"]]) {
  test(`every page in ${lang} passes axe and breaks no policy`, { timeout: 6 * soon }, async (t) => {
    const { page, complaints, context } = await open(chrome, { locale });
    await signIn(page, server);
    for (const [name, path] of Object.entries(pages)) {
      await t.test(name, async () => {
        await page.goto(server.url + path);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await page.evaluate(axe);
        const result = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }));
        const found = result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`);
        assert.deepEqual(found, []);
        assert.deepEqual(complaints, []);
      });
    }
    await context.close();
  });
}

test("every page fits a phone, also at twice the letters", { timeout: 4 * soon }, async (t) => {
  const { page, context } = await open(chrome, { viewport: { width: 360, height: 740 } });
  await signIn(page, server);
  for (const [name, path] of Object.entries(pages)) {
    if (name === "the wall") continue; // it is made for one size of screen
    await t.test(name, async () => {
      await page.goto(server.url + path);
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok((await overflow()) <= 0, `${await overflow()} px too wide`);
    });
  }
  // 200 % zoom of a 1280 px window is a 640 px window.
  await page.setViewportSize({ width: 640, height: 400 });
  for (const name of ["all offices", "one office", "a free counter", "the overview"]) {
    await t.test(name + " at 200 %", async () => {
      await page.goto(server.url + pages[name]);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    });
  }
  await context.close();
});

test("residents' pages are complete without script", { timeout: 2 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await page.goto(server.url + "/");
  assert.match((await page.locator(`[data-office="${office}"]`).textContent()) ?? "", /呼ばれるまで/);
  await page.click(`[data-office="${office}"] h3 a`);
  assert.equal(await page.locator("#calls li").count(), 3);
  await page.click("text=English");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.click("text=Back to all offices");
  assert.equal(await page.locator("html").getAttribute("lang"), "en", "the choice is not remembered");
  await context.close();
});
