// From a place and a screen to elements.
import { languages, pick, say } from "./words.js";
import { purposes, services, waiting } from "./model.js";

function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children.filter((c) => c !== null && c !== ""));
  return e;
}

function choice(act, name, value, title, detail, disabled = false) {
  const button = element("button", { className: "choice", disabled, onclick: () => act(name, value) }, element("b", {}, title), detail);
  return element("li", {}, button);
}

function fill(template, n) {
  const [before, after] = template.split("\u0000");
  return element("span", { className: "wait" }, before, element("em", {}, String(n)), after ?? "");
}

const people = (language, n) => fill(say(language, "waiting", { n: "\u0000" }), n);

// The parts of a range: "約20〜40" and "分", or "30" and "分以内" where it begins now.
function minutes(language, quote) {
  if (!quote?.high_minutes) return null;
  const at = { low: quote.low_minutes ?? 0, high: quote.high_minutes };
  return at.low === 0 ? [say(language, "within", at), say(language, "withinMin")] : [say(language, "minutes", at), say(language, "min")];
}

function range(language, quote) {
  const [value, unit] = minutes(language, quote) ?? ["", ""];
  return language === "en" ? `${value} ${unit}`.trim() : value + unit;
}

function head(language, key, sub = "") {
  return [element("h1", {}, say(language, key)), sub && element("p", { className: "lead" }, sub)];
}

function list(items, columns) {
  return element("ul", { className: `choices ${columns}` }, ...items);
}

function pushDown() { return element("div", { className: "push" }); }

const views = {
  purpose(at, screen, act) {
    const l = at.language, groups = purposes(screen);
    if (groups.length === 0) return views.service({ ...at, purpose: "" }, screen, act);
    const items = groups.map((p) => {
      const only = services(screen, p.id), [name, value] = only.length === 1 ? ["service", only[0].id] : ["purpose", p.id];
      return choice(act, name, value, pick(p.name, l), people(l, waiting(screen, p.id)));
    });
    return [...head(l, "title", screen.message || say(l, "sub")), pushDown(), list(items, "two")];
  },
  service(at, screen, act) {
    const l = at.language;
    const items = services(screen, at.purpose).map((s) => {
      const detail = s.accepting ? element("span", { className: "wait" }, people(l, s.waiting), element("br"), range(l, s.quote))
        : element("span", { className: "wait" }, say(l, "paused"));
      return choice(act, "service", s.id, pick(s.name, l), detail, !s.accepting);
    });
    return [...head(l, at.purpose ? "choose" : "title", say(l, "sub")), pushDown(), list(items, items.length > 7 ? "two" : "one"),
      at.purpose ? element("div", { className: "actions" }, back(l, act)) : ""];
  },
  confirm(at, screen, act) {
    const l = at.language, s = screen.services.find((x) => x.id === at.service);
    if (!s) return views.purpose(at, screen, act);
    const estimate = minutes(l, s.quote);
    return [element("h1", {}, pick(s.name, l)), element("dl", { className: "facts" },
      fact(say(l, "people"), String(s.waiting), say(l, "persons")),
      estimate ? fact(say(l, "expected"), ...estimate) : fact(say(l, "expected"), say(l, "unknown"), "", "unknown")),
    element("p", { className: "note" }, estimate ? say(l, "changes") : ""), bring(l, s), pushDown(),
    element("div", { className: "actions" },
      element("button", { className: "go", disabled: !s.accepting, onclick: () => act("take") }, s.accepting ? say(l, "take") : say(l, "paused")), back(l, act))];
  },
  making(at) {
    return [...head(at.language, "making"), pushDown()];
  },
  ticket(at, screen, act) {
    const l = at.language, t = at.ticket, s = screen.services.find((x) => x.id === t.service);
    const state = { printing: "printing", printed: "printed", failed: "failed", unknown: "unsure" }[t.state] ?? "printing";
    return [element("p", { className: `paper ${state === "failed" || state === "unsure" ? "bad" : ""}`, role: "status" }, say(l, state)),
      element("section", { className: "slip" }, element("p", { className: "service" }, pick(s?.name, l)),
        element("h1", { className: `number ${t.number.length > 5 ? "long" : ""}` }, t.number),
        t.quote ? element("p", { className: "follow" }, say(l, "waiting", { n: t.quote.ahead }), " ", range(l, t.quote)) : "",
        t.status_url ? element("img", { src: `ticket/${t.command}/qr.svg`, alt: say(l, "follow") }) : "",
        t.status_url ? element("p", { className: "follow" }, say(l, "follow")) : ""),
      element("p", { className: "lead" }, say(l, "keep")), pushDown(),
      element("div", { className: "actions" }, element("button", { className: "go", onclick: () => act("home") }, say(l, "done")))];
  },
  refused(at, screen, act) {
    const l = at.language, code = at.ticket.code, known = say(l, code) === code ? "other" : code;
    return [element("h1", {}, say(l, known)), element("p", { className: "trouble", role: "alert" }, say(l, "staff")), pushDown(),
      element("div", { className: "actions" }, element("button", { className: "go", onclick: () => act("home") }, say(l, "home")))];
  },
  notReady(at) {
    return [...head(at.language, "notReady"), element("p", { className: "trouble", role: "alert" }, say(at.language, "staff"))];
  },
};

function fact(name, value, unit, kind = "") {
  return element("div", { className: `fact ${kind}` }, element("dt", {}, name), element("dd", {}, value, unit && element("small", {}, " " + unit)));
}

function back(language, act) {
  return element("button", { className: "back", onclick: () => act("back") }, say(language, "back"));
}

function bring(language, s) {
  if (!s.bring?.length) return "";
  return element("section", { className: "bring" }, element("h2", {}, say(language, "bring")),
    element("ul", {}, ...s.bring.map((b) => element("li", {}, pick(b, language)))));
}

function frame(at, screen, act) {
  const l = at.language, by = (id) => document.getElementById(id);
  document.documentElement.lang = l === "ja-x-easy" ? "ja" : l;
  by("ward").textContent = screen.ward;
  by("office").textContent = pick(screen.office, l);
  by("time").textContent = screen.at ? screen.at.slice(11, 16) : "";
  by("rehearsal").hidden = !screen.rehearsal;
  by("rehearsal").textContent = say(l, "rehearsal");
  by("link").textContent = [screen.stale ? say(l, "stale") : screen.online ? "" : say(l, "offline"), screen.kiosk, screen.alarms?.length ? "●" + screen.alarms.join(" ") : ""].filter(Boolean).join("　");
  by("languages").replaceChildren(...languages.map(([id, name]) =>
    element("button", { textContent: name, lang: id === "ja-x-easy" ? "ja" : id, ariaPressed: String(id === l), onclick: () => act("language", id) })));
}

/** Draws the whole page. */
export function draw(at, screen, act) {
  frame(at, screen, act);
  const main = document.getElementById("main");
  const view = screen.ready || at.view === "ticket" || at.view === "refused" ? at.view : "notReady";
  main.className = view;
  main.replaceChildren(...views[view](at, screen, act).filter((e) => e !== ""));
}
