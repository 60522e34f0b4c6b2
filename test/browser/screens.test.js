// The walls beside calls, as staff and screens live with them: a picture is uploaded,
// approved by another person, shown, covered by a call, shown in full and counted; an
// emergency stands over two offices until it is ended.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Server, browser, open, soon, until } from "./server.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const run = promisify(execFile);

/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let chrome;

before(async () => {
  [server, chrome] = await Promise.all([Server.start(), browser()]);
  server.token = await server.createToken("admin");
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** @param {import("playwright-core").Page} page */
async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes[0].html}`);
  });
  assert.deepEqual(found, [], page.url());
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, page.url() + " does not fit a phone");
  if (size) await page.setViewportSize(size);
}

/**
 * @param {string} method
 * @param {string} path under /api/v1/
 * @param {object | Buffer} [body]
 * @param {string} [session] of a person; none: the program's token
 */
async function api(method, path, body, session) {
  server.keys++;
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", "Idempotency-Key": `screens-${process.pid}-${server.keys}`, "Sec-Fetch-Site": "same-origin" };
  if (session) headers.Cookie = "machi_session=" + session;
  else headers.Authorization = "Bearer " + server.token;
  const answer = await fetch(`${server.url}/api/v1/${path}`, { method, headers, body: body instanceof Buffer ? new Uint8Array(body) : body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text, session: sessionOf(answer) };
}

/** @param {Response} answer that lets somebody in */
const sessionOf = (answer) => /machi_session=([^;]+)/.exec(answer.headers.get("Set-Cookie") ?? "")?.[1] ?? "";

/**
 * Makes an account of a person who manages an office, and signs it in.
 * @param {string} login
 * @returns {Promise<string>} the session
 */
async function person(login) {
  const { stdout } = await run(server.bin, ["user", "add", login, "--name", login, "--role", "manager@km-setagaya", "--data", server.data]);
  const first = stdout.trim().split("\n").at(-1) ?? "";
  const signIn = async (/** @type {string} */ password) => {
    const answer = await fetch(server.url + "/staff/login", {
      method: "POST", redirect: "manual", headers: { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" },
      body: new URLSearchParams({ login, password }),
    });
    return sessionOf(answer);
  };
  let session = "";
  await until(async () => { session = await signIn(first); return session !== ""; }, () => login + " cannot sign in");
  const password = "三毛猫が 縁側で 昼寝する " + login;
  const changed = await api("POST", "me/password", { old: first, new: password }, session);
  assert.ok(changed.status < 300, JSON.stringify(changed));
  session = changed.session;
  const begun = await api("POST", "me/totp", {}, session);
  assert.equal(begun.status, 201, JSON.stringify(begun));
  const secret = begun.body.secret;
  const confirmed = await api("POST", "me/totp/confirm", { code: digits(secret) }, session);
  assert.ok(confirmed.status < 300, JSON.stringify(confirmed));
  return session;
}

/**
 * What an authenticator app shows now.
 * @param {string} secret in base 32
 */
function digits(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)))).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A picture of a market, as somebody might draw it. */
async function poster() {
  const page = await chrome.newPage({ viewport: { width: 640, height: 360 } });
  await page.setContent("<body style='margin:0;background:#2d6a4f;color:#fff;font:700 40px sans-serif'>Market</body>");
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

/** A second of a moving square, as a browser records it: on a busy machine longer, until there is something on the tape. */
async function clip() {
  const page = await chrome.newPage();
  const text = await page.evaluate(async () => {
    const canvas = document.createElement("canvas"), brush = canvas.getContext("2d");
    Object.assign(canvas, { width: 320, height: 180 });
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm;codecs=vp8" });
    /** @type {Blob[]} */
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const ended = new Promise((done) => { recorder.onstop = done; });
    recorder.start(100);
    for (let n = 0; n < 30 || n < 3000 && parts.every((part) => part.size < 1000); n++) {
      await new Promise(requestAnimationFrame);
      brush?.clearRect(0, 0, 320, 180);
      brush?.fillRect(10 * (n % 30), 80, 20, 20);
    }
    recorder.stop();
    await ended;
    return btoa(Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()), (byte) => String.fromCharCode(byte)).join(""));
  });
  await page.close();
  return Buffer.from(text, "base64");
}

/**
 * Puts a video into the playlist: one person writes it, another approves it.
 * @param {string} writer
 * @param {string} approver
 * @returns {Promise<{id: string}>}
 */
async function video(writer, approver) {
  const media = await api("POST", "media", await clip(), writer);
  assert.equal(media.body.type, "video/webm", JSON.stringify(media.body));
  const written = await api("POST", "signs", { office: "km-setagaya", kind: "district", title: { ja: "盆踊り" }, media: media.body, schedule: { from: "2026-04-01", seconds: 5, weight: 1 } }, writer);
  assert.equal(written.status, 201, JSON.stringify(written.body));
  const { body: waiting } = await api("POST", `signs/${written.body.id}/submit`, { version: written.body.version }, writer);
  const approved = await api("POST", `signs/${written.body.id}/approve`, { version: waiting.version }, approver);
  assert.equal(approved.body.state, "approved", JSON.stringify(approved.body));
  return approved.body;
}

test("a picture is approved by another person, gives way to a call, and is counted when it was shown in full", { timeout: 6 * soon }, async () => {
  const [writer, approver] = [await person("tanaka"), await person("suzuki")];
  const desk = await open(chrome);
  await desk.context.addCookies([{ name: "machi_session", value: writer, url: server.url }]);
  const { page } = desk;
  await page.goto(server.url + "/manager/km-setagaya/signs?new=1");
  await accessible(page);
  await page.fill("[name=title_ja]", "せたがやマルシェ");
  await page.selectOption("[name=kind]", "ad");
  await page.fill("[name=sponsor]", "商店街");
  await page.fill("[name=seconds]", "5");
  await page.setInputFiles("[name=file]", { name: "market.png", mimeType: "image/png", buffer: Buffer.from("<!doctype html><script>document.title = 1</script>") });
  await page.click("button[value=submit]");
  assert.match(await page.locator("[role=alert]").innerText(), /PNG/, "HTML named .png");
  assert.equal(await page.inputValue("[name=title_ja]"), "せたがやマルシェ", "what was typed is lost");
  await page.setInputFiles("[name=file]", { name: "market.html", mimeType: "text/html", buffer: Buffer.concat([await poster(), Buffer.from("<script>document.title = 1</script>")]) });
  await page.click("button[value=submit]");
  await page.waitForSelector("[data-state=waiting] img");
  assert.equal(await page.locator("form[action$='/approve']").count(), 0, "its writer is offered to approve it");
  await accessible(page);

  const { body: { items: [item] } } = await api("GET", "signs?office=km-setagaya");
  const own = await api("POST", `signs/${item.id}/approve`, { version: item.version }, writer);
  assert.equal(own.body.code, "own_sign");
  assert.equal((await api("POST", `signs/${item.id}/approve`, { version: item.version })).body.code, "person_needed");
  const hash = item.media.hash;
  const served = await fetch(`${server.url}/signage/media/${hash}`);
  assert.equal(served.headers.get("Content-Type"), "image/png");
  assert.match(served.headers.get("Content-Security-Policy") ?? "", /sandbox/);
  assert.ok(!(await served.text()).includes("script"), "what hid behind the picture is served");

  const other = await open(chrome, { viewport: { width: 390, height: 844 } });
  await other.context.addCookies([{ name: "machi_session", value: approver, url: server.url }]);
  await other.page.goto(server.url + "/manager/km-setagaya/signs");
  await other.page.click("form[action$='/approve'] button");
  await other.page.waitForSelector("[data-state=approved]");

  await page.goto(server.url + "/manager/km-setagaya/screens");
  await page.click("details.make summary");
  await page.fill("[name=name]", "1階ロビー");
  await page.click("details.make button[type=submit]");
  const address = await page.locator(".address").innerText();
  await accessible(page);

  const wall = await open(chrome, { viewport: { width: 1920, height: 1080 } });
  /** @type {{items: string[], kept: number[]}} */
  const said = { items: [], kept: [] };
  await wall.page.route("**/alive", async (route) => {
    const answer = await route.fetch().catch(() => null);
    if (!answer) return route.abort().catch(() => {}); // the server is gone, or the page
    const heard = await answer.json();
    said.items.push(...(route.request().postDataJSON().played ?? []).map((/** @type {any} */ play) => play.item));
    said.kept.push(heard.kept);
    await route.fulfill({ response: answer, json: { ...heard, again_seconds: 1 } });
  });
  await wall.page.goto(address);
  await wall.page.waitForSelector(`#stage:not([hidden]) [data-item="${item.id}"] img`);
  await wall.page.waitForFunction(() => document.querySelector("#stage img") instanceof HTMLImageElement && /** @type {HTMLImageElement} */ (document.querySelector("#stage img")).naturalWidth === 640);

  await server.post("km-setagaya/counters/3/open", { services: ["moving"] });
  await server.issue("km-setagaya");
  await server.post("km-setagaya/counters/3/call-next");
  await wall.page.waitForFunction(() => {
    const stage = document.querySelector(".calling #stage");
    return stage && getComputedStyle(stage).visibility === "hidden";
  });
  await wall.page.waitForSelector(`#stage:not([hidden]) [data-item="${item.id}"]`);
  await until(async () => said.items.length > 0, () => "no proof of play came: " + JSON.stringify(said));
  assert.ok(said.items.every((id) => id === item.id));
  /** @type {string[]} */
  let rows = [];
  await until(async () => {
    const { body } = await api("GET", "plays.csv", undefined, writer);
    rows = String(body).trim().split("\r\n").slice(1);
    return rows.length === 1;
  }, () => "no count: " + rows);
  const [date, id, title, kind, sponsor, office, plays, seconds, screens] = rows[0].split(",");
  assert.deepEqual([date, id, title, kind, sponsor, office, screens], ["2026-04-01", item.id, "せたがやマルシェ", "ad", "商店街", "km-setagaya", "1"]);
  assert.equal(Number(seconds), 5 * Number(plays));
  await until(async () => (said.kept.at(-1) ?? 0) > 0, () => "the screen is not told what is written");

  await page.goto(server.url + "/manager/km-setagaya/screens");
  await page.waitForSelector(".word-alive");
  assert.match(await page.locator(".screen").innerText(), /1920x1080/);
  const film = await video(writer, approver);
  const loaded = wall.page.waitForEvent("load");
  await page.click("form[action$='/reload'] button");
  await loaded;
  await wall.page.waitForFunction((id) => {
    const video = /** @type {HTMLVideoElement | null} */ (document.querySelector(`#stage:not([hidden]) [data-item="${id}"] video`));
    return video && video.currentTime > 0 && video.videoWidth === 320 && video.muted && !video.error;
  }, film.id);
  await wall.page.waitForSelector(`#stage:not([hidden]) [data-item="${item.id}"]`);

  await wall.page.unrouteAll({ behavior: "ignoreErrors" });
  await server.down(); // the wall goes on without its server
  await wall.page.evaluate(() => document.querySelector("#stage [data-item]")?.setAttribute("data-before", ""));
  await wall.page.waitForSelector(`#stage:not([hidden]) [data-item="${item.id}"]:not([data-before])`);
  await server.up();
  await until(async () => (await api("GET", "signs")).body.items[0].state === "approved", () => "the restart lost the approval");
  assert.deepEqual([...desk.complaints, ...other.complaints, ...wall.complaints], []);
  await Promise.all([desk.context.close(), other.context.close(), wall.context.close()]);
});

test("an emergency stands over the walls and pages of two offices until it is ended", { timeout: 4 * soon }, async () => {
  const walls = await Promise.all(["km-setagaya", "km-kitazawa"].map(async (office) => {
    const one = await open(chrome, { viewport: { width: 1080, height: 1920 } });
    await one.page.goto(`${server.url}/signage/${office}`);
    return one;
  }));
  const home = await open(chrome, { locale: "en-US", viewport: { width: 390, height: 844 } });
  await home.page.goto(server.url + "/");
  const desk = await open(chrome);
  await desk.context.addCookies([{ name: "machi_session", value: server.token, url: server.url }]);
  const { page } = desk;
  await page.goto(server.url + "/manager/emergency");
  await accessible(page);
  await page.check("input[value=earthquake]");
  await page.fill("[name=detail_ja]", "エレベーターは<b>止まっています</b>。");
  await page.check("[name=confirm]");
  await page.click("button.danger");
  await page.waitForSelector(".alarm");
  for (const wall of walls) {
    const text = wall.page.locator("#emergency");
    await text.filter({ hasText: "地震です" }).filter({ hasText: "Earthquake" }).filter({ hasText: "<b>止まっています</b>" }).waitFor();
  }
  await home.page.locator("#emergencies .banner").filter({ hasText: "Earthquake" }).waitFor();
  await accessible(home.page);
  assert.equal(await home.page.locator("#emergencies .banner").count(), 1, "one message for all offices stands once");

  await server.down();
  await server.up();
  const plain = await chrome.newContext({ javaScriptEnabled: false, locale: "ko-KR" });
  const reader = await plain.newPage();
  await reader.goto(server.url + "/offices/km-kitazawa");
  assert.match(await reader.locator("#emergencies").innerText(), /지진/, "a restart forgot it");

  await page.goto(server.url + "/manager/emergency");
  await page.check(".alarm [name=confirm]");
  await page.click(".alarm button");
  await page.waitForSelector("[role=status]");
  for (const wall of walls) await wall.page.waitForFunction(() => !document.getElementById("emergency")?.checkVisibility());
  await home.page.waitForFunction(() => !document.querySelector("#emergencies .banner"));
  assert.deepEqual([...desk.complaints, ...home.complaints, ...walls.flatMap((wall) => wall.complaints)], []);
  await Promise.all([plain.close(), desk.context.close(), home.context.close(), ...walls.map((wall) => wall.context.close())]);
});
