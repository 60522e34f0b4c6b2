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

/** What would run, or leave an element, wherever a text were taken for a page. */
const evil = `"'><img src=x data-evil onerror=evil()><svg onload=evil()>{{7*7}}</script><script>evil()</script>`;

test("nothing that a person can write becomes part of a page", { timeout: 6 * soon }, async () => {
  const office = "km-setagaya", at = server.url + "/staff/" + office;
  const { page, context, complaints } = await open(chrome);
  await context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);
  await page.addInitScript(() => { /** @type {any} */ (window).evil = () => { console.error("Content Security Policy: evil ran"); }; });

  const { number, secret } = await server.issue(office);
  const second = (await server.issue(office)).number, third = (await server.issue(office)).number;
  await server.post(`${office}/counters/3/open`, { staff: evil, take_over: true });
  await server.post(`${office}/tickets/${number}/call`, { counter: "3" });
  await server.post(`${office}/tickets/${number}/note`, { text: evil });
  await server.post(`${office}/counters/4/open`, { staff: evil });
  await server.post(`${office}/counters/4/ask-help`, { text: evil });
  await server.post(`${office}/tickets/${second}/call`, { counter: "4" });
  await server.post(`${office}/tickets/${second}/start`, { counter: "4" });
  await server.post(`${office}/tickets/${second}/hold`, { counter: "4", reason: evil, room: evil });
  await server.post(`${office}/tickets/${third}/note`, { text: evil });
  await server.post(`${office}/counters/11/open`, { staff: evil });
  await server.post(`${office}/counters/11/pause`, { reason: evil });
  await server.post(`${office}/services/seal/state`, { state: "paused", message: evil });
  const { login, password } = await server.post(office + "/helpers", { name: "応援 花子", role: "staff" });
  for (const tries of [{ login: evil, password: evil }, { login, password }]) {
    await fetch(server.url + "/staff/login", {
      method: "POST", headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox/" + evil }, body: JSON.stringify(tries),
    });
  }
  const rule = await (await fetch(`${server.url}/api/v1/offices/${office}/rule`, { headers: { Authorization: "Bearer " + server.token } })).json();
  const put = await fetch(`${server.url}/api/v1/offices/${office}/rule`, {
    method: "PUT", headers: { "Authorization": "Bearer " + server.token, "Content-Type": "application/json", "Idempotency-Key": "evil-rule" },
    body: JSON.stringify({ rule: { ...rule.rule, ratio: 2 }, reason: evil, version: rule.version }),
  });
  assert.equal(put.status, 200, await put.text());

  const said = encodeURIComponent(evil);
  for (const [path, shows] of /** @type {[string, boolean][]} */ ([ // whether the text itself stands there
    [`${at}/3?ticket=${third}`, true], [`${at}/3?problem=${said}&number=${said}&did=${said}`, true], [`${at}/4`, true], [`${at}/11`, true],
    [`${at}/desk?t=${third}&q=${said}&problem=unknown&about=${said}`, true], [`${at}/delivery?problem=unknown&about=${said}`, true], ["/manager", false], [`/manager/${office}`, true], ["/manager/alerts", false],
    ["/admin?q=" + said, true], ["/admin?problem=" + said, false], ["/admin/audit?q=" + said, true], ["/admin/sessions", false], ["/offices/" + office, true],
    ["/staff/me?problem=" + said + "&did=" + said, false], ["/staff/login?out=1&error=" + said + "&next=" + said, false], ["/staff/first?error=" + said, false],
  ])) {
    await page.goto(new URL(path, server.url).href);
    assert.equal(await page.locator("[data-evil]").count(), 0, path + " takes a text for a page");
    assert.equal((await page.locator("main").innerText()).includes("{{7*7}}") || (await page.locator(`main [value*="7*7"]`).count()) > 0, shows, path);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
