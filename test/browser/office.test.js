import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server, browser, open, soon } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {import("node:http").Server} somebody else's site */
let foreign;
let site = "";

before(async () => {
  [server, chrome] = await Promise.all([Server.start("--speed", "30"), browser()]);
  foreign = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html; charset=utf-8");
    answer.end(`<!doctype html><html lang="en"><title>Our street</title><main><h1>Our street</h1>
<office-congestion id="a" office="km-setagaya" lang="en"></office-congestion>
<office-congestion id="b" office="km-setagaya" lang="ko" theme="dark"></office-congestion>
<office-congestion id="c" office="nowhere"></office-congestion>
<noscript><a href="${server.url}/offices/km-setagaya">Waiting times</a></noscript>
<iframe id="framed" title="waiting times" src="${server.url}/widget/km-setagaya?lang=en"></iframe>
<iframe id="refused" title="refused" src="${server.url}/offices/km-setagaya?lang=en"></iframe>
</main><script src="${server.url}/widget.js" async></script>`);
  }).listen(0, "127.0.0.1");
  await once(foreign, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (foreign.address());
  site = `http://localhost:${address.port}/`;
  for (const service of ["moving", "moving", "certificate"]) await server.issue("km-setagaya", service);
});
after(async () => {
  await chrome?.close();
  foreign?.close();
  await server?.stop();
});

/**
 * @param {import("playwright-core").Page} page
 * @param {string} where
 */
async function check(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 300)}`);
  });
  assert.deepEqual(found, [], where);
}

test("an office's page and what others embed of it fit a phone and twice the letters", { timeout: 2 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  for (const path of ["/offices/km-setagaya", "/embed?office=km-setagaya"]) {
    await page.goto(server.url + path);
    for (const more of await page.locator("main summary").all()) await more.click();
    for (const width of [320, 640]) {
      await page.setViewportSize({ width, height: 700 });
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${path}: too wide at ${width}`);
    }
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a choice of service is drawn by the server, and the page follows the queue", { timeout: 2 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  await page.goto(server.url + "/offices/km-setagaya");
  const waiting = page.locator('[data-service="moving"] [data-f="waiting"]');
  const before = Number((await waiting.textContent())?.match(/\d+/)?.[0]);
  await server.issue("km-setagaya", "moving");
  await page.waitForFunction((n) => document.querySelector('[data-service="moving"] [data-f="waiting"]')?.textContent === `${n}人`, before + 1);
  await page.locator("#day .chart .line").waitFor({ state: "attached" }); // flat as long as nobody more waits
  await page.selectOption("#day-service", "moving");
  await page.waitForFunction(() => /転入/.test(document.querySelector("#day svg title")?.textContent ?? ""));
  assert.match(page.url(), /service=moving/);
  await page.waitForFunction((n) => document.querySelector(".day-now")?.textContent?.includes(` に ${n}人`), before + 1);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the page is whole without script", { timeout: 2 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "en-GB", viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await page.goto(server.url + "/offices/km-setagaya");
  assert.ok(await page.locator("#hours-title").isVisible());
  assert.equal(await page.locator("[data-service]").count(), 11);
  await page.goto(server.url + "/embed?office=km-setagaya&in=en");
  assert.match((await page.locator("#element-code").textContent()) ?? "", /<office-congestion office="km-setagaya" lang="en"><\/office-congestion>/);
  await page.goto(site);
  assert.ok(await page.locator("noscript a").count() || await page.getByText("Waiting times").isVisible());
  await context.close();
});

test("another site shows an office, in a frame or as an element, and learns nothing of its readers", { timeout: 2 * soon }, async () => {
  const { page, context } = await open(chrome, { locale: "en-GB" });
  await page.goto(site);
  const shown = (/** @type {string} */ id) => page.waitForFunction((wanted) => {
    const text = document.getElementById(wanted)?.shadowRoot?.textContent ?? "";
    return /\d/.test(text) || wanted === "c" && text ? text : "";
  }, id).then((handle) => handle.jsonValue());
  assert.match(await shown("a"), /Rehearsal.*Setagaya General Branch Office.*People waiting [1-9]/s);
  assert.match(await shown("b"), /세타가야/);
  assert.match(await shown("c"), /Not available now/);
  assert.equal(await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.getElementById("b")?.shadowRoot?.querySelector("div"))).backgroundColor), "rgb(27, 34, 43)");
  assert.equal(await page.evaluate(() => document.getElementById("a")?.shadowRoot?.querySelector("a")?.href), server.url + "/offices/km-setagaya?lang=en");

  await page.frameLocator("#framed").locator(".widget h1").waitFor();
  assert.match((await page.frameLocator("#framed").locator(".widget").textContent()) ?? "", /Setagaya General Branch Office/);
  assert.equal(await page.frameLocator("#refused").locator("h1").filter({ hasText: "Setagaya" }).count(), 0);
  assert.deepEqual(await context.cookies(server.url), []);

  await page.evaluate(() => document.getElementById("a")?.setAttribute("lang", "ja"));
  await page.waitForFunction(() => /世田谷総合支所/.test(document.getElementById("a")?.shadowRoot?.textContent ?? ""));
  await check(page, "the other site");
  await context.close();
});

test("a frame that is no more drawn says that it is old", { timeout: 2 * soon }, async () => {
  const { page, context } = await open(chrome);
  await page.clock.install();
  await page.goto(server.url + "/widget/km-setagaya");
  await page.waitForSelector("html.scripted");
  assert.equal(await page.isVisible("#stale"), false);
  await page.route("**/widget/**", (route) => route.abort());
  for (let i = 0; i < 4; i++) await page.clock.runFor(30_000);
  await page.waitForSelector("#stale:not([hidden])");
  await page.unroute("**/widget/**");
  await page.clock.runFor(30_000);
  await page.waitForSelector("#stale[hidden]", { state: "attached" });
  await context.close();
});
