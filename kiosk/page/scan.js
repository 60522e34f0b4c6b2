// The scanner, and what a visitor does with a ticket in the hand: see where it
// stands, ask for more time, leave, print it again, check in.
import { pages as desk, scanned as deskScanned } from "./desk.js";
import { actions, choice, choices, go, h, parts, plainButton, title } from "./draw.js";
import { checkIn } from "./scan-checkin.js";
import { errorText, inLine, offered, standing } from "./scan-model.js";
import { press, settle, within } from "./scan-wedge.js";
import { minutes } from "./minutes.js";
import { known } from "./words.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./types.d.ts").Page} Page */
/** @typedef {import("./scan-model.js").Found} Found */

// ---- the scanner ----

/** @type {import("./scan-wedge.js").Held[]} */
let held = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Hears every key before the page does. A character waits for a moment: if nothing
 * follows it was a person's, and comes again as an event of its own.
 * @param {KeyboardEvent} event
 * @param {Context} c
 * @returns {boolean} whether the key belongs to the scanner
 */
export function wedge(event, c) {
  if (event.target instanceof HTMLInputElement) return false;
  clearTimeout(timer);
  const { key, code, shiftKey, ctrlKey, altKey, metaKey, repeat } = event;
  const out = press(held, { key, code, shiftKey, ctrlKey, altKey, metaKey, repeat }, event.timeStamp);
  held = out.held;
  // The last of what a person typed may be this very key, which goes on by itself.
  giveBack(out.pass && out.typed.length ? out.typed.slice(0, -1) : out.typed);
  if (out.scanned !== null) read(out.scanned, c);
  if (held.length) timer = setTimeout(() => late(c), within(held) + 1);
  return !out.pass;
}

/** @param {Context} c */
function late(c) {
  const out = settle(held);
  held = [];
  giveBack(out.typed);
  if (out.scanned !== null) read(out.scanned, c);
}

/** @param {import("./scan-wedge.js").Key[]} keys */
function giveBack(keys) {
  for (const { key, code, shiftKey } of keys) {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
  }
}

/** A page on which a scan would break off what cannot be broken off. */
const busy = ["making"];

/** @param {string} text @param {Context} c */
function read(text, c) {
  const { name } = c.state;
  if (busy.includes(name)) return;
  if (name in desk) return deskScanned(text, c);
  c.go("scan", { text, forget: name in pages });
}

// ---- what was scanned ----

/** Looks up what was scanned or typed; the page keeps nothing of it. @param {Context} c */
async function look(c) {
  const { text, typed } = c.state.props;
  if (!text) return;
  c.set({ text: "", looking: true });
  try {
    /** @type {Found} */
    const found = await c.post("scan", { text });
    if (found.kind === "check_in" && found.can?.includes("check_in")) await act(c, found, "check_in", typed);
    else c.set({ looking: false, found });
  } catch (error) {
    fail(c, error, typed);
  }
}

/** @param {Context} c @param {Found} found @param {string} action @param {boolean} [typed] */
async function act(c, found, action, typed = false) {
  c.set({ looking: true });
  try {
    const after = await c.post("scan/act", { handle: found.handle, action });
    if (after?.ticket) c.go("ticket", { ticket: after.ticket, forget: true });
    else c.go("scan_done", { what: action, found: { ...found, ...after }, forget: true });
  } catch (error) {
    fail(c, error, typed);
  }
}

/** @param {Context} c @param {any} error @param {boolean} [typed] */
function fail(c, error, typed = false) {
  c.go("scan_error", { code: errorText(error.code ?? "", (name) => known("scan.error." + name), typed), typed, forget: true });
}

/** @param {Context} c @param {string} key @param {Record<string, unknown>} [args] */
const t = (c, key, args) => c.t("scan." + key, args);

/** @param {Context} c */
const home = (c) => plainButton("back", t(c, "home"), () => c.home());

/** @param {Context} c @param {Found} f */
function line(c, f) {
  if (!inLine(f) || f.ahead === undefined) return null;
  const wait = minutes(c.t, f.quote?.low_minutes, f.quote?.high_minutes);
  return h("dl", { className: "facts", key: "facts" },
    h("div", { className: "fact people", key: "people", data: { say: "" } }, h("dt", {}, t(c, "ahead")), h("dd", {}, t(c, "people", { n: f.ahead }))),
    h("div", { className: "fact called" + (wait ? "" : " unknown"), key: "called", data: { say: "" } }, h("dt", {}, t(c, "until")), h("dd", {}, wait || t(c, "unknown"))));
}

/** The number as large as it is on paper. @param {Context} c @param {Found} f @param {string} [sentence] */
function slip(c, f, sentence = "") {
  const service = c.state.screen.services.find((s) => s.id === f.service);
  return h("section", { className: "slip found", key: "slip", data: { say: "" } },
    service ? h("p", { className: "for" }, c.words(service.name)) : null,
    h("p", { className: "number" + (f.number.length > 5 ? " long" : "") }, h("span", { className: "unseen" }, t(c, "number") + " "), f.number),
    f.counter ? h("p", { className: "counter" }, t(c, "counter", { n: f.counter })) : null,
    sentence ? h("p", { className: "standing", role: "status" }, sentence) : null);
}

/** The one button of a last page: every key that goes on or back ends the visit. @param {Context} c @param {string} key */
function end(c, key) {
  const button = go(t(c, key), () => c.home(), { kind: "done" });
  button.dataset.back = "";
  return button;
}

/** @type {Page} */
const scan = {
  always: true,
  idle: 30,
  enter: look,
  draw(root, c) {
    const { looking, found } = c.state.props;
    if (looking) return parts(root, [title(t(c, "looking"))], []);
    if (!found) return hold(root, c);
    const can = offered(found);
    const note = { check_in: "checkIn", later: "later", reprint: "reprint", leave: "leave" };
    const items = can.map((a, i) => {
      const key = /** @type {Record<string, string>} */ (note)[a];
      const press = a === "leave" ? () => c.go("scan_leave", { found }) : () => act(c, found, a);
      return choice(i + 1, a, t(c, key), h("span", { className: "detail" }, t(c, key + "Note")), press, a === "leave" ? "row risky" : "row");
    });
    parts(root, [title(t(c, "title")), slip(c, found, t(c, "state." + standing(found))), line(c, found)],
      [items.length ? h("h2", { className: "ask", key: "ask" }, t(c, "choose")) : h("p", { className: "lead", key: "ask" }, t(c, "nothing")), choices(items, "one"),
        actions(items.length ? home(c) : end(c, "done"))]);
  },
};

/** Before anything is scanned: how to. @param {HTMLElement} root @param {Context} c */
function hold(root, c) {
  const typing = c.state.screen.check_in && choice(1, "check_in", t(c, "type"), h("span", { className: "detail" }, t(c, "checkInNote")), () => c.go("check_in"), "row");
  parts(root, [title(t(c, "hold"), t(c, "holdLead")), h("div", { className: "hold", key: "hold", aria: { hidden: "true" } }, h("span", { className: "picture" }))],
    [typing ? choices([typing], "one") : null, actions(plainButton("back", t(c, "back"), () => c.back()))]);
}

/** @type {Page} */
const leave = {
  always: true,
  idle: 30,
  draw(root, c) {
    /** @type {Found} */
    const found = c.state.props.found, n = found.number;
    parts(root, [title(t(c, "leaveAsk", { n }), t(c, "leaveText")), slip(c, found)],
      [c.state.props.looking ? h("p", { className: "lead", key: "wait", role: "status" }, t(c, "working")) : choices([
        choice(1, "stay", t(c, "leaveNo"), null, () => c.back(), "row"),
        choice(2, "leave", t(c, "leaveYes"), null, () => act(c, found, "leave"), "row risky"),
      ], "one")]);
  },
};

/** @type {Record<string, [string, string]>} by act: title and what is next */
const outcomes = { check_in: ["checkedIn", "sit"], later: ["laterDone", "laterText"], leave: ["leaveDone", "leaveBye"], reprint: ["reprintDone", "reprintText"] };

/** @type {Page} */
const done = {
  always: true,
  idle: 15,
  draw(root, c) {
    const { what, found } = c.state.props, [head, next] = outcomes[what] ?? outcomes.check_in, n = found.number;
    parts(root, [
      h("div", { className: "title good", key: "title" }, h("span", { className: "mark", aria: { hidden: "true" } }, "✓"), h("h1", { tabIndex: -1 }, t(c, head, { n }))),
      what === "leave" ? null : slip(c, found), h("p", { className: "next lead", key: "next" }, t(c, next, { n })), what === "leave" ? null : line(c, { ...found, state: found.away ? "away" : found.state }),
    ], [actions(end(c, "done"))]);
  },
};

/** @type {Page} */
const error = {
  always: true,
  idle: 30,
  draw(root, c) {
    const { code, typed } = c.state.props;
    parts(root, [title(t(c, "error." + code)), h("p", { className: code === "already_here" ? "next lead" : "trouble", key: "do", role: "alert" }, t(c, `error.${code}.do`))],
      [actions(typed && code === "unknown_digits" ? go(t(c, "type"), () => c.go("check_in", { forget: true })) : end(c, "home"),
        typed && code === "unknown_digits" ? home(c) : null)]);
  },
};

/** @type {Record<string, Page>} by name */
export const pages = { scan, scan_leave: leave, scan_done: done, scan_error: error, check_in: checkIn };
