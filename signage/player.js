// The wall: follows its office, announces calls one after another, and says how
// far it can be believed.

import { follow } from "../follow.js";
import { loadTexts } from "../draw.js";
import { announcer, hear, nextCall, showFor } from "./calls.js";
import { allow, chime, ready } from "./chime.js";
import { drawCall, drawClock, drawOffice, drawStale } from "./draw.js";
import { keep, recall } from "./memory.js";

/** @import { Office, Link } from "../types.js" */
/** @import { Group } from "./calls.js" */

const { lang, texts } = await loadTexts();
const words = { lang, texts };
const id = document.getElementById("wall")?.dataset.office ?? "";
const quiet = new URLSearchParams(location.search).get("sound") === "off";

/** @type {Office | null} */
let office = null;
let calls = announcer();
/** @type {Group | null} */
let showing = null;
/** Server time minus this machine's, in milliseconds; unknown until a frame comes. */
let offset = NaN;
/** @type {Link} */
let link = "live";

const remembered = recall(id);
if (remembered) {
  office = remembered;
  calls = hear(calls, remembered.calls);
  drawOffice(remembered, words, null);
}

follow([id], {
  frame: (frame) => { if (frame.type === "office") take(frame.data, Date.parse(frame.at)); },
  link: (now) => { link = now; drawStale(link, office, words); },
});
setInterval(() => { if (!Number.isNaN(offset)) drawClock(Date.now() + offset); }, 500);
// A wall that starts without a network has only its own clock.
setTimeout(() => { if (Number.isNaN(offset)) offset = 0; }, 5000);
setInterval(() => { if (link === "live" && !showing) location.reload(); }, 6 * 60 * 60 * 1000);
sound();
navigator.serviceWorker?.register("/signage/worker.js").catch(() => {
  // Without HTTPS there is no worker; the wall then needs the network to start.
});

/**
 * @param {Office} newest
 * @param {number} at
 */
function take(newest, at) {
  offset = at - Date.now();
  office = newest;
  keep(newest);
  calls = hear(calls, newest.calls);
  drawOffice(newest, words, showing);
  drawStale(link, office, words);
  if (!showing) announce();
}

/** Gives the next call its full time, then the one after it. */
function announce() {
  const { group, state } = nextCall(calls);
  calls = state;
  showing = group.length ? group : null;
  drawCall(group, words);
  if (office) drawOffice(office, words, showing);
  if (!showing) return;
  if (!quiet) chime();
  setTimeout(announce, showFor);
}

function sound() {
  const button = document.getElementById("sound");
  if (!button || quiet) return;
  button.hidden = ready();
  button.addEventListener("click", async () => { button.hidden = await allow(); });
}
