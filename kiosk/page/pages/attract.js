// The screen of the free machine: what waits now, and where to begin.
import { actions, choice, choices, go, h, plainButton, title } from "../draw.js";
import { purposes, services, waits } from "../model.js";
import { pages } from "../pages.js";
import { choosePurpose, people, range } from "./common.js";

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { screen, modes } = c.state, groups = purposes(screen);
  const begin = () => c.go("purpose");
  const rows = groups.map((p) => {
    const w = waits(screen, p.id);
    return { p, detail: h("span", { className: "wait" }, people(c, w.waiting), range(c, w.low, w.high)) };
  });
  const total = services(screen).reduce((n, s) => n + s.waiting, 0);
  const now = h("p", { className: "now", key: "now" }, c.t("visit.now"), " ", people(c, total));
  const table = h("ul", { className: "board", key: "board", aria: { label: c.t("visit.now") } },
    ...rows.map(({ p, detail }) => h("li", { key: p.id }, h("b", {}, c.words(p.name)), detail)));
  const reachable = choices(rows.map(({ p, detail }, i) => choice(i + 1, p.id, c.words(p.name), detail, () => choosePurpose(c, p.id), "row")), "one");
  root.append(h("div", { className: "tell", key: "tell" }, title(c.t("visit.welcome"), screen.message || c.t("visit.welcomeSub")), now, modes.low ? table : null),
    h("div", { className: "touch", key: "touch" }, modes.low ? null : reachable,
      actions(go(c.t("visit.begin"), begin), pages.scan ? plainButton("have", c.t("visit.have"), () => c.go("scan")) : null)));
}
