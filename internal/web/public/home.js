// Keeps lists of offices moving, and sorts them by how near they are: where the visitor
// is stays in the browser.

import { follow } from "../follow.js";
import { headlineOf, standing, summarize, takes } from "../model.js";
import { clock, range, say } from "../words.js";
import { drawLevel, drawLink, fill, loadTexts } from "../draw.js";
import { metres } from "../travel.js";
import { share } from "../share.js";
import { keep } from "./keep.js";
import { whereabouts } from "./where.js";

/** @import { Office } from "../types.js" */

const { texts } = await loadTexts();
const main = document.getElementById("main");
const purpose = main?.dataset.for ?? "";

follow([], {
  frame: (frame) => { if (frame.type === "office") draw(frame.data); },
  link: (link) => drawLink(link, texts),
});
whereabouts((here) => sort(here));
share();
keep();

/** @param {Office} office */
function draw(office) {
  const card = document.querySelector(`[data-office="${CSS.escape(office.id)}"]`);
  if (!(card instanceof HTMLElement)) return;
  const service = card.dataset.serviceOf;
  const head = service ? headlineOf(office.services.find((s) => s.id === service)) : summarize(office, purpose);
  const told = takes(head.level);
  drawLevel(card, head.level, texts);
  card.classList.toggle("shut", !told || standing(office) !== "open");
  fill(card, {
    state: say(texts, "state." + standing(office)),
    until: told ? range(texts, head.until) : "—",
    finished: told ? range(texts, head.finished) : "—",
    waiting: say(texts, "label.people", { n: head.waiting }),
    as_of: say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }),
  });
}

/** @param {import("../travel.js").Point} here */
function sort(here) {
  for (const list of document.querySelectorAll(".offices")) {
    const cards = [...list.children].filter((card) => card instanceof HTMLElement);
    const far = new Map(cards.map((card) => [card, distance(here, card)]));
    for (const card of cards.sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0))) {
      const line = far.get(card) ?? Infinity;
      fill(card, { far: line < Infinity ? say(texts, "row.far", { km: (Math.round(line / 100) / 10).toFixed(1) }) : "" });
      list.append(card);
    }
  }
  const order = document.getElementById("order-now"), button = document.getElementById("near");
  if (order && button) order.textContent = button.dataset.done ?? "";
}

/**
 * @param {import("../travel.js").Point} here
 * @param {HTMLElement} card
 */
function distance(here, card) {
  const { lat, lng } = card.dataset;
  return lat && lng ? metres(here, { lat: Number(lat), lng: Number(lng) }) : Infinity;
}
