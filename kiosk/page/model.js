// What the pages show, as pure functions of what the machine says. No rule of the
// queue is here: the machine decides.

/** @typedef {import("./types.d.ts").Screen} Screen */
/** @typedef {import("./types.d.ts").Service} Service */
/** @typedef {import("./types.d.ts").State} State */

/** @type {Screen} */
const nothing = { ready: false, services: [], purposes: [], office: {}, ward: "", online: true, alarms: [], starting: true };

/**
 * Where a visitor begins: a new session, which is good for one ticket.
 * @param {State | null} before only what the machine says is taken over
 * @returns {State}
 */
export function fresh(before) {
  return {
    name: "attract", props: {}, trail: [], language: "ja", modes: { large: false, contrast: false, low: false, voice: false },
    screen: before?.screen ?? nothing, session: crypto.randomUUID(), visit: before?.visit ?? 0,
  };
}

/** @param {State} state @returns {boolean} whether nobody has done anything yet */
export function untouched(state) {
  return state.name === "attract" && state.language === "ja" && !Object.values(state.modes).some(Boolean);
}

/** After so many ms without news the machine's own page says that it is lost. */
export const lostAfter = 20_000;

/**
 * The page that is shown: the visitor's, unless the machine cannot give numbers.
 * @param {State} state
 * @param {Record<string, import("./types.d.ts").Page>} pages
 * @param {number} [now] ms
 * @returns {string}
 */
export function shown({ name, screen }, pages, now = Date.now()) {
  if (!pages[name]) return "attract";
  if (pages[name].always) return name;
  if (screen.silent && now - screen.silent > lostAfter) return "lost";
  if (screen.barred) return "barred";
  if (!screen.ready) return "notReady";
  if (!screen.services.some((s) => s.accepting)) return "closed";
  return name;
}

/** @param {Screen} screen @returns the purposes that have an open service, in the plan's order */
export function purposes(screen) {
  return (screen.purposes ?? []).filter((p) => services(screen, p.id).length > 0);
}

/**
 * The services that take tickets now: of a purpose, or all.
 * @param {Screen} screen
 * @param {string} [purpose]
 */
export function services(screen, purpose = "") {
  return screen.services.filter((s) => s.accepting && (!purpose || s.purpose === purpose));
}

/**
 * The services that take none now.
 * @param {Screen} screen
 * @param {string} [purpose]
 */
export function stopped(screen, purpose = "") {
  return screen.services.filter((s) => !s.accepting && (!purpose || s.purpose === purpose));
}

/**
 * How many wait for a purpose, and the minutes of its services from the least to the most.
 * @param {Screen} screen
 * @param {string} purpose
 * @returns {{waiting: number, low: number, high: number}} high 0: not known
 */
export function waits(screen, purpose) {
  const list = services(screen, purpose), known = list.filter((s) => s.quote?.high_minutes);
  const all = known.length === list.length && known.length > 0;
  return {
    waiting: list.reduce((n, s) => n + s.waiting, 0),
    low: all ? Math.min(...known.map((s) => s.quote?.low_minutes ?? 0)) : 0,
    high: all ? Math.max(...known.map((s) => s.quote?.high_minutes ?? 0)) : 0,
  };
}

// ---- the list by name ----

/** The ten rows of the syllabary, by their first sound. */
export const rows = [..."あかさたなはまやらわ"];

const begins = "あかさたなはまやらわん";

/** @param {string} sound @returns {string} the row of a hiragana or katakana; "" of anything else */
export function row(sound) {
  const base = (sound || "").normalize("NFD").charAt(0), code = base.charCodeAt(0);
  const kana = code >= 0x30a1 && code <= 0x30f6 ? String.fromCharCode(code - 0x60) : base;
  if (!/[ぁ-ん]/.test(kana)) return "";
  const small = /** @type {Record<string, string>} */ ({ "ぁ": "あ", "ゃ": "や", "ゅ": "や", "ょ": "や", "ゎ": "わ" })[kana] ?? kana;
  let found = "あ";
  for (const begin of begins) if (small >= begin) found = begin;
  return found === "ん" ? "わ" : found;
}

/**
 * The open services in the order of their names. In Japanese they go by their
 * readings, and one that goes by several names stands in the row of each.
 * @param {Screen} screen
 * @param {(texts: import("./types.d.ts").Words) => string} name
 * @param {string} language
 * @param {string} [only] a row
 */
export function byName(screen, name, language, only = "") {
  const japanese = language.startsWith("ja");
  const sounds = (/** @type {Service} */ s) => (s.kana ?? "").split(/\s+/).filter(Boolean);
  const key = (/** @type {Service} */ s) => japanese ? (only ? sounds(s).find((k) => row(k) === only) : sounds(s)[0]) ?? name(s.name) : name(s.name);
  return services(screen).filter((s) => !only || sounds(s).some((k) => row(k) === only))
    .sort((a, b) => key(a).localeCompare(key(b), japanese ? "ja" : language));
}

/** @param {Screen} screen @returns {Set<string>} the rows that hold a service */
export function rowsHeld(screen) {
  return new Set(services(screen).flatMap((s) => (s.kana ?? "").split(/\s+/).map(row)));
}

/** Choices on one page: each has a digit, and 9 is for the next page. */
export const perPage = 8;

/**
 * @template T
 * @param {T[]} list
 * @param {number} n from 0; too large a page is the last
 * @param {number} [size]
 * @returns {{items: T[], n: number, of: number}}
 */
export function pageOf(list, n, size = perPage) {
  const of = Math.max(1, Math.ceil(list.length / size)), at = Math.min(Math.max(n, 0), of - 1);
  return { items: list.slice(at * size, at * size + size), n: at, of };
}
