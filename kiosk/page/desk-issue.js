// A number for a visitor, given by staff: service, language, priority.
import { call, desk, inDesk, serviceName, t, to } from "./desk-call.js";
import { actions, choice, choices, go, h, parts, plainButton, title } from "./draw.js";
import { languages } from "./words.js";

/** @typedef {import("./types.d.ts").Context} Context */

/** @type {import("./types.d.ts").Page} */
export const issue = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    const { services } = c.state.screen;
    const items = services.map((s, i) => {
      const detail = h("span", { className: "detail" }, s.accepting ? t(c, "waiting", { n: s.waiting }) : t(c, "accepting.no"));
      return choice(i < 9 ? i + 1 : 0, s.id, serviceName(c, s.id), detail, () => to(c, "desk_how", { service: s.id }), "small");
    });
    parts(root, [title(t(c, "issueTitle"), t(c, "issueLead"))], [choices(items, "two"), actions(plainButton("back", t(c, "back"), () => to(c, "desk_home")))]);
  },
};

/** @param {Context} c */
async function give(c) {
  const { service, language = "ja", priority = false, working } = c.state.props;
  if (working) return;
  c.set({ working: true });
  const result = await call(c, "act", { action: "issue", service, language, priority }, { then: "desk_issue" });
  if (!result) return;
  const ticket = result.ticket ?? result, number = ticket.number ?? "", shown = ticket.shown_only || ticket.state === "failed";
  to(c, "desk_done", { head: serviceName(c, service), number, text: t(c, shown ? "issuedShown" : "issuedText") + (priority ? " " + t(c, "issuePriority") : ""), then: "desk_home" });
}

/** @type {import("./types.d.ts").Page} */
export const how = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    const { service, language = "ja", priority = false, working } = c.state.props;
    const tongues = languages.map(([id, name], i) => {
      const b = choice(i + 1, id, name, null, () => c.set({ language: id }), "small pick");
      b.setAttribute("aria-pressed", String(id === language));
      b.lang = id;
      return b;
    });
    const first = choice(languages.length + 1, "priority", t(c, priority ? "priorityOn" : "priorityOff"), h("span", { className: "detail" }, t(c, "priorityNote")), () => c.set({ priority: !priority }), "small pick");
    first.setAttribute("aria-pressed", String(priority));
    parts(root, [title(serviceName(c, service), t(c, "language"))],
      [choices([...tongues, first], "two"), actions(go(t(c, working ? "working" : "issueYes"), () => give(c), { disabled: working }), plainButton("back", t(c, "back"), () => to(c, "desk_issue")))]);
  },
};
