// What somebody needs to know who sits here for the first time: three lines, shown
// until they say that they have understood, at this browser.

import { loadTexts } from "../draw.js";
import { say } from "../words.js";

const name = "machi-hints";
const place = document.getElementById("practice");
if (place && localStorage.getItem(name) !== "seen") await draw(place);

/** @param {HTMLElement} place */
async function draw(place) {
  const { texts } = await loadTexts();
  const title = document.createElement("h2");
  title.textContent = say(texts, "hints.title");
  const list = document.createElement("ol");
  for (const n of ["1", "2", "3"]) {
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
    place.hidden = true;
    place.replaceChildren();
  });
  place.replaceChildren(title, list, link("/staff/practice", "hints.practice"), link("/staff/keys", "hints.keys"), done);
  place.hidden = false;

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
