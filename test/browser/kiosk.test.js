// The touch pages in a real browser, at a real machine beside a real server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser, open, soon, until } from "./server.js";
import { Machine, office } from "./desk-machine.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const portrait = { width: 1080, height: 1920 };
const sizes = { portrait, landscape: { width: 1920, height: 1080 }, tablet: { width: 1280, height: 800 } };

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

/** A visitor before a machine whose time stands still unless a test moves it. */
class Visitor {
  /** @param {import("playwright-core").BrowserContext} context @param {import("playwright-core").Page} page @param {string[]} complaints */
  constructor(context, page, complaints) {
    this.context = context;
    this.page = page;
    this.complaints = complaints;
    /** @type {object} what the machine's screen is made to say */
    this.says = {};
    /** @type {object} what the page was told last */
    this.heard = {};
    /** @type {any} what a press is answered with; null: what the machine says */
    this.answer = null;
    /** @type {any[]} bodies of presses */
    this.presses = [];
    /** @type {any[]} bodies of offers */
    this.offers = [];
  }

  static async open() {
    const { context, page, complaints } = await open(chrome, { viewport: portrait, hasTouch: true });
    const visitor = new Visitor(context, page, complaints);
    await page.route(/\/screen$/, async (route) => {
      try {
        const { says } = visitor, answer = await route.fetch({ maxRetries: 3 });
        await route.fulfill({ json: { ...await answer.json(), ...says } });
        visitor.heard = says;
      } catch {
        await route.abort().catch(() => {}); // the page asks again, unless it is closed or loaded anew
      }
    });
    await page.route(/\/press$/, (route) => {
      const choice = route.request().postDataJSON();
      visitor.presses.push(choice);
      if (!visitor.answer) return route.continue();
      return route.fulfill({ status: visitor.answer.code ? 409 : 201, json: { command: "01TEST", service: choice.service, ...visitor.answer } });
    });
    await page.route(/\/ticket\/01TEST/, (route) => (route.request().url().endsWith(".svg")
      ? route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>' })
      : route.fulfill({ json: { command: "01TEST", service: "moving", ...visitor.answer } })));
    page.on("request", (request) => { if (request.url().endsWith("/offer")) visitor.offers.push(request.postDataJSON()); });
    await page.clock.install();
    await page.goto(machine.url);
    await visitor.shows("attract");
    await page.clock.pauseAt(Date.now() + 60_000);
    return visitor;
  }

  /** @param {string} name of a page @param {string} [text] that it shows */
  shows(name, text = "") {
    return this.page.locator(`main[data-page=${name}]`, text ? { hasText: text } : {}).waitFor();
  }

  /** @param {...string} keys */
  async keys(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
      await this.page.clock.runFor(100); // until it is known that no scanner types
    }
  }

  /** The machine says something else. @param {object} says */
  async hears(says) {
    this.says = says;
    await until(async () => {
      await this.page.clock.runFor(2_000);
      return this.heard === says;
    }, () => "the page does not ask the machine");
  }

  /** A visit of its own: the page is loaded anew. */
  async begin() {
    this.says = {};
    await this.page.goto(machine.url);
    await until(async () => {
      if (await this.page.locator("main[data-page=attract]").isVisible()) return true;
      await this.page.clock.runFor(1_000); // it asks again
      return false;
    }, () => "the first page does not come");
  }

  /** @param {string} language that is chosen at the bar */
  async speaks(language) {
    await this.page.evaluate((id) => /** @type {HTMLElement} */ (document.querySelector(`#languages [data-key="${id}"]`)).click(), language);
    assert.equal(await this.page.locator("html").getAttribute("lang"), language);
  }

  /** @param {string[]} modes that are on, and no other */
  async sees(modes) {
    await this.page.evaluate((on) => {
      for (const b of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#modes button"))) {
        if ((b.ariaPressed === "true") !== on.includes(b.dataset.key ?? "")) b.click();
      }
    }, modes);
    assert.deepEqual((await this.page.locator("html").getAttribute("class"))?.split(" ").sort(), [...modes].sort());
  }

  /** A finger. @param {string} selector */
  async touch(selector) {
    await this.page.clock.runFor(1_000); // a page that is new hears nothing
    const box = await this.page.locator(selector).first().boundingBox();
    assert.ok(box, selector);
    await this.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  }

  async close() {
    assert.deepEqual(this.complaints, []);
    await this.context.close();
  }
}

/** Every page a visitor can see, and how keys lead there from the first. @type {Record<string, (v: Visitor) => Promise<unknown>>} */
const ways = {
  async attract() {},
  async options(v) { await v.keys("#"); },
  async purpose(v) { await v.keys("1"); },
  async services(v) { await v.keys("1"); await v.shows("purpose"); await v.keys("2"); },
  async list(v) { await v.keys("1"); await v.shows("purpose"); await v.keys("9"); },
  async service(v) { await v.keys("1"); await v.shows("purpose"); await v.keys("1"); },
  async offer(v) { await ways.service(v); await v.shows("service"); await v.keys("1"); },
  async making(v) { await v.page.route(/\/press$/, () => {}, { times: 1 }); await ways.service(v); await v.shows("service"); await v.keys("Enter"); },
  async refused(v) { await press(v, { state: "refused", code: "office_full" }); },
  async ticket(v) { await press(v, { state: "printed", number: "A013", status_url: "https://machi.example/t/secret", quote: { ahead: 12, low_minutes: 20, high_minutes: 40 } }); },
  async "ticket:failed"(v) { await press(v, { state: "failed", number: "K1-0001", shown_only: true, status_url: "https://machi.example/t/secret", check_in_code: "123456" }); },
  async "ticket:unknown"(v) { await press(v, { state: "unknown", number: "A801", status_url: "https://machi.example/t/secret" }); },
  async barred(v) { await v.hears({ barred: "store_copied" }); },
  async closed(v) {
    const { services } = await machine.screen();
    await v.hears({ services: services.map((/** @type {object} */ s) => ({ ...s, accepting: false, code: "outside_reception_hours", opens: "2026-04-01T08:30:00+09:00", closes: "2026-04-01T17:00:00+09:00" })) });
  },
  async notReady(v) { await v.hears({ ready: false, services: [] }); },
};

/** @param {Visitor} v @param {object} answer */
async function press(v, answer) {
  v.answer = answer;
  await ways.service(v);
  await v.shows("service");
  await v.keys("Enter");
}

/** @param {string} service @returns {Promise<boolean>} whether the machine itself gives numbers for it: the held clock must not run ahead of that */
async function accepts(service) {
  const { services } = await machine.screen();
  return services.find((/** @type {{id: string}} */ s) => s.id === service).accepting;
}

/** @param {Visitor} v @param {string} way */
async function lead(v, way) {
  await ways[way](v);
  await v.shows(way.split(":")[0]);
  v.answer = null;
}

/** @param {import("playwright-core").Page} page @returns {Promise<string[]>} what does not fit, and in low position what is too high */
function misfits(page) {
  return page.evaluate(async () => {
    const { cut, fit } = await import(new URL("fit.js", location.href).href), found = [];
    const main = /** @type {HTMLElement} */ (document.querySelector("main"));
    fit(main);
    if (cut(main)) found.push("cut off");
    const size = Number(document.documentElement.style.getPropertyValue("--fit"));
    if (size < 0.65 && !document.documentElement.classList.contains("large")) found.push(`letters of ${size}`);
    if (document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth) found.push("scrolls");
    for (const b of document.querySelectorAll("button")) {
      const box = b.getBoundingClientRect();
      if (box.height === 0) continue;
      if (box.bottom > innerHeight || box.right > innerWidth) found.push(`outside: ${b.textContent}`);
      if (Math.min(box.height, box.width) < 40) found.push(`small: ${b.textContent} ${box.width}x${box.height}`);
      if (document.documentElement.classList.contains("low") && innerHeight > innerWidth && box.top < 0.55 * innerHeight - 1) found.push(`high: ${b.textContent} at ${box.top}`);
    }
    return found;
  });
}

const languages = ["ja", "ja-x-easy", "en", "zh", "ko"];
// What axe looks at hardly depends on the language: each page is asked in Japanese and
// in one of the others in turn, and in all when there is more time.
const asked = (/** @type {number} */ turn) => process.env.MACHI_MORE ? languages : [languages[0], languages[1 + turn % (languages.length - 1)]];

test("every page passes axe, and fits every screen in every language", { timeout: 5 * soon }, async (t) => {
  const v = await Visitor.open();
  await v.page.emulateMedia({ reducedMotion: "reduce" });
  for (const [turn, way] of Object.keys(ways).entries()) {
    await t.test(way, async () => {
      await v.begin();
      await lead(v, way);
      for (const language of asked(turn)) {
        await v.speaks(language);
        assert.deepEqual(await complaintsOf(v), [], language);
      }
      for (const [size, viewport] of Object.entries(sizes)) {
        await v.page.setViewportSize(viewport);
        for (const language of languages) {
          await v.speaks(language);
          assert.deepEqual(await misfits(v.page), [], `${size} ${language}`);
        }
      }
      await v.page.setViewportSize(portrait);
    });
  }
  await v.close();
});

test("every page shows itself large, in contrast and low, all that is touched in reach", { timeout: 5 * soon }, async (t) => {
  const v = await Visitor.open();
  for (const way of Object.keys(ways)) {
    await t.test(way, async () => {
      await v.begin();
      await lead(v, way);
      for (const modes of [["contrast"], ["large"], ["low"]]) {
        await v.sees(modes);
        if (modes[0] === "contrast") assert.deepEqual(await complaintsOf(v), []);
        for (const language of ["ja", "ja-x-easy", "en"]) { // the widest and the highest
          await v.speaks(language);
          assert.deepEqual(await misfits(v.page), [], `${modes} ${language}`);
        }
      }
      for (const viewport of [sizes.landscape, sizes.tablet]) { // low, in the widest
        await v.page.setViewportSize(viewport);
        assert.deepEqual(await misfits(v.page), [], `low ${viewport.width}`);
      }
      await v.page.setViewportSize(portrait);
    });
  }
  await v.close();
});

/**
 * What axe finds. It waits by the page's clock, which goes on by so little that no
 * visit comes to its end, however slow the machine.
 * @param {Visitor} v
 * @param {string} [part] of the page
 */
async function complaintsOf({ page }, part = "html") {
  await page.evaluate(axe);
  /** @type {any} */
  let found = null;
  const run = page.evaluate((within) => /** @type {any} */ (window).axe.run(within, {
    resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }), part).then((result) => { found = result; }, (error) => { found = { violations: [{ id: error.message, nodes: [] }] }; });
  while (!found) await Promise.race([run, page.clock.runFor(1)]);
  return found.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`);
}

/** @param {Visitor} v @returns {Promise<{x: number, y: number}>} the middle of an element */
async function middle(v, selector = ".go") {
  const box = await v.page.locator(selector).first().boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** @param {string} [service] @returns {Promise<number>} how many wait, as the machine's own screen says */
async function waiting(service = "moving") {
  const { services } = await machine.screen();
  return services.find((/** @type {{id: string}} */ s) => s.id === service).waiting;
}

test("twenty taps a second, two fingers and a palm make one ticket", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open(), before = await waiting(), cdp = await v.context.newCDPSession(v.page);
  const fingers = (/** @type {string} */ type, /** @type {object[]} */ touchPoints) => cdp.send("Input.dispatchTouchEvent", /** @type {any} */ ({ type, touchPoints }));
  await ways.service(v);
  await v.shows("service");
  await v.page.clock.runFor(1_000);
  const { x, y } = await middle(v);

  await fingers("touchStart", [{ x, y, id: 1 }, { x: x + 90, y, id: 2 }]);
  await fingers("touchEnd", []);
  await v.page.clock.runFor(1_000);
  await fingers("touchStart", [{ x, y, id: 1 }]);
  await fingers("touchStart", [{ x, y, id: 1 }, { x: x + 200, y: y + 30, id: 2 }]);
  await fingers("touchEnd", [{ x: x + 200, y: y + 30, id: 2 }]);
  await fingers("touchEnd", []);
  await v.page.clock.runFor(1_000);
  await fingers("touchStart", [{ x, y, id: 1, radiusX: 120, radiusY: 160 }]);
  await fingers("touchEnd", []);
  await v.page.clock.runFor(1_000);
  await v.shows("service");
  assert.deepEqual(v.presses, [], "two fingers or a palm pressed the button");

  for (let i = 0; i < 60; i++) {
    await fingers("touchStart", [{ x, y, id: 1 }]);
    await fingers("touchEnd", []);
    await v.page.clock.runFor(50);
  }
  await v.shows("ticket");
  assert.equal(v.presses.length, 1);
  await until(async () => await waiting() === before + 1, () => "not one more person waits");
  await v.close();
});

test("a finger takes a ticket: number, paper, and nothing of it afterwards", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  await v.page.clock.runFor(1_000);
  await v.touch(".begin[data-key=en]");
  await v.shows("purpose", "How can we help you?");
  await v.touch("[data-key=certificate] button");
  await v.shows("services");
  await v.touch(".choice");
  await v.shows("service", "What you need");
  await v.touch(".go");
  await v.shows("ticket");
  const number = await v.page.locator(".number").textContent() ?? "";
  assert.match(number, /^B\d{3}$/);
  assert.equal(v.presses[0].language, "en");
  await v.page.locator(".code img").evaluate((img) => /** @type {HTMLImageElement} */ (img).decode());
  await until(async () => { // in small steps: the page's clock must not run into the idle end while the paper is on its way
    await v.page.clock.runFor(200);
    return await v.page.locator(".paper.printed").count() === 1;
  }, () => "no paper");
  const { session } = v.presses[0];

  await v.page.clock.runFor(22_000);
  await v.page.locator("#idle[open]").waitFor();
  assert.deepEqual(await complaintsOf(v, "#idle"), []);
  await v.touch("#idle-on");
  assert.equal(await v.page.locator("#idle[open]").count(), 0);
  await v.shows("ticket", number);
  await v.page.clock.runFor(22_000);
  await v.page.locator("#idle[open]").waitFor();
  await v.page.clock.runFor(16_000);
  await v.shows("attract", "番号札をおとりください");
  const left = await v.page.evaluate(async () => ({
    html: document.documentElement.outerHTML, url: location.href, steps: history.length, cookie: document.cookie,
    stored: localStorage.length + sessionStorage.length, databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, focus: document.activeElement?.tagName,
  }));
  assert.ok(!left.html.includes(number) && !left.html.includes(session) && !left.html.includes("qr.svg"), "the ticket is still in the page");
  assert.deepEqual({ ...left, html: "" }, { html: "", url: machine.url, steps: left.steps, cookie: "", stored: 0, databases: 0, caches: 0, focus: "H1" });
  assert.equal(await v.page.locator("html").getAttribute("lang"), "ja");
  await v.touch(".go");
  await v.shows("purpose", "ご用件");
  await v.close();
});

test("the whole way goes by the ten-key pad, and by Tab and Enter", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  await v.keys("#");
  await v.shows("options");
  await v.keys("3", "6", "7", "8", "9", "#");
  await v.shows("attract", "Please take a number");
  assert.equal(await v.page.locator("html").getAttribute("class"), "large contrast low voice");
  await v.keys("1");
  await v.shows("purpose");
  await v.keys("9");
  await v.shows("list", "Find a procedure by name");
  const first = await v.page.locator(".choice b").first().textContent();
  await v.keys("9");
  await until(async () => await v.page.locator(".choice b").first().textContent() !== first, () => "9 does not turn the page");
  await v.keys("0");
  await v.shows("purpose");
  await v.keys("1");
  await v.shows("service");
  await v.keys("1");
  await v.shows("offer");
  await v.keys("*");
  await v.shows("service");
  await v.page.keyboard.down("Enter");
  for (let i = 0; i < 10; i++) await v.page.keyboard.down("Enter"); // a key that is held repeats
  await v.page.keyboard.up("Enter");
  await v.shows("ticket");
  assert.deepEqual(v.presses.map(({ language, service }) => [language, service]), [["en", "moving"]]);
  await v.keys("Enter");
  await v.shows("attract", "番号札をおとりください");
  assert.equal(await v.page.locator("html").getAttribute("class"), "");

  const enter = async (/** @type {string} */ selector) => {
    for (let i = 0; i < 40 && !await v.page.locator(selector).first().evaluate((e) => e === document.activeElement); i++) await v.keys("Tab");
    assert.ok(await v.page.locator(selector).first().evaluate((e) => e === document.activeElement), `Tab does not reach ${selector}`);
    await v.keys("Enter");
  };
  await enter(".go");
  await v.shows("purpose");
  await enter("[data-key=insurance] button");
  await v.shows("service");
  v.answer = { state: "printed", number: "D001" };
  await enter(".go");
  await v.shows("ticket");
  await enter(".go");
  await v.shows("attract");
  await v.close();
});

test("who comes while the paper before is on its way waits, and is not refused", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  v.answer = { state: "refused", code: "busy" };
  await ways.service(v);
  await v.shows("service");
  await v.keys("Enter");
  await v.shows("making");
  await until(async () => {
    await v.page.clock.runFor(1_000);
    return v.presses.length > 3;
  }, () => "the machine is not asked again");
  await v.shows("making");
  v.answer = { state: "printed", number: "A014" };
  await until(async () => {
    await v.page.clock.runFor(1_000);
    return await v.page.locator("main[data-page=ticket]", { hasText: "A014" }).count() === 1;
  }, () => "no number");
  assert.equal(new Set(v.presses.map(({ session }) => session)).size, 1);
  await v.close();
});

test("another way is an offer that is counted and never in the way", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  await ways.service(v);
  await v.shows("service");
  const seen = v.offers.map(({ kind }) => kind);
  assert.ok(seen.length > 0 && v.offers.every(({ service, taken }) => service === "moving" && !taken));
  assert.equal(await v.page.locator("main .go:not([disabled])").count(), 1, "the ticket is not in reach");
  await v.keys("1");
  await v.shows("offer");
  await v.keys("0");
  await v.shows("service");
  await v.keys("1");
  await v.shows("offer");
  const counted = v.page.waitForResponse((answer) => answer.url().endsWith("/offer") && answer.request().postDataJSON().taken);
  await v.keys("1");
  assert.equal((await counted).status(), 204);
  await v.shows("offer", "ありがとうございます");
  assert.deepEqual(v.presses, []);
  await v.keys("0");
  v.answer = { state: "printed", number: "A013" };
  await v.keys("2"); // a number after all, with this one touch
  await v.shows("ticket", "A013");
  await v.close();
});

test("a service that is stopped has no button, and the reason stands there", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  await v.keys("1");
  await v.shows("purpose");
  assert.equal(await v.page.locator("[data-key=bereavement] button").count(), 1);
  await machine.server.post(`${office}/services/bereavement/state`, { state: "paused", message: "担当者の研修のため" });
  await until(async () => !await accepts("bereavement"), () => "the machine does not hear of it");
  await until(async () => {
    await v.page.clock.runFor(2_000);
    return await v.page.locator("[data-key=bereavement] button").count() === 0;
  }, () => "the button is still there");
  assert.match(await v.page.locator(".away").textContent() ?? "", /担当者の研修のため.*おくやみ/);
  await machine.server.post(`${office}/services/bereavement/state`, { state: "accepting" });
  await until(() => accepts("bereavement"), () => "the machine does not hear of it");
  await until(async () => {
    await v.page.clock.runFor(2_000);
    return await v.page.locator("[data-key=bereavement] button").count() === 1;
  }, () => "the button does not come back");
  await v.close();
});

test("without the server a press gives a number of the machine's own", { timeout: 2 * soon }, async () => {
  const v = await Visitor.open();
  await machine.server.down();
  await ways.service(v);
  await v.shows("service");
  await v.touch(".go");
  await v.shows("ticket");
  assert.match(await v.page.locator(".number").textContent() ?? "", /^A1\d{3}$/);
  await until(async () => !(await machine.screen()).online, () => "the machine does not know that it is alone");
  await until(async () => {
    await v.page.clock.runFor(2_000);
    return await v.page.locator("#status").textContent() === "ただいま単独で発券しています。番号札はそのままお使いいただけます。";
  }, () => "the page does not say that the machine is alone");
  await machine.server.up();
  await v.close();
});
