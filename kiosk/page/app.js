// The touch pages' one state, and what moves it: news of the machine, touches, keys
// and time. Pages draw it.
import { fill, h, patch, plain, ruby } from "./draw.js";
import { fit } from "./fit.js";
import { get, post } from "./follow.js";
import { Guard } from "./guard.js";
import { Keys } from "./keys.js";
import { fresh, shown, untouched } from "./model.js";
import { pages } from "./pages.js";
import { wedge } from "./scan.js";
import * as voice from "./voice.js";
import { languages, pick, say } from "./words.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./types.d.ts").State} State */

const refreshEvery = 2_000, beatEvery = 2_000, lookEvery = 250;
const asks = 15, patience = 45; // seconds
const holdFor = 3_000; // ms on the ward's name: staff

/** @type {State} */
let state = fresh(null);
const guard = new Guard(), keys = new Keys();
let touched = Date.now();
let drawnVisit = -1;
let late = false; // a redraw waits for the finger to go

const by = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const page = () => pages[shown(state, pages)];

/**
 * @param {string} [language] draws in this language instead of the visitor's
 * @returns {Context}
 */
function context(language) {
  const { visit } = state;
  const live = () => state.visit === visit;
  const move = (/** @type {() => void} */ f) => { if (live()) f(); };
  return {
    get state() { return language ? { ...state, language } : state; },
    get live() { return live(); },
    t: (key, args) => say(language ?? state.language, key, args),
    words: (texts) => pick(texts, language ?? state.language),
    go: (name, props = {}) => move(() => enter({ ...state, name, props, trail: props.forget ? state.trail : [...state.trail, { name: state.name, props: state.props }].slice(-8) })),
    back: () => move(() => (state.trail.length ? enter({ ...state, ...state.trail[state.trail.length - 1], trail: state.trail.slice(0, -1) }) : home())),
    home: () => move(home),
    set: (props) => move(() => { state = { ...state, props: { ...state.props, ...props } }; show(); }),
    language: (id) => move(() => { state = { ...state, language: id }; show(); announce(); }),
    mode: (name, on = !state.modes[name]) => move(() => { state = { ...state, modes: { ...state.modes, [name]: on } }; show(); if (name === "voice") announce(); }),
    say: (text) => { if (live() && state.modes.voice) voice.speak([text], language ?? state.language); },
    get, post,
  };
}

/** @param {State} next */
function enter(next) {
  page().leave?.(context());
  state = { ...next, visit: state.visit + 1 };
  touched = Date.now();
  show();
  page().enter?.(context());
  announce();
}

/** Ends the visit. What follows begins with nothing of it. */
function home() {
  voice.stop();
  keys.forget();
  quiet(false);
  enter(fresh(state));
}

/** Draws; never while a finger is down, so that no button changes under it. */
function show() {
  if (state.screen.starting) return;
  if (guard.touched) { late = true; return; }
  late = false;
  const name = shown(state, pages), c = context(), main = by("main");
  const next = h("main", { id: "main", className: name, data: { page: name } });
  pages[name].draw(next, c);
  frame(c, pages[name]);
  const moved = drawnVisit !== state.visit || main.dataset.page !== name;
  drawnVisit = state.visit;
  if (!moved) {
    patch(main, next);
    return fit(main);
  }
  main.replaceWith(next);
  fit(next);
  guard.page(Date.now());
  next.querySelector("h1")?.focus();
}

/** @param {Context} c @param {import("./types.d.ts").Page} now */
function frame(c, now) {
  const { screen, language, modes } = state, root = document.documentElement;
  root.lang = language;
  root.className = Object.entries(modes).filter(([, on]) => on).map(([name]) => name).join(" ");
  document.title = plain(c.t("visit.machine"));
  by("ward").textContent = screen.ward;
  by("office").replaceChildren(...ruby(c.words(screen.office)));
  by("time").textContent = screen.at ? screen.at.slice(11, 16) : "";
  by("rehearsal").hidden = !screen.rehearsal;
  by("rehearsal").replaceChildren(...ruby(c.t("visit.rehearsal")));
  by("status").replaceChildren(...ruby(screen.silent ? c.t("visit.stale") : screen.online || !screen.ready ? "" : c.t("visit.alone")));
  by("machine").textContent = [screen.kiosk, screen.alarms?.length ? "●" + screen.alarms.join(" ") : ""].filter(Boolean).join("　");
  by("bar").hidden = now.bare ?? false;
  by("bar").setAttribute("aria-label", plain(c.t("visit.options")));
  fill(by("languages"), languages.map(([id, name]) =>
    h("button", { type: "button", key: id, lang: id, aria: { pressed: id === language }, onclick: () => context().language(id) }, h("span", {}, name))));
  fill(by("modes"), ["large", "contrast", "low", "voice"].map((name) =>
    h("button", { type: "button", key: name, aria: { pressed: modes[/** @type {import("./types.d.ts").Mode} */ (name)] }, onclick: () => context().mode(/** @type {any} */ (name)) },
      h("span", { className: "sign " + name, aria: { hidden: "true" } }), h("span", {}, c.t("visit." + name)))));
}

/** Says what the page shows. Japanese is said in easy words, whose readings are known. */
function announce() {
  if (!state.modes.voice || state.screen.starting) return voice.stop();
  const root = h("main"), { language } = state;
  page().draw(root, context(language === "ja" ? "ja-x-easy" : language));
  voice.speak(voice.transcript(root), language);
}

// ---- news ----

async function refresh() {
  try {
    const screen = await get("screen"); // the visitor may have moved on meanwhile
    state = { ...state, screen };
  } catch {
    state = { ...state, screen: { ...state.screen, silent: state.screen.silent ?? Date.now() } };
  }
  page().tick?.(context());
  show();
}

const beat = () => post("heartbeat", { page: shown(state, pages) }).catch(() => null);

// ---- time ----

/** @param {boolean} on whether the question is asked */
function quiet(on) {
  const dialog = /** @type {HTMLDialogElement} */ (by("idle"));
  if (on && !dialog.open) dialog.showModal();
  if (!on && dialog.open) dialog.close();
}

function look() {
  const now = page(), limit = typeof now.idle === "function" ? now.idle(context()) : now.idle ?? patience;
  if (untouched(state) || limit === Infinity) return quiet(false);
  const left = Math.ceil(limit * (state.modes.voice || state.modes.large ? 2 : 1) + asks - (Date.now() - touched) / 1000);
  if (left <= 0) return home();
  if (left > asks) return quiet(false);
  by("idle-title").replaceChildren(...ruby(say(state.language, "visit.still")));
  by("idle-left").replaceChildren(...ruby(say(state.language, "visit.stillLeft", { n: left })));
  by("idle-on").replaceChildren(...ruby(say(state.language, "visit.goOn")));
  by("idle-off").replaceChildren(...ruby(say(state.language, "visit.home")));
  const open = /** @type {HTMLDialogElement} */ (by("idle")).open;
  quiet(true);
  if (!open && state.modes.voice) voice.speak([say(state.language, "visit.still")], state.language);
}

function stay() {
  touched = Date.now();
  quiet(false);
}

// ---- touches ----

/** @type {ReturnType<typeof setTimeout> | undefined} */
let holding;

/** @param {PointerEvent} e */
function broad(e) {
  return Math.max(e.width, e.height) > 0.15 * Math.min(innerWidth, innerHeight);
}

document.addEventListener("pointerdown", (e) => {
  touched = Date.now();
  guard.press(e.pointerId, broad(e), touched);
  if (/** @type {Element} */ (e.target).closest("#place")) holding = setTimeout(() => { if (pages.desk && guard.touched && !guard.spoilt) { release(e); context().go("desk"); } }, holdFor);
}, true);
document.addEventListener("pointermove", (e) => guard.grow(broad(e)), true);

/** @param {PointerEvent} e */
function release(e) {
  clearTimeout(holding);
  guard.lift(e.pointerId, Date.now());
  // The click comes after the finger; then the page may change again.
  setTimeout(() => { guard.clear(); if (late) show(); }, 0);
}
document.addEventListener("pointerup", release, true);
document.addEventListener("pointercancel", release, true);
document.addEventListener("click", (e) => {
  const byFinger = /** @type {PointerEvent} */ (e).pointerType !== "" && e.detail > 0;
  const quick = /** @type {Element} */ (e.target).closest("[data-quick]"); // digits are typed faster than choices are made
  if (!byFinger || guard.meant || quick && !guard.spoilt) return;
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);
addEventListener("resize", () => fit(by("main")));
document.addEventListener("contextmenu", (e) => e.preventDefault());
document.addEventListener("dragstart", (e) => e.preventDefault());

// ---- keys ----

document.addEventListener("keydown", (e) => {
  touched = Date.now();
  if (/** @type {HTMLDialogElement} */ (by("idle")).open) return keys.dialog(e, stay, home);
  const c = context();
  // The scanner gives back, as an event of its own, a key that was a person's after all.
  if (e.isTrusted && wedge(e, c) || page().key?.(e, c)) return e.preventDefault();
  keys.page(e, by("main"), {
    back: () => context().back(), options: () => context().go("options"),
    staff: () => { if (pages.desk) context().go("desk"); }, open: state.name !== "options",
  });
});
document.addEventListener("focusin", (e) => {
  const on = /** @type {Element} */ (e.target);
  if (state.modes.voice && keys.moving && on.matches("button")) voice.speak([voice.line(on)], state.language);
});

by("idle-on").onclick = stay;
by("idle-off").onclick = home;
setInterval(refresh, refreshEvery);
setInterval(beat, beatEvery);
setInterval(look, lookEvery);
refresh().then(beat);
