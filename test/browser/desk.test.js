import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser, open, soon, until } from "./server.js";
import { Machine, office, pin } from "./desk-machine.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const portrait = { width: 1080, height: 1920 };

/** @type {Machine} */
let machine;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [machine, chrome] = await Promise.all([Machine.start(), browser()]);
});
after(async () => {
  await chrome?.close();
  await machine?.stop();
});

/** A page of the machine whose time stands still unless a test moves it. */
class Screen {
  /** @param {import("playwright-core").BrowserContext} context @param {import("playwright-core").Page} page @param {string[]} complaints */
  constructor(context, page, complaints) {
    this.context = context;
    this.page = page;
    this.complaints = complaints;
  }

  static async open(viewport = portrait) {
    const { context, page, complaints } = await open(chrome, { viewport });
    await page.clock.install();
    await page.goto(machine.url);
    await page.locator("main[data-page=attract]").waitFor();
    await page.clock.pauseAt(Date.now() + 60_000);
    return new Screen(context, page, complaints);
  }

  /** @param {string} name of a page @param {string} [text] that it shows */
  shows(name, text = "") {
    return this.page.locator(`main[data-page=${name}]`, text ? { hasText: text } : {}).waitFor();
  }

  /** What a scanner does: every character at once, then Enter. @param {string} text */
  async scan(text) {
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
  }

  /** What fingers do on a keyboard. @param {...string} keys */
  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
      await this.page.clock.runFor(200);
    }
  }

  /** A finger on the glass. @param {string} selector */
  async touch(selector) {
    await this.page.clock.runFor(600); // the guard of a new page
    await this.page.locator(selector).click();
  }

  async signIn() {
    await this.press("*", "0", "0", "#");
    await this.shows("desk");
    await this.press(...pin, "Enter");
    await this.shows("desk_home");
  }

  /** @param {string} name of a service at the machine's server */
  async service(name) {
    const answer = await fetch(`${machine.server.url}/api/v1/offices/${office}`);
    const { services } = await answer.json();
    return services.find((/** @type {{id: string}} */ s) => s.id === name);
  }

  async close() {
    assert.deepEqual(this.complaints, []);
    await this.context.close();
  }
}

/** @param {{status_url: string}} ticket */
async function status(ticket) {
  const secret = new URL(ticket.status_url, machine.server.url).pathname.split("/").at(-1);
  return (await fetch(`${machine.server.url}/api/v1/tickets/${secret}`)).json();
}

/** A ticket that was taken at home. */
async function fromHome() {
  const ticket = await machine.server.post(office + "/tickets", { service: "certificate", channel: "web" });
  assert.match(ticket.check_in_code, /^\d{6}$/);
  return ticket;
}

test("a paper at the scanner: where it stands, more time, leaving", { timeout: 2 * soon }, async () => {
  const screen = await Screen.open(), ticket = await machine.take();
  await until(async () => (await status(ticket)).state === "waiting", () => "the server does not know the ticket");
  await screen.scan(ticket.status_url);
  await screen.shows("scan", ticket.number);
  assert.ok(!(await screen.page.content()).includes(new URL(ticket.status_url).pathname.split("/").at(-1) ?? "?"), "the secret is in the page");

  await screen.press("1");
  await screen.shows("scan_done", "順番を遅らせました");
  // A key scanner types plainly; one under an input method tells only where its keys are.
  const keyboard = await screen.context.newCDPSession(screen.page);
  for (const c of ticket.status_url) {
    const code = /[a-z]/i.test(c) ? "Key" + c.toUpperCase() : /\d/.test(c) ? "Digit" + c : c === ":" ? "Semicolon" : c === "/" ? "Slash" : "Period";
    await keyboard.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", code, windowsVirtualKeyCode: 229, modifiers: c === ":" ? 8 : 0 });
    await keyboard.send("Input.dispatchKeyEvent", { type: "keyUp", key: "Process", code });
  }
  await keyboard.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", code: "Enter", windowsVirtualKeyCode: 229 });
  await screen.shows("scan", ticket.number);

  await screen.touch('[data-key=leave].choice');
  await screen.shows("scan_leave", "取り消しますか");
  assert.equal((await status(ticket)).state, "waiting", "one touch gave the number up");
  await screen.touch('[data-key=leave].choice');
  await screen.shows("scan_done", "取り消しました");
  await until(async () => (await status(ticket)).state === "withdrawn", () => "the ticket is not withdrawn");
  await screen.close();
});

test("a person's keys are a person's, also under an input method", { timeout: soon }, async () => {
  const screen = await Screen.open();
  await screen.press("1", "2", "3", "4", "5", "6");
  assert.notEqual(await screen.page.locator("main").getAttribute("data-page"), "scan");
  await screen.page.clock.runFor(200);
  await screen.page.keyboard.press("Escape");
  await screen.close();
});

test("check-in: six digits from home, typed, touched or scanned", { timeout: 2 * soon }, async () => {
  const screen = await Screen.open(), first = await fromHome(), second = await fromHome();
  await until(async () => {
    const found = await machine.post("scan", { text: second.check_in_code }).catch(() => null);
    return found?.kind === "check_in";
  }, () => "the machine does not hear of the ticket");
  await screen.touch("[data-key=have]");
  await screen.shows("scan");
  await screen.press("1");
  await screen.shows("check_in");
  await screen.page.clock.runFor(600);
  for (const digit of first.check_in_code) await screen.page.locator(`[data-key=pad-${digit}]`).click();
  await screen.touch("[data-key=pad-enter]");
  await screen.shows("scan_done", first.number);
  await screen.shows("scan_done", "いすにかけてお待ちください");
  await until(async () => !(await status(first)).away, () => "the visitor has not arrived");

  await screen.scan(second.check_in_code);
  await screen.shows("scan_done", second.number);
  await screen.press("0");
  await screen.touch("[data-key=have]");
  await screen.press("1");
  await screen.press(...(first.check_in_code === "000001" ? "000002" : "000001"), "Enter");
  await screen.shows("scan_error", "その数字は見つかりませんでした");
  await screen.close();
});

test("staff mode: see, give, find, withdraw, close and open", { timeout: 3 * soon }, async () => {
  const screen = await Screen.open(), ticket = await machine.take();
  await screen.signIn();
  await screen.press("5");
  await screen.shows("desk_done", "試し印刷");
  await screen.press("Enter", "2");
  await screen.shows("desk_issue");
  await screen.press("1", "3", "6", "Enter");
  await screen.shows("desk_done", "優先の番号札です");

  await screen.press("Enter", "1");
  await screen.shows("desk_tickets", ticket.number);
  await screen.press(...ticket.number);
  await screen.page.clock.runFor(400);
  await until(async () => await screen.page.locator(".ticket-row").count() === 1, () => "the search finds more or nothing");
  await screen.press("Enter");
  await screen.shows("desk_ticket", ticket.number);
  await screen.press("1");
  await screen.shows("desk_done", "再発行");
  await screen.press("Enter");
  await screen.shows("desk_tickets");
  await screen.scan(ticket.status_url);
  await screen.shows("desk_ticket", ticket.number);
  await screen.press("2");
  await screen.shows("desk_ask");
  await screen.press("1");
  await screen.shows("desk_ticket", ticket.number);
  assert.equal((await status(ticket)).state, "waiting", "withdrawn without a yes");
  await screen.press("2", "2");
  await screen.shows("desk_done", "取り消しました");
  await until(async () => (await status(ticket)).state === "withdrawn", () => "the ticket is not withdrawn");

  await screen.press("Enter", "Escape", "3");
  await screen.shows("desk_services");
  await screen.press("1", "2");
  await screen.shows("desk_done", "受付を止めました");
  const { services } = await machine.screen(), name = services[0].id;
  await until(async () => !(await screen.service(name)).accepting, () => "the service is not closed");
  await screen.press("Enter");
  const closed = screen.page.locator(`[data-key=${name}].choice .chip.no`);
  for (let news = 0; news < 10 && !await closed.isVisible(); news++) { // an answer may have been on its way before
    const heard = screen.page.waitForResponse(/\/screen/);
    await screen.page.clock.runFor(2_100);
    await heard;
  }
  await closed.waitFor();
  await screen.press("1");
  await screen.shows("desk_done", "受付を始めました");
  await until(async () => (await screen.service(name)).accepting, () => "the service is not open");
  await screen.close();
});

test("staff mode ends after two minutes unused, and leaves nothing", { timeout: soon }, async () => {
  const screen = await Screen.open(), { page } = screen;
  await screen.signIn();
  await page.clock.fastForward(104_000);
  await page.clock.runFor(300);
  await screen.shows("desk_home");
  await page.clock.fastForward(2_000);
  await page.clock.runFor(300);
  await page.locator("#idle[open]").waitFor();
  await page.clock.fastForward(15_000);
  await page.clock.runFor(300);
  await screen.shows("attract");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await page.keyboard.press("Escape");
  await screen.shows("attract");
  await screen.close();
});

const languages = ["ja", "ja-x-easy", "en", "zh", "ko"];

/** @param {Screen} screen @param {string} name @param {boolean} [colours] whether they are new too */
async function faults({ page }, name, colours = true) {
  /** @type {any} */
  let found = null;
  const run = page.evaluate((enabled) => /** @type {any} */ (window).axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: { "color-contrast": { enabled } }, resultTypes: ["violations"],
  }), colours)
    .then((result) => { found = result; }, (error) => { found = { violations: [{ id: error.message, nodes: [] }] }; });
  while (!found) await page.clock.runFor(20); // axe waits by the page's clock
  await run;
  assert.deepEqual(found.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 300)}`), [], name);
}

/** What is touched and does not lie on the screen, or not in the lower part where it has to. @param {Screen} screen @param {number} [from] share of the height */
function unreachable({ page }, from = 0) {
  return page.evaluate((share) => [...document.querySelectorAll("main button")].filter((e) => {
    const r = e.getBoundingClientRect();
    return r.width === 0 || r.left < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || r.top < innerHeight * share - 1;
  }).map((e) => e.textContent), from);
}

/** Every page of the scanner: how a visitor comes to it from the first page. @type {Record<string, (s: Screen, t: any) => Promise<void>>} */
const visitorPages = {
  scan: async (s) => s.touch("[data-key=have]"),
  check_in: async (s) => { await s.touch("[data-key=have]"); await s.press("1", "4", "7"); },
  found: async (s, t) => { await s.scan(t.status_url); await s.shows("scan", t.number); },
  scan_leave: async (s, t) => { await s.scan(t.status_url); await s.shows("scan", t.number); await s.touch("[data-key=leave].choice"); },
  scan_done: async (s) => { const t = await machine.take(); await s.scan(t.status_url); await s.shows("scan", t.number); await s.touch("[data-key=later].choice"); await s.shows("scan_done"); },
  scan_error: async (s) => { await s.scan("https://machi.example.jp/t/" + "0".repeat(32)); await s.shows("scan_error"); },
};

test("the scanner's pages pass axe, and lie in reach in every language and mode", { timeout: 6 * soon }, async (t) => {
  const ticket = await machine.take(), screen = await Screen.open(), { page } = screen;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(axe);
  for (const [turn, [name, come]] of Object.entries(visitorPages).entries()) {
    await t.test(name, async () => {
      await page.setViewportSize(portrait);
      await come(screen, ticket);
      await screen.shows(name === "found" ? "scan" : name);
      for (const [i, language] of languages.entries()) {
        await page.evaluate((l) => /** @type {HTMLElement} */ (document.querySelector(`#languages [lang="${l}"]`)).click(), language);
        if (i === 0 || i === 1 + turn % (languages.length - 1)) await faults(screen, `${name} ${language}`, language === "ja");
        assert.deepEqual(await unreachable(screen), [], `${name} ${language}`);
      }
      for (const mode of ["large", "low", "contrast"]) {
        await page.evaluate((m) => /** @type {HTMLElement} */ (document.querySelector(`#modes [data-key=${m}]`)).click(), mode);
        assert.deepEqual(await unreachable(screen, mode === "low" ? 0.54 : 0), [], `${name} ${mode}`);
      }
      await faults(screen, name + " in contrast");
      for (const [width, height] of [[1920, 1080], [1280, 800]]) {
        await page.setViewportSize({ width, height });
        assert.deepEqual(await unreachable(screen), [], `${name} ${width}x${height}`);
      }
      for (const mode of ["large", "low", "contrast"]) await page.evaluate((m) => /** @type {HTMLElement} */ (document.querySelector(`#modes [data-key=${m}]`)).click(), mode);
      await screen.press("*", "*", "*");
      await screen.shows("attract");
    });
  }
  await screen.close();
});

/** @type {Record<string, string[]>} the keys that lead there from the machine's state */
const staffPages = {
  desk_home: [], desk_tickets: ["1"], desk_issue: ["2"], desk_how: ["2", "1"], desk_services: ["3"], desk_ask: ["3", "1"], desk_enrol: ["6", "1", "2"],
};

test("staff mode passes axe and fits in both its languages", { timeout: 6 * soon }, async (t) => {
  await machine.take();
  const screen = await Screen.open(), { page } = screen;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(axe);
  await screen.press("*", "0", "0", "#");
  await screen.shows("desk");
  await faults(screen, "the PIN");
  await screen.press(...pin, "Enter");
  await screen.shows("desk_home");
  for (const language of ["ja", "en"]) {
    await page.evaluate((l) => /** @type {HTMLElement} */ (document.querySelector(`.tongues [lang="${l}"]`)).click(), language);
    for (const [name, keys] of Object.entries(staffPages)) {
      await t.test(`${name} ${language}`, async () => {
        await screen.press(...keys);
        await screen.shows(name);
        if (name === "desk_tickets") await page.locator(".ticket-row").first().waitFor();
        await faults(screen, name, language === "ja");
        for (const [width, height] of [[1920, 1080], [1280, 800], [1080, 1920]]) {
          await page.setViewportSize({ width, height });
          assert.deepEqual(await unreachable(screen), [], `${width}x${height}`);
        }
        while (await page.locator("main[data-page=desk_home]").count() === 0) await screen.press("Escape");
      });
    }
  }
  await screen.close();
});

test("alone: the machine says what it cannot know, and staff what to do", { timeout: 2 * soon }, async () => {
  const screen = await Screen.open();
  await screen.signIn();
  await machine.server.down();
  await until(async () => !(await machine.screen()).online, () => "the machine does not know that it is alone");
  await until(async () => {
    await screen.page.clock.runFor(2_100);
    return await screen.page.locator("main", { hasText: "サーバーにつながりません" }).count() === 1;
  }, () => "staff are not told that the machine is alone");
  await screen.press("3", "1", "2");
  await screen.shows("desk_done", "サーバーにつながらないため");
  await screen.press("Enter", "0", "0");
  await screen.shows("attract");
  await screen.scan("https://machi.example.jp/t/" + "0".repeat(32));
  await screen.shows("scan_error", "通信できません");
  await machine.server.up();
  await screen.close();
});

test("five wrong PINs lock staff out for minutes that count down", { timeout: 2 * soon }, async () => {
  const screen = await Screen.open(), left = screen.page.locator(".left");
  await screen.press("*", "0", "0", "#");
  for (let i = 4; i > 0; i--) {
    await screen.press(..."1111", "Enter");
    await screen.shows("desk", `あと${i}回`);
  }
  await screen.press(..."1111", "Enter");
  await left.waitFor();
  const seconds = async () => {
    const [, m, s] = /(?:(\d+)分)?(\d+)秒/.exec((await left.textContent()) ?? "") ?? [];
    return 60 * Number(m ?? 0) + Number(s);
  };
  const before = await seconds();
  assert.ok(before > 60 && before <= 300, `${before} s`);
  await screen.page.clock.runFor(3_000);
  await until(async () => await seconds() < before, () => "the time does not count down");
  await screen.press(...pin, "Enter");
  await screen.shows("desk", "入れません");
  await screen.close();
});
