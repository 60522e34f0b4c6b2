// One service: who waits, how long, what to bring, other ways, and the button.
import { actions, go, h, parts, title } from "../draw.js";
import { minutes } from "../minutes.js";
import { back, why } from "./common.js";

/** @typedef {import("../types.d.ts").Context} Context */
/** @typedef {import("../types.d.ts").Service} Service */

/** @param {Context} c */
const chosen = (c) => c.state.screen.services.find((s) => s.id === c.state.props.service);

/** Every offer that is seen is counted once. @param {Context} c */
export function enter(c) {
  const s = chosen(c);
  for (const { kind } of offers(s)) c.post("offer", { service: s?.id, kind, taken: false }).catch(() => null);
}

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const s = chosen(c);
  if (!s?.accepting) {
    return parts(root, [title(c.words(s?.name), ""), h("p", { className: "trouble", role: "alert" }, why(c, s))], [actions(back(c))]);
  }
  parts(root, [title(c.words(s.name)), facts(c, s), note(c, s), bring(c, s.bring)],
    [others(c, s), actions(go(c.t("visit.take"), () => c.go("making", { service: s.id, forget: true })), back(c))]);
}

/** @param {Context} c @param {Service} s */
function facts(c, s) {
  const q = s.quote, called = minutes(c.t, q?.low_minutes, q?.high_minutes), done = minutes(c.t, q?.finished_low_minutes, q?.finished_high_minutes);
  return h("dl", { className: "facts", key: "facts" },
    fact("people", c.t("visit.people"), c.t("visit.persons", { n: s.waiting })),
    fact("called" + (called ? "" : " unknown"), c.t("visit.untilCalled"), called || c.t("visit.unknown")),
    done ? fact("finished", c.t("visit.untilFinished"), done) : null);
}

/** How far the figures can be relied on, or what to do without them. @param {Context} c @param {Service} s */
function note(c, s) {
  const told = minutes(c.t, s.quote?.low_minutes, s.quote?.high_minutes) !== "";
  return h("p", { className: "note", key: "note", data: told ? {} : { say: "" } }, told ? c.t("visit.asOf", { time: c.state.screen.at?.slice(11, 16) ?? "" }) : c.t("visit.unknownDo"));
}

/** @param {string} kind @param {string} name @param {string} value */
function fact(kind, name, value) {
  return h("div", { className: "fact " + kind, key: kind, data: { say: "" } }, h("dt", {}, name), h("dd", {}, value));
}

/** @param {Context} c @param {import("../types.d.ts").Words[]} [list] */
export function bring(c, list = []) {
  if (list.length === 0) return null;
  return h("section", { className: "bring", key: "bring", data: { say: "" } }, h("h2", {}, c.t("visit.bring")),
    h("ul", {}, ...list.slice(0, 5).map((b) => h("li", {}, c.words(b)))));
}

/** @param {Service} [s] */
const offers = (s) => (s?.instead ?? []).slice(0, 3);

/** Ways that spare the wait. They stand beside the button and never before it. @param {Context} c @param {Service} s */
function others(c, s) {
  const list = offers(s);
  if (list.length === 0) return null;
  return h("section", { className: "others", key: "others" }, h("h2", {}, c.t("visit.others")),
    h("ul", {}, ...list.map((o, i) => h("li", { key: o.kind + i }, h("button", { type: "button", className: "way", data: { n: i + 1 }, onclick: () => c.go("offer", { service: s.id, at: i }) },
      h("span", { className: "n", aria: { hidden: "true" } }, String(i + 1)), h("span", { className: "sign " + o.kind, aria: { hidden: "true" } }),
      h("span", { className: "what" }, ...what(c, o).map((text, n) => h(n === 0 ? "b" : "span", {}, text))))))));
}

/** An office goes by its name: there may be two of them. @param {Context} c @param {import("../types.d.ts").Offer} o */
function what(c, o) {
  const name = c.words(o.name), kind = c.t("visit.offer_" + o.kind), wait = minutes(c.t, o.low_minutes, o.high_minutes);
  return name ? [name, wait ? `${kind}　${c.t("visit.untilCalled")} ${wait}` : kind] : [kind, c.words(o.text)];
}
