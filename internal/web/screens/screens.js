// Keeps the list of screens moving: each reports every half minute.

import { refresh } from "../morph.js";

const every = 10_000;

if (document.getElementById("list") && location.pathname.endsWith("/screens")) {
  setInterval(async () => {
    // A page that came from a form is drawn once; only its address can be asked for again.
    if (document.hidden || document.querySelector(".fresh")) return;
    try {
      await refresh(["list"]);
    } catch {
      // The next round tries again.
    }
  }, every);
}
