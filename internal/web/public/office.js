// Keeps one office's page moving.

import { follow } from "../follow.js";
import { standing } from "../model.js";
import { clock, hourMinute, range, say } from "../words.js";
import { drawLevel, drawLink, drawRows, fill, loadTexts, write } from "../draw.js";

/** @import { Office, Service } from "../types.js" */

const shownCalls = 6;
const { texts } = await loadTexts();
const main = document.getElementById("main");

follow([main?.dataset.office ?? ""], {
  frame: (frame) => { if (frame.type === "office") draw(frame.data); },
  link: (link) => drawLink(link, texts),
});

/** @param {Office} office */
function draw(office) {
  if (!main) return;
  fill(main, { state: say(texts, "state." + standing(office)), as_of: say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }) });
  notice("message", office.message ?? "");
  const repair = document.getElementById("repair");
  if (repair) repair.hidden = !office.unconfirmed;
  document.getElementById("unknown")?.toggleAttribute("hidden", !office.services.some((s) => s.accepting && !s.until_called));
  for (const service of office.services) drawService(service);
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

/** @param {Service} service */
function drawService(service) {
  const card = main?.querySelector(`[data-service="${CSS.escape(service.id)}"]`);
  if (!card) return;
  drawLevel(card, service.level, texts);
  for (const part of card.querySelectorAll("[data-if]")) part.toggleAttribute("hidden", !service.accepting);
  card.querySelector('[data-f="why"]')?.toggleAttribute("hidden", service.accepting);
  fill(card, {
    why: service.accepting ? "" : why(service),
    called: range(texts, service.until_called),
    finished: range(texts, service.until_finished),
    waiting: say(texts, "label.people", { n: service.waiting }),
  });
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
