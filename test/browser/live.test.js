import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, browser, open, signIn, soon, until } from "./server.js";

const office = "km-setagaya";
/** Every form in which a wait is told. */
const waits = /^(わかりません|—|まもなく（5分以内）|\d+分以内|約\d+〜\u200b?\d+分|約\d+分以上)$/;
/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  await server.post(`${office}/counters/3/open`);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

test("a resident's pages move when a ticket is issued and called", { timeout: 3 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  const list = await context.newPage();
  await page.goto(`${server.url}/offices/${office}`);
  await list.goto(server.url + "/");
  const { number, status_url: status } = await server.issue(office);
  const people = page.locator('[data-service="moving"] [data-f="waiting"]');
  await until(async () => (await people.textContent()) === "1人", () => "the waiting person is not shown");
  await until(async () => (await list.locator(`[data-office="${office}"] [data-f="waiting"]`).textContent()) === "1人", () => "the list does not move");
  for (const shown of [page, list]) { // redrawn by the browser, in the words of the server
    for (const wait of await shown.locator("[data-f=called], [data-f=until], [data-f=finished]").allTextContents()) assert.match(wait, waits);
  }

  const mine = await context.newPage();
  await mine.goto(new URL(new URL(status, server.url).pathname, server.url).href);
  assert.equal(await mine.locator(".mine-number").textContent(), number);
  await server.post(`${office}/counters/3/call-next`);
  await page.locator("#calls li", { hasText: number }).first().waitFor();
  await until(async () => (await people.textContent()) === "0人", () => "the called person still waits");
  await mine.locator("#ticket[data-state=called]").waitFor();
  assert.match((await mine.locator("#turn").textContent()) ?? "", /3番窓口へお越しください/);
  await server.post(`${office}/tickets/${number}/start`);
  await server.post(`${office}/tickets/${number}/finish`);
  await mine.locator("#ticket[data-state=done]").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a holder withdraws", { timeout: 2 * soon }, async () => {
  const { page, context } = await open(chrome);
  const { status_url: status } = await server.issue(office);
  await page.goto(new URL(new URL(status, server.url).pathname, server.url).href);
  await page.click("#withdraw summary");
  await page.click("#withdraw button");
  await page.locator("#ticket[data-state=withdrawn]").waitFor();
  await context.close();
});

test("a clerk checks in a holder, whose page then asks for nothing more", { timeout: 3 * soon }, async () => {
  const { page: mine, complaints, context } = await open(chrome);
  const home = await server.post(`${office}/tickets`, { service: "moving", channel: "web" });
  await mine.goto(server.url + new URL(home.status_url, server.url).pathname);
  await mine.locator(".check-in .qr").waitFor();
  const digits = ((await mine.locator(".check-in-code").textContent()) ?? "").replace(" ", "");
  assert.match(digits, /^[0-9]{6}$/);
  const console = await context.newPage();
  await signIn(console, server);
  await console.goto(`${server.url}/staff/${office}/3`);
  await console.locator(".rows .badge-away").waitFor();
  await console.keyboard.press("c");
  await console.keyboard.type("000000");
  await console.keyboard.press("Enter");
  await console.locator("#alert .notice", { hasText: "見つかりません" }).waitFor();
  await console.keyboard.press("c");
  await console.locator('[name="code"]').fill(digits);
  await console.keyboard.press("Enter");
  await console.locator("#alert .notice.good", { hasText: home.number }).waitFor();
  await until(async () => (await console.locator(".rows .badge-away").count()) === 0, () => "the line still shows the visitor as away");
  await until(async () => (await mine.locator(".check-in").count()) === 0, () => "the holder is still asked to check in");
  await mine.click("#later summary");
  await mine.click("#later button");
  await mine.locator("#turn", { hasText: "までお呼びしません" }).waitFor();
  await server.post(`${office}/tickets/${home.number}/withdraw`);
  assert.deepEqual(complaints.filter((c) => !c.includes("404")), []); // the wrong code's answer
  await context.close();
});

test("a manager makes an enrolment code, which is shown once", { timeout: 2 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  await signIn(page, server);
  await page.goto(`${server.url}/manager/${office}/machines`);
  await page.click('[data-key="code-K1"] summary');
  await page.click('[data-key="code-K1"] button');
  assert.match((await page.locator(".enrol-code").textContent()) ?? "", /^[0-9]{4} [0-9]{4}$/);
  await page.goto(`${server.url}/manager/${office}/machines`);
  assert.equal(await page.locator(".enrol-code").count(), 0);
  await page.fill('[name="pin"]', "471100");
  await page.click(".pin button");
  await page.locator(".notice.good").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a manager is told of a machine without paper and takes it over", { timeout: 3 * soon }, async () => {
  const admin = await server.createToken("admin");
  /** @param {string} paper */
  const report = async (paper) => {
    const body = JSON.stringify({ version: "1", printer: "ok", paper, link: "online", store: "ok", clock: "ok" });
    const answer = await fetch(`${server.url}/api/v1/offices/${office}/kiosks/K1/health`, {
      method: "POST", headers: { "Authorization": "Bearer " + admin, "Content-Type": "application/json", "Idempotency-Key": "paper-" + paper }, body,
    });
    assert.ok(answer.ok, await answer.text());
  };
  const { page, complaints, context } = await open(chrome);
  await signIn(page, server);
  await report("out");
  await page.goto(server.url + "/manager");
  const next = page.locator("#next .next", { hasText: "用紙切れ" });
  await next.waitFor(); // the page comes anew by itself
  await page.waitForFunction(() => document.title.startsWith("(1)")); // the module counts
  assert.equal(await page.locator("#places-alerts .places-count").textContent(), "1");
  await next.getByRole("button", { name: "対応する" }).click();
  await page.locator(".notice.good").waitFor();
  assert.equal(await page.locator("#next .next.calm").count(), 1);
  await page.goto(`${server.url}/manager/${office}`);
  assert.match(await page.locator(".alert-card.taken").innerText(), /browser test.*対応中/s);
  assert.deepEqual(await page.locator("#next :is(h2, h3)").evaluateAll((list) => list.map((h) => h.localName)), ["h2", "h3"]); // no level is left out
  await page.goto(server.url + "/manager/alerts");
  assert.equal(await page.locator(".alert-card", { hasText: "用紙切れ" }).count(), 1);
  await report("ok");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the wall announces calls one after another", { timeout: 3 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: { width: 1920, height: 1080 } });
  await page.goto(`${server.url}/signage/${office}`);
  await page.locator("body:not(.stale)").waitFor();
  await until(async () => (await page.locator("#clock").textContent())?.startsWith("10:") ?? false, () => "the clock does not show the rehearsal's time");
  await server.post(`${office}/counters/4/open`);
  const numbers = [(await server.issue(office)).number, (await server.issue(office)).number];
  await server.post(`${office}/counters/3/call-next`);
  await server.post(`${office}/counters/4/call-next`);
  const caption = page.locator("#caption");
  await until(async () => ((await caption.textContent()) ?? "").includes(numbers[0]), () => "the first call is not announced");
  await until(async () => ((await caption.textContent()) ?? "").includes(numbers[1]), () => "the second call is not announced");
  await until(async () => (await page.locator("#now.calling").count()) === 0, () => "the wall does not come to rest");
  assert.equal(await page.locator("#call [data-f=number]").textContent(), numbers[1]);
  assert.deepEqual(complaints, []);
  for (const [i, number] of numbers.entries()) {
    await server.post(`${office}/tickets/${number}/start`);
    await server.post(`${office}/tickets/${number}/finish`);
    if (i === 1) await server.post(`${office}/counters/4/close`);
  }
  await context.close();
});

test("colleagues see a call for help, and answer it", { timeout: 2 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  await signIn(page, server);
  await server.post(`${office}/counters/8/open`);
  await page.goto(`${server.url}/staff/${office}/8`);
  await page.locator(".big button:enabled", { hasText: "次の方を呼ぶ" }).waitFor();
  await page.keyboard.press("e");
  await page.locator("[data-key=help][open] input[name=text]").fill("通訳をお願いします");
  await page.locator("[data-key=help] button[type=submit]").click();
  const colleague = await context.newPage();
  await colleague.goto(`${server.url}/staff/${office}/9`);
  await colleague.locator(".call-for-help", { hasText: "通訳をお願いします" }).waitFor();
  await colleague.click(".call-for-help button");
  await colleague.locator(".call-for-help").waitFor({ state: "detached" });
  await page.locator(".call-for-help.answered", { hasText: "来ます" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("pages say that they are stale when the server is gone, and heal when it is back", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome);
  await page.goto(`${server.url}/offices/${office}`);
  const wall = await context.newPage();
  await wall.goto(`${server.url}/signage/${office}`);
  await until(async () => (await wall.evaluate(() => localStorage.length)) > 0, () => "the wall keeps nothing");
  const mine = await context.newPage();
  const held = await server.issue(office);
  await mine.goto(server.url + new URL(held.status_url, server.url).pathname);
  await mine.locator("main[data-ready=true]").waitFor();
  const clerk = await context.newPage();
  await signIn(clerk, server);
  await clerk.goto(`${server.url}/staff/${office}/3`);
  await clerk.locator(".big button:enabled", { hasText: "次の方を呼ぶ" }).waitFor();
  await page.locator("#link-mark").waitFor({ state: "hidden" });
  await server.down();
  await page.locator("#link-mark", { hasText: "通信が切れています" }).waitFor();
  await wall.locator("#stale-mark", { hasText: "通信が切れています" }).waitFor();
  await mine.locator("#link-mark", { hasText: "通信が切れています" }).waitFor();
  await clerk.locator(".big button:disabled").waitFor();
  await clerk.locator("#no-link", { hasText: "呼び出せません" }).waitFor();
  await server.up();
  await page.locator("#link-mark").waitFor({ state: "hidden" });
  await wall.locator("#stale-mark").waitFor({ state: "hidden" });
  await mine.locator("#link-mark").waitFor({ state: "hidden" });
  await server.post(`${office}/tickets/${held.number}/hold`, { reason: "確認" });
  await mine.locator("#ticket[data-state=held]").waitFor();
  await clerk.locator(".big button:enabled").waitFor();
  const { number } = await server.issue(office);
  await server.post(`${office}/counters/3/call-next`);
  await page.locator("#calls li", { hasText: number }).first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a wall that restarts without a network shows what it saw last", { timeout: 4 * soon }, async () => {
  const { page, context } = await open(chrome);
  await page.goto(`${server.url}/signage/${office}`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  // The worker sees the page's own files from the second visit on.
  await page.reload();
  await until(() => page.evaluate(async () => {
    const words = await caches.match(document.documentElement.dataset.texts ?? "", { ignoreVary: true });
    return Boolean(navigator.serviceWorker.controller && words) && localStorage.length > 0;
  }), () => "the wall keeps nothing");
  const number = await page.locator("#call [data-f=number]").textContent();
  await server.down();
  await page.reload();
  assert.equal(await page.locator("#call [data-f=number]").textContent(), number);
  await page.locator("#stale-mark", { hasText: "通信が切れています" }).waitFor();
  await server.up();
  await page.locator("#stale-mark").waitFor({ state: "hidden" });
  await context.close();
});
