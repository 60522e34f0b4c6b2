// How the machine is, in words and with what to do.
import { facts, span, troubles } from "./desk-model.js";
import { t } from "./desk-call.js";
import { h } from "./draw.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./desk-model.js").DeskState} DeskState */

const shown = 3;
const signs = { bad: "×", care: "!", note: "i", ok: "✓" };

/** @param {Context} c @param {number | undefined} ms */
function length(c, ms = 0) {
  const { unit, n } = span(Math.abs(ms));
  return t(c, "span." + unit, { n });
}

/** @param {string} level */
const sign = (level) => h("span", { className: "mark " + level, aria: { hidden: "true" } }, /** @type {Record<string, string>} */ (signs)[level]);

/**
 * What to look after, the worst first.
 * @param {Context} c
 * @param {DeskState} machine
 * @param {string} [barred]
 */
export function troubleCards(c, machine, barred) {
  const list = troubles(machine, barred);
  if (list.length === 0) {
    return h("section", { className: "cares fine", key: "cares", role: "status" }, h("div", { className: "concern ok", key: "fine" }, sign("ok"), h("div", {}, h("h2", {}, t(c, "fine")), h("p", {}, t(c, "fineDo")))));
  }
  return h("section", { className: "cares", key: "cares", role: "status" },
    ...list.slice(0, shown).map(({ id, level, n, ms, code }) => {
      const args = { n: ms === undefined ? n : length(c, ms), code };
      return h("div", { className: "concern " + level, key: id + (code ?? "") }, sign(level), h("div", {}, h("h2", {}, t(c, "trouble." + id, args)), h("p", {}, t(c, `trouble.${id}.do`, args))));
    }),
    list.length > shown ? h("p", { className: "more", key: "more" }, t(c, "more", { n: list.length - shown })) : null);
}

/** @param {Context} c @param {DeskState} machine */
export function factList(c, machine) {
  return h("dl", { className: "states", key: "states", aria: { label: t(c, "facts") } }, ...facts(machine).map(({ id, level, text, raw, n, ms, args }) =>
    h("div", { className: `state ${level}${id === "offers" ? " wide" : ""}`, key: id }, h("dt", {}, t(c, id)), h("dd", {}, level === "ok" ? null : sign(level), raw ?? t(c, text ?? "", { n: ms === undefined ? n : length(c, ms), ...args })))));
}
