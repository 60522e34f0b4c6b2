// A hostile page in the machine's own browser, which knows even the secret address
// of the touch pages: nothing that it tries may give a ticket, or read anything.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Machine, office } from "./desk-machine.js";
import { soon, until } from "./server.js";

/** @type {Machine} */
let machine;
/** @type {import("node:http").Server} */
let evil;
/** @type {import("playwright-core").Browser} */
let chrome;
let home = "";

before(async () => {
  machine = await Machine.start();
  evil = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>prizes</title><body>")).listen(0, "127.0.0.1");
  await once(evil, "listening");
  const address = evil.address();
  home = `http://evil.test:${typeof address === "object" && address ? address.port : 0}/`;
  chrome = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.test 127.0.0.1"],
  });
});

after(async () => {
  await chrome?.close();
  evil?.close();
  await machine?.stop();
});

/** Opens the hostile page and notes how the machine answers whoever asks. */
async function prey() {
  const page = await (await chrome.newContext()).newPage();
  page.setDefaultTimeout(soon);
  /** @type {{method: string, url: string, status: number}[]} */
  const seen = [];
  const port = new URL(machine.url).port;
  page.context().on("response", (r) => {
    if (new URL(r.url()).port === port) seen.push({ method: r.request().method(), url: r.url(), status: r.status() });
  });
  await page.goto(home);
  return { page, seen };
}

/** What the office and the machine have given. */
async function given() {
  const board = await (await fetch(`${machine.server.url}/api/v1/offices/${office}`)).json();
  const waiting = board.services.reduce((/** @type {number} */ n, /** @type {{waiting: number}} */ s) => n + s.waiting, 0);
  const printed = await readdir(join(machine.data, "kiosk", "printed")).catch(() => []);
  return { waiting, printed: printed.length };
}

/** Every way in which a page of another site can send something. Each says how it went.
 * @param {{press: string, screen: string, page: string}} to
 */
async function attack(to) {
  const body = JSON.stringify({ service: "moving", language: "ja", session: "evil" });
  const said = (/** @type {Promise<unknown>} */ p) => p.then(() => "done", () => "refused");
  const loaded = (/** @type {HTMLElement} */ e) => new Promise((done) => {
    e.addEventListener("load", () => done("done"));
    e.addEventListener("error", () => done("refused"));
    document.body.append(e);
  });
  const make = (/** @type {string} */ tag, /** @type {Record<string, string>} */ fields) => Object.assign(document.createElement(tag), fields);
  /** @type {Record<string, unknown>} */
  const went = {};
  went["a press that cannot be read"] = await said(fetch(to.press, { method: "POST", mode: "no-cors", body }));
  went["a press as a form"] = await said(fetch(to.press, { method: "POST", mode: "no-cors", body: new URLSearchParams({ service: "moving" }) }));
  went["a press as JSON"] = await said(fetch(to.press, { method: "POST", headers: { "Content-Type": "application/json" }, body }));
  went["a press with credentials"] = await said(fetch(to.press, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body }));
  went["a look at the screen"] = await said(fetch(to.screen));
  went["a look without an answer"] = await said(fetch(to.screen, { mode: "no-cors" }));
  went["a beacon"] = navigator.sendBeacon(to.press, new Blob([body], { type: "text/plain" }));
  went["an image"] = await loaded(make("img", { src: to.press }));
  went["a script"] = await loaded(make("script", { src: to.screen }));
  went["a frame"] = await loaded(make("iframe", { src: to.page }));
  went["a WebSocket"] = await new Promise((done) => {
    const socket = new WebSocket(to.screen.replace("http", "ws"));
    socket.onopen = () => done("done");
    socket.onerror = () => done("refused");
  });
  went["an event stream"] = await new Promise((done) => {
    const stream = new EventSource(to.screen);
    stream.onopen = () => done("done");
    stream.onerror = () => { stream.close(); done("refused"); };
  });
  return went;
}

/** Sends a form whose text reads as JSON where it is sent as text. @param {{press: string, enctype: string}} to */
function submit({ press, enctype }) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: press, enctype });
  form.append(Object.assign(document.createElement("input"), { name: '{"service":"moving","x":"', value: '"}' }));
  document.body.append(form);
  form.submit();
}

test("a page of another site gets no ticket and reads nothing", async () => {
  const { page, seen } = await prey();
  const u = machine.url;
  const went = await page.evaluate(attack, { press: u + "press", screen: u + "screen", page: u });
  for (const what of ["a press as JSON", "a press with credentials", "a look at the screen", "an image", "a script", "a WebSocket", "an event stream"]) {
    assert.equal(went[what], "refused", what);
  }
  for (const enctype of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]) {
    const other = (await prey()).page;
    const [sent] = await Promise.all([other.waitForResponse(u + "press"), other.evaluate(submit, { press: u + "press", enctype })]);
    assert.equal(sent.status(), 403, enctype);
  }
  for (const r of seen) assert.ok([403, 404, 415, 421].includes(r.status), JSON.stringify(r));
  assert.deepEqual(await given(), { waiting: 0, printed: 0 });
});

test("a page that opens the machine's address gets neither it nor a hold on it", async () => {
  const { page, seen } = await prey();
  const [opened] = await Promise.all([page.waitForEvent("popup"), page.evaluate((u) => { window.open(u); }, machine.url)]);
  await opened.waitForLoadState();
  const answer = await Promise.all([page.waitForResponse((r) => r.url() === machine.url), page.evaluate((u) => { location.href = u; }, machine.url)]);
  assert.equal(answer[0].status(), 403);
  for (const r of seen) assert.equal(r.status, 403, JSON.stringify(r));
  assert.deepEqual(await given(), { waiting: 0, printed: 0 });
});

test("a name that was made to point at the machine opens nothing", async () => {
  const { page, seen } = await prey();
  const u = new URL(machine.url);
  const rebound = `http://evil.test:${u.port}`;
  for (const path of [u.pathname, u.pathname + "screen", "/"]) {
    const answer = await page.goto(rebound + path);
    assert.equal(answer?.status(), 421, path);
  }
  const statuses = await page.evaluate(async (/** @type {string} */ at) => {
    const press = (/** @type {RequestInit} */ more) => fetch(at + "press", { method: "POST", body: '{"service":"moving","language":"ja"}', ...more }).then((r) => r.status);
    return Promise.all([press({ headers: { "Content-Type": "application/json" } }), press({}), fetch(at + "screen").then((r) => r.status)]);
  }, rebound + u.pathname);
  assert.deepEqual(statuses, [421, 421, 421]);
  for (const r of seen) assert.equal(r.status, 421, JSON.stringify(r));
  assert.deepEqual(await given(), { waiting: 0, printed: 0 });
});

test("the machine's own page still gives a ticket", async () => {
  await machine.take();
  await until(async () => { const g = await given(); return g.waiting === 1 && g.printed > 0; }, () => "no ticket: " + machine.log);
});
