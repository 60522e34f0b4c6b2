// The screen of the free machine: what waits now, and where to begin.
import { actions, go, h, parts, plainButton, title } from "../draw.js";
import { purposes, services, waits } from "../model.js";
import { pages } from "../pages.js";
import { languages, say } from "../words.js";
import { choosePurpose, people, range } from "./common.js";

/** @typedef {import("../types.d.ts").Context} Context */

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { screen } = c.state, total = services(screen).reduce((n, s) => n + s.waiting, 0);
  parts(root,
    [title(c.t("visit.welcome"), screen.message || c.t("visit.welcomeSub")), h("p", { className: "now", key: "now", data: { say: "" } }, c.t("visit.now"), " ", people(c, total)), board(c)],
    [tongues(c), actions(go(c.t("visit.begin"), () => c.go("purpose"), { n: 1 }), pages.scan ? have(c) : null)]);
}

/** @param {Context} c */
function have(c) {
  const button = plainButton("have", c.t("visit.have"), () => c.go("scan"));
  button.dataset.n = "2";
  return button;
}

/** What waits now. A touch of a line begins there; all else begins with the button. @param {Context} c */
export function board(c) {
  const { screen } = c.state;
  return h("ul", { className: "board", key: "board" }, ...purposes(screen).slice(0, 8).map((p) => {
    const w = waits(screen, p.id);
    return h("li", { key: p.id, onclick: () => choosePurpose(c, p.id) },
      h("span", { className: "sign " + p.id, aria: { hidden: "true" } }), h("b", {}, c.words(p.name)), h("span", { className: "wait" }, people(c, w.waiting), range(c, w.low, w.high)));
  }));
}

/** The other languages: each begins in its own words. @param {Context} c */
function tongues(c) {
  const others = languages.filter(([id]) => id !== c.state.language);
  return h("ul", { className: "begin-in", key: "begin-in" }, ...others.map(([id, name]) => h("li", { key: id },
    h("button", { type: "button", className: "begin", key: id, lang: id, onclick: () => { c.language(id); c.go("purpose"); } }, h("b", {}, name), h("span", {}, say(id, "visit.begin"))))));
}
