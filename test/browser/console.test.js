import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Server, browser, open, signIn, soon, until } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const office = "km-setagaya";
const desk = "3"; // moving, seal, other
const delivery = "11";

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {import("playwright-core").Page} */
let page;
/** @type {string[]} */
let complaints;

const catalog = join(tmpdir(), `machi-console-${process.pid}.yaml`);

before(async () => {
  await writeFile(catalog, `offices: [{id: ${office}, rule: {check_in: true, recall_gap_seconds: 0.2, no_show_calls: 2}}]\n`);
  process.env.MACHI_CATALOG = catalog;
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  const opened = await open(chrome);
  ({ page, complaints } = opened);
  await signIn(page, server);
  await page.evaluate(() => localStorage.setItem("machi-hints", "seen"));
});
after(async () => {
  await chrome?.close();
  await server?.stop();
  await rm(catalog, { force: true });
});

/** @param {string} path under the office */
async function get(path) {
  const answer = await fetch(`${server.url}/api/v1/offices/${office}/${path}`, { headers: { Authorization: "Bearer " + server.token } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
/** @param {string} number @returns {Promise<any>} */
const ticket = async (number) => (await get("tickets/" + number)).ticket;
/** @param {string} [counter] @returns {Promise<any>} */
const view = (counter = desk) => get("console?counter=" + counter);
/** @param {string} path @param {object} [body] */
const post = (path, body) => server.post(`${office}/${path}`, body);

/** Nobody waits and nobody is at the counter, which is open. @param {string} counter */
async function clear(counter) {
  const { current, waiting, aside } = await view(counter);
  if (current) await post(`tickets/${current.number}/finish`);
  for (const t of [...waiting, ...aside]) await post(`tickets/${t.number}/withdraw`);
  await post(`counters/${counter}/open`, { take_over: true });
}

/**
 * One visitor at the desk, as far along as asked.
 * @param {string} state waiting, called, serving, held, no_show or processing
 */
async function visitor(state) {
  const { number } = await server.issue(office);
  if (state !== "waiting") await post(`tickets/${number}/call`, { counter: desk });
  if (state === "no_show") await callTwice(number);
  if (["serving", "held", "processing"].includes(state)) await post(`tickets/${number}/start`);
  if (state === "held") await post(`tickets/${number}/hold`, { reason: "書類" });
  if (state === "no_show") await post(`tickets/${number}/no-show`);
  if (state === "processing") await post(`tickets/${number}/finish`, { processing: true });
  return number;
}

/** The rule asks for two calls, some time apart. @param {string} number */
const callTwice = (number) => until(async () => Boolean(await post(`tickets/${number}/recall`)), () => "cannot be called again");

/** @param {string} mode @param {string} [number] in front */
async function shows(mode, number = "") {
  await page.locator(`#work[data-mode="${mode}"]`).waitFor();
  if (number) await page.locator("#now-number", { hasText: number }).waitFor();
}

const rested = () => page.locator("main[aria-busy=false]").waitFor();

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} act as buttons bear it
 * @property {string} key
 * @property {string} [pad] its key on the numeric pad
 * @property {string} [counter]
 * @property {() => Promise<any>} given what it finds
 * @property {(n: any) => Promise<any>} [seen] on the page before it is pressed
 * @property {(n: any) => string} [card] the number that is looked for first
 * @property {(panel: import("playwright-core").Locator, n: any) => Promise<any>} [fill]
 * @property {(n: any) => Promise<boolean>} then
 */

/** @type {Row[]} */
const rows = [
  { name: "open", act: "main", key: "Space", given: () => post(`counters/${desk}/close`), seen: () => shows("closed"), then: async () => (await view()).counter.state === "open" },
  { name: "call next", act: "main", key: "Space", pad: "NumpadAdd", given: () => visitor("waiting"), seen: (n) => shows("next", n), then: async (n) => (await ticket(n)).state === "called" },
  { name: "start", act: "main", key: "Space", given: () => visitor("called"), seen: (n) => shows("called", n), then: async (n) => (await ticket(n)).state === "serving" },
  { name: "finish", act: "main", key: "Space", given: () => visitor("serving"), seen: (n) => shows("serving", n), then: async (n) => (await ticket(n)).state === "done" },
  { name: "recall", act: "recall", key: "r", pad: "NumpadMultiply", given: () => visitor("called"), seen: (n) => shows("called", n), then: async (n) => (await ticket(n)).calls === 2 },
  {
    name: "no-show", act: "no-show", key: "x", pad: "NumpadSubtract", seen: (n) => shows("called", n), then: async (n) => (await ticket(n)).state === "no_show",
    given: async () => { const n = await visitor("called"); await callTwice(n); return n; },
  },
  {
    name: "finish and call next", act: "finish-next", key: "n", seen: ([n]) => shows("serving", n), given: async () => [await visitor("serving"), await visitor("waiting")],
    then: async ([a, b]) => (await ticket(a)).state === "done" && (await ticket(b)).state === "called",
  },
  {
    name: "finish with what was done", act: "finish", key: "f", given: () => visitor("serving"), seen: (n) => shows("serving", n), then: async (n) => (await ticket(n)).state === "done",
    fill: async (panel) => { await panel.locator("[name=outcome]").selectOption("done"); await panel.locator("[name=unmeasured]").check(); await panel.locator("[name=quantity]").fill("2"); },
  },
  { name: "finish into processing", act: "processing", key: "b", given: () => visitor("serving"), seen: (n) => shows("serving", n), then: async (n) => (await ticket(n)).state === "processing" },
  {
    name: "hold with a room", act: "hold", key: "h", pad: "NumpadDivide", given: () => visitor("serving"), seen: (n) => shows("serving", n),
    fill: (panel) => panel.locator("[name=room]").fill("記載台"), then: async (n) => { const t = await ticket(n); return t.state === "held" && t.room === "記載台"; },
  },
  {
    name: "transfer with a note", act: "transfer", key: "t", given: () => visitor("serving"), seen: (n) => shows("serving", n),
    fill: async (panel) => { await panel.locator("[name=to]").selectOption("4"); await panel.locator("[name=note]").fill("続き"); },
    then: async (n) => { const t = await ticket(n); return t.only === "4" && t.notes[0].text === "続き"; },
  },
  { name: "add a service", act: "add-service", key: "a", given: () => visitor("serving"), seen: (n) => shows("serving", n), fill: (panel) => panel.locator("[name=service]").selectOption("insurance"), then: async (n) => (await ticket(n)).further?.[0] === "insurance" },
  { name: "note", act: "note", key: "m", given: () => visitor("called"), seen: (n) => shows("called", n), fill: (panel) => panel.locator("[name=text]").fill("車いす"), then: async (n) => (await ticket(n)).notes?.length === 1 },
  { name: "undo", act: "undo", key: "u", given: () => visitor("called"), seen: (n) => shows("called", n), then: async (n) => (await ticket(n)).state === "waiting" },
  { name: "skip", act: "skip", key: "s", given: () => visitor("waiting"), seen: (n) => shows("next", n), then: async (n) => Boolean((await ticket(n)).not_before) },
  {
    name: "call for one service", act: "call-service", key: "v", seen: ([n]) => shows("next", n),
    given: async () => [await visitor("waiting"), (await server.issue(office, "seal")).number],
    fill: (panel) => panel.locator("form", { has: page.locator('[value="seal"]') }).locator("button").focus(), then: async ([, b]) => (await ticket(b)).state === "called",
  },
  { name: "issue", act: "issue", key: "i", given: async () => {}, seen: () => shows("idle"), fill: (panel) => panel.locator("[name=language]").selectOption("en"), then: async () => (await view()).waiting[0]?.language === "en" },
  { name: "a visit without a ticket", act: "quick", key: "q", given: async () => {}, seen: () => shows("idle"), fill: (panel) => panel.locator("[name=service]").selectOption("seal"), then: async () => (await view()).history[0]?.what === "quick_served" },
  {
    name: "announce several", act: "announce", key: "d", counter: delivery, seen: ([, b]) => page.locator(".line .rows a", { hasText: b }).waitFor(),
    given: async () => { const list = [await visitor("processing"), await visitor("processing")]; for (const n of list) await post(`tickets/${n}/ready`); return list; },
    fill: async () => {}, then: async ([a, b]) => (await ticket(a)).announced === delivery && (await ticket(b)).announced === delivery,
  },
  { name: "ask for help", act: "help", key: "e", given: async () => {}, seen: () => shows("idle"), fill: async () => {}, then: async () => Boolean((await view()).counter.help) },
  {
    name: "answer a call for help", act: "answer", key: "y", then: async () => !(await view("4")).counter.help, seen: () => page.locator("[data-act=answer]").waitFor(),
    given: async () => { await post("counters/4/open"); await post("counters/4/ask-help", { text: "通訳" }); },
  },
  { name: "pause with a reason", act: "pause", key: "p", given: async () => {}, seen: () => shows("idle"), fill: (panel) => panel.locator("[name=reason]").selectOption({ index: 1 }), then: async () => { const { counter } = await view(); return counter.state === "paused" && counter.reason !== ""; } },
  { name: "resume", act: "main", key: "Space", given: () => post(`counters/${desk}/pause`, { reason: "休憩" }), seen: () => shows("paused"), then: async () => (await view()).counter.state === "open" },
  { name: "choose services", act: "services", key: "o", given: async () => {}, seen: () => shows("idle"), fill: async (panel) => { await panel.locator("[value=other]").uncheck(); await panel.locator("[value=seal]").uncheck(); }, then: async () => (await view()).counter.services.join() === "moving" },
  { name: "close", act: "close", key: "k", given: async () => {}, seen: () => shows("idle"), then: async () => (await view()).counter.state === "closed" },
  { name: "call a chosen number", act: "main", key: "Enter", card: ([, b]) => b, given: async () => [await visitor("waiting"), await visitor("waiting")], then: async ([, b]) => (await ticket(b)).state === "called" },
  { name: "ready", act: "main", key: "Space", card: (n) => n, given: () => visitor("processing"), then: async (n) => (await ticket(n)).stage === "delivery" },
  { name: "restore to the end", act: "back", key: "r", card: (n) => n, given: () => visitor("no_show"), fill: (panel) => panel.locator("[value=end]").check(), then: async (n) => (await ticket(n)).state === "waiting" },
  { name: "end a hold", act: "back", key: "r", card: (n) => n, given: () => visitor("held"), then: async (n) => ["waiting", "serving"].includes((await ticket(n)).state) },
  { name: "raise priority", act: "priority", key: "p", card: (n) => n, given: () => visitor("waiting"), then: async (n) => (await ticket(n)).priority === true },
  { name: "correct the service", act: "change-service", key: "g", card: (n) => n, given: () => visitor("waiting"), fill: (panel) => panel.locator("[name=service]").selectOption("other"), then: async (n) => (await ticket(n)).service === "other" },
  { name: "merge a double", act: "merge", key: "j", card: ([, b]) => b, given: async () => [await visitor("waiting"), await visitor("waiting")], fill: (panel, [a]) => panel.locator("[name=into]").fill(a), then: async ([, b]) => (await ticket(b)).state === "withdrawn" },
  { name: "give up", act: "withdraw", key: "w", card: (n) => n, given: () => visitor("waiting"), fill: async () => {}, then: async (n) => (await ticket(n)).state === "withdrawn" },
  { name: "record as served", act: "serve", key: "v", card: (n) => n, given: () => visitor("waiting"), then: async (n) => (await ticket(n)).state === "done" },
  {
    name: "hand over", act: "hand-over", key: "y", counter: delivery, card: (n) => n, then: async (n) => (await ticket(n)).state === "done",
    given: async () => { const n = await visitor("processing"); await post(`tickets/${n}/ready`); return n; },
  },
];

/** A key is a press on the button that bears it; the long run uses the mouse as well. */
const hands = process.env.MACHI_MORE ? /** @type {const} */ (["key", "button"]) : /** @type {const} */ (["key"]);

/** Looks for a number. @param {"key" | "button"} by @param {string} number */
async function look(by, number) {
  if (by === "button") await page.locator(".rows a", { hasText: number }).click();
  else {
    for (const digit of number.replace(/\D/g, "")) await page.keyboard.press("Numpad" + digit);
    await page.keyboard.press("Enter");
  }
  await page.locator(`#card[data-ticket="${number}"]`).waitFor();
}

/** @param {Row} row @param {"key" | "button"} by @param {any} n */
async function press(row, by, n) {
  const control = page.locator(`${row.card ? "#card" : "main"} [data-act="${row.act}"]`).first();
  if (["main", "recall", "no-show", "finish-next", "processing", "skip"].includes(row.act)) await rested();
  if (by === "button") await control.click();
  else {
    await control.click({ trial: true }); // it can be reached by the mouse, too
    assert.equal(await control.locator("kbd").textContent(), row.key === "Space" || row.act === "main" ? "スペース" : row.key.toUpperCase());
    await page.keyboard.press(row.key);
  }
  if (!row.fill) return;
  const panel = page.locator("details[open] > .panel");
  await panel.waitFor();
  await row.fill(panel, n);
  if (by === "button" && row.act !== "call-service") return panel.locator(".primary").click();
  assert.ok(by === "button" || (await panel.evaluate((part) => part.contains(document.activeElement))), "the panel does not take the focus");
  await page.keyboard.press("Enter");
}

for (const by of hands) {
  test(`every action by ${by}`, { timeout: 10 * soon }, async (t) => {
    for (const counter of [desk, delivery]) {
      await post(`counters/${counter}/open`, { take_over: true });
      await page.goto(`${server.url}/staff/${office}/${counter}`);
      for (const row of rows.filter((r) => (r.counter ?? desk) === counter)) {
        await t.test(row.name, async () => {
          await clear(desk);
          if (counter !== desk) await clear(counter);
          const n = await row.given();
          if (row.card) {
            await page.locator(".rows a", { hasText: row.card(n) }).waitFor();
            await look(by, row.card(n));
          } else await row.seen?.(n);
          await press(row, by, n);
          await until(() => row.then(n), () => row.name + " was not done");
          if (row.card) await page.locator("#card").waitFor({ state: "detached" });
        });
      }
    }
    assert.deepEqual(complaints, []);
  });
}

/** A scanner is a keyboard that types faster than any test could. @param {string} text @param {string} [focus] what gets its keys */
const scan = (text, focus = "body") => page.evaluate(([signs, focus]) => {
  const target = document.querySelector(focus), began = performance.now();
  for (const [i, key] of [...signs, "Enter"].entries()) {
    const event = new KeyboardEvent("keydown", { key, code: /^[a-z]$/i.test(key) ? "Key" + key.toUpperCase() : key, bubbles: true, cancelable: true });
    Object.defineProperty(event, "timeStamp", { value: began + 5 * i }); // however slow this machine is
    target?.dispatchEvent(event);
  }
}, [text, focus]);

test("the numeric pad, a USB button and a scanner are hands like any other", { timeout: 4 * soon }, async () => {
  await clear(desk);
  await page.goto(`${server.url}/staff/${office}/${desk}`);
  await shows("idle");
  await page.keyboard.press("g");
  await page.locator('[data-learn=add][data-for="main"]').click();
  await page.keyboard.press("F9");
  await page.locator(".settings kbd", { hasText: "F9" }).waitFor();
  await page.locator('[data-learn=change][data-for="recall"]').click();
  await page.keyboard.press("x");
  await page.locator(".settings-message", { hasText: "不在にする" }).waitFor();
  await page.keyboard.press("Escape");
  const first = await visitor("waiting");
  const { number: second, status_url: paper } = await server.issue(office);
  await shows("next", first);
  await rested();
  await page.keyboard.press("F9");
  await until(async () => (await ticket(first)).state === "called", () => "the USB button did not call");
  await shows("called", first);
  await until(async () => { await page.keyboard.press("NumpadMultiply"); return (await ticket(first)).calls >= 2; }, () => "the pad did not call again");
  await page.locator("[data-act=no-show]:enabled").waitFor();
  await page.keyboard.press("NumpadSubtract");
  await until(async () => (await ticket(first)).state === "no_show", () => "the pad did not mark a no-show");
  await shows("next", second);
  await scan(paper);
  await page.locator(`#card[data-ticket="${second}"]`).waitFor();
  await page.keyboard.press("Enter");
  await until(async () => (await ticket(second)).state === "called", () => "the scanned paper was not called");
  assert.equal((await ticket(first)).state, "no_show");
  assert.deepEqual(complaints, []);
});

test("a double press is one press, and a ticket beside keeps keys from the one in front", { timeout: 3 * soon }, async () => {
  await clear(desk);
  await page.goto(`${server.url}/staff/${office}/${desk}`);
  const [front, beside] = [await visitor("waiting"), await visitor("waiting")];
  await shows("next", front);
  await rested();
  await page.evaluate(() => { for (let i = 0; i < 3; i++) /** @type {HTMLElement} */ (document.querySelector(".big button")).click(); });
  await until(async () => (await ticket(front)).state === "called", () => "the visitor was not called");
  await shows("called", front);
  assert.equal((await ticket(front)).state, "called");
  await look("button", beside);
  await page.keyboard.press("x");
  await page.locator("#alert .notice", { hasText: beside }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#card").waitFor({ state: "detached" });
  assert.equal((await ticket(front)).state, "called");
});

test("no press, no paper and no panel goes to another ticket than the one that was meant", { timeout: 4 * soon }, async () => {
  await clear(desk);
  await page.goto(`${server.url}/staff/${office}/${desk}`);
  const [first, second] = [await visitor("waiting"), await visitor("waiting")];
  const { number: third, status_url: paper } = await server.issue(office);
  await shows("next", first);
  await rested();
  assert.ok(await page.evaluate(() => new Promise((done) => {
    const now = performance.now();
    performance.now = () => now; // the button's rest lasts, however slow the machine
    const button = () => /** @type {HTMLElement | null} */ (document.querySelector("body:not(.sending) #work [data-act=skip]:enabled"));
    const number = () => document.getElementById("now-number")?.textContent;
    const from = number();
    new MutationObserver((_, watch) => {
      if (number() === from || !button()) return;
      watch.disconnect();
      button()?.click();
      Reflect.deleteProperty(performance, "now");
      done(document.querySelector("#work [data-act=skip] .passed") !== null);
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    button()?.click();
  })), "the button does not say that it took no press");
  assert.equal((await ticket(second)).not_before, undefined, "a double click skipped two");
  await look("key", second);
  assert.equal(new URL(page.url()).searchParams.get("ticket"), second, "another with the same figures could take the card's place");
  await page.keyboard.press("Escape");
  await page.locator("#card").waitFor({ state: "detached" });

  await post(`tickets/${second}/call`, { counter: desk });
  await shows("called", second);
  await rested();
  await page.keyboard.press("m");
  await page.locator("[data-key=note][open] [name=text]").fill("車いす");
  await scan(paper, ":focus");
  await page.locator(`#card[data-ticket="${third}"]`).waitFor();
  assert.equal((await ticket(second)).notes, undefined, "a paper was taken for a note");
  await post(`counters/${desk}/finish-and-call-next`);
  await shows("called", third);
  assert.equal(await page.locator("#work details[open] > .panel").count(), 0, "the note for one would go to the next");

  await page.evaluate(() => {
    const real = window.fetch;
    window.fetch = async (...asked) => {
      if (!/^text.html/.test(new Headers(asked[1]?.headers).get("Accept") ?? "")) return real(...asked);
      window.fetch = real;
      document.body.dataset.away = "yes";
      return new Response("no server now", { status: 502 });
    };
  });
  await post(`tickets/${third}/start`);
  await page.locator("body[data-away]").waitFor();
  await post(`tickets/${third}/note`, { text: "印鑑なし" });
  await shows("serving", third);
  assert.equal(await page.locator("#outbox dialog[open]").count(), 0, "a server that is away was taken for the end of the session");
});

test("another's counter is taken over by asking twice, and that is recorded", { timeout: 3 * soon }, async () => {
  await clear(desk);
  await page.goto(`${server.url}/staff/${office}/${desk}`);
  await shows("idle");
  const number = await visitor("serving");
  await post(`counters/${desk}/open`, { staff: "田中", take_over: true });
  await shows("taken", number);
  assert.equal(await page.locator(".big").count(), 0);
  await page.keyboard.press("Space");
  await page.keyboard.press("j");
  await page.locator(".take-over[open]").waitFor();
  assert.equal((await view()).counter.staff, "田中");
  await page.keyboard.press("Enter");
  await shows("serving", number);
  assert.equal((await view()).history[0].what, "counter_opened");
  assert.deepEqual(complaints, []);
});

test("a small office of one window and no machine issues, calls and serves", { timeout: 3 * soon }, async () => {
  const offices = (await (await fetch(server.url + "/api/v1/offices")).json()).offices;
  const small = offices.find((/** @type {any} */ o) => o.kind === "machizukuri_center");
  await page.goto(`${server.url}/staff/${small.id}/1`);
  await shows("closed");
  await rested();
  await page.keyboard.press("Space");
  await shows("idle");
  await page.keyboard.press("i");
  await page.locator("[data-key=issue][open] [name=then]").click();
  await shows("called");
  await page.locator("#alert .good a").waitFor();
  await rested();
  await page.keyboard.press("Space");
  await shows("serving");
  await rested();
  await page.keyboard.press("Space");
  await shows("idle");
  await page.goto(`${server.url}/staff/${small.id}/2`);
  await page.locator(".bar-remote").waitFor();
  assert.deepEqual(complaints, []);
});

test("every command works without script", { timeout: 3 * soon }, async () => {
  await clear(desk);
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
  const plain = await context.newPage();
  plain.setDefaultTimeout(soon);
  await signIn(plain, server);
  await plain.goto(`${server.url}/staff/${office}/${desk}`);
  await plain.click("[data-key=issue] > summary");
  await plain.click("[data-key=issue] .primary");
  const said = (await plain.locator("#alert .good").textContent()) ?? "";
  const number = /[A-Z][0-9]+/.exec(said)?.[0] ?? "";
  await plain.click(".big button");
  await plain.click(".big button");
  await plain.click("[data-key=finish] > summary");
  await plain.click("[data-key=served] > summary");
  await plain.fill('[name="served.seal"]', "2");
  await plain.click("[data-key=finish] .primary");
  assert.equal((await ticket(number)).state, "done");
  const other = await visitor("no_show");
  await plain.fill("#find-number", other.replace(/\D/g, ""));
  await plain.click(".find-form button");
  await plain.click("#card [data-key=back] > summary");
  await plain.click("#card [data-key=back] .primary");
  assert.equal((await ticket(other)).state, "waiting");
  await context.close();
});

test("every state of the console passes axe, light, dark and docked", { timeout: 5 * soon }, async (t) => {
  await clear(desk);
  await page.setViewportSize({ width: 1366, height: 768 });
  const number = await visitor("held");
  await visitor("serving");
  await page.goto(`${server.url}/staff/${office}/${desk}?lang=ja`);
  await shows("serving");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(axe);
  /** @param {string} name */
  const clean = async (name) => {
    await rested();
    const found = await page.evaluate(async () => {
      const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`);
    });
    assert.deepEqual(found, [], name);
  };
  await t.test("a ticket beside, in the dark", async () => { await look("key", number); await page.emulateMedia({ colorScheme: "dark" }); await clean("a ticket beside"); });
  await page.keyboard.press("Escape");
  await t.test("the settings, in the dark", async () => { await page.keyboard.press("g"); await page.locator("dialog[open]").waitFor(); await clean("the settings"); });
  await page.keyboard.press("Escape");
  await page.emulateMedia({ colorScheme: "light" });
  await t.test("a panel, docked, while a colleague asks for help", async () => {
    await post("counters/4/open", { take_over: true });
    await post("counters/4/ask-help", { text: "通訳" });
    await page.setViewportSize({ width: 360, height: 768 });
    await page.locator(".call-for-help").waitFor();
    await page.keyboard.press("f");
    await page.locator("[data-key=finish][open]").waitFor();
    await clean("docked");
    await page.locator("[data-key=finish][open] [data-shut]").click();
    assert.equal(await page.locator("details[open] > .panel").count(), 0, "a hand without keys cannot close a panel");
    await page.keyboard.press("q");
    await page.locator("[data-key=quick][open]").waitFor();
    await clean("a panel of the tools");
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "too wide");
  });
});
