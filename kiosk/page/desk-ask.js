// The one question before what cannot be undone, and the page that says what came of
// an act.
import { call, desk, inDesk, t, to } from "./desk-call.js";
import { actions, choice, choices, go, h, parts, title } from "./draw.js";

/** @typedef {import("./types.d.ts").Context} Context */

/**
 * What is asked: texts, what is sent on yes (to desk/act, or to path), what is said
 * then, and where no leads to.
 * @typedef {{head: string, text: string, yes: string, no: string, path?: string, body: object, done: {head: string, text?: string}, then: string, back: string, backProps?: object}} Question
 */

/** @param {Context} c @param {Question} question */
export const askFirst = (c, question) => to(c, "desk_ask", { question });

/** @param {Context} c @param {Question} q */
async function yes(c, q) {
  if (c.state.props.working) return;
  c.set({ working: true });
  if (await call(c, q.path ?? "act", q.body, { then: q.then })) to(c, "desk_done", { ...q.done, then: q.then });
}

/** @type {import("./types.d.ts").Page} */
export const ask = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    /** @type {Question} */
    const q = c.state.props.question;
    const no = choice(1, "no", q.no, null, () => to(c, q.back, q.backProps), "row");
    no.dataset.back = "";
    parts(root, [title(q.head, q.text)], [c.state.props.working ? h("p", { className: "lead", key: "wait", role: "status" }, t(c, "working"))
      : choices([no, choice(2, "yes", q.yes, null, () => yes(c, q), "row risky")], "one")]);
  },
};

/** @type {import("./types.d.ts").Page} */
export const done = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    const { head, text = "", number = "", bad = false, then } = c.state.props;
    parts(root, [
      bad ? title(head) : h("div", { className: "title good", key: "title" }, h("span", { className: "mark", aria: { hidden: "true" } }, "✓"), h("h1", { tabIndex: -1 }, head)),
      number ? h("section", { className: "slip found", key: "slip" }, h("p", { className: "number" + (number.length > 5 ? " long" : "") }, number)) : null,
      text ? h("p", { className: bad ? "trouble" : "next lead", key: "do", role: bad ? "alert" : "status" }, text) : null,
    ], [actions(go(t(c, "done"), () => to(c, then ?? "desk_home"), { kind: "done" }))]);
  },
};
