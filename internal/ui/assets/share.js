// Hands a text on: by what the reader's machine offers, or as a copy.

/**
 * Makes the buttons of a page's share section work, where they can.
 * @param {ParentNode} root
 */
export function share(root = document) {
  const part = root.querySelector(".share");
  const text = part?.querySelector(".share-text");
  if (!part || !(text instanceof HTMLElement)) return;
  const link = part.querySelector(".share-link")?.textContent ?? "";
  const words = (text.textContent ?? "").replace(link, "").trim();
  const send = part.querySelector("[data-share]"), copy = part.querySelector("[data-copy]");
  if (send && "share" in navigator) {
    send.parentElement?.removeAttribute("hidden");
    send.addEventListener("click", () => { navigator.share({ text: words, url: link }).catch(() => {}); }); // closed by the reader
  }
  if (copy && navigator.clipboard) {
    copy.parentElement?.removeAttribute("hidden");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(words + "\n" + link);
      } catch {
        getSelection()?.selectAllChildren(text); // the reader copies it by hand
        return;
      }
      const done = copy.getAttribute("data-copy") ?? "";
      const label = copy.querySelector("span"), said = part.querySelector("[data-share-said]");
      if (label) label.textContent = done;
      if (said) said.textContent = done;
    });
  }
}
