// The console: takes keys, pads, buttons and scanners for the page's forms, sends
// them as commands without leaving the page, and takes over what the server draws next.

import { drawLink, loadTexts } from "../draw.js";
import { follow } from "../follow.js";
import { newer } from "../model.js";
import { refresh } from "../morph.js";
import { say } from "../words.js";
import { commandBody, meant, numberOf } from "./command.js";
import { drawCut, drawEntry, drawGrey, drawKeys, drawTitle, drawUnsent, drawn, face, tell, tick } from "./console-draw.js";
import { Hands } from "./hands.js";
import { hint } from "./hints.js";
import { keysOf, loadSettings } from "./keys.js";
import { openOutbox, overlay } from "./outbox.js";
import { practise } from "./practice.js";
import { SettingsDialog } from "./settings.js";

/** @import { Link, Position } from "../types.js" */
/** @import { Answer } from "./types.d.ts" */
/** @import { KeyRow } from "./keys.js" */

const parts = ["bar", "help", "work", "tools", "find", "lists", "cuts"];
/** Milliseconds for which a changed big button takes no press: what was meant for the one before. */
const settle = 350;
/** Milliseconds for which a button says that it took no press. */
const passedFor = 3000;
/** How often the page is drawn anew though nothing has happened: waits grow. */
const redraw = 30_000;

const { texts } = await loadTexts();
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const { office = "", counter = "", person = "", personName = "" } = main.dataset;
const title = document.title;
/** @type {KeyRow[]} */
const table = JSON.parse(main.dataset.keys ?? "[]");
const settings = loadSettings(person);

/** @type {Link} */
let link = "live";
let sending = false;
/** How many actions waited to be sent at the last look. */
let unsent = 0;
let round = Promise.resolve();
/** @type {Position | null} the newest state that the server told of */
let told = null;
let seen = face();
let held = work().number ?? "";
/** The action whose button has just taken no press. */
let passed = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let passedTimer;
let settled = 0;
let before = drawn();
let offset = serverOffset();
/** Whether the page was drawn without the server: what it says of the time is old. */
let old = Boolean(document.documentElement.dataset.kept);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soonTimer;

const outbox = openOutbox({ office, counter, texts, person, personName });
outbox.onchange = cut;
const dialog = new SettingsDialog({ table, settings, person, texts, changed });
const hands = new Hands({
  table, settings, dialog,
  act, find: (text) => find(text), entry: drawEntry,
});

const follower = follow([office], { frame, link: linked }, "console=" + encodeURIComponent(counter));
if (old) follower.believe("stale");
document.addEventListener("submit", submit);
document.addEventListener("click", clicked);
setInterval(() => { tick(now()); dress(); }, 500);
setInterval(() => { if (link === "live" && !document.hidden) look(); }, redraw);
forget();
changed();
cut();
document.body.classList.add("scripted-on");
if (office.startsWith("practice-")) practise(texts);
else hint(texts);

/**
 * The console's own frame comes right behind the public one of the same state, unless
 * only that one can be polled. A press may have brought the state already.
 * @param {import("../types.js").Frame} frame
 */
function frame(frame) {
  told = { seq: frame.seq, epoch: frame.epoch };
  if (frame.type !== "console") return soon();
  outbox.see(frame.data);
  clearTimeout(soonTimer);
  soonTimer = undefined;
  catchUp();
}

/** Looks, unless the page shows what the server told of by the time it is its turn. */
function catchUp() {
  round = round.catch(() => {}).then(() => (behind() ? draw() : undefined));
}

function behind() {
  const { epoch = "", seq } = work();
  return told !== null && newer({ epoch, seq: Number(seq) }, told);
}

/** @param {Link} next */
function linked(next) {
  const back = next === "live" && link !== "live";
  link = next;
  document.body.dataset.link = next;
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
  }, 15);
}

/** Draws what the server knows now; looks follow one another, so that the last is the newest. */
function look() {
  round = round.catch(() => {}).then(draw);
  return round;
}

/** The link's mark speaks where the server cannot be asked. */
async function draw() {
  const asked = location.href;
  try {
    if (!(await refresh(parts))) return outbox.signedOut();
  } catch {
    return;
  }
  before = drawn();
  offset = serverOffset();
  old = false;
  if (location.href === asked) pinCard();
  drawTitle(title);
  tick(now());
  cut();
}

/** Draws in what waits to be sent. */
function cut() {
  const pending = outbox.pending();
  if (unsent > 0 && pending.length === 0) soon(); // the drawing without the server is over
  unsent = pending.length;
  if (pending.length > 0) drawCut(overlay(before, pending), before);
  drawUnsent(new Set(pending.filter((action) => action.keep).map((action) => action.number)));
  if (face() !== seen) {
    seen = face();
    settled = performance.now() + settle;
    setTimeout(dress, settle);
  }
  otherTicket();
  drawKeys(keysOf(table, settings.own), texts);
  dress();
}

/** What is being filled in for one ticket is not for the next one at the counter. */
function otherTicket() {
  const { number = "" } = work();
  const open = held && number && number !== held ? document.querySelectorAll("#work details[name=panel][open]") : [];
  held = number;
  for (const panel of open) {
    panel.querySelector("form")?.reset();
    panel.removeAttribute("open");
    tell(say(texts, "console.justchanged"));
  }
}

/** A person's settings have changed. */
function changed() {
  document.body.classList.toggle("no-keys", settings.off);
  drawKeys(keysOf(table, settings.own), texts);
  soon();
}

function settling() {
  return performance.now() < settled;
}

function dress() {
  drawGrey({ sending, settling: settling(), passed, now: now(), why }, texts);
}

/** @param {HTMLElement} button whose number has only just changed */
function passOver(button) {
  passed = button.dataset.act ?? "";
  clearTimeout(passedTimer);
  passedTimer = setTimeout(() => { passed = ""; dress(); }, passedFor);
  dress();
}

/**
 * Why a form cannot be sent now: the code of a problem, or empty.
 * @param {HTMLFormElement} form
 */
function why(form) {
  const path = commandOf(form.action);
  return outbox.mayAct(path, commandBody(path, fieldsOf(form)));
}

/** @param {string} address of a form */
function commandOf(address) {
  return address.slice(address.indexOf("/do/") + 4);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [submitter]
 * @returns {[string, string][]}
 */
function fieldsOf(form, submitter = null) {
  return /** @type {[string, string][]} */ ([...new FormData(form, submitter)]);
}

/** @param {SubmitEvent} event */
function submit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.classList.contains("find-form")) {
    event.preventDefault();
    find(new FormData(form).get("ticket")?.toString().trim() ?? "");
    return;
  }
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const address = button?.getAttribute("formaction") ? button.formAction : form.action;
  if (!address.includes("/do/")) return;
  event.preventDefault();
  if (sending) return;
  if (settling() && button && form.parentElement?.matches(".big, #work > .acts")) return passOver(button);
  send(form, commandOf(address), button);
}

/**
 * Sends a form as a command; while the answer is out no other button acts.
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {HTMLElement | null} button
 */
async function send(form, path, button) {
  const fields = fieldsOf(form, button);
  const inCard = form.closest("#card") !== null;
  sending = true;
  dress();
  let answer = await outbox.act(path, commandBody(path, fields), { number: numberOf(path) });
  if (answer.ok && !answer.kept && path === "tickets" && new Map(fields).get("then") === "call") {
    const { number } = answer.data;
    const called = await outbox.act(`tickets/${encodeURIComponent(number)}/call`, { counter }, { number });
    if (!called.ok) answer = called;
  }
  if (answer.ok) closePanels(form);
  if (answer.ok && inCard) openCard("");
  const looked = look();
  if (!answer.kept) await looked; // else the link may be gone, which a look would find out slowly
  sending = false;
  report(path, fields, answer);
  cut();
  if (!document.querySelector("#card, #several, details[open] .panel")) bigButton()?.focus({ preventScroll: true });
}

/**
 * Says what came of a command where the page itself does not show it.
 * @param {string} path
 * @param {[string, string][]} fields
 * @param {Answer} answer
 */
function report(path, fields, answer) {
  if (!answer.ok) return tell(problem(answer.code));
  if (answer.kept) return tell(""); // the outbox shows it
  const number = answer.data?.number ?? answer.data?.ticket?.number ?? "";
  const expect = new Map(fields).get("expect");
  if (path === "tickets") return tell(say(texts, "told.tickets", { number }), { good: true, href: `/staff/${office}/slip/${number}`, link: say(texts, "told.slip") });
  if (path === "check-in") return tell(say(texts, "told.check-in", { number }), { good: true });
  if (path.endsWith("/quick-serve")) return tell(say(texts, "told.quick-serve"), { good: true });
  if (expect && number && expect !== number) return tell(say(texts, "told.instead", { expect, number }));
  tell("");
}

/** @param {string} code */
function problem(code) {
  return "problem." + code in texts ? say(texts, "problem." + code) : say(texts, "problem.other", { code });
}

/**
 * Shows the ticket of a number or a scanned paper; without link, offers to record
 * that it was served.
 * @param {string} text
 */
async function find(text) {
  hands.clear();
  if (!text) return;
  const field = /** @type {HTMLInputElement} */ (document.getElementById("find-number"));
  field.value = "";
  if (link !== "live") return findCut(text);
  openCard(text);
  await look();
  const card = document.getElementById("card");
  const first = /** @type {HTMLElement | null} */ (card?.querySelector(".card-main button") ?? card ?? document.querySelector("#several a"));
  if (first) return first.focus({ preventScroll: true });
  openCard("");
  tell(say(texts, "problem.unknown_ticket"));
}

/** @param {string} text */
function findCut(text) {
  const known = [...document.querySelectorAll(".rows a.figure")].map((a) => a.textContent ?? "");
  const number = meant(text, known);
  if (!number) return tell(problem("unknown_ticket"));
  const found = document.getElementById("cut-find");
  if (!(found instanceof HTMLTemplateElement)) return;
  document.getElementById("card")?.remove();
  const card = document.importNode(found.content, true);
  for (const part of card.querySelectorAll("[data-number]")) part.textContent = number;
  for (const form of card.querySelectorAll("form")) form.action = form.action.replace("NUMBER", encodeURIComponent(number));
  document.getElementById("find")?.append(card);
  drawKeys(keysOf(table, settings.own), texts);
  dress();
  /** @type {HTMLElement | null} */ (document.querySelector("#card button"))?.focus();
}

/**
 * The ticket that is looked for stands in the page's address, so that every look
 * brings it. Empty closes it.
 * @param {string} number
 */
function openCard(number) {
  const url = new URL(location.href);
  url.search = number ? "?ticket=" + encodeURIComponent(number) : "";
  history.replaceState(null, "", url);
  if (!number) document.querySelectorAll("#card, #several").forEach((card) => card.remove());
}

/**
 * A ticket that was found by its last figures, or its paper, stays the one that is
 * shown, whoever comes with the same figures.
 */
function pinCard() {
  const number = document.getElementById("card")?.dataset.ticket;
  const url = new URL(location.href);
  if (!number || !url.searchParams.has("ticket") || url.searchParams.get("ticket") === number) return;
  url.searchParams.set("ticket", number);
  history.replaceState(null, "", url);
}

/** What a form did is said once. */
function forget() {
  const url = new URL(location.href);
  for (const name of ["did", "number", "problem"]) url.searchParams.delete(name);
  history.replaceState(null, "", url);
}

/** @param {MouseEvent} event */
function clicked(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target?.closest("[data-act=settings]")) return dialog.open();
  if (target?.closest("[data-shut]")) return void closeAll();
  const grey = target?.closest("summary[aria-disabled]");
  if (grey instanceof HTMLElement) {
    event.preventDefault();
    return tell(grey.title);
  }
  const anchor = target?.closest("#find a, .rows a");
  if (anchor instanceof HTMLAnchorElement && link === "live") {
    event.preventDefault();
    const number = new URL(anchor.href).searchParams.get("ticket") ?? "";
    if (number) find(number);
    else { openCard(""); look(); }
  }
}

/**
 * Does what a key stands for. Reports whether there was anything to do.
 * @param {string[]} acts
 */
function act(acts) {
  for (const name of acts) {
    if (name === "escape") return closeAll();
    if (name === "find") return focusOn("#find-number");
    if (name === "line") return focusOn(".line .rows a") || focusOn(".line .rows");
    const control = controlOf(name);
    if (control) return press(control);
  }
  return false;
}

/**
 * The control of an action: in the ticket that was looked for while one is open;
 * then nothing about the ticket at the counter, which might be taken for it.
 * @param {string} name
 * @returns {HTMLElement | null}
 */
function controlOf(name) {
  const wanted = `[data-act="${name}"]`;
  const card = document.getElementById("card");
  if (card) {
    const there = card.querySelector(wanted);
    if (there) return /** @type {HTMLElement} */ (there);
    if (!document.querySelector(`#work ${wanted}`)) return document.querySelector(`main ${wanted}, #bar ${wanted}`);
    tell(say(texts, "find.inway", { number: card.dataset.ticket ?? "" }));
    return null;
  }
  return document.querySelector(`main ${wanted}, #bar ${wanted}`);
}

/** @param {HTMLElement} control */
function press(control) {
  if (control instanceof HTMLButtonElement && control.disabled) {
    const reason = control.querySelector(".off, .early")?.textContent ?? control.title;
    if (reason && !sending) tell(reason);
    return true;
  }
  control.click();
  const panel = control.nodeName === "SUMMARY" ? control.parentElement : null;
  const first = panel?.querySelector(".panel select, .panel input:not([type=hidden]), .panel textarea, .panel button");
  if (panel?.hasAttribute("open")) /** @type {HTMLElement | null} */ (first)?.focus();
  return true;
}

/** @param {string} wanted */
function focusOn(wanted) {
  const part = /** @type {HTMLElement | null} */ (document.querySelector(wanted));
  part?.focus();
  return part !== null;
}

/** @returns {HTMLElement | null} */
function bigButton() {
  return document.querySelector(".big button");
}

/** @param {HTMLFormElement} [sent] is emptied */
function closePanels(sent) {
  sent?.reset();
  for (const open of document.querySelectorAll("main details[name=panel][open], .take-over[open]")) open.removeAttribute("open");
}

/** Closes what is open, the newest first. */
function closeAll() {
  const open = document.querySelector("main details[name=panel][open], .take-over[open]");
  if (open) {
    open.removeAttribute("open");
    bigButton()?.focus({ preventScroll: true });
    return true;
  }
  tell("");
  if (document.querySelector("#card, #several")) {
    openCard("");
    look();
  }
  bigButton()?.focus({ preventScroll: true });
  return true;
}

/** What the server, or what was done without it, tells of the counter. */
function work() {
  return document.getElementById("work")?.dataset ?? {};
}

/** How far the server's clock, which may be a rehearsal's, is from this machine's. */
function serverOffset() {
  return Number(work().now ?? Date.now()) - Date.now();
}

function now() {
  return old ? outbox.now() : Date.now() + offset;
}
