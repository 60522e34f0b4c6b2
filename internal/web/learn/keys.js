// The card of keys: shows the keys that this person has chosen, and prints.

import { loadTexts } from "../draw.js";
import { loadKeys } from "../staff/keys.js";

const { texts } = await loadTexts();
const own = loadKeys(undefined, texts);
for (const place of document.querySelectorAll("kbd[data-action]")) {
  const key = own.get(/** @type {HTMLElement} */ (place).dataset.action ?? "");
  if (!key) continue;
  place.textContent = key;
  place.nextElementSibling?.remove(); // a key of one's own stands for both
}
const button = document.getElementById("print");
button?.removeAttribute("hidden");
button?.addEventListener("click", () => window.print());
