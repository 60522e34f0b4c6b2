// The desks of the floor, as a floor manager with a tablet and the clerks of the
// delivery desk and the back office meet them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server, browser, open, signIn, soon, until } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";
const desk = `/staff/${office}/desk`;
const delivery = `/staff/${office}/delivery`;
const tablet = { width: 1024, height: 768 };

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  for (const counter of ["3", "11"]) await server.post(`${office}/counters/${counter}/open`);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {string} number */
async function ticket(number) {
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/tickets/${number}`, { headers: { Authorization: "Bearer " + server.token } });
  return (await answer.json()).ticket;
}

/** A visit whose papers the back office has. */
async function processing() {
  const { number } = await server.issue(office);
  await server.post(`${office}/tickets/${number}/call`, { counter: "3" });
  await server.post(`${office}/tickets/${number}/start`, { counter: "3" });
  await server.post(`${office}/tickets/${number}/finish`, { counter: "3", processing: true });
  return number;
}

test("a floor manager with a tablet: from a visitor's words to the ticket, and what comes after", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: tablet, hasTouch: true });
  await signIn(page, server);
  await page.goto(server.url + desk);
  const alert = page.locator("#alert .notice");

  await page.locator("#q").fill("引越し 子ども");
  await page.locator(".hit", { hasText: "児童手当" }).waitFor();
  assert.match((await page.locator(".hit").first().textContent()) ?? "", /転入届/);
  await page.locator(".hit").first().tap();
  await page.locator(".papers li", { hasText: "住民異動届" }).waitFor();
  await page.locator(".option", { hasText: "English" }).tap();
  await page.locator(".option", { hasText: "優先" }).tap();
  await page.locator(".give:enabled").tap();
  await page.locator(".issued .qr path").waitFor();
  const number = (await page.locator("#issued-number").textContent()) ?? "";
  const given = await ticket(number);
  assert.deepEqual([given.service, given.language, given.priority, given.channel], ["moving", "en", true, "reception"]);
  const href = (await page.locator(".issued .row a").first().getAttribute("href")) ?? "";
  assert.match(href, /slip\/A001\?matter=move-in&paper=en$/);

  // A second paper of the same visitor: found by half its number, made one.
  const double = (await server.issue(office, "certificate")).number;
  await page.locator("#n").fill("1");
  await page.locator(".row-ticket", { hasText: double }).tap();
  await page.locator("#ticket-title", { hasText: double }).waitFor();
  await page.locator('.acts [data-key="merge"] summary').tap();
  await page.locator("[name=into]").fill(number.toLowerCase());
  await page.locator('.acts [data-key="merge"] button').tap();
  await alert.filter({ hasText: number }).waitFor();
  await page.locator("#ticket-title", { hasText: number }).waitFor();
  assert.equal((await ticket(double)).state, "withdrawn");
  assert.deepEqual((await ticket(number)).further, ["certificate"]);

  // Set aside with the place where the visitor waits, and back.
  await page.locator('.acts [data-key="hold"] summary').tap();
  await page.locator("[name=room]").fill("記載台2");
  await page.locator('.acts [data-key="hold"] button').tap();
  await page.locator(".ticket .badge", { hasText: "記載台2" }).waitFor();
  await page.locator('.acts [data-key="resume"] button').tap();
  await page.locator(".ticket .state-waiting").waitFor();

  // Moved to another service, then given up; a refusal is said in words.
  await page.locator('.acts [data-key="transfer"] summary').tap();
  await page.locator('.acts [data-key="transfer"] [name=service]').selectOption("insurance");
  await page.locator('.acts [data-key="transfer"] button').tap();
  await alert.filter({ hasText: "移しました" }).waitFor();
  assert.equal((await ticket(number)).service, "insurance");
  await page.locator('.acts [data-key="merge"] summary').tap();
  await page.locator("[name=into]").fill("Z999");
  await page.locator('.acts [data-key="merge"] button').tap();
  await alert.filter({ hasText: "見つかりません" }).waitFor();
  await page.locator('.acts [data-key="withdraw"] summary').tap();
  await page.locator('.acts [data-key="withdraw"] button').tap();
  await until(async () => (await ticket(number)).state === "withdrawn", () => "the ticket was not withdrawn");
  await until(async () => (await page.locator(".ticket").count()) === 0, () => "the withdrawn ticket stays open");

  // A paper at the scanner, which types the address of its page.
  const paper = await server.issue(office);
  await page.locator("#n").fill(server.url + new URL(paper.status_url, server.url).pathname);
  await page.keyboard.press("Enter");
  await page.locator("#ticket-title", { hasText: paper.number }).waitFor();

  // A number taken at home: the six digits on the visitor's telephone.
  const home = await server.post(`${office}/tickets`, { service: "moving", channel: "web" });
  await page.locator(".check-in summary").tap();
  await page.locator("[name=code]").fill(home.check_in_code);
  await page.locator(".check-in button").tap();
  await alert.filter({ hasText: home.number }).waitFor();
  assert.ok(!(await ticket(home.number)).away);
  assert.deepEqual(complaints.filter((c) => !/40[49]/.test(c)), []);
  await context.close();
});

test("delivery by the keyboard: ready, several announced, handed over, no-show", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  const [first, second, third] = [await processing(), await processing(), await processing()];
  await signIn(page, server);
  await page.goto(server.url + delivery);
  const row = (/** @type {string} */ list, /** @type {string} */ number) => page.locator(`#${list} .cases li`, { hasText: number });
  const idle = () => page.locator("main[aria-busy=false]").waitFor();
  await row("processing", first).waitFor();
  assert.match((await page.locator("#processing .cases li").first().textContent()) ?? "", new RegExp(first), "the oldest case stands first");

  await page.keyboard.press("d");
  await page.keyboard.type(first);
  await page.keyboard.press("Enter");
  await row("ready", first).waitFor();
  await idle();
  for (const number of [second, third]) await row("processing", number).locator("[type=checkbox]").check();
  await page.locator("h1").click();
  await page.keyboard.press("r");
  await row("ready", third).waitFor();
  await idle();

  for (const number of [first, second]) await row("ready", number).locator("[type=checkbox]").check();
  await page.locator("[data-count]", { hasText: "選んだ2人に知らせる" }).waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("a");
  await row("announced", second).waitFor();
  await idle();
  const shown = (await (await fetch(`${server.url}/api/v1/offices/${office}`)).json()).calls.map((/** @type {any} */ c) => `${c.number}@${c.counter}`);
  for (const number of [first, second]) assert.ok(shown.includes(number + "@11"), `walls do not show ${number}: ${shown}`);
  await row("announced", first).locator("button", { hasText: "お渡し済み" }).click();
  await until(async () => (await ticket(first)).state === "done", () => "the papers were not handed over");

  await idle();
  await page.locator("#now button:enabled", { hasText: "次の方を呼ぶ" }).waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("Space");
  await page.locator(".at-number", { hasText: third }).waitFor();
  assert.equal((await ticket(second)).state, "waiting", "an announced number was called again");
  await idle();
  for (let calls = 1; (await page.locator(".at-number").count()) > 0; calls++) {
    assert.ok(calls < 6, "a no-show is never accepted");
    await page.locator("#now button:enabled", { hasText: "不在" }).click();
    await idle();
    if ((await ticket(third)).state === "no_show") break;
    await page.locator("#now button:enabled", { hasText: "もう一度" }).click();
    await idle();
  }
  await page.locator(".stack .rows li", { hasText: third }).locator("button", { hasText: "列に戻す" }).click();
  await row("ready", third).waitFor();
  assert.deepEqual(complaints.filter((c) => !/409/.test(c)), []);
  await context.close();
});

test("both desks work without script", { timeout: 3 * soon }, async () => {
  const context = await chrome.newContext({ locale: "ja-JP", viewport: tablet, javaScriptEnabled: false });
  await context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(soon);
  await page.goto(server.url + desk);
  await page.fill("#q", "ﾋﾂｺｼ");
  await page.click('[data-search="q"] button');
  await page.click(".hit >> nth=0");
  await page.click(".give");
  const number = (await page.locator("#issued-number").textContent()) ?? "";
  assert.equal((await ticket(number)).state, "waiting");
  await page.fill("#n", number);
  await page.click('[data-search="n"] button');
  await page.click(".row-ticket");
  await page.click('.acts [data-key="priority"] button');
  assert.match((await page.locator("#alert").textContent()) ?? "", /優先/);
  assert.equal((await ticket(number)).priority, true);
  const waiting = await processing();
  await page.goto(server.url + delivery);
  await page.fill("#ready-number", waiting);
  await page.click("#ready-form button");
  await page.check(`#ready input[value="${waiting}"]`);
  await page.click("#announce-form button");
  await page.locator("#announced", { hasText: waiting }).waitFor();
  await context.close();
});

test("every desk passes axe in both languages, and fits a phone", { timeout: 6 * soon }, async (t) => {
  const held = (await server.issue(office, "koseki")).number;
  await server.post(`${office}/tickets/${held}/hold`, { reason: "書類を記入中", room: "記載台2" });
  await processing();
  const q = (/** @type {Record<string, string>} */ parts) => "?" + new URLSearchParams(parts);
  const pages = {
    "reception, a search and a ticket": desk + q({ q: "引越し 子ども", t: held }),
    "a matter of another office": "/staff/br-kyodo/desk" + q({ matter: "marriage" }),
    "a ticket just given": desk + q({ issued: held, matter: "birth" }), "delivery": delivery,
    "a slip": `/staff/${office}/slip/${held}?matter=birth`,
  };
  for (const locale of ["ja-JP", "en-US"]) {
    const { page, complaints, context } = await open(chrome, { locale, viewport: { width: 360, height: 740 } });
    await signIn(page, server);
    for (const [name, path] of Object.entries(pages)) {
      if (locale === "en-US" && !name.includes("search")) continue;
      await t.test(`${name}, ${locale}`, async () => {
        await page.goto(server.url + path);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "too wide for a phone");
        await page.evaluate(axe);
        const result = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }));
        assert.deepEqual(result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`), []);
        assert.deepEqual(complaints, []);
      });
    }
    await context.close();
  }
});
