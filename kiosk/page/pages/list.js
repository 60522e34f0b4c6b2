// Every service by name: for those who know what it is called.
import { actions, choice, choices, h, parts, plainButton, title } from "../draw.js";
import { byName, pageOf, perPage, rows, rowsHeld, stopped } from "../model.js";
import { away, back, wait } from "./common.js";

/** @typedef {import("../types.d.ts").Context} Context */

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { screen, language, modes, props: { row = "", at = 0 } } = c.state;
  const high = (language === "ja-x-easy" ? 2 : 0) + (modes.large ? 2 : 0); // letters need rows that are higher
  const shown = pageOf(byName(screen, c.words, language, row), at, perPage - high);
  const items = shown.items.map((s, i) => choice(i + 1, s.id, c.words(s.name), wait(c, s), () => c.go("service", { service: s.id }), "row"));
  parts(root, [title(c.t("visit.listTitle"), c.t("visit.sub")), away(c, stopped(screen))],
    [language.startsWith("ja") ? syllabary(c, row) : null, choices(items, "one"), ...pager(c, shown), actions(back(c))]);
}

/** @param {Context} c @param {string} row */
function syllabary(c, row) {
  const held = rowsHeld(c.state.screen);
  const key = (/** @type {string} */ id, /** @type {string} */ name) => h("button", {
    type: "button", key: id || "all", className: "sound", disabled: id !== "" && !held.has(id), aria: { pressed: id === row }, onclick: () => c.set({ row: id, at: 0 }),
  }, name);
  return h("div", { className: "syllabary", key: "syllabary", role: "group", aria: { label: c.t("visit.byKana") } },
    key("", c.t("visit.all")), ...rows.map((r) => key(r, r)));
}

/**
 * Buttons to turn the page; none where there is one page.
 * @param {Context} c
 * @param {{n: number, of: number}} shown
 */
export function pager(c, { n, of }) {
  if (of === 1) return [];
  const next = plainButton("next", c.t("visit.next", { n: n + 1, of }), () => c.set({ at: (n + 1) % of }));
  next.dataset.n = "9";
  return [h("div", { className: "pager", key: "pager" }, next)];
}
