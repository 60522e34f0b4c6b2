// Keeps the list of all offices moving.

import { follow } from "../follow.js";
import { standing, summarize, takes } from "../model.js";
import { clock, range, say } from "../words.js";
import { drawLevel, drawLink, fill, loadTexts } from "../draw.js";

/** @import { Office, Texts } from "../types.js" */

const { texts } = await loadTexts();
const purpose = document.getElementById("main")?.dataset.for ?? "";

follow([], {
  frame: (frame) => { if (frame.type === "office") draw(frame.data); },
  link: (link) => drawLink(link, texts),
});

/** @param {Office} office */
function draw(office) {
  const card = document.querySelector(`[data-office="${CSS.escape(office.id)}"]`);
  if (!card) return;
  const head = summarize(office, purpose);
  drawLevel(card, head.level, texts);
  fill(card, {
    state: say(texts, "state." + standing(office)),
    until: takes(head.level) ? range(texts, head.until) : "—",
    finished: takes(head.level) ? range(texts, head.finished) : "—",
    waiting: say(texts, "label.people", { n: head.waiting }),
    as_of: say(texts, "label.asof", { t: clock(Date.parse(office.as_of)) }),
  });
}
