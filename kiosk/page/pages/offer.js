// Another way, in full: the visitor takes it, or goes back to the number.
import { actions, go, h, parts, plainButton, title } from "../draw.js";
import { minutes } from "../model.js";
import { back } from "./common.js";

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { service, at, taken } = c.state.props, s = c.state.screen.services.find((x) => x.id === service), o = s?.instead?.[at];
  if (!s || !o) return parts(root, [title(c.t("visit.other"))], [actions(back(c))]);
  if (taken) {
    return parts(root, [title(c.t("visit.offerThanks"), c.words(o.text)), where(c, o)],
      [actions(go(c.t("visit.done"), () => c.home()), plainButton("back", c.t("visit.offerNo"), () => c.set({ taken: false })))]);
  }
  const take = () => {
    c.post("offer", { service: s.id, kind: o.kind, taken: true }).catch(() => null);
    c.set({ taken: true });
  };
  parts(root, [title(c.t("visit.offer_" + o.kind), c.words(s.name)), h("p", { className: "big", data: { say: "" } }, c.words(o.text)), where(c, o)],
    [actions(go(c.t("visit.offerYes"), take, { kind: "second", n: 1 }), go(c.t("visit.offerNo"), () => c.back(), { n: 2 }))]);
}

/** @param {import("../types.d.ts").Context} c @param {import("../types.d.ts").Offer} o */
function where(c, o) {
  const wait = minutes(c.t, o.low_minutes, o.high_minutes);
  if (!o.name && !o.url) return null;
  return h("dl", { className: "facts", key: "where" },
    o.name ? h("div", { className: "fact", data: { say: "" } }, h("dt", {}, c.words(o.name)), h("dd", {}, wait || c.t("visit.unknown"))) : null,
    o.url ? h("div", { className: "fact link" }, h("dt", {}, c.t("visit.readIt")), h("dd", {}, o.url)) : null);
}
