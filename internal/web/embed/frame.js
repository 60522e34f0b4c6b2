// Keeps the page in a frame fresh: it is drawn again by the server, while anybody looks.
// What could not be drawn again for a while says that it is old.

import { refresh } from "../morph.js";

document.documentElement.classList.add("scripted");
setInterval(look, 30_000);
document.addEventListener("visibilitychange", look);

let drawn = Date.now();

async function look() {
  if (document.hidden) return;
  if (await refresh(["widget"]).catch(() => false)) drawn = Date.now();
  document.getElementById("stale")?.toggleAttribute("hidden", Date.now() - drawn < 90_000);
}
