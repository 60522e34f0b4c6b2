// The practice panel: what there is to try, ticked off as it is done.

import { loadTexts } from "../draw.js";
import { say } from "../words.js";

/** @typedef {{lessons: {id: string, done: boolean}[], done: number, total: number}} Progress */

const main = document.getElementById("main");
const place = document.getElementById("practice");
const { texts } = await loadTexts();
let shown = "";

/** Every three seconds is soon enough for a tick, and nothing for a server. */
const every = 3000;
if (main && place) {
  await look();
  setInterval(look, every);
}

async function look() {
  try {
    const answer = await fetch(`/staff/${encodeURIComponent(main?.dataset.office ?? "")}/lessons`);
    if (answer.ok) draw(await answer.json());
  } catch {
    return; // the link's own mark speaks of it
  }
}

/** @param {Progress} progress */
function draw(progress) {
  const now = progress.lessons.map((l) => (l.done ? "1" : "0")).join("");
  if (now === shown || !place) return;
  shown = now;
  const list = document.createElement("ol");
  for (const lesson of progress.lessons) {
    const row = document.createElement("li");
    row.className = lesson.done ? "done" : "";
    row.textContent = (lesson.done ? "✓ " : "") + say(texts, "lesson." + lesson.id);
    list.append(row);
  }
  const title = document.createElement("h2");
  title.textContent = say(texts, "practice.panel");
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  count.textContent = progress.done === progress.total
    ? say(texts, "practice.all")
    : say(texts, "practice.done", { n: String(progress.done), total: String(progress.total) });
  const leave = document.createElement("a");
  leave.href = "/staff/practice";
  leave.textContent = say(texts, "practice.leave");
  place.replaceChildren(title, count, list, leave);
  place.hidden = false;
}
