// Shows a closed day at any of its moments. The server has counted every frame; this
// module picks the one that is asked for and writes it where the server wrote the first.

import { fill, loadTexts, write } from "../draw.js";
import { say } from "../words.js";

/** @import { Texts } from "../types.js" */
/** @typedef {{service: string, stage: string, waiting: number[], longest_seconds: number[]}} Line */
/** @typedef {{id: string, open: {from: string, to: string}[]}} Counter */
/** @typedef {{number: string, counter: string, service: string, at: string, started_at: string | null, until: string}} Call */
/** @typedef {{service: string, at: string, low_seconds: number, high_seconds: number, waited_seconds: number | null}} Quote */
/** @typedef {{from: string, step_seconds: number, lines: Line[], counters: Counter[], calls: Call[], quotes: Quote[], issued: number[], left: number[]}} Film */

/** Milliseconds for which a quote counts as what people were told. */
const fresh = 30 * 60_000;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const scrub = /** @type {HTMLInputElement} */ (document.getElementById("scrub"));
const play = /** @type {HTMLButtonElement} */ (document.getElementById("play"));
const speed = /** @type {HTMLSelectElement} */ (document.getElementById("speed"));
const state = /** @type {HTMLElement} */ (document.getElementById("film-state"));
/** @type {{services: Record<string, string>}} */
const names = JSON.parse(main.dataset.names ?? "{}");
/** @type {Film} */
let film;
/** @type {Texts} */
let texts;
/** @type {ReturnType<typeof setInterval> | undefined} */
let playing;
/** The frame that the server drew. */
const drawn = Number(scrub.value);

begin().catch(() => tell("failed"));

async function begin() {
  tell("loading");
  main.setAttribute("aria-busy", "true");
  try {
    const [words, answer] = await Promise.all([loadTexts(), fetch(main.dataset.film ?? "")]);
    if (!answer.ok) throw new Error(String(answer.status));
    texts = words.texts;
    film = await answer.json();
  } finally {
    main.removeAttribute("aria-busy");
  }
  tell("");
  for (const part of document.querySelectorAll("[data-scripted]")) part.removeAttribute("hidden");
  scrub.addEventListener("input", () => show(Number(scrub.value)));
  scrub.addEventListener("change", remember);
  scrub.addEventListener("keydown", key);
  play.addEventListener("click", toggle);
  speed.addEventListener("change", () => { if (playing) run(); });
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-move], [data-to]"))) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.dataset.to ? Number(link.dataset.to) : Number(scrub.value) + Number(link.dataset.move));
      remember();
    });
  }
  show(drawn);
}

/** @param {"" | "loading" | "failed"} what */
function tell(what) {
  state.hidden = what === "";
  write(state, what ? state.dataset[what] ?? "" : "");
}

/** @param {KeyboardEvent} event */
function key(event) {
  const by = { PageUp: 30, PageDown: -30 }[event.key];
  if (event.key === " ") toggle();
  else if (by) show(Number(scrub.value) + by);
  else return;
  event.preventDefault();
  remember();
}

function toggle() {
  if (playing) return stop();
  if (Number(scrub.value) >= film.issued.length - 1) show(0);
  run();
}

function run() {
  clearInterval(playing);
  playing = setInterval(() => {
    show(Number(scrub.value) + 1);
    if (Number(scrub.value) >= film.issued.length - 1) stop();
  }, 1000 / Number(speed.value));
  write(play, play.dataset.pause ?? "");
}

function stop() {
  clearInterval(playing);
  playing = undefined;
  write(play, play.dataset.play ?? "");
  remember();
}

/** Keeps the moment in the address, for whoever is sent it. */
function remember() {
  const url = new URL(location.href);
  url.searchParams.set("at", clock(momentOf(Number(scrub.value))));
  history.replaceState(null, "", url);
}

/** @param {number} frame */
const momentOf = (frame) => Date.parse(film.from) + frame * film.step_seconds * 1000;

const office = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
/** @param {number} moment */
const clock = (moment) => office.format(moment);
/** @param {string} key @param {Record<string, string | number>} [values] */
const t = (key, values) => say(texts, "insight." + key, values);
/** @param {number} seconds */
const whole = (seconds) => Math.floor((seconds + 30) / 60);

/** @param {number} wanted */
function show(wanted) {
  const frame = Math.min(Math.max(0, wanted), film.issued.length - 1), at = momentOf(frame);
  scrub.value = String(frame);
  scrub.setAttribute("aria-valuetext", clock(at));
  const open = film.counters.filter((c) => isOpen(c, at)).length;
  fill(main, {
    clock: clock(at), issued: t("people", { n: film.issued[frame] }), left: t("people", { n: film.left[frame] }),
    inside: t("people", { n: film.issued[frame] - film.left[frame] }), open: t("replay.of", { n: open, all: film.counters.length }),
  });
  for (const mark of document.querySelectorAll(".here-mark")) {
    const { step, per } = /** @type {SVGElement} */ (mark).dataset;
    mark.setAttribute("transform", `translate(${((frame - drawn) / Number(per ?? 5)) * Number(step)} 0)`);
  }
  const called = film.calls.filter((call) => Date.parse(call.at) <= at);
  showCalls(called.slice(-6).reverse());
  for (const counter of film.counters) showCounter(counter, called.findLast((call) => call.counter === counter.id), at);
  for (const line of film.lines) showLine(line, frame, at);
}

/** @param {Counter} counter @param {number} at */
const isOpen = (counter, at) => counter.open.some(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to));

/** @param {Call[]} calls newest first */
function showCalls(calls) {
  const slots = document.querySelectorAll("#calls > li");
  slots.forEach((slot, i) => {
    const call = calls[i];
    slot.toggleAttribute("hidden", !call);
    fill(slot, call ? { number: call.number, counter: t("replay.counter", { n: call.counter }), at: clock(Date.parse(call.at)) } : { number: "", counter: "", at: "" });
  });
  document.getElementById("wall-idle")?.toggleAttribute("hidden", calls.length > 0);
}

/** @param {Counter} counter @param {Call | undefined} newest @param {number} at */
function showCounter(counter, newest, at) {
  const row = document.querySelector(`[data-counter="${CSS.escape(counter.id)}"]`);
  if (!row) return;
  const call = newest && at < Date.parse(newest.until) ? newest : undefined;
  let [kind, text] = isOpen(counter, at) ? ["free", t("replay.free")] : ["shut", t("replay.shut")];
  if (call && (!call.started_at || at < Date.parse(call.started_at))) [kind, text] = ["calling", t("replay.calling", { number: call.number })];
  else if (call) [kind, text] = ["serving", t("replay.serving", { number: call.number, service: names.services[call.service] ?? call.service })];
  row.setAttribute("data-state", kind);
  fill(row, { text });
}

/** @param {Line} line @param {number} frame @param {number} at */
function showLine(line, frame, at) {
  const row = document.querySelector(`[data-line="${CSS.escape(line.service + "/" + line.stage)}"]`);
  if (!row) return;
  const waiting = line.waiting[frame];
  const fields = { waiting: t("people", { n: waiting }), longest: waiting > 0 ? t("minutes", { m: Math.floor(line.longest_seconds[frame] / 60) }) : "–", told: "–", came: "–", verdict: "" };
  const quote = line.stage === "reception" ? film.quotes.findLast((q) => q.service === line.service && Date.parse(q.at) <= at) : undefined;
  if (quote && at - Date.parse(quote.at) <= fresh) {
    fields.told = t("replay.range", { low: whole(quote.low_seconds), high: whole(quote.high_seconds) });
    fields.came = t("replay.never");
    if (quote.waited_seconds !== null) {
      const { waited_seconds: waited, low_seconds: low, high_seconds: high } = quote;
      fields.came = t("minutes", { m: whole(waited) });
      fields.verdict = t("replay." + (waited > high ? "late" : waited < low ? "early" : "kept"));
    }
  }
  fill(row, fields);
}
