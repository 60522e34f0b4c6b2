// The card of keys: shows the keys that this person has chosen, and prints.

import { loadKeys } from "../staff/keys.js";

const own = loadKeys();
for (const place of document.querySelectorAll("kbd[data-action]")) {
  const key = own.get(/** @type {HTMLElement} */ (place).dataset.action ?? "");
  if (key) place.textContent = key;
}
const button = document.getElementById("print");
button?.removeAttribute("hidden");
button?.addEventListener("click", () => window.print());
