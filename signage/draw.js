// Writing the wall.

import { drawLevel, drawRows, fill, write } from "../draw.js";
import { clock, hourMinute, range, say } from "../words.js";
import { summarize, takes } from "../model.js";
import { earlier, readyOf, together } from "./calls.js";

/** @import { Office, Call, Link, Texts, Level, Estimate } from "../types.js" */
/** @import { Group } from "./calls.js" */
/** @typedef {{lang: string, texts: Texts}} Words */

const recentCalls = 5;
const readyNumbers = 12;

/**
 * @param {Office} office
 * @param {Words} words
 * @param {Group | null} showing the calls that are being announced
 */
export function drawOffice(office, words, showing) {
  const { texts } = words;
  write(document.getElementById("as-of"), say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }));
  drawRowsOf(office, texts);
  const large = showing ?? together(office.calls);
  drawLarge(large, texts);
  const rows = earlier(office.calls, large, recentCalls).map((call) => ({ number: call.number, counter: counterWords(call, texts) }));
  drawRows(document.getElementById("recent"), template("recent-row"), rows);
  drawReady(office, texts);
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
  drawLevel(row, level, texts);
  fill(row, { waiting: say(texts, "label.people", { n: waiting }), until: takes(level) ? range(texts, until) : "—" });
}

/**
 * @param {Group} group
 * @param {Texts} texts
 */
function drawLarge(group, texts) {
  const part = document.getElementById("call");
  const call = group[0];
  document.getElementById("idle")?.toggleAttribute("hidden", Boolean(call));
  part?.toggleAttribute("hidden", !call);
  if (!part || !call) return;
  fill(part, { number: numbersOf(group), counter: counterWords(call, texts), other: "Counter " + call.counter });
  part.querySelector(".call-number")?.toggleAttribute("data-many", group.length > 1);
  part.querySelector(".call-number")?.toggleAttribute("data-long", call.number.length > 5);
}

/** @param {Group} group */
function numbersOf(group) {
  return group.map((call) => call.number).join(" ");
}

/**
 * @param {Office} office
 * @param {Texts} texts
 */
function drawReady(office, texts) {
  const list = readyOf(office).slice(0, readyNumbers);
  document.getElementById("ready")?.toggleAttribute("hidden", list.length === 0);
  const part = document.getElementById("ready-list");
  drawRows(part, template("ready-row"), list.map(({ number, counter }) => ({ number, counter: counter && say(texts, "label.counter", { n: counter }) })));
  list.forEach(({ counter }, i) => part?.children[i]?.toggleAttribute("data-counter", counter !== ""));
}

/**
 * Marks the calls that are being announced, in the panel and as a caption.
 * @param {Group} group
 * @param {Words} words
 */
export function drawCall(group, { texts }) {
  const call = group[0];
  const panel = document.getElementById("now");
  panel?.classList.remove("calling");
  const caption = document.getElementById("caption");
  if (!call) {
    write(caption, say(texts, "wall.idle"));
    return;
  }
  write(caption, say(texts, "wall.caption", { number: numbersOf(group), counter: call.counter }));
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
