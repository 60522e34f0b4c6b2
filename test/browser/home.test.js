import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Server, browser, open, soon, until } from "./server.js";

const kyodo = { latitude: 35.6512, longitude: 139.6365 };
const pages = ["/", "/?q=ひっこし&sort=near&from=kyodo", "/go?matter=move-in&from=kyodo", "/matters", "/matters/move-out", "/offline"];

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  for (const office of ["km-setagaya", "km-kitazawa", "br-kyodo"]) await server.post(office + "/counters/3/open");
  await server.post("km-kitazawa/counters/9/open");
  for (let i = 0; i < 3; i++) await server.issue("br-kyodo");
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {import("playwright-core").Page} page */
const order = (page) => page.locator("#offices > li, #choices > li").evaluateAll((cards) => cards.map((card) => card.getAttribute("data-office") ?? ""));

test("where a visitor is sorts the offices and is sent to nobody", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: { width: 390, height: 844 } });
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation(kyodo);
  /** @type {string[]} */
  const sent = [];
  page.on("request", (request) => sent.push(request.url() + (request.postData() ?? "")));
  await page.goto(server.url + "/");
  await page.click("#near");
  await until(async () => (await order(page))[0] === "br-kyodo", async () => "the nearest office is not first: " + await order(page));
  assert.match((await page.locator('#offices > li:first-child [data-f="far"]').textContent()) ?? "", /0\.\dkm/);
  await page.goto(server.url + "/go?matter=move-in&by=bicycle");
  await page.locator("main[data-ready]").waitFor();
  const ways = page.locator("#choices > li:first-child [data-way]:visible");
  assert.equal(await ways.count(), 0, "a way is told from nowhere");
  const reasons = page.locator("#reasons p");
  await until(async () => { await page.click("#near"); return /着くまで/.test((await reasons.first().textContent()) ?? ""); }, () => "no comparison from here");
  const first = page.locator("#choices > li").first();
  assert.match((await reasons.first().textContent()) ?? "", new RegExp((await first.getAttribute("data-name")) ?? "?"));
  assert.match((await first.locator('[data-f="whole"]').textContent()) ?? "", /分/);
  assert.equal(await ways.count(), 2, "the way and the whole");
  assert.deepEqual(sent.filter((url) => /35\.65|139\.63/.test(url)), []);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the way to an office fits the narrowest screens", { timeout: 3 * soon }, async () => {
  const { page, context } = await open(chrome, { viewport: { width: 320, height: 700 } });
  for (const width of [320, 195]) {
    await page.setViewportSize({ width, height: 700 });
    for (const path of pages) {
      await page.goto(server.url + path);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${path} at ${width} px`);
    }
  }
  await context.close();
});

test("without script a resident finds the way by forms alone", { timeout: 3 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await page.goto(server.url + "/");
  await page.fill("#q", "赤ちゃんが生まれた");
  await page.press("#q", "Enter");
  assert.match((await page.locator("#chosen-title").textContent()) ?? "", /出生届/);
  assert.ok((await order(page)).every((office) => office.startsWith("km-")), "an office is listed that does not take births");
  await page.click(".chosen-links a:first-child");
  assert.match((await page.locator("#bring-title + ul").textContent()) ?? "", /母子健康手帳/);
  await page.click(".matter-offices a.button");
  await page.selectOption("#from", "kitazawa");
  await page.click(".go-form button[type=submit]");
  assert.equal((await order(page))[0], "km-kitazawa");
  assert.match((await page.locator("#reasons").textContent()) ?? "", /北沢総合支所/);
  await context.close();
});

// It stops the server, so it comes last.
test("the pages open without a server, say how old they are, and come back by themselves", { timeout: 5 * soon }, async () => {
  const { page, context } = await open(chrome, { viewport: { width: 390, height: 844 } });
  await page.goto(server.url + "/");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await until(() => page.evaluate(() => !!navigator.serviceWorker.controller), () => "the worker does not take the page over");
  await page.goto(server.url + "/");
  await server.down();
  await page.goto(server.url + "/");
  assert.match((await page.locator(".offline-mark").textContent()) ?? "", /通信できません。\d+分前/);
  assert.equal(await page.locator(".estimate dd").first().evaluate((dd) => getComputedStyle(dd).visibility), "hidden");
  assert.ok(await page.locator("#offices h3").first().isVisible());
  const other = await context.newPage();
  await other.goto(server.url + "/go"); // was never looked at
  assert.equal(await other.locator("h1").textContent(), "通信できません");
  const gateway = createServer((_, answer) => answer.writeHead(502).end("Bad Gateway")).listen(Number(new URL(server.url).port), "127.0.0.1");
  gateway.unref(); // a test that fails here is not to hang
  await once(gateway, "listening");
  await page.goto(server.url + "/");
  const marks = await page.locator(".offline-mark").count();
  gateway.close();
  gateway.closeAllConnections();
  await once(gateway, "close");
  assert.equal(marks, 1, "a gateway without its server");
  await server.up();
  await other.locator("main.go").waitFor();
  await page.locator("main.home").waitFor();
  await until(async () => (await page.locator(".offline-mark").count()) === 0, () => "the page stays as it was without a server");
  const kept = await page.evaluate(async () => {
    const names = await caches.keys(), urls = [];
    for (const name of names) for (const key of await (await caches.open(name)).keys()) urls.push(new URL(key.url).pathname);
    return urls;
  });
  assert.deepEqual(kept.filter((path) => /^\/(t|staff|api|manager|admin)\b/.test(path)), []);
  await context.close();
});
