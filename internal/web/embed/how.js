// Copies a code, and draws it anew when a choice changes.

import { loadTexts, write } from "../draw.js";
import { say } from "../words.js";

const { texts } = await loadTexts();
document.documentElement.classList.add("scripted");

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = document.getElementById(button.dataset.copy ?? "");
    await navigator.clipboard.writeText(code?.textContent ?? "");
    write(button, say(texts, "embed.copied"));
    document.getElementById("copied")?.replaceChildren(say(texts, "embed.copied"));
  });
}
