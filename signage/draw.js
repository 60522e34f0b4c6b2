// Writing the waits onto the wall.

import { drawLevel, fill } from "../draw.js";
import { range, say } from "../words.js";
import { words } from "../told.js";
import { summarize, takes } from "../model.js";

/** @import { Office, Texts, Level, Estimate } from "../types.js" */

/**
 * @param {Office} office
 * @param {Texts} texts
 */
export function drawWaits(office, texts) {
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
  fill(row, { waiting: say(texts, "label.people", { n: waiting }), until: takes(level) ? short(texts, until) : "—" });
}

/**
 * An estimate in the room that a wall has: of the shortest, its upper end alone. Twin of
 * the server's View.Short.
 * @param {Texts} texts
 * @param {Estimate | null} until
 */
function short(texts, until) {
  if (!until) return range(texts, until);
  const { kind, ...values } = words(until.low_seconds, until.high_seconds);
  return say(texts, "until." + (kind === "soon" ? "within" : kind), values);
}
