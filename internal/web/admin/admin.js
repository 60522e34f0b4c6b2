// What the administrators' pages do with script: print a slip, and keep one thing
// open at a time. Everything works without it.

import { present } from "../present.js";

present();
for (const button of document.querySelectorAll("[data-print]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/** @type {NodeListOf<HTMLDetailsElement>} */
const all = document.querySelectorAll("details.more, details.make");
for (const one of all) {
  one.addEventListener("toggle", () => {
    if (!one.open) return;
    for (const other of all) if (other !== one) other.open = false;
    one.querySelector("input:not([type=hidden])")?.scrollIntoView({ block: "nearest" });
  });
}
