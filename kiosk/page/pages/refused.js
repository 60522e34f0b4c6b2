// There is no number, and why.
import { actions, go, h, parts, title } from "../draw.js";
import { reason } from "./common.js";

export const always = true;

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { ticket } = c.state.props;
  parts(root, [title(reason(c, ticket?.code)), h("p", { className: "trouble", role: "alert", data: { say: "" } }, c.t(ticket?.code === "too_soon" ? "visit.again" : "visit.staff"))],
    [actions(go(c.t("visit.home"), () => c.home()))]);
}
