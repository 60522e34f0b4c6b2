// Which of a purpose's services?
import { actions, choice, choices, parts, title } from "../draw.js";
import { pageOf, services, stopped } from "../model.js";
import { away, back, wait } from "./common.js";
import { pager } from "./list.js";

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { purpose, at = 0 } = c.state.props, { screen } = c.state;
  const name = screen.purposes.find((p) => p.id === purpose)?.name, shown = pageOf(services(screen, purpose), at);
  const items = shown.items.map((s, i) => choice(i + 1, s.id, c.words(s.name), wait(c, s), () => c.go("service", { service: s.id }), "row"));
  parts(root, [title(c.t("visit.choose"), c.words(name)), away(c, stopped(screen, purpose))],
    [choices(items, "one"), ...pager(c, shown), actions(back(c))]);
}
