// What somebody needs to know who sits here for the first time: three lines, shown
// until they say that they have understood, at this browser.

import { say } from "../words.js";
import { strip } from "./strip.js";

/** @import { Texts } from "../types.js" */

const name = "machi-hints";

/** @param {Texts} texts */
export function hint(texts) {
  const place = document.getElementById("practice");
  if (place && !seen()) draw(place, texts);
}

function seen() {
  try {
    return localStorage.getItem(name) === "seen";
  } catch {
    return true; // where nothing is kept they would come back for ever
  }
}

/** @param {HTMLElement} place @param {Texts} texts */
function draw(place, texts) {
  const list = document.createElement("ol");
  for (const n of ["2", "3"]) {
    const row = document.createElement("li");
    row.textContent = say(texts, "hints." + n);
    list.append(row);
  }
  const done = document.createElement("button");
  done.type = "button";
  done.className = "button";
  done.textContent = say(texts, "hints.close");
  done.addEventListener("click", () => {
    localStorage.setItem(name, "seen");
    place.replaceChildren();
    place.className = "";
  });
  const more = [list, link("/staff/practice", "hints.practice"), link("/staff/keys", "hints.keys"), done];
  strip(place, { title: say(texts, "hints.title"), words: [say(texts, "hints.1")], more, open: false });

  /**
   * @param {string} href
   * @param {string} key
   */
  function link(href, key) {
    const a = document.createElement("a");
    a.href = href;
    a.textContent = say(texts, key);
    return a;
  }
}
