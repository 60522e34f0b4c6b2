// What several pages draw.
import { h, plainButton } from "../draw.js";
import { minutes } from "../minutes.js";
import { services } from "../model.js";
import { known } from "../words.js";

/** @typedef {import("../types.d.ts").Context} Context */
/** @typedef {import("../types.d.ts").Service} Service */

/** @param {Context} c @param {number} n @returns {HTMLElement} "待っている方 12人" with the figure set off */
export function people(c, n) {
  return figure(c.t("visit.waiting", { n: "\u0000" }), n);
}

/** @param {string} template with \0 where the figure stands @param {number | string} n */
export function figure(template, n) {
  const [before, after] = template.split("\u0000");
  return h("span", { className: "people" }, before, h("em", {}, String(n)), after ?? "");
}

/** @param {Context} c @param {number} [low] @param {number} [high] */
export function range(c, low, high) {
  const text = minutes(c.t, low, high);
  return text ? h("span", { className: "range" }, text) : null;
}

/** @param {Context} c @param {Service} s */
export function wait(c, s) {
  return h("span", { className: "wait" }, people(c, s.waiting), range(c, s.quote?.low_minutes, s.quote?.high_minutes));
}

/** Goes on from a purpose: to its services, or straight to the only one. @param {Context} c @param {string} purpose */
export function choosePurpose(c, purpose) {
  const list = services(c.state.screen, purpose);
  if (list.length === 1) c.go("service", { service: list[0].id });
  else c.go("services", { purpose });
}

/** @param {Context} c */
export const back = (c) => plainButton("back", c.t("visit.back"), () => c.back());

/** @param {Context} c */
export const home = (c) => plainButton("back", c.t("visit.home"), () => c.home());

/** Why there is no number. @param {Context} c @param {string} [code] */
export const reason = (c, code = "") => c.t(known("visit." + code) ? "visit." + code : "visit.other");

/** Why a service has no button: the office's own words, else the reason and its hours. @param {Context} c @param {Service} [s] */
export function why(c, s) {
  const hours = [s?.opens, s?.closes].map((at) => at?.slice(11, 16)).join("〜");
  return s?.message || (s?.code === "outside_reception_hours" && s.opens ? c.t("visit.hours", { why: reason(c, s.code), hours }) : reason(c, s?.code));
}

/** The services that have no button now, with the reason. @param {Context} c @param {Service[]} list */
export function away(c, list) {
  if (list.length === 0) return null;
  /** @type {Map<string, string[]>} */
  const by = new Map();
  for (const s of list) by.set(why(c, s), [...(by.get(why(c, s)) ?? []), c.words(s.name)]);
  return h("dl", { className: "away", key: "away" }, ...[...by].flatMap(([because, names]) =>
    [h("dt", {}, because), h("dd", {}, names.join(c.state.language === "en" ? ", " : "、"))]));
}
