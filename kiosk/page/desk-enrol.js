// Enrolling the machine with a code of eight digits.
import { askFirst } from "./desk-ask.js";
import { call, desk, inDesk, t, to } from "./desk-call.js";
import { dialled } from "./desk-model.js";
import { actions, h, parts, plainButton, title } from "./draw.js";
import { entered, pad, padHears } from "./scan-pad.js";

const places = 8;

/** @typedef {import("./types.d.ts").Context} Context */

/** @param {Context} c @param {string} key */
const type = (c, key) => c.set({ digits: dialled(c.state.props.digits ?? "", key, places) });

/** @param {Context} c the first set-up comes without a session */
const out = (c) => (c.state.props.session ? to(c, "desk_home") : c.go("desk", { forget: true }));

/** @param {Context} c */
async function enter(c) {
  const { digits = "", machine, session, working } = c.state.props, body = { code: digits }, then = session ? "desk_home" : "desk";
  if (digits.length !== places || working) return;
  const done = { head: t(c, "enrolled"), text: t(c, "enrolledText") };
  if (machine?.enrolled) {
    return askFirst(c, { head: t(c, "enrolAsk"), text: t(c, "enrolText"), yes: t(c, "enrolReplace"), no: t(c, "enrolNo"), path: "enrol", body, done, then, back: "desk_enrol" });
  }
  c.set({ digits: "", working: true });
  if (await call(c, "enrol", body, { then: session ? "desk_enrol" : "desk" })) to(c, "desk_done", { ...done, then });
}

/** @type {import("./types.d.ts").Page} */
export const enrol = {
  ...desk,
  key: (e, c) => padHears(e, (key) => type(c, key)),
  draw(root, c) {
    inDesk(root, c);
    const { digits = "", machine, working } = c.state.props;
    parts(root, [
      title(t(c, "enrolTitle"), t(c, "enrolLead")),
      entered(digits, places, t(c, "enrolCode", { n: digits.length })),
      machine ? h("dl", { className: "states", key: "states" },
        h("div", { className: "state", key: "server" }, h("dt", {}, t(c, "enrolServer")), h("dd", {}, machine.server || t(c, "error.no_server"))),
        h("div", { className: "state", key: "key" }, h("dt", {}, t(c, "enrolKey")), h("dd", {}, machine.key_id || t(c, machine.enrolled ? "key.yes" : "enrolNone")))) : null,
    ], [
      pad({ label: t(c, "pad"), clear: t(c, "clear"), enter: t(c, working ? "working" : "enrolYes"), press: (key) => type(c, key), enterNow: () => enter(c), disabled: working, ready: digits.length === places }),
      actions(plainButton("back", t(c, "back"), () => out(c))),
    ]);
  },
};
