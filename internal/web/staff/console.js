// The console: sends the buttons' commands without leaving the page, and takes
// over what the server draws next.

import { follow } from "../follow.js";
import { drawLink, loadTexts, write } from "../draw.js";
import { refresh } from "../morph.js";
import { say } from "../words.js";
import { body, countdown, shortcut } from "./command.js";

/** @import { Link } from "../types.js" */

const parts = ["bar", "work", "tools", "lists"];
const { texts } = await loadTexts();
const main = document.getElementById("main");
const office = main?.dataset.office ?? "";
const alertPart = document.getElementById("alert");

/** @type {Link} */
let link = "live";
let sending = false;
let offset = serverOffset();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soonTimer;

follow([office], { frame: soon, link: (now) => { link = now; drawLink(now, texts); dress(); } }, "console=" + encodeURIComponent(main?.dataset.counter ?? ""));
document.addEventListener("submit", submit);
document.addEventListener("keydown", press);
setInterval(tick, 500);
keysSwitch();
dress();

/** Several frames of one moment are one look. */
function soon() {
  soonTimer ??= setTimeout(async () => {
    soonTimer = undefined;
    await look();
  }, 60);
}

/** Draws what the server knows now. The link's mark speaks where it cannot be asked. */
async function look() {
  try {
    if (!(await refresh(parts))) location.reload();
  } catch {
    return;
  }
  offset = serverOffset();
  dress();
}

/** @param {SubmitEvent} event */
function submit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.action.includes("/do/")) return;
  event.preventDefault();
  if (!sending) send(form);
}

/**
 * Sends a form as a command. A key of its own makes a repeat harmless; while the
 * answer is out no other button acts.
 * @param {HTMLFormElement} form
 */
async function send(form) {
  const path = form.action.slice(form.action.indexOf("/do/") + 4);
  const entries = /** @type {[string, string][]} */ ([...new FormData(form)]);
  sending = true;
  dress();
  let problem = "";
  let done = "";
  try {
    const answer = await fetch(`/api/v1/offices/${encodeURIComponent(office)}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": freshKey() },
      body: JSON.stringify(body(entries)),
    });
    if (path === "check-in" && answer.ok) done = (await answer.json()).number;
    else problem = await problemOf(answer);
  } catch {
    problem = "network";
  }
  for (const open of document.querySelectorAll("details[open]")) open.removeAttribute("open");
  await look();
  sending = false;
  dress();
  tell(problem, done);
  /** @type {HTMLElement | null} */ (document.querySelector(".big button"))?.focus({ preventScroll: true });
}

/** @param {Response} answer */
async function problemOf(answer) {
  if (answer.status === 204) return "nobody_waits";
  if (answer.ok) return "";
  if (answer.status === 401) return "unauthenticated";
  try {
    return (await answer.json()).code || "http_" + answer.status;
  } catch {
    return "http_" + answer.status;
  }
}

/**
 * @param {string} code of the problem, or empty
 * @param {string} number that has checked in, or empty
 */
function tell(code, number) {
  if (!alertPart) return;
  alertPart.replaceChildren();
  if (!code && !number) return;
  const key = "problem." + code;
  const notice = document.createElement("p");
  notice.className = code ? "notice" : "notice good";
  if (!code) write(notice, say(texts, "check-in.done", { number }));
  else write(notice, key in texts ? say(texts, key) : say(texts, "problem.other", { code }));
  alertPart.append(notice);
}

/** 128 random bits; crypto.randomUUID needs HTTPS, which a branch's network may lack. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Buttons act only while no answer is out, and call only while the link stands. */
function dress() {
  const cut = link !== "live";
  document.body.classList.toggle("sending", sending);
  main?.setAttribute("aria-busy", String(sending));
  for (const button of document.querySelectorAll("main form[data-do] button, main .panel button")) {
    const calls = button.closest("form")?.hasAttribute("data-calls") ?? false;
    /** @type {HTMLButtonElement} */ (button).disabled = sending || (calls && cut);
  }
  document.getElementById("no-link")?.toggleAttribute("hidden", !cut);
}

/** @param {KeyboardEvent} event */
function press(event) {
  const name = shortcut(event);
  const target = event.target instanceof Element ? event.target : null;
  if (event.key === "Escape") closePanels();
  if (!name || document.body.classList.contains("no-keys") || target?.closest("input, select, textarea")) return;
  // The space bar belongs to whatever control has the focus.
  if (name === "Space" && target?.closest("button, summary, a, ul")) return;
  const control = /** @type {HTMLElement | null} */ (document.querySelector(`[data-shortcut="${name}"]`));
  if (!control) return;
  event.preventDefault();
  control.click();
  if (control.nodeName === "SUMMARY") /** @type {HTMLElement | null} */ (control.parentElement?.querySelector("select, input:not([type=hidden])"))?.focus();
}

function closePanels() {
  for (const open of document.querySelectorAll("details[open]")) {
    open.removeAttribute("open");
    open.querySelector("summary")?.focus();
  }
}

/** How far the server's clock, which may be a rehearsal's, is from this machine's. */
function serverOffset() {
  return Number(document.getElementById("work")?.dataset.now ?? Date.now()) - Date.now();
}

/** Counts the undo button down, and takes it away when its time is over. */
function tick() {
  const undo = /** @type {HTMLElement | null} */ (document.querySelector("[data-until]"));
  if (!undo) return;
  const left = countdown(Number(undo.dataset.until), Date.now() + offset);
  write(undo.querySelector(".undo-left"), left);
  undo.hidden = left === "";
}

/** Single keys can be switched off, for those who speak to their machine. */
function keysSwitch() {
  const box = document.getElementById("keys");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = localStorage.getItem("machi-keys") !== "off";
  const apply = () => {
    document.body.classList.toggle("no-keys", !box.checked);
    localStorage.setItem("machi-keys", box.checked ? "on" : "off");
  };
  box.addEventListener("change", apply);
  apply();
}
