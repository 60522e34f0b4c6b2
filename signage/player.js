// Brings the office's states to the wall in a browser of today, draws the waits, and
// runs what is shown between calls.

import { follow } from "../follow.js";
import { loadTexts } from "../draw.js";
import { drawWaits } from "./draw.js";

/** @import { Office, Link, Texts } from "../types.js" */
/** @typedef {{callStart: () => void, callEnd: () => void}} Playlist */

const wall = /** @type {any} */ (globalThis).machiWall;
/** @type {Texts | null} */
let texts = null;
/** @type {Office | null} */
let office = null;
/** @type {Playlist | null} */
let playlist = null;

wall.carry({ begin: () => playlist?.callStart(), end: () => playlist?.callEnd() });
follow([wall.id], {
  frame: (frame) => {
    if (frame.type !== "office") return;
    office = frame.data;
    wall.believe("live");
    wall.take(frame.data, Date.parse(frame.at));
    if (texts && office) drawWaits(office, texts);
  },
  link: (/** @type {Link} */ now) => wall.believe(now),
});
loadTexts().then((words) => {
  texts = words.texts;
  if (office) drawWaits(office, texts);
});
import("./playlist.js").then(({ startPlaylist }) => {
  playlist = startPlaylist({
    office: wall.id, lang: document.documentElement.lang, stage: document.getElementById("stage"), now: wall.now,
    told: () => {
      const { showing, seq, link } = wall.state();
      return { last_call: showing, last_seq: seq, stale: link !== "live" };
    },
  });
  if (wall.state().showing) playlist?.callStart();
}).catch(() => {
  // Calls need no playlist.
});
keepPage().catch(() => {
  // Without HTTPS there is no worker; the wall then needs the network to start.
});

/** Hands the page and its files to the worker, which saw none of those that were loaded before it came. */
async function keepPage() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/signage/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  for (const later of [0, 3000, 15_000, 60_000]) {
    setTimeout(() => {
      const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => new URL(name).pathname.startsWith("/ui/"));
      active?.postMessage({ keep: [location.href.split("#")[0], ...files] });
    }, later);
  }
}
