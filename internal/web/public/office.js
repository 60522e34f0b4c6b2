// Keeps one office's page moving.

import { follow } from "../follow.js";
import { standing } from "../model.js";
import { clock, hourMinute, range, say } from "../words.js";
import { drawLevel, drawLink, drawRows, fill, loadTexts, write } from "../draw.js";
import { refresh } from "../morph.js";
import { share } from "../share.js";
import { keep } from "./keep.js";

/** @import { Call, Office, Service } from "../types.js" */

const shownCalls = 6;
const { texts } = await loadTexts();
const main = document.getElementById("main");

follow([main?.dataset.office ?? ""], {
  frame: (frame) => { if (frame.type === "office") draw(frame.data); },
  link: (link) => drawLink(link, texts),
});

document.documentElement.classList.add("scripted");
chooseService();
share();
keep();

/** @param {Office} office */
function draw(office) {
  if (!main) return;
  redrawDay(office);
  fill(main, { state: say(texts, "state." + standing(office)), as_of: say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }) });
  notice("message", office.message ?? "");
  const repair = document.getElementById("repair");
  if (repair) repair.hidden = !office.unconfirmed;
  document.getElementById("unknown")?.toggleAttribute("hidden", !office.services.some((s) => s.accepting && !s.until_called));
  for (const service of office.services) drawService(service, calledLast(office.calls, service));
  drawCalls(office);
  drawCounters(office);
}

/**
 * @param {string} id
 * @param {string} text
 */
function notice(id, text) {
  const part = document.getElementById(id);
  if (!part) return;
  write(part, text);
  part.hidden = !text;
}

/**
 * @param {Service} service
 * @param {string} number that was called last; empty: none
 */
function drawService(service, number) {
  const card = main?.querySelector(`[data-service="${CSS.escape(service.id)}"]`);
  if (!card) return;
  drawLevel(card, service.level, texts);
  for (const part of card.querySelectorAll('[data-if="accepting"]')) part.toggleAttribute("hidden", !service.accepting);
  card.querySelector('[data-if="number"]')?.toggleAttribute("hidden", !number);
  card.querySelector('[data-f="why"]')?.toggleAttribute("hidden", service.accepting);
  fill(card, {
    number,
    why: service.accepting ? "" : why(service),
    called: range(texts, service.until_called),
    finished: range(texts, service.until_finished),
    waiting: say(texts, "label.people", { n: service.waiting }),
  });
}

/**
 * The newest number of a service's series that was called to a first counter. Twin of
 * the server's calledLast.
 * @param {Call[]} calls newest first
 * @param {Service} service
 */
function calledLast(calls, service) {
  return calls.find((call) => call.stage === "reception" && call.number.replace(/\d+$/, "") === service.series)?.number ?? "";
}

/** @param {Service} service */
function why(service) {
  if (service.message) return service.message;
  const key = "why." + service.why;
  return say(texts, key in texts ? key : "why.other");
}

/** @param {Office} office */
function drawCalls(office) {
  const rows = office.calls.slice(0, shownCalls).map((call) => ({
    number: call.number,
    counter: say(texts, "label.counter", { n: call.counter }),
    at: hourMinute(Date.parse(call.at)),
  }));
  drawRows(document.getElementById("calls"), template("call"), rows);
  document.getElementById("no-calls")?.toggleAttribute("hidden", rows.length > 0);
}

/** @param {Office} office */
function drawCounters(office) {
  const open = office.counters.filter((counter) => counter.state === "open");
  const rows = open.map((counter) => ({ counter: say(texts, "label.counter", { n: counter.id }), number: counter.number }));
  drawRows(document.getElementById("counters"), template("counter"), rows);
}

/** @param {string} id */
function template(id) {
  const part = document.getElementById(id);
  return part instanceof HTMLTemplateElement ? part : null;
}

/** Milliseconds between two drawings of the day, also where a rehearsal's clock runs fast. */
const drawingRest = 5000;

/** What was drawn last, and whether somebody draws now. */
const drawing = { at: 0, busy: false, step: document.getElementById("day")?.dataset.asOf ?? "" };

/**
 * Has the server draw the day again when the next five minutes have begun.
 * @param {Office} office
 */
function redrawDay(office) {
  const now = hourMinute(Math.floor(Date.parse(office.as_of) / 300_000) * 300_000);
  if (drawing.step === now || drawing.busy || Date.now() - drawing.at < drawingRest) return;
  drawing.at = Date.now();
  drawing.step = now;
  void drawDay();
}

/** Takes the day over from the server; where it does not answer, the old one stays. */
async function drawDay() {
  drawing.busy = true;
  await refresh(["day"]).catch(() => false);
  drawing.busy = false;
}

/** A choice of another service is drawn at once; its address can be shared. */
function chooseService() {
  main?.addEventListener("change", (event) => {
    const choice = event.target;
    if (!(choice instanceof HTMLSelectElement) || choice.id !== "day-service") return;
    const address = new URL(location.href);
    address.searchParams.set("service", choice.value);
    history.replaceState(null, "", address);
    void drawDay();
  });
}
