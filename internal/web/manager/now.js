// Keeps the managers' pages of the present moving: when an office moves, the page is
// asked for again, at most every second and a half. What waits for somebody is counted
// in the title, so that it shows in another tab.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { refresh } from "../morph.js";
import { present } from "../present.js";

const { texts } = await loadTexts();
const parts = ["places-alerts", "as-of", "next", "totals", "offices", "lines", "seats", "things", "today", "over", "said"];
const office = document.getElementById("main")?.dataset.office;
const title = document.title;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Milliseconds after which the page is asked for though no office has moved. */
const still = 5_000;

present();
count();
setInterval(soon, still);
follow(office ? [office] : [], { frame: soon, link: (link) => drawLink(link, texts) });

function soon() {
  timer ??= setTimeout(async () => {
    timer = undefined;
    try {
      if (!(await refresh(parts))) location.reload();
      count();
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }, 1500);
}

function count() {
  const n = document.getElementById("next")?.dataset.open ?? "0";
  document.title = n === "0" ? title : `(${n}) ${title}`;
}
