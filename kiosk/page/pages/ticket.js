// The number, very large, and the next step.
import { actions, go, h, parts } from "../draw.js";
import { minutes } from "../minutes.js";
import { people } from "./common.js";
import { bring } from "./service.js";

/** @typedef {import("../types.d.ts").Context} Context */
/** @typedef {import("../types.d.ts").Ticket} Ticket */

export const always = true;

/** With paper in the hand nobody needs the screen; without, it is all there is. @param {Context} c */
export function idle(c) {
  return onPaper(c.state.props.ticket) ? 20 : 180;
}

/** The machine may forget the way to the ticket's status. @param {Context} c */
export function leave(c) {
  c.post("taken", { command: c.state.props.ticket.command }).catch(() => null);
}

/** @param {Ticket} t */
const onPaper = (t) => t.state === "printed" && !t.shown_only;

/** @param {Context} c */
export async function tick(c) {
  const { ticket } = c.state.props;
  if (ticket.state !== "printing" || ticket.shown_only) return;
  const news = await c.get("ticket/" + encodeURIComponent(ticket.command)).catch(() => null);
  if (!news) return;
  c.set({ ticket: { ...ticket, ...news } });
  if (news.state !== "printing") c.say(c.t("visit." + outcome(news)));
}

/** @param {Ticket} t */
function outcome(t) {
  if (t.shown_only && t.state !== "failed") return "shown";
  return { printing: "printing", printed: "printed", failed: "failed", unknown: "unsure", refused: "other" }[t.state] ?? "printing";
}

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  /** @type {Ticket} */
  const t = c.state.props.ticket, s = c.state.screen.services.find((x) => x.id === t.service), now = outcome(t);
  const wait = minutes(c.t, t.quote?.low_minutes, t.quote?.high_minutes), number = t.number ?? "";
  const need = now === "printing" || now === "printed" ? bring(c, t.bring ?? s?.bring) : null, { low } = c.state.modes;
  parts(root, [
    h("p", { className: "paper " + now, key: "paper", role: "status", data: { say: "" } }, h("span", { className: "sign " + now, aria: { hidden: "true" } }), h("span", {}, c.t("visit." + now))),
    h("section", { className: "slip", key: "slip" },
      h("p", { className: "for" }, c.words(s?.name)),
      h("h1", { tabIndex: -1, className: "number" + (number.length > 5 ? " long" : ""), aria: { label: c.t("visit.yourNumber", { number: [...number].join(" ") }) } }, number),
      h("div", { className: "beside" }, code(c, t), h("div", { className: "wait" },
        t.quote ? h("p", {}, people(c, t.quote.ahead)) : null, wait ? h("p", {}, c.t("visit.untilCalled"), " ", h("em", {}, wait)) : null,
        t.check_in_code ? h("p", {}, c.t("visit.checkIn"), " ", h("em", {}, t.check_in_code)) : null))),
    h("p", { className: "next lead", key: "next" }, c.t(onPaper(t) || t.state === "printing" ? "visit.keep" : "visit.keepNumber")),
    low ? need : null,
  ], [low ? null : need, actions(go(c.t(onPaper(t) ? "visit.done" : "visit.noted"), () => c.home(), { kind: "done" }))]);
}

/** @param {Context} c @param {Ticket} t */
function code(c, t) {
  if (!t.status_url) return null;
  return h("figure", { className: "code" }, h("img", { src: `ticket/${t.command}/qr.svg`, alt: "" }), h("figcaption", {}, c.t("visit.follow")));
}
