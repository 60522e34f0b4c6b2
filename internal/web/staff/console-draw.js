// Writing into the console that the server drew: keys on buttons, what is grey and
// why, watches that run, and what is seen while the link is gone.

import { write } from "../draw.js";
import { morph } from "../morph.js";
import { say } from "../words.js";
import { countdown, watch } from "./command.js";
import { keyLabel } from "./keys.js";

/** @import { Texts } from "../types.js" */

const work = () => document.getElementById("work");

/** What the page is about: its mode and the number in front. */
export function face() {
  const part = work();
  return `${part?.dataset.mode} ${document.getElementById("now-number")?.textContent}`;
}

/**
 * Writes each action's first key on its button.
 * @param {Map<string, string[]>} keys
 * @param {Texts} texts
 */
export function drawKeys(keys, texts) {
  for (const control of document.querySelectorAll("[data-act]")) {
    const own = keys.get(/** @type {HTMLElement} */ (control).dataset.act ?? "") ?? [];
    const label = control.querySelector("kbd");
    if (!label) continue;
    write(label, own.length > 0 ? keyLabel(own[0], texts) : "");
    if (own.length > 0) control.setAttribute("aria-keyshortcuts", own.map((name) => name.replace(/^(Key|Digit)/, "")).join(" "));
    else control.removeAttribute("aria-keyshortcuts");
  }
}

/**
 * Makes grey what cannot be pressed now, with the reason where it can be read.
 * @param {{sending: boolean, settling: boolean, passed: string, now: number, why: (form: HTMLFormElement) => string}} state passed: the action whose button passed a press over
 * @param {Texts} texts
 */
export function drawGrey({ sending, settling, passed, now, why }, texts) {
  const main = document.getElementById("main");
  main?.setAttribute("aria-busy", String(sending || settling));
  document.body.classList.toggle("sending", sending);
  document.body.classList.toggle("settling", settling);
  let shown = "";
  for (const part of document.querySelectorAll("main details[name=panel]")) drawPanel(part, why, texts);
  for (const control of document.querySelectorAll("main form[action*='/do/'] button[type=submit]")) {
    const button = /** @type {HTMLButtonElement} */ (control);
    const form = /** @type {HTMLFormElement} */ (button.form);
    const code = why(form);
    const early = Number(button.dataset.from ?? 0) - now;
    button.disabled = sending || code !== "" || early > 0 || "off" in button.dataset;
    if (code) button.title = say(texts, "problem." + code);
    else button.removeAttribute("title");
    drawWait(button, early);
    drawPassed(button, passed !== "" && button.dataset.act === passed && form.closest("#work") !== null, texts);
    if (code && form.closest(".big")) shown = code;
  }
  const mark = document.getElementById("no-link");
  if (!mark) return;
  mark.hidden = shown === "";
  write(mark, shown && say(texts, shown === "no_link" ? "console.nolink" : "problem." + shown));
}

/**
 * Says on a button that it took no press, since its number had only just changed.
 * @param {HTMLButtonElement} button
 * @param {boolean} passed
 * @param {Texts} texts
 */
function drawPassed(button, passed, texts) {
  const note = button.querySelector(".passed");
  if (!passed) return note?.remove();
  if (note) return;
  const said = document.createElement("small");
  said.className = "passed";
  said.setAttribute("role", "status");
  said.textContent = say(texts, "console.justchanged");
  button.querySelector(".button-text")?.append(said);
}

/**
 * A panel that could send nothing now stays shut.
 * @param {Element} part
 * @param {(form: HTMLFormElement) => string} why
 * @param {Texts} texts
 */
function drawPanel(part, why, texts) {
  const form = part.querySelector("form");
  const summary = part.querySelector("summary");
  if (!form || !summary) return;
  const code = why(form);
  if (code) {
    summary.setAttribute("aria-disabled", "true");
    summary.title = say(texts, "problem." + code);
  } else {
    summary.removeAttribute("aria-disabled");
    summary.removeAttribute("title");
  }
}

/**
 * Marks the tickets about which something waits to be sent.
 * @param {Set<string>} numbers
 */
export function drawUnsent(numbers) {
  for (const row of document.querySelectorAll(".rows li")) {
    row.classList.toggle("unsent", numbers.has(row.querySelector("a.figure")?.textContent ?? ""));
  }
}

/**
 * Counts a button down until it may be pressed.
 * @param {HTMLButtonElement} button
 * @param {number} early ms; not positive: now
 */
function drawWait(button, early) {
  let left = button.querySelector(".early");
  if (early <= 0) return left?.remove();
  if (!left) {
    left = document.createElement("small");
    left.className = "early figure";
    button.querySelector(".button-text")?.append(left);
  }
  write(left, watch(early + 999));
}

/**
 * Runs the watches, and takes the undo button away when its time is over.
 * @param {number} now ms of the offices' clock
 */
export function tick(now) {
  for (const part of document.querySelectorAll("[data-watch]")) {
    write(part, watch(now - Number(/** @type {HTMLElement} */ (part).dataset.watch)));
  }
  for (const part of document.querySelectorAll("[data-until]")) {
    const undo = /** @type {HTMLElement} */ (part);
    const left = countdown(Number(undo.dataset.until), now);
    write(undo.querySelector(".undo-left"), left);
    undo.hidden = left === "";
  }
}

/** What the server drew of the counter's ticket. */
export function drawn() {
  const part = work();
  const number = part?.dataset.number ?? "";
  return { counter: { id: document.getElementById("main")?.dataset.counter ?? "", number }, current: number ? { number, state: part?.dataset.mode ?? "" } : null };
}

/**
 * Shows the ticket as it stands once the kept actions count.
 * @param {{current: {number: string, state: string} | null}} next
 * @param {{current: {number: string, state: string} | null}} before
 */
export function drawCut(next, before) {
  const part = work();
  if (!part || !before.current || next.current?.state === before.current.state) return;
  const found = document.getElementById(next.current ? "cut-serving" : "cut-free");
  if (!(found instanceof HTMLTemplateElement)) return;
  const box = document.createElement("section");
  for (const { name, value } of part.attributes) box.setAttribute(name, value);
  box.dataset.mode = next.current?.state ?? "idle";
  box.className = "sheet mode-" + box.dataset.mode;
  box.append(document.importNode(found.content, true));
  morph(part, box);
}

/**
 * Says what came of an action, or what went wrong. Empty says nothing.
 * @param {string} text
 * @param {{good?: boolean, href?: string, link?: string}} [more]
 */
export function tell(text, { good = false, href = "", link = "" } = {}) {
  const part = document.getElementById("alert");
  if (!part) return;
  part.replaceChildren();
  if (!text) return;
  const notice = document.createElement("p");
  notice.className = good ? "notice good" : "notice";
  notice.append(text);
  if (href) {
    const anchor = document.createElement("a");
    anchor.href = href;
    anchor.textContent = link;
    notice.append(" ", anchor);
  }
  part.append(notice);
}

/**
 * Puts the typed number into its field, so that it is seen as it grows.
 * @param {string} text
 */
export function drawEntry(text) {
  const field = document.getElementById("find-number");
  if (field instanceof HTMLInputElement && field.value !== text) field.value = text;
  document.getElementById("find")?.classList.toggle("typing", text !== "");
}

/**
 * The window's title says how many wait, for whoever works beside another window.
 * @param {string} title as the page began
 */
export function drawTitle(title) {
  const waiting = Number(work()?.dataset.waiting ?? 0);
  const text = waiting > 0 ? `(${waiting}) ${title}` : title;
  if (document.title !== text) document.title = text;
}
