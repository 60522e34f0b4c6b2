import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { colours, violations } from "./axe.js";
import { Server, browser, open, signIn, soon, until } from "./server.js";

const office = "km-setagaya", still = "km-tamagawa", alarmed = "km-kitazawa";
const languages = ["ja", "ja-x-easy", "en", "zh", "ko"];

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** What anybody may open. @type {Record<string, string>} */
const pages = {};
/** What staff work at. @type {Record<string, string>} */
const desks = {};

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
  const one = `/offices/${office}`, waiting = path(tickets[5]);
  Object.assign(pages, {
    "all offices": "/", "one purpose": "/?for=moving", "a procedure": "/?matter=move-in&sort=near&from=kyodo", "where to go": "/go", "a way": "/go?matter=move-in&from=kyodo",
    "procedures": "/matters", "one procedure": "/matters/move-out", "without a link": "/offline", "one office": one, "one service": one + "?service=moving", "closures": "/closures", "the forecast": "/forecast", "an office's forecast": one + "/forecast",
    "the record": "/record", "an office's record": `/record/${office}`, "what to embed": `/embed?office=${office}`, "a widget": `/widget/${office}`, "for programs": "/developers",
    "how accessible it is": "/accessibility", "a ticket from home": one + "/from-home", "checking in": one + "/arrive", "the door": one + "/door",
    "a ticket that waits": waiting, "a ticket that is called": path(tickets[0]), "a ticket that is served": path(tickets[1]), "a ticket set aside": path(tickets[2]),
    "a ticket that is away": path(await server.post(`${office}/tickets`, { service: "moving", channel: "web" })),
    "what a holder is told of": waiting + "/tell", "the tickets of a family": "/family", "no more mails": "/tell/stop/nothing", "nothing there": "/t/nothing",
  });
  Object.assign(desks, {
    "the sign-in": "/staff/login", "the first time": "/staff/first", "the offices to work at": "/staff", "the counters": `/staff/${office}`, "a free counter": `/staff/${office}/5`,
    "a counter that called": `/staff/${office}/3`, "a counter that serves": `/staff/${office}/4`, "a closed counter": `/staff/${office}/8`, "the practice": "/staff/practice",
    "the card of keys": "/staff/keys", "the overview": "/manager", "one office now": `/manager/${office}`, "the alerts": "/manager/alerts", "the machines": `/manager/${office}/machines`, "the walls": "/manager/screens", "what walls show": "/manager/signs",
    "emergencies": "/manager/emergency", "how many counters": `/manager/staffing?office=${office}`, "what if": `/manager/whatif?office=${office}&ask=1&more=1`, "tickets from home": `/manager/${office}/from-home`, "the forecast of managers": `/manager/forecast?office=${office}`, "special days": `/manager/${office}/special-days`,
    "what was": `/manager/history?office=${office}`, "a day once more": `/manager/${office}/replay`, "the reports": `/manager/reports?office=${office}`, "a day's report": `/manager/reports/${office}/day/2026-04-01`,
    "the plan": `/manager/reports/plan?office=${office}`, "what figures mean": "/manager/reports/definitions",
  });
  await server.post(`../emergencies`, { office: alarmed, kind: "fire" });
}

test("every public page of the server is looked at", async () => {
  const routes = await readFile(new URL("../../internal/server/testdata/routes.txt", import.meta.url), "utf8");
  const seen = [...Object.values(pages), ...Object.values(desks), `/signage/${office}`].map((path) => path.split("?")[0]);
  const drawn = [...routes.matchAll(/^GET +(\S+) +all$/gm)].map(([, path]) => path)
    .filter((path) => !/^\/(api|ui|staff\/oidc)\/|^\/(healthz|readyz)$|\.(js|json|yaml|txt|ics|webmanifest)$|^\/signage\/media|\/card$/.test(path));
  assert.deepEqual(drawn.filter((path) => !seen.some((one) => new RegExp("^" + path.replace(/:[a-z]+/g, "[^/]+") + "$").test(one))), []);
});

/** @typedef {{path: string, lang: string, theme: string, all: boolean}} Job all: the other themes' colours too */

/** @param {import("playwright-core").Page} page @param {string} theme */
async function dress(page, theme) {
  await page.emulateMedia({ colorScheme: theme === "dark" ? "dark" : "light", reducedMotion: "reduce" });
  await page.evaluate((chosen) => {
    if (chosen === "clear") document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
  }, theme);
}

/**
 * Looks at a page, all that folds open.
 * @param {import("playwright-core").Page} page
 * @param {Job} job
 * @param {string[]} themes
 */
async function look(page, { path, lang, theme, all }, themes) {
  const url = new URL(path, server.url);
  url.searchParams.set("lang", lang);
  await page.goto(url.href);
  await page.waitForFunction(() => document.querySelector("main")?.getAttribute("aria-busy") !== "true");
  await page.evaluate(() => { for (const d of document.querySelectorAll("main details")) d.setAttribute("open", ""); });
  await dress(page, theme);
  const is = await page.locator("html").getAttribute("lang");
  const found = [...(is === lang ? [] : [`is in ${is}`]), ...await violations(page)];
  for (const other of all ? themes.filter((one) => one !== theme) : []) {
    await dress(page, other);
    found.push(...(await violations(page, colours)).map((text) => `${other}: ${text}`));
  }
  return found.map((text) => `${path} ${lang} ${theme}: ${text}`);
}

/**
 * Looks at every page, three at a time: of five languages in Japanese and in one of the
 * others in turn, each with one theme in turn; of two in one in turn, with the colours of
 * both themes. What only answers a query is seen in one language; MACHI_MORE: each page
 * in each language and theme.
 * @param {string[]} paths
 * @param {string[]} langs
 * @param {string[]} themes
 * @param {string} [session]
 */
async function lookAt(paths, langs, themes, session) {
  const more = Boolean(process.env.MACHI_MORE), few = langs.length < 3;
  const jobs = paths.flatMap((path, i) => langs.map((lang, n) => ({ path, lang, theme: themes[(i + n) % themes.length], all: more || few }))
    .filter((_, n) => more || (few || path.includes("?") ? n === i % langs.length : n === 0 || n === 1 + i % (langs.length - 1))));
  /** @type {string[]} */
  const found = [];
  await Promise.all([1, 2, 3].map(async () => {
    const { page, complaints, context } = await open(chrome);
    if (session) await context.addCookies([{ name: "machi_session", value: session, url: server.url }]);
    for (let job = jobs.shift(); job; job = jobs.shift()) found.push(...await look(page, job, themes));
    found.push(...complaints);
    await context.close();
  }));
  return found.sort();
}

test("public pages pass axe, light, dark and clear", { timeout: 8 * soon }, async () => {
  assert.deepEqual(await lookAt(Object.values(pages), languages, ["light", "dark", "clear"]), []);
});

test("every page of staff passes axe, light and dark", { timeout: 6 * soon }, async () => {
  assert.deepEqual(await lookAt(Object.values(desks), ["ja", "en"], ["light", "dark"], server.token), []);
});

test("walls pass axe: idle, calling, in an emergency", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { viewport: { width: 1920, height: 1080 } });
  for (const [id, ready] of [[still, "#call"], [office, "#call [data-f=number]"], [alarmed, "#emergency"]]) {
    for (const lang of id === office ? languages : ["ja"]) {
      await page.goto(`${server.url}/signage/${id}?lang=${lang}`);
      await page.locator(ready).first().waitFor({ state: "attached" });
      assert.deepEqual(await violations(page), [], `${id} ${lang}`);
    }
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test("every page fits a phone, also at twice the letters", { timeout: 4 * soon }, async (t) => {
  const { page, context } = await open(chrome, { viewport: { width: 360, height: 740 } });
  await signIn(page, server);
  for (const [name, path] of Object.entries({ ...pages, ...desks })) {
    await t.test(name, async () => {
      await page.goto(server.url + path);
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok((await overflow()) <= 0, `${await overflow()} px too wide`);
    });
  }
  // 200 % zoom of a 1280 px window is a 640 px window.
  await page.setViewportSize({ width: 640, height: 400 });
  for (const name of ["all offices", "one office", "a free counter", "the overview", "how accessible it is"]) {
    await t.test(name + " at 200 %", async () => {
      await page.goto(server.url + (pages[name] ?? desks[name]));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    });
  }
  await context.close();
});

/**
 * What can be reached on a page, by names that outlive a new drawing of it.
 * @param {import("playwright-core").Page} page
 * @param {boolean} [now] only what has the focus, and where it can be seen
 * @returns {Promise<string[]>}
 */
const reachable = (page, now) => page.evaluate((now) => {
  const all = [...document.querySelectorAll("a[href], button, select, summary, textarea, input:not([type=hidden]), [tabindex='0']")];
  const name = (/** @type {Element} */ e) => `${e.tagName} ${e.getAttribute("href") ?? e.id} ${e.textContent?.trim().slice(0, 30)}`;
  if (!now) return [...new Set(all.filter((e) => e.checkVisibility() && !e.matches(":disabled, [type=radio]")).map(name))].sort();
  const e = document.activeElement, box = e?.getBoundingClientRect();
  if (!e || !box || !all.includes(e)) return [];
  const ring = getComputedStyle(e.closest(".office:focus-within") && e.matches("h3 a") ? e.closest(".office") ?? e : e).outlineStyle !== "none";
  return [name(e), ring && box.bottom > 0 && box.top < innerHeight ? "" : "cannot be seen: " + e.outerHTML.slice(0, 120)];
}, now);

test("the keyboard reaches all of a page, and sees where it is", { timeout: 4 * soon }, async (t) => {
  const { page, context } = await open(chrome);
  for (const name of ["where to go", "one office", "a ticket from home", "a ticket that waits", "how accessible it is"]) {
    await t.test(name, async () => {
      await page.goto(server.url + pages[name]);
      await page.waitForFunction(() => document.querySelector("main")?.getAttribute("aria-busy") !== "true");
      const wanted = await reachable(page), reached = new Set(), unseen = new Set();
      for (let presses = 0; presses < 300; presses++) {
        await page.keyboard.press("Tab");
        const [at, complaint] = await reachable(page, true);
        if (!at) break; // at the end
        reached.add(at);
        if (complaint) unseen.add(complaint);
      }
      assert.deepEqual([wanted.filter((one) => !reached.has(one)), [...unseen]], [[], []]);
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

test("what has lost its server passes axe, and says so", { timeout: 3 * soon }, async () => {
  const { page: wall, context } = await open(chrome, { viewport: { width: 1920, height: 1080 } });
  await wall.goto(`${server.url}/signage/${office}`);
  await until(() => wall.evaluate(() => localStorage.length > 0), () => "the wall keeps nothing");
  const page = await context.newPage();
  await page.goto(`${server.url}/offices/${office}`);
  await page.locator("html.scripted").waitFor({ state: "attached" }); // it has its words, and follows
  await server.down();
  await wall.locator("#stale-mark", { hasText: "通信が切れています" }).waitFor();
  await page.locator("#link-mark", { hasText: "通信が切れています" }).waitFor();
  assert.deepEqual([...await violations(wall), ...await violations(page)], []);
  await context.close();
});
