import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

process.env.MACHI_PUSH_SUBJECT = "https://city.example"; // so that there is a way to be told
const { Server, browser, open, signIn, soon, until } = await import("./server.js");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";

/** @type {import("./server.js").Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  for (const counter of ["3", "4"]) await server.post(`${office}/counters/${counter}/open`);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {{status_url: string}} ticket */
const address = (ticket) => server.url + new URL(ticket.status_url, server.url).pathname;

/**
 * What a page does to a phone that a test cannot feel or hear.
 * @param {import("playwright-core").Page} page
 */
async function feel(page) {
  await page.addInitScript(() => {
    const w = /** @type {any} */ (window);
    w.felt = [];
    w.heard = [];
    navigator.vibrate = (pattern) => { w.felt.push(pattern); return true; };
    addEventListener("DOMContentLoaded", () => {
      for (const id of ["say-now", "say"]) {
        const region = document.getElementById(id);
        if (region) new MutationObserver(() => { if (region.textContent) w.heard.push(id + ": " + region.textContent); }).observe(region, { childList: true });
      }
    });
  });
}

/** @param {import("playwright-core").Page} page */
const heard = (page) => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (window).heard));

/** @param {import("playwright-core").Page} page */
async function flawless(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 300)}`), []);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "wider than the screen");
}

const phone = { width: 320, height: 640 };

test("a call is seen, felt, and said once, and again when it is repeated", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: phone });
  await feel(page);
  const ticket = await server.issue(office);
  await page.goto(address(ticket));
  await page.locator("main[data-ready=true]").waitFor();
  await page.click("#sound");
  assert.equal(await page.locator("#sound").getAttribute("aria-pressed"), "true");
  await server.post(`${office}/counters/3/call-next`);
  await page.locator("#flash").waitFor();
  assert.match((await page.locator("#flash").textContent()) ?? "", new RegExp(`${ticket.number}.*3番窓口`));
  const called = () => heard(page).then((all) => all.filter((text) => text.startsWith("say-now")));
  await until(async () => (await called()).length === 1, () => "the call is not said");
  assert.match((await called())[0], new RegExp(`${ticket.number}番の方、3番窓口へお越しください`));
  assert.ok((await page.evaluate(() => /** @type {any} */ (window).felt.length)) >= 2, "the call is not felt");
  assert.match(await page.title(), /^● .*3番窓口/);
  await page.click("#flash");
  await page.locator("#flash").waitFor({ state: "hidden" });
  const { number: another } = await server.issue(office); // the board moves, the call stays
  await server.post(`${office}/tickets/${another}/withdraw`);
  await server.post(`${office}/tickets/${ticket.number}/recall`, { counter: "3" });
  await until(async () => (await called()).length === 2, () => "the repeated call is not said");
  assert.match((await called())[1], /もう一度お呼びしています/);
  await page.keyboard.press("Escape");
  await page.locator("#flash").waitFor({ state: "hidden" });
  await server.post(`${office}/tickets/${ticket.number}/start`);
  await page.locator("#ticket[data-state=serving]").waitFor();
  await until(async () => (await heard(page)).some((text) => text === "say: ご案内中です"), () => "nobody is told quietly that the talk began");
  assert.equal((await called()).length, 2);
  await server.post(`${office}/tickets/${ticket.number}/finish`);
  await page.locator(".faces").waitFor();
  await flawless(page);
  await page.click(".faces button[value=good]");
  await page.locator(".notice.good", { hasText: "ありがとうございました" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a family's tickets stand on one page, and the server never hears of them together", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: phone });
  /** @type {string[]} */
  const asked = [];
  context.on("request", (request) => asked.push(request.url()));
  const [one, two] = [await server.issue(office), await server.issue(office)];
  await page.goto(address(one));
  await page.click("#family");
  await page.waitForURL((url) => url.pathname === "/family" && url.hash === "");
  await page.locator("main[data-ready=true]").waitFor();
  await page.locator("#tickets", { hasText: one.number }).waitFor();
  await page.click("#add summary");
  await page.fill("#link", "https://machi.example/t/x");
  await page.click("#add-form button");
  await page.locator("#add-problem").waitFor();
  await page.fill("#link", address(two));
  await page.click("#add-form button");
  await page.locator("#tickets", { hasText: two.number }).waitFor();
  await page.reload();
  await until(async () => (await page.locator("#tickets > li").count()) === 2, () => "the device has forgotten a ticket");
  await server.post(`${office}/counters/4/call-next`);
  await page.locator("#flash").waitFor();
  await page.click("#flash");
  await page.locator("#tickets .state-called").waitFor();
  await flawless(page);
  const link = await page.locator("#shared").inputValue();
  const other = await open(chrome, { viewport: phone });
  await other.page.goto(link);
  await until(async () => (await other.page.locator("#tickets > li").count()) === 2, () => "the link brings no tickets");
  assert.equal(new URL(other.page.url()).hash, "");
  const secrets = [one, two].map((ticket) => address(ticket).split("/t/")[1]);
  assert.deepEqual(asked.filter((url) => secrets.every((secret) => url.includes(secret))), []);
  await page.locator("#tickets > li", { hasText: two.number }).locator("button").click();
  await until(async () => (await page.locator("#tickets > li").count()) === 1, () => "a ticket cannot be taken off");
  assert.deepEqual(complaints, []);
  await context.close();
  await other.context.close();
});

test("a holder's page is complete without script", { timeout: 3 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "en-US", viewport: { width: 195, height: 400 } });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  const ticket = await server.issue(office);
  await page.goto(address(ticket));
  assert.equal(await page.locator('noscript meta[http-equiv="refresh"]').count(), 1);
  await page.click('main noscript a[href$="?still=1"]');
  assert.equal(await page.locator('noscript meta[http-equiv="refresh"]').count(), 0);
  await page.click("#later summary");
  await page.click("#later button");
  await page.locator(".mine-words", { hasText: "not called before" }).waitFor();
  await page.click("text=I am back");
  await page.locator(".notice.good", { hasText: "Welcome back" }).waitFor();
  await page.click("text=Tell me when my turn is near");
  await page.locator("h1", { hasText: "Tell me" }).waitFor();
  assert.equal(await page.locator("#push-form:visible").count(), 0);
  await page.click(".back a");
  await page.click("#withdraw summary");
  await page.click("#withdraw button");
  await page.locator("#ticket[data-state=withdrawn]").waitFor();
  await page.goto(server.url + "/family");
  assert.match((await page.locator("main noscript").textContent()) ?? "", /needs script/);
  await context.close();
});

test("the worker shows what is told, and opens the ticket", { timeout: 3 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: phone });
  await context.grantPermissions(["notifications"], { origin: server.url });
  const ticket = await server.issue(office);
  await page.goto(address(ticket) + "/tell");
  await page.locator("main[data-ready=true]").waitFor();
  await page.locator("#push-form").waitFor();
  assert.match((await page.locator("main").getAttribute("data-push")) ?? "", /^[A-Za-z0-9_-]{80,}$/);
  await flawless(page);
  await page.evaluate(() => navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready));
  const devtools = await context.newCDPSession(page);
  /** @type {string} */
  const registration = await new Promise((done) => {
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find((one) => one.scopeURL === server.url + "/");
      if (own) done(own.registrationId);
    });
    void devtools.send("ServiceWorker.enable");
  });
  const path = new URL(address(ticket)).pathname;
  const deliver = (/** @type {string} */ data) => devtools.send("ServiceWorker.deliverPushMessage", { origin: server.url, registrationId: registration, data });
  const shown = () => page.evaluate(async () => {
    const ready = await navigator.serviceWorker.ready;
    return (await ready.getNotifications()).map((one) => ({ title: one.title, body: one.body, url: one.data.url, tag: one.tag }));
  });
  // DevTools drops what it hands to a worker that just stops; a notice of the same tag replaces itself.
  const told = (/** @type {string} */ data, /** @type {(list: Awaited<ReturnType<typeof shown>>) => boolean} */ seen, /** @type {string} */ complaint) => until(async () => {
    await deliver(data);
    return seen(await shown());
  }, async () => `${complaint}: ${JSON.stringify(await shown())}`);
  await told(JSON.stringify({ title: "A012 まもなく", body: "あと3人", url: path, tag: "t", lang: "ja", kind: "near" }), (list) => list.length === 1, "nothing is shown");
  assert.deepEqual(await shown(), [{ title: "A012 まもなく", body: "あと3人", url: path, tag: "t" }]);
  await told(JSON.stringify({ title: "A012", body: "3番窓口", url: "https://elsewhere.example/", tag: "t", kind: "called" }), ([one]) => one?.body === "3番窓口", "the newer one does not replace the older");
  assert.deepEqual((await shown()).map((one) => one.url), ["/"]); // only a page of this server
  await told("no JSON", (list) => list.length === 2, "what cannot be read is not shown");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("managers read what visitors said", { timeout: 2 * soon }, async () => {
  const { page, context } = await open(chrome);
  await signIn(page, server);
  await page.goto(`${server.url}/manager/${office}/record`);
  assert.match((await page.locator("#faces").textContent()) ?? "", /お答えは1件です/);
  await context.close();
});
