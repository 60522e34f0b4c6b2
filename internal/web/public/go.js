// Keeps the comparison of offices moving, and makes it anew from where the visitor is,
// which stays in the browser. The server says the same by the same rules (package travel).

import { follow } from "../follow.js";
import { headlineOf, standing, summarize, takes } from "../model.js";
import { clock, range, say } from "../words.js";
import { words } from "../told.js";
import { drawLevel, drawLink, fill, loadTexts } from "../draw.js";
import { about, alike, inTime, metres, rank, total } from "../travel.js";
import { share } from "../share.js";
import { keep } from "./keep.js";
import { whereabouts } from "./where.js";

/** @import { Office, Estimate, Level } from "../types.js" */
/** @import { Choice, Mode, Point, Range } from "../travel.js" */

/** @typedef {{card: HTMLElement, name: string, line: number, choice: Choice, finished: Estimate | null}} Row */

const { texts } = await loadTexts();
const main = document.getElementById("main");
/** @type {Map<string, Office>} */
const offices = new Map();
/** @type {Point | null} */
let here = null;

follow([], {
  frame: (frame) => {
    if (frame.type !== "office") return;
    offices.set(frame.office, frame.data);
    draw(frame.data);
  },
  link: (link) => drawLink(link, texts),
});
whereabouts((at) => {
  here = at;
  compare();
});
share();
keep();
main?.setAttribute("data-ready", "");

/**
 * @param {HTMLElement} card
 * @param {Office} office
 */
function headline(card, office) {
  const service = card.dataset.serviceOf;
  return service ? headlineOf(office.services.find((s) => s.id === service)) : summarize(office, main?.dataset.for ?? "");
}

/** @param {Office} office */
function draw(office) {
  const card = document.querySelector(`[data-office="${CSS.escape(office.id)}"]`);
  if (!(card instanceof HTMLElement)) return;
  const head = headline(card, office);
  drawLevel(card, head.level, texts);
  fill(card, {
    finished: takes(head.level) ? range(texts, head.finished) : "—",
    as_of: say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }),
  });
  if (here) fill(card, { whole: whole(rowOf(card, office)) });
}

/** Ranks the offices from where the visitor is, and says why. */
function compare() {
  const cards = [...document.querySelectorAll(".choice")].filter((card) => card instanceof HTMLElement);
  const rows = cards.flatMap((card) => {
    const office = offices.get(card.dataset.office ?? "");
    return office ? [rowOf(card, office)] : [];
  });
  const ranked = rank(rows.map((row) => row.choice)).map((i) => rows[i]);
  const first = document.getElementById("choices"), more = document.getElementById("choices-more");
  const room = first?.children.length ?? 0;
  ranked.forEach((row, i) => {
    (i < room || !more ? first : more)?.append(row.card);
    row.card.classList.toggle("best", i === 0);
    for (const part of row.card.querySelectorAll("[data-way]")) part.toggleAttribute("hidden", row.line === Infinity);
    row.card.querySelector("[data-late]")?.toggleAttribute("hidden", !row.choice.open || inTime(row.choice));
    fill(row.card, { place: String(i + 1), way: along(row.choice.way), whole: whole(row) });
  });
  explain(ranked);
}

/**
 * @param {HTMLElement} card
 * @param {Office} office
 * @returns {Row}
 */
function rowOf(card, office) {
  const head = headline(card, office), { lat, lng } = card.dataset;
  const line = here && lat && lng ? metres(here, { lat: Number(lat), lng: Number(lng) }) : Infinity;
  const way = line < Infinity ? about(line, mode(), "rough" in card.dataset) : { low: 0, high: 0 };
  const open = takes(head.level) && standing(office) === "open", known = !!head.finished && line < Infinity;
  const finished = { low: head.finished?.low_seconds ?? 0, high: head.finished?.high_seconds ?? 0 };
  const choice = { way, finished, usual: head.finished?.p50_seconds ?? 0, known, open, left: left(card, office) };
  return { card, name: card.dataset.name ?? "", line, choice, finished: head.finished };
}

/**
 * Seconds until the office takes nobody on any more.
 * @param {HTMLElement} card
 * @param {Office} office
 */
function left(card, office) {
  const wanted = office.services.filter((s) => !card.dataset.serviceOf || s.id === card.dataset.serviceOf);
  const closes = Math.max(0, ...wanted.map((s) => Date.parse(s.closes ?? "") || 0));
  return Math.round((closes - Date.parse(office.as_of)) / 1000);
}

/** @returns {Mode} */
function mode() {
  const chosen = document.querySelector("[name=by]:checked");
  const value = chosen instanceof HTMLInputElement ? chosen.value : "";
  return value === "bicycle" || value === "transit" ? value : "walk";
}

/** @param {Range} way */
function along(way) {
  const { kind, ...values } = words(way.low, way.high);
  return say(texts, "until." + (kind === "soon" ? "within" : kind), values);
}

/** @param {Row} row */
function whole(row) {
  if (!row.choice.open) return "—";
  if (!row.choice.known) return say(texts, "until.unknown");
  const { low, high } = total(row.choice);
  const { kind, ...values } = words(low, high);
  return say(texts, "until." + kind, values);
}

/** @param {Row[]} ranked */
function explain(ranked) {
  const part = document.getElementById("reasons");
  if (!part) return;
  part.replaceChildren(...reasons(ranked).map((text) => {
    const line = document.createElement("p");
    line.textContent = text;
    return line;
  }));
}

/**
 * Twin of the server's goPage.reasons.
 * @param {Row[]} ranked
 */
function reasons(ranked) {
  const best = ranked[0];
  if (!best?.choice.open) return [say(texts, "go.none")];
  if (!best.choice.known) return [say(texts, "go.unknown")];
  const list = [say(texts, "go.best", { office: best.name, way: along(best.choice.way), finished: range(texts, best.finished) })];
  const near = ranked.reduce((a, b) => b.line < a.line ? b : a);
  if (near === best) list.push(say(texts, "go.near.same"));
  else if (inTime(near.choice) && near.choice.known && !alike(best.choice, near.choice)) {
    list.push(say(texts, "go.near.other", { office: near.name, way: along(near.choice.way), finished: range(texts, near.finished) }));
  }
  if (ranked[1] && inTime(ranked[1].choice) && alike(best.choice, ranked[1].choice)) list.push(say(texts, "go.alike", { office: ranked[1].name }));
  return list;
}
