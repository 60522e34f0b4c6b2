// Tickets from home in real browsers: taken with and without script, checked in by
// phone with the code of the screen at the door, and called at the counter.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Server, browser, open, soon } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "machi-home-"));
  process.env.MACHI_CATALOG = join(folder, "offices.yaml");
  await writeFile(process.env.MACHI_CATALOG, `offices: [{id: ${office}, from_home: {enabled: true, check_in_by_sheet: true}}]\n`);
  server = await Server.start();
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const at = (/** @type {string} */ name) => `${server.url}/offices/${office}/${name}`;

/** @returns {Promise<{door_url: string, sheet_url: string, taken: number, came: number}>} */
const today = async () => (await fetch(`${server.url}/api/v1/offices/${office}/from-home/today`, { headers: { Authorization: "Bearer " + server.token } })).json();

/**
 * Takes a ticket as a resident does.
 * @param {import("playwright-core").Page} page
 */
async function take(page) {
  await page.goto(at("from-home"));
  await page.check("input[value=moving]");
  await page.click("#take button[type=submit]");
}

test("a ticket from the sofa to the counter", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, phone);
  let form = "";
  page.on("request", (r) => { if (r.method() === "POST") form = r.postData() ?? ""; });
  await take(page);
  await page.waitForURL(/\/t\//);
  assert.match(form, /proof=\d+/, "the work was not done");
  await page.goto(at("from-home"));
  const number = await page.textContent("#mine .number");

  const screen = await open(chrome, { viewport: { width: 1080, height: 1920 } });
  await screen.page.goto(new URL((await today()).door_url, server.url).href);
  const code = await (await screen.page.waitForSelector("main[data-code]")).getAttribute("data-code");
  await page.goto(at("arrive?code=" + code));
  await page.click("form button[type=submit]");
  await page.waitForURL(/\/t\//);
  assert.equal((await today()).came, 1);

  await server.post(office + "/counters/3/open");
  const called = await server.post(office + "/counters/3/call-next");
  assert.equal(called.ticket.number, number);
  assert.deepEqual([...complaints, ...screen.complaints], []);
  await context.close();
  await screen.context.close();
});

test("without script half of the places are open, and the sheet checks in", { timeout: 4 * soon }, async () => {
  const plain = /** @type {any} */ ({ ...phone, javaScriptEnabled: false });
  const first = await open(chrome, plain);
  await take(first.page);
  await first.page.waitForURL(/\/t\//);
  const others = [await open(chrome, plain), await open(chrome, plain)];
  for (const { page } of others) { // of three places two are open without script
    await take(page);
    await page.waitForURL(/\/t\/|problem=from_home_quota/);
  }
  assert.ok(await others[1].page.isVisible("p.notice[role=alert]"));

  await first.page.goto(at("arrive"));
  await first.page.fill("input[name=door]", "００００００");
  await first.page.click("form button[type=submit]");
  await first.page.waitForURL(/problem=door_code_wrong/);
  const { came } = await today();
  const sheet = new URL((await today()).sheet_url, server.url).searchParams.get("sheet");
  await first.page.goto(at("arrive?code=" + sheet));
  await first.page.click("form button[type=submit]");
  await first.page.waitForURL(/\/t\//);
  assert.equal((await today()).came, came + 1);
  await first.context.close();
  for (const { context } of others) await context.close();
});

test("the pages pass axe, on every width", { timeout: 4 * soon }, async (t) => {
  const { page, complaints, context } = await open(chrome);
  await context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);
  for (const path of ["from-home", "arrive", "door", "/developers", `/manager/${office}/from-home`]) {
    await t.test(path, async () => {
      await page.goto(path.startsWith("/") ? server.url + path : at(path));
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
        return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 300)}`);
      });
      assert.deepEqual(found, []);
      for (const width of path.startsWith("/manager") ? [360, 1366] : [195, 320, 1366]) {
        await page.setViewportSize({ width, height: 800 });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is wider than ${width} px`);
      }
    });
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
