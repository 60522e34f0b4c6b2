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
  const ticket = await press(c, { service, language, session });
  if (ticket.state === "refused") c.go("refused", { ticket, forget: true });
  else c.go("ticket", { ticket, forget: true });
}

const tries = 5, turns = 30; // a second apart

/** Refusals that pass: the paper of the visitor before is still on its way. */
const soon = new Set(["busy", "too_soon"]);

/**
 * The same choice of a session is one press for the machine: after a lost answer it is
 * asked again, because the paper may be on its way; so is one whose turn has not come.
 * @param {import("../types.d.ts").Context} c
 * @param {{service: string, language: string, session: string}} choice
 */
async function press(c, choice) {
  for (let n = 1; ; n++) {
    try {
      return await c.post("press", choice);
    } catch (problem) {
      const { status, detail } = /** @type {import("../follow.js").Problem} */ (problem);
      if (detail?.command && (!soon.has(detail.code) || n >= turns)) return detail;
      if (!detail?.command && (n >= tries || (status > 0 && status < 500))) return { state: "refused", code: "out_of_service", service: choice.service };
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  parts(root, [title(c.t("visit.making"), c.t("visit.makingSub")), h("div", { className: "working", aria: { hidden: "true" } })], []);
}
