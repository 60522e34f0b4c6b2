// Keeps the holder's page moving: whenever the office's board moves, the page is
// asked for again and what differs is taken over.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { refresh } from "../morph.js";

const { texts } = await loadTexts();
const main = document.getElementById("main");
const card = () => document.getElementById("ticket");
let announced = card()?.dataset.call;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

follow([main?.dataset.office ?? ""], { frame: soon, link: (link) => drawLink(link, texts) });

/** A crowd of holders follows one board: each asks a little later, once. */
function soon() {
  waiting ??= setTimeout(async () => {
    waiting = undefined;
    try {
      await refresh(["ticket", "after"]);
      announce();
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }, 200 + Math.random() * 600);
}

/** A call is felt as well as seen, where the phone can. */
function announce() {
  const part = card();
  if (part?.dataset.state !== "called" || part.dataset.call === announced) return;
  announced = part.dataset.call;
  navigator.vibrate?.([400, 200, 400, 200, 800]);
  scrollTo({ top: 0, behavior: "smooth" });
}
