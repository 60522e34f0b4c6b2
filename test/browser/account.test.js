// The door as people use it: the first administrator comes in by the code that the
// server printed, sets up an authenticator, signs in again with it, and ends a
// session that was left open elsewhere.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser, open, Server, soon, until } from "./server.js";

const password = "ねこが三匹 屋根の上で寝る";
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/**
 * What an authenticator app shows.
 * @param {string} secret in base 32
 * @param {number} [later] steps of 30 seconds
 */
function digits(secret, later = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac("sha1", key).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** @param {import("playwright-core").Page} page must pass axe as it is now */
async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes[0].html}`);
  });
  assert.deepEqual(found, [], page.url());
}

test("the first administrator comes in, sets up an authenticator and signs in with it", { timeout: 4 * soon }, async () => {
  const { page, complaints, context } = await open(chrome, { locale: "ja-JP", viewport: { width: 1366, height: 768 } });
  await until(async () => /code (\S+) until/.test(server.log), () => "no code was printed:\n" + server.log);
  const code = /code (\S+) until/.exec(server.log)?.[1] ?? "";
  await page.goto(server.url + "/staff/login");
  await page.click("a[href='/staff/first']");
  await page.fill("[name=code]", "aaaa-bbbb-cccc");
  await page.fill("[name=name]", "伊藤 健");
  await page.fill("[name=login]", "ito.ken");
  await page.fill("[name=password]", password);
  await page.click("form[data-send] [type=submit]");
  await page.waitForSelector("[data-trouble]:not([hidden])");
  await accessible(page);
  assert.equal(await page.inputValue("[name=name]"), "伊藤 健", "what was typed is lost");
  await page.fill("[name=code]", code.toUpperCase());
  await page.click("form[data-send] [type=submit]");

  await page.waitForURL((url) => url.pathname === "/staff/me");
  await page.goto(server.url + "/manager"); // nothing else before the authenticator
  await page.waitForURL((url) => url.pathname === "/staff/me");
  await accessible(page);
  await page.click("form[action='/staff/me/totp'] button");
  await page.waitForSelector(".qr path");
  await accessible(page);
  await page.click("summary");
  const secret = (await page.textContent(".secret-text"))?.trim() ?? "";
  await page.fill("[name=code]", digits(secret));
  await page.click("form[action='/staff/me/totp/confirm'] button");
  await page.waitForSelector(".codes li:nth-child(8)");
  await accessible(page);
  await page.click("a.primary[href='/staff/me']");
  await page.waitForSelector(".sessions li");
  await accessible(page);

  const other = await open(chrome, { locale: "en-US", viewport: { width: 390, height: 844 } });
  await other.page.goto(server.url + "/staff/login?next=/staff/me");
  await other.page.fill("[name=login]", "ito.ken");
  await other.page.fill("[name=password]", password);
  await other.page.click("form[data-send] [type=submit]");
  await other.page.waitForSelector("[data-otp]:not([hidden])");
  await accessible(other.page);
  await other.page.fill("[name=otp]", digits(secret, 1));
  await other.page.click("form[data-send] [type=submit]");
  await other.page.waitForURL((url) => url.pathname === "/staff/me");

  await page.reload();
  await page.click("form[action='/staff/me/sessions'] button[aria-label]");
  await page.waitForSelector("[role=status]");
  await other.page.reload();
  await other.page.waitForURL((url) => url.pathname === "/staff/login");
  assert.deepEqual([...complaints, ...other.complaints], []);
  await Promise.all([context.close(), other.context.close()]);
});

test("the door works without script", { timeout: 2 * soon }, async () => {
  const context = await chrome.newContext({ javaScriptEnabled: false, locale: "ja-JP" });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  await page.goto(server.url + "/staff/login");
  await page.fill("[name=login]", "ito.ken");
  await page.fill("[name=password]", password);
  await page.click("form[data-send] [type=submit]");
  await page.waitForURL("**/staff/login?error=code_needed");
  assert.ok(await page.isVisible("[name=otp]"));
  assert.match((await page.textContent("[role=alert]")) ?? "", /6桁/);
  await context.close();
});
