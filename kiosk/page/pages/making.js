// The press: one for each session, however often the page is drawn.
import { h, parts, title } from "../draw.js";

/** @type {Set<string>} */
const pressed = new Set();

export const idle = Infinity;
export const always = true;

/** @param {import("../types.d.ts").Context} c */
export async function enter(c) {
  const { session, language, props: { service } } = c.state;
  if (pressed.has(session)) return;
  pressed.clear();
  pressed.add(session);
  let ticket;
  try {
    ticket = await c.post("press", { service, language, session });
  } catch (problem) {
    const { detail } = /** @type {import("../follow.js").Problem} */ (problem);
    ticket = detail?.command ? detail : { state: "refused", code: "out_of_service", service };
  }
  if (ticket.state === "refused") c.go("refused", { ticket, forget: true });
  else c.go("ticket", { ticket, forget: true });
}

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  parts(root, [title(c.t("visit.making"), c.t("visit.makingSub")), h("div", { className: "working", aria: { hidden: "true" } })], []);
}
