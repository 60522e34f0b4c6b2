// Staff mode: sign in, see how the machine is, and act. The pages form a tree below
// the machine's state; each carries the session, and leaving it leaves nothing.
import { troubleCards, factList } from "./desk-state.js";
import { ask, done } from "./desk-ask.js";
import { call, desk, inDesk, t, to } from "./desk-call.js";
import { enrol } from "./desk-enrol.js";
import { issue, how } from "./desk-issue.js";
import { services } from "./desk-services.js";
import { find, ticket, tickets } from "./desk-tickets.js";
import { signIn } from "./desk-pin.js";
import { actions, choice, choices, h, parts, plainButton, title } from "./draw.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./types.d.ts").Page} Page */

/** @param {Context} c */
async function look(c) {
  const machine = await call(c, "state", {});
  if (machine) c.set({ machine });
}

/** Acts at once and says what came of it. @param {Context} c @param {string} action @param {string} key of the texts */
async function simply(c, action, key) {
  if (c.state.props.working) return;
  c.set({ working: true });
  const result = await call(c, "act", { action });
  if (result) to(c, "desk_done", { head: t(c, key), text: t(c, key + "Text"), then: "desk_home" });
}

/** @param {Context} c */
function leave(c) {
  c.post("desk/sign-out", { session: c.state.props.session }).catch(() => null);
  c.home();
}

/** @param {Context} c */
function language(c) {
  const now = c.state.language === "en" ? "en" : "ja";
  return h("div", { className: "tongues", key: "tongues", role: "group", aria: { label: "日本語 / English" } },
    ...[["ja", "日本語"], ["en", "English"]].map(([id, name]) => h("button", { type: "button", key: id, lang: id, aria: { pressed: id === now }, onclick: () => c.language(id) }, name)));
}

/** @type {Page} */
const home = {
  ...desk,
  enter: look,
  tick: look,
  draw(root, c) {
    inDesk(root, c);
    const { machine, working } = c.state.props, { screen } = c.state;
    const doing = /** @type {[string, string, string, () => void][]} */ ([
      ["tickets", "list", "listNote", () => to(c, "desk_tickets")], ["issue", "issue", "issueNote", () => to(c, "desk_issue")],
      ["services", "services", "servicesNote", () => to(c, "desk_services")], ["paper", "paperReplaced", "paperNote", () => simply(c, "paper_replaced", "paperDone")],
      ["test", "test", "testNote", () => simply(c, "test_print", "testDone")], ["enrol", "enrol", "enrolNote", () => to(c, "desk_enrol")],
    ]);
    parts(root, [
      h("div", { className: "above", key: "above" }, title(t(c, "homeTitle"), screen.kiosk ? t(c, "kiosk", { kiosk: screen.kiosk }) : ""), language(c)),
      machine ? troubleCards(c, machine, screen.barred) : h("p", { className: "lead", key: "wait", role: "status" }, t(c, "working")),
      machine ? factList(c, machine) : null,
    ], [
      choices(doing.map(([key, name, note, press], i) => choice(i + 1, key, t(c, name), h("span", { className: "detail" }, t(c, note)), press, working ? "tile waiting" : "tile")), "two"),
      actions(plainButton("back", t(c, "end"), () => leave(c))),
    ]);
  },
};

/** A ticket that staff hold to the scanner, or a code on paper. @param {string} text @param {Context} c */
export function scanned(text, c) {
  const { name, props } = c.state;
  if (!props.session) return;
  if (name === "desk_enrol" && /^\d{8}$/.test(text)) return c.set({ digits: text });
  find(c, text);
}

/** @type {Record<string, Page>} by name */
export const pages = {
  desk: signIn, desk_home: home, desk_tickets: tickets, desk_ticket: ticket, desk_issue: issue, desk_how: how,
  desk_services: services, desk_enrol: enrol, desk_ask: ask, desk_done: done,
};
