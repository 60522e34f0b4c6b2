// Keeps the overview moving: when any office moves, the page is asked for again,
// at most every second and a half.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { refresh } from "../morph.js";
import { present } from "../present.js";

const { texts } = await loadTexts();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

present();
follow([], { frame: soon, link: (link) => drawLink(link, texts) });

function soon() {
  timer ??= setTimeout(async () => {
    timer = undefined;
    try {
      if (!(await refresh(["totals", "offices"]))) location.reload();
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }, 1500);
}
