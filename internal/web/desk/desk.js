// The desks: send forms and follow links without leaving the page, and take over
// what the server draws next. Where the page stands is in its address.

import { follow } from "../follow.js";
import { drawLink, loadTexts, write } from "../draw.js";
import { refresh } from "../morph.js";
import { say } from "../words.js";
import { commandBody, numberOf } from "../staff/command.js";
import { openOutbox } from "../staff/outbox.js";
import { after, commandOf, to } from "./place.js";
import { askJSON, meant } from "./scan.js";

/** @import { Link } from "../types.js" */
/** @import { Answer } from "../staff/types.d.ts" */

const parts = ["bar", "guide", "find", "columns"];
/** Milliseconds between two looks where nothing was heard: ages grow by the minute. */
const redraw = 20_000;
/** Milliseconds after the last letter before it is searched for. */
const pause = 250;
/** Milliseconds for which a success is told. */
const told = 6000;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const alertPart = document.getElementById("alert");
const { office = "", person = "", personName = "" } = main.dataset;
const { texts } = await loadTexts();
const outbox = openOutbox({ office, counter: tabName(), texts, person, personName });

/** @type {Link} */
let link = "live";
let sending = false;
let looking = false;
let again = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soonTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;

outbox.onchange = dress;
follow([office], { frame: soon, link: linked });
document.addEventListener("submit", submit);
document.addEventListener("click", click);
document.addEventListener("input", input);
document.addEventListener("change", count);
document.addEventListener("keydown", press);
addEventListener("popstate", () => look());
setInterval(() => { if (link === "live" && !document.hidden) look(); }, redraw);
history.replaceState(null, "", to(here(), {}));
quiet();
dress();

function here() {
  return location.pathname + location.search;
}

/** A desk may be open in several tabs; each keeps what it sends apart. */
function tabName() {
  const name = sessionStorage.getItem("machi-desk") ?? "desk-" + Math.random().toString(36).slice(2, 10);
  sessionStorage.setItem("machi-desk", name);
  return name;
}

/** @param {Link} next */
function linked(next) {
  const back = next === "live" && link !== "live";
  link = next;
  drawLink(next, texts);
  outbox.link(next === "live");
  if (back) soon();
  dress();
}

/** Several frames of one moment are one look. */
function soon() {
  soonTimer ??= setTimeout(async () => {
    soonTimer = undefined;
    await look();
  }, 250);
}

/** Draws what the server knows of where the page stands now; one look at a time. */
async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  do {
    again = false;
    try {
      if (!(await refresh(parts))) outbox.signedOut();
    } catch {
      break; // the link's mark speaks
    }
  } while (again);
  looking = false;
  count();
  dress();
}

/**
 * Stands elsewhere, as a step that "back" undoes.
 * @param {string} address
 */
async function go(address) {
  if (address !== here()) history.pushState(null, "", address);
  await look();
}

/** @param {MouseEvent} event */
function click(event) {
  const anchor = event.target instanceof Element ? event.target.closest("a[data-go]") : null;
  if (!(anchor instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  clearTimeout(typing);
  const url = new URL(anchor.href);
  for (const [name, id] of [["q", "q"], ["n", "n"]]) {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
    if (field) field.value = url.searchParams.get(name) ?? "";
  }
  announce("", true);
  go(to(url.pathname + url.search, {})).then(() => lead(anchor.hasAttribute("data-next")));
}

/**
 * The eyes and the focus go where the page went on.
 * @param {boolean} afresh the next visitor's turn: to the search
 */
function lead(afresh) {
  if (afresh) {
    document.getElementById("guide")?.scrollTo({ top: 0 });
    if (matchMedia("(hover: hover)").matches) document.getElementById("q")?.focus();
    return;
  }
  const target = document.querySelector(".issued, .matter") ?? document.getElementById("guide");
  if (target && target.getBoundingClientRect().top < 0) target.scrollIntoView({ block: "start" });
}

/** @param {Event} event */
function input(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement)) return;
  const search = field.form?.dataset.search;
  if (!search) return;
  clearTimeout(typing);
  if (field.value.includes("/")) return; // a scanner at work: what it types is a secret, and belongs in no address
  typing = setTimeout(() => seek(search, field.value), pause);
}

/**
 * @param {string} search q or n
 * @param {string} text
 */
function seek(search, text) {
  history.replaceState(null, "", to(here(), search === "q" ? { q: text.trim(), matter: "", service: "", issued: "" } : { n: text.trim(), t: "", id: "" }));
  return look();
}

/** @param {SubmitEvent} event */
function submit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.dataset.search) {
    event.preventDefault();
    clearTimeout(typing);
    found(form);
    return;
  }
  if (!form.action.includes("/do/")) return;
  event.preventDefault();
  if (!sending) send(form);
}

/**
 * Enter in a search opens what it leads to, where that is one thing.
 * @param {HTMLFormElement} form
 */
async function found(form) {
  const search = form.dataset.search ?? "";
  const text = new FormData(form).get(search)?.toString() ?? "";
  if (search === "n" && text.includes("/t/")) return scanned(form, text);
  await seek(search, text);
  const links = document.querySelectorAll(search === "q" ? ".hit" : ".row-ticket");
  if (links.length === 1) /** @type {HTMLElement} */ (links[0]).click();
}

/**
 * Opens the ticket whose paper was scanned.
 * @param {HTMLFormElement} form
 * @param {string} text
 */
async function scanned(form, text) {
  const number = await meant(text, office, askJSON);
  form.reset();
  const field = form.querySelector("input");
  if (field) field.value = "";
  if (!number) return announce(say(texts, "problem.unknown_ticket"), false);
  announce("", true);
  await go(to(here(), { n: "", t: number, id: "" }));
}

/**
 * Sends a form as a command; while the answer is out no other button acts.
 * @param {HTMLFormElement} form
 */
async function send(form) {
  const entries = /** @type {[string, string][]} */ ([...new FormData(form)]);
  const command = commandOf(form.action);
  const fields = commandBody(command, entries);
  clearTimeout(typing);
  sending = true;
  dress();
  const numbers = (await Promise.all((fields.numbers ?? []).map((/** @type {string} */ n) => meant(n, office, askJSON)))).map((n) => n || "?");
  if (fields.numbers) fields.numbers = numbers;
  const about = numbers.length > 0 ? numbers.join(" ") : numberOf(command);
  const answer = command === "ready" ? await readyAll(numbers) : await outbox.act(command, fields, { number: numberOf(command) });
  if (answer.ok) {
    form.closest("details")?.removeAttribute("open");
    form.reset();
    const step = after(command, { into: /** @type {string} */ (fields.into), number: numberOf(command), given: answer.data?.number });
    history.replaceState(null, "", to(here(), step));
  }
  await look();
  sending = false;
  tell(command, about, answer);
  dress();
}

/**
 * Calls papers ready one after another, and stops at the first that is refused.
 * @param {string[]} numbers
 * @returns {Promise<Answer>}
 */
async function readyAll(numbers) {
  /** @type {Answer} */
  let answer = { ok: false, status: 0, code: "missing_field", data: null };
  for (const number of numbers) {
    answer = await outbox.act(`tickets/${encodeURIComponent(number)}/ready`, {}, { number });
    if (!answer.ok) return { ...answer, data: { ...answer.data, about: number } };
  }
  return answer;
}

/**
 * @param {string} command
 * @param {string} about
 * @param {Answer} answer
 */
function tell(command, about, answer) {
  if (!answer.ok) {
    const key = "problem." + answer.code;
    const number = answer.data?.about ?? (about.includes(" ") ? answer.data?.have ?? "" : about);
    return announce(`${number} ${key in texts ? say(texts, key) : say(texts, "problem.other", { code: answer.code })}`.trim(), false);
  }
  if (answer.kept) return announce("", true); // the outbox shows it
  if (command === "tickets") return announce("", true);
  const verb = command.split("/").at(-1) ?? "";
  const n = verb === "merge" ? new URLSearchParams(location.search).get("t") ?? "" : about || (answer.data?.number ?? answer.data?.ticket?.number ?? "");
  announce(say(texts, "did." + verb in texts ? "did." + verb : "did.done", { n }), true);
}

/**
 * @param {string} text
 * @param {boolean} good
 */
function announce(text, good) {
  if (!alertPart) return;
  clearTimeout(silence);
  alertPart.replaceChildren();
  if (!text) return;
  const notice = document.createElement("p");
  notice.className = good ? "notice good" : "notice";
  write(notice, text);
  alertPart.append(notice);
  if (good) quiet();
}

/** A success has been read after a while; a problem stays until the next press. */
function quiet() {
  if (!alertPart?.querySelector(".good")) return;
  silence = setTimeout(() => alertPart.replaceChildren(), told);
}

/** Buttons act only while no answer is out and as far as the link lets them. */
function dress() {
  for (const id of ["n", "ready-number"]) /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.setAttribute("maxlength", "300"); // a scanned address
  main.setAttribute("aria-busy", String(sending));
  document.body.classList.toggle("sending", sending);
  for (const button of document.querySelectorAll("main form[data-do] button[type=submit], button[form]")) {
    const form = /** @type {HTMLButtonElement} */ (button).form;
    if (!form || button.classList.contains("give") && button.hasAttribute("disabled") && !button.hasAttribute("data-off")) continue;
    const command = commandOf(form.action);
    const off = sending || outbox.mayAct(command === "ready" ? "tickets/x/ready" : command, {}) !== "";
    button.toggleAttribute("disabled", off);
    button.toggleAttribute("data-off", off);
  }
}

/** Says on the buttons of several how many are chosen. */
function count() {
  for (const words of document.querySelectorAll("[data-count]")) {
    const form = words.closest("form");
    if (!form) continue;
    words.setAttribute("data-plain", words.getAttribute("data-plain") ?? words.textContent ?? "");
    const n = document.querySelectorAll(`input[type=checkbox][form="${form.id}"]:checked`).length;
    write(words, n > 0 ? (words.getAttribute("data-count") ?? "").replace("{n}", String(n)) : words.getAttribute("data-plain") ?? "");
  }
}

function closePanels() {
  for (const open of document.querySelectorAll("details[open]")) open.removeAttribute("open");
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.key === "Escape") return closePanels();
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("input:not([type=checkbox]), select, textarea")) return;
  const name = event.code === "Space" ? "Space" : /^Key([A-Z])$/.exec(event.code)?.[1] ?? "";
  if (name === "Space" && target?.closest("button, summary, a, ul, input")) return;
  const control = name ? document.querySelector(`[data-shortcut="${name}"], [data-focus="${name}"]`) : null;
  if (!(control instanceof HTMLElement)) return;
  event.preventDefault();
  if (control.hasAttribute("data-focus")) control.focus();
  else control.click();
}
