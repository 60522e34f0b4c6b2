// Another way, in full: the visitor takes it, or a number after all.
import { actions, go, h, parts, plainButton, title } from "../draw.js";
import { minutes } from "../minutes.js";
import { back } from "./common.js";

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { service, at, taken } = c.state.props, s = c.state.screen.services.find((x) => x.id === service), o = s?.instead?.[at];
  if (!s || !o) return parts(root, [title(c.t("visit.other"))], [actions(back(c))]);
  const number = () => c.go("making", { service: s.id, forget: true });
  if (taken) {
    return parts(root, [title(c.t("visit.offerThanks"), c.words(o.text)), where(c, o, s.id, at)],
      [actions(go(c.t("visit.done"), () => c.home()), plainButton("back", c.t("visit.back"), () => c.set({ taken: false })))]);
  }
  const take = () => {
    c.post("offer", { service: s.id, kind: o.kind, taken: true }).catch(() => null);
    c.set({ taken: true });
  };
  parts(root, [title(c.t("visit.offer_" + o.kind), c.words(s.name)), h("p", { className: "big", data: { say: "" } }, c.words(o.text)), where(c, o, s.id, at)],
    [actions(go(c.t("visit.offerYes"), take, { kind: "second", n: 1 }), go(c.t("visit.offerNo"), number, { n: 2 }), back(c))]);
}

/**
 * The other office with its wait, the address with its code.
 * @param {import("../types.d.ts").Context} c
 * @param {import("../types.d.ts").Offer} o
 * @param {string} service
 * @param {number} at
 */
function where(c, o, service, at) {
  const wait = minutes(c.t, o.low_minutes, o.high_minutes);
  return h("div", { className: "where", key: "where" },
    o.name ? h("dl", { className: "facts" }, h("div", { className: "fact", data: { say: "" } }, h("dt", {}, c.words(o.name), "　", c.t("visit.untilCalled")), h("dd", {}, wait || c.t("visit.unknown")))) : null,
    o.url ? h("figure", { className: "code" }, h("img", { src: `offer/${encodeURIComponent(service)}/${at}/qr.svg`, alt: "" }), h("figcaption", {}, c.t("visit.readIt"), h("span", { className: "url" }, o.url))) : null);
}
