import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server, browser, open, soon } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  server.token = await server.createToken("admin");
  await server.post("km-setagaya/counters/3/open");
  await server.issue("km-setagaya");
  await server.post("km-setagaya/counters/3/call-next");
  await server.post("km-setagaya/counters/3/undo");
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {import("playwright-core").Page} page */
async function check(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  assert.deepEqual(result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`), []);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, page.url() + " does not fit a phone");
  if (size) await page.setViewportSize(size);
}

test("an administrator adds a person, lets a helper in, ends a session and finds all of it", { timeout: 6 * soon }, async () => {
  const { page, context, complaints } = await open(chrome);
  await context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);

  await page.goto(server.url + "/admin");
  await page.click("details.make summary");
  await page.fill("details.make input[name=name]", "佐藤 花子");
  await page.fill("details.make input[name=login]", "h.sato");
  await page.selectOption("details.make select[name=role]", "reception");
  await page.selectOption("details.make select[name=office]", "km-setagaya");
  await check(page);
  await page.click("details.make button[type=submit]");
  assert.match(await page.locator(".slip").innerText(), /佐藤 花子[\s\S]*h\.sato/);
  await check(page);

  await page.goto(server.url + "/admin/helpers?office=km-setagaya");
  await check(page);
  await page.fill("input[name=name]", "応援 太郎");
  await page.click("form.big button");
  const slip = page.locator(".slip");
  assert.match(await slip.innerText(), /応援 太郎[\s\S]*窓口職員/);
  const login = await slip.locator("dd").first().innerText();
  const password = (await slip.locator(".slip-password").innerText()).replace(/\s/g, "");
  assert.equal(await page.locator("[data-print]").isVisible(), true);

  const helper = await fetch(server.url + "/staff/login", {
    method: "POST", headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" }, body: JSON.stringify({ login, password }),
  });
  assert.equal(helper.status, 200, await helper.text());
  const cookie = helper.headers.getSetCookie()[0].split(";")[0];
  const asHelper = () => fetch(server.url + "/api/v1/offices/km-setagaya/console?counter=3", { headers: { Cookie: cookie } });
  assert.equal((await asHelper()).status, 200);

  await page.goto(server.url + "/admin/sessions");
  await check(page);
  await page.locator("tr", { hasText: "応援 太郎" }).locator("button").click();
  await page.waitForSelector(".notice.good");
  assert.equal((await asHelper()).status, 401);

  await page.goto(server.url + "/admin/audit");
  await check(page);
  const trail = await page.locator("table.trail").innerText();
  for (const act of ["アカウントを作成", "応援職員を登録", "ログインを終了させた", "直前の操作を取り消し", "呼び出し"]) assert.ok(trail.includes(act), act + " is not found");
  await page.selectOption("select[name=action]", "undo");
  await page.click(".search-do button");
  await page.waitForURL(/action=undo/);
  assert.equal(await page.locator("table.trail tbody tr").count(), 1);
  assert.match(await page.locator("table.trail").innerText(), /A001/);
  await page.goto(server.url + "/admin?lang=en");
  await page.locator("details.more summary").first().click();
  await check(page);
  assert.deepEqual(complaints, []);
  await context.close();
});
