// What did the visitor come for?
import { actions, choice, choices, h, parts, title } from "../draw.js";
import { purposes, stopped, waits } from "../model.js";
import { board } from "./attract.js";
import { away, choosePurpose, home, people, range } from "./common.js";
import * as list from "./list.js";

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { screen, modes } = c.state, groups = purposes(screen);
  if (groups.length === 0) return list.draw(root, c);
  const items = groups.slice(0, 8).map((p, i) => {
    const w = waits(screen, p.id);
    return choice(i + 1, p.id, c.words(p.name), h("span", { className: "wait" }, people(c, w.waiting), range(c, w.low, w.high)), () => choosePurpose(c, p.id), "", p.id);
  });
  items.push(choice(9, "list", c.t("visit.list"), h("span", { className: "wait" }, h("span", {}, c.t("visit.listSub"))), () => c.go("list"), "", "list"));
  parts(root, [title(c.t("visit.title"), screen.message || c.t("visit.sub")), modes.low ? board(c) : null, away(c, stopped(screen))], [choices(items, "two"), actions(home(c))]);
}
