import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { colours, violations } from "./axe.js";
import { browser, open, soon, until } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const root = new URL("../../", import.meta.url).pathname;
const pages = ["/record", "/record/km-setagaya", "/record/br-futakotamagawa", "/record/mn-center", "/manager/km-setagaya/record", "/manager/mn-center/record"];

/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {import("node:child_process").ChildProcess} */
let preview;
let folder = "";
let url = "";

// The pages of a ward with a past, drawn by the program that shows them without a server.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "machi-preview-"));
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  url = `http://127.0.0.1:${address.port}`;
  await promisify(execFile)("go", ["build", "-o", join(folder, "preview"), "./test/browser/preview"], { cwd: root });
  preview = spawn(join(folder, "preview"), ["-rehearsal", "-listen", `127.0.0.1:${address.port}`], { stdio: "ignore" });
  chrome = await browser();
  await until(async () => (await fetch(url + "/record").catch(() => undefined))?.ok ?? false, () => "the preview does not answer");
});
after(async () => {
  await chrome?.close();
  if (preview && preview.exitCode === null) {
    preview.kill();
    await once(preview, "exit");
  }
  await rm(folder, { recursive: true, force: true });
});

test("the record is for everybody, on every screen", { timeout: 4 * soon }, async (t) => {
  const { page, complaints, context } = await open(chrome, { locale: "ja-JP" });
  for (const path of pages) {
    await t.test(path, async () => {
      await page.setViewportSize({ width: 1366, height: 768 });
      await page.goto(url + path);
      for (const more of await page.locator("summary").all()) await more.click();
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
        return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 300)}`);
      });
      assert.deepEqual(found, []);
      for (const width of [360, 640]) { // a phone, and 1280 px at 200 %
        await page.setViewportSize({ width, height: 700 });
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `too wide at ${width}`);
      }
    });
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

// What the server draws at a moment and what the module draws there must be one.
test("managers look back at closed days, with script and without", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { locale: "ja-JP" });
  for (const path of ["/manager/history?span=quarter", "/manager/km-setagaya/replay?date=2026-03-31&at=09:30"]) {
    await page.goto(url + path);
    await page.waitForFunction(() => document.querySelector("main")?.getAttribute("aria-busy") !== "true");
    for (const more of await page.locator("main summary").all()) await more.click();
    const found = await violations(page);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual([...found, ...(await violations(page, colours))], [], path);
    await page.emulateMedia({ colorScheme: "light" });
    for (const width of [360, 640]) {
      await page.setViewportSize({ width, height: 700 });
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${path}: too wide at ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  const plain = await chrome.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
  plain.setDefaultTimeout(soon);
  const still = await plain.newPage();
  const shown = (/** @type {import("playwright-core").Page} */ p) => Promise.all(["#clock time", ".scrub-sums", "#calls", "#lines tbody", "#counters"].map((part) => p.locator(part).innerText()));
  await still.goto(url + "/manager/km-setagaya/replay?date=2026-03-31&at=11:02");
  await page.locator("#scrub").focus();
  for (let minutes = 92; minutes > 0; minutes -= minutes >= 30 ? 30 : 1) await page.keyboard.press(minutes >= 30 ? "PageUp" : "ArrowRight");
  assert.deepEqual(await shown(page), await shown(still));
  assert.match(page.url(), /at=11%3A02$/);
  await Promise.all([still.waitForURL(/at=11(:|%3A)32/), still.click("text=30分後")]);
  await page.click("text=30分後");
  assert.equal(await page.locator("#clock time").innerText(), "11:32");
  assert.deepEqual(await shown(page), await shown(still));
  await page.click("#play");
  await page.waitForFunction(() => document.querySelector("#clock time")?.textContent !== "11:32");
  await page.click("#play");
  assert.equal(await page.locator("#play").innerText(), "再生");
  assert.deepEqual(complaints, []);
  await Promise.all([plain.close(), context.close()]);
});

test("the record is whole without script, and in the visitor's language", { timeout: 2 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "ko-KR", viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await page.goto(url + "/offices/km-setagaya");
  await page.click(".past a");
  assert.equal(await page.locator("html").getAttribute("lang"), "ko");
  assert.equal(await page.locator(".dots > :not(title)").count(), 100);
  const chart = await page.locator(".bands .on-kept").allTextContents();
  const table = await page.locator(".twins tbody td:nth-child(3)").allTextContents();
  assert.deepEqual(chart, table.slice(0, chart.length));
  assert.match((await page.locator(".rehearsal").textContent()) ?? "", /훈련/);
  await page.click("text=English");
  assert.match((await page.locator("h2.say").textContent()) ?? "", /^Of the last 200 people we told a waiting time, \d+% were called within it\.$/);
  await context.close();
});
