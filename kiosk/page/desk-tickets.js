// Today's tickets at the machine: found by number or by scanning, printed again,
// withdrawn.
import { askFirst } from "./desk-ask.js";
import { call, desk, inDesk, problem, serviceName, t, to } from "./desk-call.js";
import { clockTime, open, searched } from "./desk-model.js";
import { actions, choice, choices, h, parts, plainButton, title } from "./draw.js";
import { padKey } from "./scan-pad.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./desk-model.js").Row} Row */

const wait = 250; // ms after the newest key of a search

/** @param {Context} c @param {{after?: string, keep?: boolean}} [more] */
async function load(c, { after = "", keep = false } = {}) {
  const { q = "" } = c.state.props;
  const answer = await call(c, "list", { ...(q ? { q } : {}), ...(after ? { after } : {}) }, { quiet: keep });
  if (answer && (c.state.props.q ?? "") === q) c.set({ rows: answer.tickets ?? [], next: answer.next ?? "", alone: answer.alone, after });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

/** @param {Context} c @param {string} key */
function type(c, key) {
  c.set({ q: searched(c.state.props.q ?? "", key), after: "" });
  clearTimeout(soon);
  soon = setTimeout(() => { if (c.live) load(c); }, wait);
}

/** Shows the ticket that was held to the scanner. @param {Context} c @param {string} text */
export async function find(c, text) {
  const found = await c.post("scan", { text }).catch(() => null);
  const answer = found && await call(c, "list", { q: found.number });
  const row = answer?.tickets?.find((/** @type {Row} */ r) => r.number === found.number);
  if (row) to(c, "desk_ticket", { row, handle: found.handle });
  else if (!found) failed(c, t(c, "error.unknown_ticket"));
}

/** @param {Context} c @param {Row} row */
function status(c, row) {
  const paper = row.print_state ? t(c, "paperState." + row.print_state) : "";
  return [t(c, "state." + (row.away ? "away" : row.status)), paper.startsWith("desk.") ? "" : paper].filter(Boolean).join(c.state.language === "en" ? ", " : "、");
}

/** @param {Context} c @param {Row} row */
function line(c, row) {
  const lost = row.print_state === "failed" || row.print_state === "unknown";
  return h("li", { key: row.id }, h("button", { type: "button", key: row.id, className: "ticket-row" + (open(row) ? "" : " over") + (lost ? " lost" : ""), onclick: () => to(c, "desk_ticket", { row, q: c.state.props.q }) },
    h("b", {}, row.number), h("span", { className: "what" }, h("span", {}, serviceName(c, row.service)), h("small", {}, status(c, row))), h("time", {}, clockTime(row.issued_at))));
}

/** The letters that numbers begin with here. @param {Context} c */
function letters(c) {
  const found = new Set(c.state.screen.services.map((s) => /** @type {any} */ (s).series).filter((x) => /^[A-Z]$/.test(x)));
  return [...found].sort().slice(0, 10);
}

/** @param {Context} c */
function searchPad(c) {
  const { q = "" } = c.state.props, key = (/** @type {string} */ k) => padKey(k, k, () => type(c, k));
  return h("div", { className: "search-pad", key: "search-pad", role: "group", aria: { label: t(c, "searchPad") } },
    h("div", { className: "letters", key: "letters" }, ...letters(c).map(key)),
    h("div", { className: "digits", key: "digits" }, ...["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"].map(key)),
    padKey("clear", t(c, "clear"), () => type(c, "Backspace"), { disabled: q === "", kind: "word" }));
}

/** @type {import("./types.d.ts").Page} */
export const tickets = {
  ...desk,
  enter: (c) => { load(c); },
  tick: (c) => { if (c.state.props.rows) load(c, { after: c.state.props.after, keep: true }); },
  key(e, c) {
    if (e.ctrlKey || e.altKey || e.metaKey) return false;
    if (e.key === "Enter" && !document.activeElement?.matches("button")) {
      const [row] = c.state.props.rows ?? [];
      if (row && c.state.props.q) to(c, "desk_ticket", { row, q: c.state.props.q });
      return true;
    }
    if (!/^[0-9A-Za-z-]$/.test(e.key) && !(e.key === "Backspace" && c.state.props.q)) return false;
    type(c, e.key);
    return true;
  },
  draw(root, c) {
    inDesk(root, c);
    const { q = "", rows, next, after, alone } = c.state.props;
    const empty = q ? t(c, "noMatch", { q }) : t(c, "noTickets");
    parts(root, [
      title(t(c, "listTitle"), alone ? t(c, "listAlone") : t(c, "listLead")),
      h("p", { className: "search", key: "search", role: "status" }, h("span", {}, t(c, "search")), h("b", {}, q || t(c, "searchNone"))),
      !rows ? h("p", { className: "lead", key: "none" }, t(c, "working")) : rows.length === 0 ? h("p", { className: "lead", key: "none" }, empty)
        : h("ul", { className: "rows", key: "rows" }, ...rows.map((/** @type {Row} */ r) => line(c, r))),
    ], [searchPad(c), h("div", { className: "actions three", key: "actions" },
      plainButton("back", t(c, "back"), () => to(c, "desk_home")),
      after ? plainButton("first", t(c, "first"), () => load(c)) : null, next ? plainButton("next", t(c, "next"), () => load(c, { after: next })) : null)]);
  },
};

/** @param {Context} c @param {Row} row */
async function reprint(c, row) {
  if (c.state.props.working) return;
  c.set({ working: true });
  const result = await copy(c, row);
  if (result) to(c, "desk_done", { head: t(c, "reprinted", { n: row.number }), text: t(c, "reprintedText"), then: "desk_tickets" });
}

/** A scanned ticket keeps its QR code on the copy, for a minute. @param {Context} c @param {Row} row */
async function copy(c, row) {
  const { handle, session } = c.state.props;
  if (handle) {
    try {
      return await c.post("scan/act", { handle, action: "reprint", session });
    } catch (error) {
      const { code, detail } = /** @type {import("./follow.js").Problem} */ (error);
      if (code !== "scan_over") return failed(c, problem(c, code, detail?.reason));
    }
  }
  return call(c, "act", { action: "reprint", ticket: row.id }, { then: "desk_tickets" });
}

/** @param {Context} c @param {string} text */
function failed(c, text) {
  to(c, "desk_done", { bad: true, head: t(c, "error.title"), text, then: "desk_tickets" });
}

/** @param {Context} c @param {Row} row */
function withdraw(c, row) {
  const n = row.number;
  askFirst(c, {
    head: t(c, "withdrawAsk", { n }), text: t(c, "withdrawText"), yes: t(c, "withdrawYes", { n }), no: t(c, "withdrawNo"),
    body: { action: "withdraw", ticket: row.id }, done: { head: t(c, "withdrawn", { n }) }, then: "desk_tickets", back: "desk_ticket", backProps: { row },
  });
}

/** @type {import("./types.d.ts").Page} */
export const ticket = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    /** @type {Row} */
    const row = c.state.props.row, own = row.own !== false;
    const items = [
      open(row) && choice(1, "reprint", t(c, "reprint"), h("span", { className: "detail" }, t(c, "reprintNote")), () => reprint(c, row), "row"),
      open(row) && choice(2, "withdraw", t(c, "withdraw"), h("span", { className: "detail" }, t(c, "withdrawNote")), () => withdraw(c, row), "row risky"),
    ].filter((x) => x !== false);
    parts(root, [
      title(t(c, "ticketTitle", { n: row.number }), serviceName(c, row.service)),
      h("ul", { className: "about", key: "about" }, ...[status(c, row), t(c, own ? "own" : "notOwn", { time: clockTime(row.issued_at) })].map((text, i) => h("li", { key: String(i) }, text))),
      open(row) ? null : h("p", { className: "note", key: "over" }, t(c, "over")),
    ], [choices(items, "one"), actions(plainButton("back", t(c, "back"), () => to(c, "desk_tickets", { q: c.state.props.q })))]);
  },
};
