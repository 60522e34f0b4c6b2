// The practice strip: what to try next, with its key, and all that there is to try.

import { say } from "../words.js";
import { keyLabel, keysOf, loadSettings } from "./keys.js";
import { strip } from "./strip.js";

/** @import { Texts } from "../types.js" */
/** @typedef {{lessons: {id: string, done: boolean}[], done: number, total: number}} Progress */

/** The action whose key is shown beside a lesson; the others have the big button's. */
/** @type {Record<string, string>} */
const actions = {
  recall: "recall", "no-show": "no-show", restore: "find", hold: "hold", resume: "find", transfer: "transfer",
  note: "note", undo: "undo", help: "help", pause: "pause",
};

const main = document.getElementById("main");
const place = document.getElementById("practice");
/** @type {Texts} */
let texts = {};
/** @type {ReturnType<typeof keysOf>} */
let keys = new Map();
let shown = "";

/** Every two seconds is soon enough for a tick, and nothing for a server. */
const every = 2000;

/**
 * Shows the strip from now on.
 * @param {Texts} words
 */
export function practise(words) {
  texts = words;
  keys = keysOf(JSON.parse(main?.dataset.keys ?? "[]"), loadSettings(main?.dataset.person ?? "").own);
  setInterval(look, every);
  look();
}

async function look() {
  try {
    const answer = await fetch(`/staff/${encodeURIComponent(main?.dataset.office ?? "")}/lessons`, { signal: AbortSignal.timeout(5000) });
    if (answer.ok) draw(await answer.json());
  } catch {
    return; // the link's own mark speaks of it
  }
}

/** @param {Progress} progress */
function draw(progress) {
  const now = progress.lessons.map((l) => (l.done ? "1" : "0")).join("");
  if (now === shown || !place) return;
  const open = place.querySelector("details")?.open ?? false;
  shown = now;
  const next = progress.lessons.find((l) => !l.done);
  const title = say(texts, "practice.count", { n: String(progress.done), total: String(progress.total) });
  const words = next ? say(texts, "practice.next", { what: say(texts, "lesson." + next.id) }) : say(texts, "practice.all");
  const list = document.createElement("ol");
  for (const lesson of progress.lessons) {
    const row = document.createElement("li");
    row.className = lesson.done ? "done" : "";
    row.append((lesson.done ? "✓ " : "") + say(texts, "lesson." + lesson.id), key(lesson.id));
    list.append(row);
  }
  const leave = document.createElement("a");
  leave.href = "/staff/practice";
  leave.textContent = say(texts, "practice.leave");
  strip(place, { title, words: [words, next ? key(next.id) : ""], more: [list, leave], open });
}

/** @param {string} lesson */
function key(lesson) {
  const names = keys.get(actions[lesson] ?? "main") ?? [];
  const cap = document.createElement("kbd");
  cap.textContent = names.length ? keyLabel(names[0], texts) : "";
  return names.length ? cap : "";
}
