// The machine gives no numbers now, and why.
import { actions, h, parts, plainButton, title } from "../draw.js";
import { pages } from "../pages.js";
import { reason, why } from "./common.js";

/** @typedef {import("../types.d.ts").Context} Context */
/** @typedef {import("../types.d.ts").Page} Page */

/**
 * @param {(c: Context) => [string, string]} says what, and what to do
 * @returns {Page}
 */
function away(says) {
  return {
    always: true, idle: 45,
    draw(root, c) {
      const [what, todo] = says(c);
      parts(root, [title(what), h("p", { className: "trouble", role: "status", data: { say: "" } }, todo)],
        [actions(pages.scan && c.state.screen.ready && !c.state.screen.barred ? plainButton("have", c.t("visit.have"), () => c.go("scan")) : null)]);
    },
  };
}

export const notReady = away((c) => [c.t("visit.notReady"), c.t("visit.staff")]);
export const barred = away((c) => [c.t("visit.barred"), c.t("visit.staffOther")]);
export const lost = away((c) => [c.t("visit.lost"), c.t("visit.staff")]);
export const closed = away((c) => {
  const { screen } = c.state, first = screen.services.find((s) => !s.accepting);
  return [first?.message ? reason(c, first.code) : why(c, first), screen.message || first?.message || c.t("visit.closedStaff")];
});
