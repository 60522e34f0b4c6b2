// The door of staff mode: a PIN.
import { secondsLeft, dialled } from "./desk-model.js";
import { desk, inDesk, t } from "./desk-call.js";
import { actions, h, parts, plainButton, title } from "./draw.js";
import { entered, pad, padHears } from "./scan-pad.js";

const shortest = 4, longest = 8;

/** @typedef {import("./types.d.ts").Context} Context */

/** @param {Context} c @param {string} key */
function type(c, key) {
  const { pin = "", locked, working } = c.state.props;
  if (!locked && !working) c.set({ pin: dialled(pin, key, longest), wrong: undefined, ended: false });
}

/** @param {Context} c */
async function enter(c) {
  const { pin = "", working } = c.state.props;
  if (pin.length < shortest || working) return;
  c.set({ pin: "", working: true });
  try {
    const { session } = await c.post("desk/sign-in", { pin });
    c.go("desk_home", { session, forget: true });
  } catch (error) {
    refuse(c, /** @type {import("./follow.js").Problem} */ (error));
  }
}

/** @param {Context} c @param {import("./follow.js").Problem} error */
function refuse(c, { code, detail }) {
  if (code === "locked_out") return wait(c, detail.until);
  c.set({ working: false, wrong: code, left: detail?.left });
}

/** Counts the lock-out down, a second at a time. @param {Context} c @param {string} until */
function wait(c, until) {
  const seconds = secondsLeft(until, Date.now());
  c.set({ working: false, wrong: undefined, locked: seconds > 0 ? seconds : undefined });
  if (seconds > 0 && c.live) setTimeout(() => wait(c, until), 1_000);
}

/** @param {Context} c @param {number} seconds */
function span(c, seconds) {
  const m = Math.floor(seconds / 60), s = seconds % 60;
  return m > 0 ? t(c, "minutes", { m, s }) : t(c, "seconds", { s });
}

/** What stands above the pad. @param {Context} c */
function note(c) {
  const { wrong, left, ended } = c.state.props;
  if (wrong === "wrong_pin") return h("p", { className: "trouble", key: "note", role: "alert" }, t(c, "wrongPin"), left ? " " + t(c, "triesLeft", { n: left }) : "");
  if (wrong) return h("p", { className: "trouble", key: "note", role: "alert" }, t(c, wrong === "no_pin" ? "noPin" : wrong === "no_answer" ? "error.no_answer" : "error.other", { code: wrong }));
  return ended ? h("p", { className: "trouble", key: "note", role: "status" }, t(c, "ended"), " ", t(c, "endedDo")) : null;
}

/** @param {Context} c */
const out = (c) => plainButton("back", t(c, "leave"), () => c.home());

/** @type {import("./types.d.ts").Page} */
export const signIn = {
  ...desk,
  key: (e, c) => c.state.screen.desk !== false && padHears(e, (key) => type(c, key)),
  draw(root, c) {
    inDesk(root, c);
    const { pin = "", locked, working } = c.state.props;
    if (c.state.screen.desk === false) {
      return parts(root, [title(t(c, "noPin"), t(c, "noPinDo"))], [actions(h("button", { className: "quiet", type: "button", key: "enrol", onclick: () => c.go("desk_enrol", { forget: true }) }, t(c, "setUp")), out(c))]);
    }
    const said = pin ? t(c, "pin", { n: pin.length }) : t(c, "pinNone");
    const lead = working ? t(c, "working") : t(c, "pinLead");
    const above = locked ? [title(t(c, "locked")), h("p", { className: "left", key: "left", role: "timer" }, t(c, "lockedLeft", { time: span(c, locked) })), h("p", { className: "lead", key: "lead" }, t(c, "lockedNote"))]
      : [title(t(c, "title"), lead), entered(pin, Math.max(shortest, pin.length), said, true), note(c)];
    parts(root, above, [
      pad({ label: t(c, "pad"), clear: t(c, "clear"), enter: t(c, "enter"), press: (key) => type(c, key), enterNow: () => enter(c), disabled: Boolean(locked || working), ready: pin.length >= shortest }),
      actions(out(c)),
    ]);
  },
};
