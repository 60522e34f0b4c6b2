// Keeps the machines' page moving: reports that change a word move the office's
// board, and every board brings the newest figures.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { refresh } from "../morph.js";
import { present } from "../present.js";

const { texts } = await loadTexts();
const office = document.getElementById("main")?.dataset.office ?? "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

present();
follow([office], { frame: soon, link: (link) => drawLink(link, texts) });

function soon() {
  // A page that came from a form is drawn once; only its address can be asked for again.
  if (!location.pathname.endsWith("/machines")) return;
  timer ??= setTimeout(async () => {
    timer = undefined;
    try {
      await refresh(["machines", "offers"]);
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }, 1500);
}
