// Writing the wall.

import { drawLevel, drawRows, fill, write } from "../draw.js";
import { clock, hourMinute, range, say } from "../words.js";
import { summarize } from "../model.js";
import { earlier } from "./calls.js";

/** @import { Office, Call, Link, Texts, Level, Estimate } from "../types.js" */
/** @typedef {{lang: string, texts: Texts}} Words */

const recentCalls = 5;
const readyNumbers = 8;

/**
 * @param {Office} office
 * @param {Words} words
 * @param {Call | null} showing the call that is being announced
 */
export function drawOffice(office, words, showing) {
  const { texts } = words;
  write(document.getElementById("as-of"), say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }));
  drawRowsOf(office, texts);
  const large = showing ?? office.calls[0];
  drawLarge(large, texts);
  const rows = earlier(office.calls, large, recentCalls).map((call) => ({ number: call.number, counter: counterWords(call, texts) }));
  drawRows(document.getElementById("recent"), template("recent-row"), rows);
  drawReady(office.services.flatMap((service) => service.ready ?? []));
}

/**
 * @param {Office} office
 * @param {Texts} texts
 */
function drawRowsOf(office, texts) {
  for (const service of office.services) {
    drawWait(document.querySelector(`[data-service="${CSS.escape(service.id)}"]`), service.level, service.waiting, service.until_called, texts);
  }
  for (const row of document.querySelectorAll("[data-purpose]")) {
    const head = summarize(office, row.getAttribute("data-purpose") ?? "");
    drawWait(row, head.level, head.waiting, head.until, texts);
  }
}

/**
 * @param {Element | null} row
 * @param {Level} level
 * @param {number} waiting
 * @param {Estimate | null} until
 * @param {Texts} texts
 */
function drawWait(row, level, waiting, until, texts) {
  if (!row) return;
  const shown = level !== "closed" && level !== "suspended";
  drawLevel(row, level, texts);
  fill(row, { waiting: say(texts, "label.people", { n: waiting }), until: shown ? range(texts, until) : "—" });
}

/**
 * @param {Call | undefined} call
 * @param {Texts} texts
 */
function drawLarge(call, texts) {
  const part = document.getElementById("call");
  document.getElementById("idle")?.toggleAttribute("hidden", Boolean(call));
  part?.toggleAttribute("hidden", !call);
  if (!part || !call) return;
  fill(part, { number: call.number, counter: counterWords(call, texts), other: "Counter " + call.counter });
  part.querySelector(".call-number")?.toggleAttribute("data-long", call.number.length > 5);
}

/** @param {string[]} numbers */
function drawReady(numbers) {
  document.getElementById("ready")?.toggleAttribute("hidden", numbers.length === 0);
  const rows = numbers.slice(0, readyNumbers).map((number) => ({ number }));
  drawRows(document.getElementById("ready-list"), template("ready-row"), rows);
}

/**
 * Marks the call that is being announced, in the panel and as a caption.
 * @param {Call | null} call
 * @param {Words} words
 */
export function drawCall(call, { texts }) {
  const panel = document.getElementById("now");
  panel?.classList.remove("calling");
  const caption = document.getElementById("caption");
  if (!call) {
    write(caption, say(texts, "wall.idle"));
    return;
  }
  write(caption, say(texts, "wall.caption", { number: call.number, counter: call.counter }));
  void panel?.offsetWidth; // lets the animation begin anew for each call
  panel?.classList.add("calling");
}

/** @param {number} now ms */
export function drawClock(now) {
  write(document.getElementById("clock"), hourMinute(now));
}

/**
 * @param {Link} link
 * @param {Office | null} office
 * @param {Words} words
 */
export function drawStale(link, office, { texts }) {
  document.body.classList.toggle("stale", link !== "live");
  document.body.classList.toggle("aged", link === "aged");
  const mark = document.getElementById("stale-mark");
  if (!mark) return;
  mark.hidden = link === "live";
  const t = office ? clock(Date.parse(office.as_of)) : "—";
  write(document.getElementById("stale-text"), link === "live" ? "" : say(texts, "wall.stale", { t }));
}

/**
 * @param {Call} call
 * @param {Texts} texts
 */
function counterWords(call, texts) {
  return say(texts, "label.counter", { n: call.counter });
}

/** @param {string} id */
function template(id) {
  const part = document.getElementById(id);
  return part instanceof HTMLTemplateElement ? part : null;
}
