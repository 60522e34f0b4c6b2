// Keeps the holder's page moving: whenever the office's board moves, the page is
// asked for again and what differs is taken over.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { refresh } from "../morph.js";
import { announce, endFlash, offerSound, say, unflash } from "./called.js";

const { texts } = await loadTexts();
const main = document.getElementById("main");
const card = () => document.getElementById("ticket");
/** The call that was announced last; what is found at the start was called before. */
let announced = "";
let polite = card()?.dataset.say;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

for (const part of document.querySelectorAll(".lively")) part.toggleAttribute("hidden", false);
offerSound();
endFlash();
follow([main?.dataset.office ?? ""], { frame: soon, link: (link) => drawLink(link, texts) });
tell();

/** A crowd of holders follows one board: each asks a little later, once. */
function soon() {
  waiting ??= setTimeout(async () => {
    waiting = undefined;
    try {
      const title = await refresh(["ticket", "after"]);
      if (title) tell();
      else location.reload();
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }, 100 + Math.random() * 400);
}

/** Says what is new: a call at once, and whatever else matters when there is time. */
function tell() {
  const part = card();
  if (!part || !main) return;
  document.title = part.dataset.title || document.title;
  const call = part.dataset.call ?? "";
  if (call && call !== announced) {
    announce(part, main.dataset.number ?? "");
    scrollTo({ top: 0 });
  }
  if (!call && announced) unflash();
  announced = call;
  if (part.dataset.say !== polite) say("say", part.dataset.say ?? "");
  polite = part.dataset.say;
  main.dataset.ready = "true";
}
