// Walls as a lobby meets them: several screens, old television sets among them, whose
// links break and whose power fails.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Cutter } from "./cutter.js";
import { Server, browser, open, soon, until } from "./server.js";

/** @import { Page } from "playwright-core" */
/** Tests that run at once have an office each. */
const offices = ["km-setagaya", "km-kitazawa", "km-tamagawa"];
/** Times that the link is cut; once unless asked for more. */
const cuts = Number(process.env.MACHI_MORE ?? 1);
const show = 3;

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;
/** @type {Cutter} */
let link;
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "machi-wall-"));
  process.env.MACHI_CATALOG = join(folder, "offices.yaml");
  process.env.MACHI_VOICE = "espeak";
  await writeFile(process.env.MACHI_CATALOG, `offices: [${offices.map((id) => `{id: ${id}, announce: {times: 1, show_seconds: ${show}}}`)}]\n`);
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  link = await Cutter.start(server.url);
  for (const office of offices) for (const counter of ["3", "4", "5"]) await server.post(`${office}/counters/${counter}/open`);
});
after(async () => {
  await chrome?.close();
  link?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/**
 * A wall that notes what its caption says, and how long its line lets that stand: by its
 * own clock, however late the page is drawn.
 * @param {string} office
 * @param {{old?: boolean, viewport?: {width: number, height: number}, from?: string}} [how] old: a set that runs no modules
 */
async function wall(office, { old = false, viewport = { width: 1920, height: 1080 }, from = server.url } = {}) {
  const opened = await open(chrome, { viewport });
  if (old) await opened.page.route(/player\.js$/, (route) => route.abort());
  await opened.page.addInitScript(() => {
    /** @type {string[]} */
    const seen = [];
    /** @type {number[]} */
    const spans = [];
    Object.assign(globalThis, { seen, spans });
    /** @type {any} */
    let announcer;
    Object.defineProperty(globalThis, "machiAnnouncer", {
      get: () => announcer,
      set: (made) => {
        announcer = { ...made, create: (/** @type {any[]} */ ...how) => {
          const line = made.create(...how), { step } = line;
          /** @type {any} */
          let last = null;
          line.step = (/** @type {number} */ now) => {
            const showing = step(now);
            if (last && last !== showing) spans.push(Math.round(now - last.since));
            return last = showing;
          };
          return line;
        } };
      },
    });
    document.addEventListener("DOMContentLoaded", () => {
      const caption = document.getElementById("caption");
      if (!caption) return;
      const note = () => seen.push(caption.textContent ?? "");
      new MutationObserver(note).observe(caption, { childList: true, characterData: true, subtree: true });
    });
  });
  await opened.page.goto(`${from}/signage/${office}?lang=ja`);
  await opened.page.waitForFunction(() => {
    const state = /** @type {any} */ (globalThis).machiWall?.state();
    return state?.office && state.link === "live";
  });
  assert.equal(await opened.page.locator("html[data-floor]").count(), old ? 1 : 0);
  return opened;
}

/** What a wall has announced. @param {Page} page @returns {Promise<string[]>} */
const seen = (page) => page.evaluate(() => /** @type {any} */ (globalThis).seen);

/** @param {string[]} all */
const numbers = (all) => all.map((text) => /[A-Z]\d{3}/.exec(text)?.[0] ?? "").filter(Boolean);

/** Calls a new visitor to a counter, whose last one has gone. @param {string} office @param {string} counter */
async function call(office, counter) {
  const { number } = await server.issue(office);
  await server.post(`${office}/tickets/${number}/call`, { counter });
  return number;
}

/** @param {string} office @param {string} number */
async function serve(office, number) {
  await server.post(`${office}/tickets/${number}/start`);
  await server.post(`${office}/tickets/${number}/finish`);
}

/** @param {Page} page @param {string[]} wanted */
async function announced(page, wanted) {
  /** @type {string[]} */
  let all = [];
  await until(async () => {
    all = await seen(page);
    return wanted.every((number) => numbers(all).includes(number));
  }, () => `announced ${numbers(all)}, not ${wanted}`);
  return all;
}

describe("walls of three offices", { concurrency: 3 }, () => {
  test("three screens show a call, and announce a burst one after another, each for its full time", { timeout: 4 * soon }, async () => {
    const office = offices[0];
    const walls = await Promise.all([wall(office), wall(office, { viewport: { width: 1080, height: 1920 } }), wall(office, { old: true })]);
    const stays = await server.issue(office); // waits to the end
    const began = performance.now();
    const called = [await call(office, "3"), await call(office, "4"), await call(office, "5")];
    for (const { page } of walls) await page.locator("#recent li, #call", { hasText: called[2] }).first().waitFor();
    console.log(`# three calls stood on three screens after ${Math.round(performance.now() - began)} ms`);
    for (const { page, complaints } of walls) {
      const notes = await announced(page, called);
      assert.deepEqual(numbers(notes), called);
      await page.locator("body:not(.calling)").waitFor();
      const spans = await page.evaluate(() => /** @type {number[]} */ (/** @type {any} */ (globalThis).spans));
      assert.ok(spans.length === called.length && spans.every((ms) => ms >= show * 1000), `announcements stood for ${spans} ms`);
      assert.match((await page.locator("#call").textContent()) ?? "", new RegExp(`${called[2]}[^]*5番窓口[^]*Counter 5`));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight), false, "the wall is larger than its screen");
      assert.deepEqual(complaints, []);
    }
    // The old set takes its waits from the page that the server draws.
    await walls[2].page.locator('#rows [data-purpose=moving] [data-f=waiting]', { hasText: "1人" }).waitFor();
    for (const number of called) await serve(office, number);
    await server.post(`${office}/tickets/${stays.number}/withdraw`);
    await Promise.all(walls.map(({ context }) => context.close()));
  });

  test("the voice speaks Japanese and the visitor's language, and an undone call leaves the wall", { timeout: 4 * soon }, async () => {
    const office = offices[1];
    const { page, context } = await wall(office);
    // However long a busy machine takes to speak, this is not given up.
    await page.evaluate(() => Object.defineProperty(XMLHttpRequest.prototype, "timeout", { set() {}, get: () => 0 }));
    if (await page.locator("#sound").isVisible()) await page.click("#sound"); // some browsers allow sound at once
    await page.locator("#sound").waitFor({ state: "hidden" });
    const { number } = await server.post(office + "/tickets", { service: "moving", channel: "reception", language: "en" });
    await server.post(`${office}/tickets/${number}/call`, { counter: "3" });
    await page.locator("#caption-other[lang=en]", { hasText: `Number ${number}, please come to counter 3.` }).waitFor();
    await page.locator("html[data-chimes='1'][data-said='2']").waitFor({ state: "attached" });
    await page.locator("body:not(.calling)").waitFor();
    await serve(office, number);
    const wrong = await call(office, "3");
    await announced(page, [wrong]);
    await server.post(`${office}/counters/3/undo`);
    await until(async () => !(await page.locator("#call, #recent").allTextContents()).join(" ").includes(wrong), () => `${wrong} stays on the wall`);
    await page.locator("body:not(.calling)").waitFor();
    await server.post(`${office}/tickets/${wrong}/withdraw`);
    await context.close();
  });

  test("walls whose link is cut say so, heal by themselves, and announce what was missed, once", { timeout: (4 + cuts) * soon }, async () => {
    const office = offices[2];
    const walls = await Promise.all([wall(office, { from: link.url }), wall(office, { old: true, from: link.url })]);
    /** @type {string[]} */
    const called = [];
    for (let round = 0; round < cuts; round++) {
      link.cut();
      for (const { page } of walls) await page.locator("#stale-mark", { hasText: /\d\d:\d\d:\d\d 現在/ }).waitFor();
      called.push(await call(office, "3"));
      await link.mend();
      for (const { page } of walls) {
        await page.locator("#stale-mark").waitFor({ state: "hidden" });
        await announced(page, called);
      }
      await serve(office, called[round]);
    }
    // A browser that loads the page again knows what it has announced.
    called.push(await call(office, "4"));
    for (const { page, complaints } of walls) {
      await announced(page, called);
      assert.deepEqual(numbers(await seen(page)), called);
      await page.locator("body:not(.calling)").waitFor();
      await page.reload();
      await page.waitForFunction(() => /** @type {any} */ (globalThis).machiWall.state().link === "live");
      assert.deepEqual(complaints, []);
    }
    const last = await call(office, "5");
    for (const { page } of walls) {
      await announced(page, [last]);
      assert.deepEqual(numbers(await seen(page)), [last], "a call was announced again after a restart");
    }
    for (const number of [called[cuts], last]) await serve(office, number);
    await Promise.all(walls.map(({ context }) => context.close()));
  });
});

test("a wall whose power fails without a network comes back with its last state, then with what it missed", { timeout: 5 * soon }, async () => {
  const office = offices[0];
  const { page, complaints, context } = await wall(office);
  const before = await call(office, "3");
  await announced(page, [before]);
  await page.locator("body:not(.calling)").waitFor();
  await until(() => page.evaluate(async () => {
    const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => new URL(name).pathname.startsWith("/ui/"));
    const kept = await Promise.all([location.href, ...files].map((name) => caches.match(name, { ignoreVary: true })));
    return Boolean(navigator.serviceWorker.controller) && kept.every(Boolean);
  }), () => "the worker keeps too little");
  await server.down();
  await page.reload();
  assert.match((await page.locator("#call").textContent()) ?? "", new RegExp(before));
  await page.locator("#stale-mark", { hasText: /\d\d:\d\d:\d\d 現在/ }).waitFor();
  assert.deepEqual(numbers(await seen(page)), []);
  // What never was here is no error page of the browser either.
  const other = await context.newPage();
  await other.goto(`${server.url}/signage/km-kinuta`);
  assert.match((await other.textContent("body")) ?? "", /接続しています|お呼び出し/);
  await other.close();
  await server.up();
  const missed = await call(office, "4");
  await announced(page, [missed]);
  await page.locator("#stale-mark").waitFor({ state: "hidden" });
  assert.deepEqual(numbers(await seen(page)), [missed]);
  for (const number of [before, missed]) await serve(office, number);
  assert.deepEqual(complaints, []);
  await context.close();
});
