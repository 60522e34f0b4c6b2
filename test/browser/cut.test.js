import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Cutter, moments } from "./cutter.js";
import { Server, browser, launch, open, soon, until } from "./server.js";

/** @import { Page } from "playwright-core" */

const office = "km-setagaya";
const [counter, other] = ["3", "4"];
/** Each round cuts one action at one moment; 10 unless asked for more. */
const rounds = 10 * Number(process.env.MACHI_MORE ?? 1);

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {Cutter} */
let link;
let admin = "";

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  admin = await server.createToken("admin");
  link = await Cutter.start(server.url);
  for (const id of [counter, other]) await server.post(`${office}/counters/${id}/open`);
});
after(async () => {
  await chrome?.close();
  link?.stop();
  await server?.stop();
});

/** @param {Page} page @param {string} [token] */
async function signIn(page, token = server.token) {
  await page.goto(link.url + "/staff/login");
  // A token is for programs and lies folded away.
  await page.locator("input[name=token]").evaluate((field, value) => {
    field.closest("details")?.setAttribute("open", "");
    /** @type {HTMLInputElement} */ (field).value = value;
    /** @type {HTMLInputElement} */ (field).form?.requestSubmit();
  }, token);
  await page.waitForURL((url) => url.pathname !== "/staff/login");
}

/** A console whose page is kept for a reload. @param {Page} page @param {string} [at] */
async function work(page, at = counter) {
  await page.goto(`${link.url}/staff/${office}/${at}`);
  await page.locator("#outbox[data-waits]").waitFor({ state: "attached" });
  // waitForFunction takes a promise for a yes.
  await until(() => page.evaluate(async (path) => {
    const [cache] = await Promise.all([caches.open("machi-staff-private"), navigator.serviceWorker.ready]);
    if (!await cache.match(path)) return false;
    const shell = await caches.open("machi-staff-shell");
    const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => new URL(name).pathname.startsWith("/ui/"));
    return files.length > 5 && (await Promise.all(files.map((name) => shell.match(name, { ignoreVary: true })))).every(Boolean);
  }, `/staff/${office}/${at}`), () => "the page is not kept");
}

/** Waits until so many actions wait to be sent, as the page says. @param {Page} page @param {number} n */
const saysWaits = (page, n) => page.locator(`#outbox[data-waits="${n}"]`).waitFor({ state: "attached" });

/** What waits to be sent, on the disk and as the page says; -1 where there is none. @param {Page} page */
const waitsNow = (page) => page.evaluate(async () => {
  const store = await new Promise((done) => {
    const open = indexedDB.open("machi-outbox");
    open.onupgradeneeded = () => open.transaction?.abort(); // the page makes it
    open.onsuccess = () => done(open.result);
    open.onerror = () => done(null);
  });
  const all = await new Promise((done) => {
    if (!store) return done(null);
    const asked = store.transaction("actions").objectStore("actions").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  store?.close();
  return {
    disk: all?.filter((/** @type {{code?: string}} */ action) => !action.code).length ?? -1,
    page: Number(document.getElementById("outbox")?.dataset.waits ?? -1),
    actions: all?.map((/** @type {any} */ { path, keep, code = "" }) => `${path} ${keep ? "kept" : "asked"} ${code}`),
  };
});

/** Waits until so many actions wait to be sent, on the disk as well: the page speaks once it has drawn. @param {Page} page @param {number} n */
async function waits(page, n) {
  /** @type {Awaited<ReturnType<typeof waitsNow>> | undefined} */
  let now;
  await until(async () => {
    now = await waitsNow(page);
    return now.disk === n && now.page === n;
  }, () => `not ${n} actions wait: ${JSON.stringify(now)}, ${JSON.stringify(link.commands.slice(-3).map((c) => c.path))}`);
}

/** Waits until the page knows that its link is there: until then it refuses what cannot wait. @param {Page} page */
const linked = (page) => page.locator("body:is([data-link=live], :not([data-link]))").waitFor();

/** What the console shows as its own. @param {Page} page @param {string} number @param {string} verb that can be done with it */
const shows = (page, number, verb) => page.locator(`form[action$="/do/tickets/${number}/${verb}"]`).first().waitFor({ state: "attached" });

/**
 * Presses a button of the page, by its form; a form of the same kind where the page
 * has a way of its own to ask, such as the typed number.
 * @param {Page} page
 * @param {string} path
 * @param {Record<string, string>} [fields]
 * @param {number} [times] at once: a double click
 */
async function press(page, path, fields = {}, times = 1) {
  await page.waitForFunction(([path, fields, base, times]) => {
    if (document.querySelector("main")?.ariaBusy !== "false") return false; // a press now would be meant for another button
    let form = /** @type {HTMLFormElement | null} */ (document.querySelector(`form[action$="/do/${path}"]`));
    if (!form) {
      form = document.createElement("form");
      form.method = "post";
      form.action = `${base}/do/${path}`;
      document.querySelector("main")?.append(form);
    }
    for (const [name, value] of Object.entries(fields)) {
      let field = /** @type {HTMLInputElement | null} */ (form.querySelector(`[name="${name}"]`));
      if (!field || field.nodeName === "SELECT") {
        field?.remove();
        field = Object.assign(document.createElement("input"), { type: "hidden", name });
        form.append(field);
      }
      field.value = value;
    }
    for (let i = 0; i < times; i++) form.requestSubmit();
    return true;
  }, /** @type {const} */ ([path, fields, `/staff/${office}/${counter}`, times]));
}

/** The link is back, and the browser says so. @param {Page} page */
async function mend(page) {
  const late = link.mend();
  await page.evaluate(() => { dispatchEvent(new Event("online")); });
  return late;
}

/** Every record of the day, as the server has it. */
async function records() {
  /** @type {any[]} */
  const list = [];
  for (;;) {
    /** @type {Response} */
    const answer = await fetch(`${server.url}/api/v1/offices/${office}/records?after=${list.length}`, { headers: { Authorization: "Bearer " + admin } });
    const { records: more, head } = await answer.json();
    for (const record of more) list.push(JSON.parse(Buffer.from(record.body, "base64").toString()));
    if (list.length >= head.number || more.length === 0) return list;
  }
}

/** @param {string} number */
async function ticket(number) {
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/tickets/${number}`, { headers: { Authorization: "Bearer " + server.token } });
  return (await answer.json()).ticket;
}

/** What the server tells the clerk. @param {string} [at] */
async function consoleOf(at = counter) {
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/console?counter=${at}`, { headers: { Authorization: "Bearer " + server.token } });
  return answer.json();
}

/** Leaves the counter open and free and nobody in line, whatever a round did. */
async function tidy() {
  await link.mend();
  const { current, waiting, aside } = await consoleOf();
  if (current?.state === "called") await server.post(`${office}/tickets/${current.number}/start`, { counter });
  if (current) await server.post(`${office}/tickets/${current.number}/finish`, { counter });
  for (const { number } of [...waiting, ...aside]) await server.post(`${office}/tickets/${number}/withdraw`);
  await server.post(`${office}/counters/${counter}/open`);
}

/** @returns {Promise<string>} a number that waits */
async function waiting() { return (await server.issue(office)).number; }

/** @returns {Promise<string>} a number that this counter has called */
async function called() {
  const number = await waiting();
  await server.post(`${office}/tickets/${number}/call`, { counter });
  return number;
}

/** @returns {Promise<string>} a number that this counter serves */
async function serving() {
  const number = await called();
  await server.post(`${office}/tickets/${number}/start`, { counter });
  return number;
}

/**
 * An action as a clerk takes it: what must be so before, the command, and the state
 * of the ticket afterwards.
 * @typedef {{from: () => Promise<string>, path: (n: string) => string, fields?: Record<string, string>, verb?: string, then: string, event: string}} Act
 */

const here = { counter };
/** @type {Record<string, Act>} */
const acts = {
  "start": { from: called, path: (n) => `tickets/${n}/start`, fields: here, verb: "start", then: "serving", event: "service_started" },
  "call-next": { from: waiting, path: () => `counters/${counter}/call-next`, then: "called", event: "ticket_called" },
  "finish": { from: serving, path: (n) => `tickets/${n}/finish`, fields: here, verb: "finish", then: "done", event: "service_finished" },
  "finish-and-call-next": { from: servingBefore, path: () => `counters/${counter}/finish-and-call-next`, verb: "finish", then: "done", event: "service_finished" },
  "hold": { from: serving, path: (n) => `tickets/${n}/hold`, fields: { ...here, reason: "書類を記入中" }, verb: "finish", then: "held", event: "ticket_held" },
  "transfer": { from: serving, path: (n) => `tickets/${n}/transfer`, fields: { ...here, to: other }, verb: "finish", then: "waiting", event: "ticket_transferred" },
  "note": { from: serving, path: (n) => `tickets/${n}/note`, fields: { text: "控えを渡した" }, verb: "finish", then: "serving", event: "note_added" },
  "serve": { from: waiting, path: (n) => `tickets/${n}/serve`, fields: here, then: "done", event: "ticket_served" },
  "no-show": { from: called, path: (n) => `tickets/${n}/no-show`, fields: here, verb: "start", then: "no_show", event: "ticket_missed" },
  "recall": { from: called, path: (n) => `tickets/${n}/recall`, fields: here, verb: "start", then: "called", event: "ticket_recalled" },
  "call": { from: waiting, path: (n) => `tickets/${n}/call`, fields: here, then: "called", event: "ticket_called" },
  "resume": { from: held, path: (n) => `tickets/${n}/resume`, then: "waiting", event: "ticket_resumed" },
  "pause": { from: waiting, path: () => `counters/${counter}/pause`, fields: { reason: "休憩" }, then: "waiting", event: "counter_suspended" },
  "ask-help": { from: waiting, path: () => `counters/${counter}/ask-help`, fields: { text: "応援" }, then: "waiting", event: "help_asked" },
  "quick-serve": { from: waiting, path: () => `counters/${counter}/quick-serve`, fields: { service: "moving", quantity: "1" }, then: "waiting", event: "quick_served" },
};

/** @returns {Promise<string>} a number that this counter serves while another waits */
async function servingBefore() {
  const number = await serving();
  await waiting();
  return number;
}

async function held() {
  const number = await serving();
  await server.post(`${office}/tickets/${number}/hold`, { counter, reason: "書類" });
  return number;
}

/** What waits for the link however long it takes; everything else may come too late. */
const facts = ["start", "finish", "hold", "note", "no-show", "serve"];

/**
 * One action with the link cut during it.
 * @param {Page} page
 * @param {string} name
 * @param {import("./cutter.js").Moment} moment
 * @param {boolean} reload while the link is cut
 */
async function round(page, name, moment, reload) {
  const act = acts[name];
  await tidy();
  const number = await act.from();
  if (act.verb) await shows(page, number, act.verb);
  await linked(page);
  const path = act.path(number);
  const cut = link.arm(moment, path);
  await press(page, path, act.fields);
  const { key } = await cut;
  if (reload) await page.reload();
  await mend(page);
  await waits(page, 0);
  const done = (await records()).filter((r) => r.command === key);
  const refused = page.locator("#outbox [data-part=refused] li");
  if (done.length === 0 && !facts.includes(name)) {
    // A machine that stood still for longer than a call may be late: the clerk is told.
    await refused.filter({ hasText: "届くのが遅れた" }).locator("[data-press=put-away]").click();
    return;
  }
  assert.equal(done.length, 1, `${name} was done ${done.length} times`);
  assert.ok(done[0].events.some((/** @type {any} */ e) => e.kind === act.event), `${name} caused ${done[0].events.map((/** @type {any} */ e) => e.kind)}`);
  assert.equal((await ticket(number)).state, act.then);
  assert.equal(await refused.count(), 0);
}

test(`every action with the link cut during it is done, and once: ${rounds} rounds`, { timeout: (4 + rounds / 10) * soon }, async (t) => {
  const { page, complaints, context } = await open(chrome);
  await signIn(page);
  await work(page);
  const names = Object.keys(acts);
  for (let i = 0; i < rounds; i++) {
    // Steps without a common divisor: in time every action meets every moment.
    const [name, moment, reload] = [names[i % names.length], moments[(i + Math.floor(i / names.length)) % moments.length], i % 4 === 2];
    await t.test(`${name}, cut ${moment}${reload ? ", and a reload" : ""}`, () => round(page, name, moment, reload));
  }
  const keys = link.commands.map((c) => c.key);
  const done = (await records()).map((r) => r.command).filter((command) => keys.includes(command));
  assert.equal(new Set(done).size, done.length, "something was done twice");
  assert.deepEqual(complaints, []);
  await context.close();
});

/** What the server's records hold of an event of a ticket. @param {string} number @param {string} kind */
async function events(number, kind) {
  const { id } = await ticket(number);
  return (await records()).flatMap((r) => r.events.filter((/** @type {any} */ e) => e.kind === kind && e.data.ticket === id)
    .map((/** @type {any} */ e) => ({ ...e.data, record: r.at, actor: r.actor })));
}

/** The offices' clock, ms. */
async function clock() {
  const answer = await fetch(`${server.url}/api/v1/me`, { headers: { Authorization: "Bearer " + server.token } });
  return Date.parse(answer.headers.get("Machi-Now") ?? "");
}

/** @param {Page} page @param {string} token */
async function enterDialog(page, token) {
  await page.locator("#outbox dialog[open]").waitFor();
  await page.locator("#outbox dialog details summary").click();
  await page.fill("#outbox dialog input[name=token]", token);
  await page.locator("#outbox dialog details button[type=submit]").click();
}

test("a visit served without link outlives a reload, a crash of the tab and of the browser, and the session", { timeout: 8 * soon }, async () => {
  await tidy();
  const profile = await mkdtemp(join(tmpdir(), "machi-profile-"));
  const begin = async () => {
    const context = await chromium.launchPersistentContext(profile, { ...launch, locale: "ja-JP", viewport: { width: 1366, height: 768 } });
    context.setDefaultTimeout(soon);
    return { context, page: context.pages()[0] ?? (await context.newPage()) };
  };
  const address = `${link.url}/staff/${office}/${counter}`;
  let { context, page } = await begin();
  try {
    await signIn(page);
    await work(page);
    const number = await called();
    const stranger = await waiting();
    await shows(page, number, "start");
    link.cut();
    await press(page, `tickets/${number}/start`, here);
    await waits(page, 1);
    await page.reload();
    await waits(page, 1);

    const crashed = page.waitForEvent("crash");
    page.goto("chrome://crash").catch(() => {});
    await crashed;
    page = await context.newPage();
    await page.goto(address);
    await waits(page, 1);
    await until(async () => { // the tab that crashed may count as the one that acts for a moment
      await press(page, `tickets/${number}/note`, { text: "印鑑なし" }); // pressed twice it is one note
      return await page.locator('#outbox[data-waits="2"]').count() > 0;
    }, () => "the new tab does not act");
    await waits(page, 2);
    await press(page, `tickets/${number}/finish`, here);
    await waits(page, 3);
    await press(page, `tickets/${stranger}/serve`, here);
    await waits(page, 4);
    const pressed = await clock();
    const gone = new Promise((done) => context.once("close", done));
    process.kill(await pidOf(profile), "SIGKILL");
    await gone;
    ({ context, page } = await begin());
    await context.clearCookies(); // the session has ended as well
    await page.goto(address);
    await waits(page, 4);
    await mend(page);
    await enterDialog(page, server.token);
    await waits(page, 0);

    assert.equal(await page.locator("#outbox [data-part=refused] li").count(), 0);
    assert.equal((await ticket(number)).state, "done");
    assert.equal((await ticket(stranger)).state, "done");
    for (const kind of ["service_started", "note_added", "service_finished"]) assert.equal((await events(number, kind)).length, 1, kind);
    const [finished] = await events(number, "service_finished");
    assert.ok(Date.parse(finished.at) <= pressed, `the visit ended at ${finished.at}, later than the clerk pressed`);
    assert.ok(Date.parse(finished.record) > pressed, "it was recorded before the link was back");
  } finally {
    await context.close().catch(() => {});
    await rm(profile, { recursive: true, force: true });
    await link.mend();
  }
});

/** The browser that has a profile open; its helpers bear their type. @param {string} profile */
async function pidOf(profile) {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""); // it may have ended
    if (line.includes(`user-data-dir=${profile}`) && !line.includes("--type=")) return Number(pid);
  }
  throw new Error("no browser has " + profile);
}

test("nobody's actions are sent under another's name", { timeout: 6 * soon }, async () => {
  await tidy();
  const colleague = await server.createToken("manager", "--name", "colleague");
  const { page, complaints, context } = await open(chrome);
  await signIn(page);
  await work(page);
  const number = await called();
  await shows(page, number, "start");
  await context.clearCookies(); // as when the session has ended
  await press(page, `tickets/${number}/start`, here);
  await enterDialog(page, "wrong");
  await page.locator("#outbox dialog [data-f=problem]:not([hidden])").waitFor();
  await page.fill("#outbox dialog input[name=token]", colleague);
  await page.locator("#outbox dialog details button[type=submit]").click();
  await page.locator("#outbox [data-part=person]:not([hidden]) button").click();
  await page.locator("#outbox [data-part=strangers]:not([hidden])", { hasText: "browser test" }).waitFor();
  await saysWaits(page, 0);
  assert.deepEqual(await events(number, "service_started"), []);

  // Wherever the first one works next: what waits at another counter goes as well.
  await signIn(page);
  await work(page, other);
  await until(async () => (await events(number, "service_started")).length === 1, () => "the first one's action is not sent");
  assert.match((await events(number, "service_started"))[0].actor, /browser test$/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("of two tabs one acts, the other says so and goes on when the first has gone", { timeout: 6 * soon }, async () => {
  await tidy();
  const { page: first, complaints, context } = await open(chrome);
  await signIn(first);
  await work(first);
  const second = await context.newPage();
  await second.goto(first.url());
  const banner = second.locator("#outbox [data-part=tab]");
  await banner.waitFor();
  const number = await called();
  await shows(second, number, "start");
  await press(second, `tickets/${number}/start`, here);
  await second.locator("#alert .notice, [role=alert] .notice, [role=alert]:visible").first().waitFor();
  assert.deepEqual(await events(number, "service_started"), []);

  // A double click is one press.
  await shows(first, number, "start");
  await press(first, `tickets/${number}/start`, here, 2);
  await until(async () => (await ticket(number)).state === "serving", () => "the first tab does not act");
  await shows(first, number, "finish");
  await waits(first, 0); // a slow answer is waited for as a cut one is
  link.cut();
  await press(first, `tickets/${number}/finish`, here);
  await waits(first, 1);
  await first.close();
  await banner.waitFor({ state: "hidden" });
  await waits(second, 1);
  await mend(second);
  await waits(second, 0);
  for (const kind of ["service_started", "service_finished"]) assert.equal((await events(number, kind)).length, 1, kind);

  // The tab that acts may be hidden behind others: this one can take over.
  const third = await context.newPage();
  await third.goto(second.url());
  await third.locator("#outbox [data-part=tab] button").click();
  await third.locator("#outbox [data-part=tab]").waitFor({ state: "hidden" });
  await banner.waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("where nothing can be stored, nothing is taken that could be lost", { timeout: 4 * soon }, async () => {
  await tidy();
  const { page, context } = await open(chrome);
  await page.addInitScript(() => { IDBFactory.prototype.open = () => { throw new DOMException("full", "QuotaExceededError"); }; });
  await signIn(page);
  await page.goto(`${link.url}/staff/${office}/${counter}`);
  await page.locator("#outbox [data-part=store]:not([hidden])").waitFor();
  const number = await called();
  await shows(page, number, "start");
  await press(page, `tickets/${number}/start`, here);
  await shows(page, number, "finish");
  await saysWaits(page, 0);
  link.cut();
  await page.locator("#link-mark:visible").waitFor();
  await press(page, `tickets/${number}/finish`, here);
  await saysWaits(page, 0);
  await mend(page);
  await until(async () => (await ticket(number)).state === "serving", () => "the ticket has moved");
  await context.close();
});

test("what the worker keeps is gone with the session", { timeout: 4 * soon }, async () => {
  await tidy();
  const { page, context } = await open(chrome);
  await signIn(page);
  await work(page);
  const kept = () => page.evaluate(async () => (await (await caches.open("machi-staff-private")).keys()).length);
  assert.ok((await kept()) > 0);
  await page.goto(link.url + "/staff/" + office);
  await page.locator('form[action="/staff/logout"] button').click();
  await page.waitForURL(/\/staff\/login/);
  await until(async () => (await kept()) === 0, () => "the page is kept after the log-out");
  await context.close();
});
