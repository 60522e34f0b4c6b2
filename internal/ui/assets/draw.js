// Writing into the page that the server drew. Nothing here decides anything.

import { say } from "./words.js";

/** @import { Texts, Level, Link } from "./types.js" */

/** The page's language and words. */
export async function loadTexts() {
  const root = document.documentElement;
  const answer = await fetch(root.dataset.texts ?? "");
  /** @type {Texts} */
  const texts = await answer.json();
  return { lang: root.lang, texts };
}

/**
 * Writes a text where it changed, so that screen readers are not told again what
 * they know.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/**
 * Fills an element and its parts that bear data-f with the field of that name.
 * @param {Element} root
 * @param {Record<string, string>} fields
 */
export function fill(root, fields) {
  for (const [name, text] of Object.entries(fields)) {
    const wanted = `[data-f="${name}"]`;
    if (root.matches(wanted)) write(root, text);
    for (const part of root.querySelectorAll(wanted)) write(part, text);
  }
}

/**
 * @param {ParentNode} root that holds one level
 * @param {Level} level
 * @param {Texts} texts
 */
export function drawLevel(root, level, texts) {
  const part = root.querySelector("[data-level]");
  if (!part) return;
  const name = "level level-" + level;
  if (part.className === name) return;
  part.className = name;
  part.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset.icons}#${level}`);
  write(part.querySelector("span"), say(texts, "level." + level));
}

/**
 * Says whether the page can still be believed.
 * @param {Link} link
 * @param {Texts} texts
 */
export function drawLink(link, texts) {
  const mark = document.getElementById("link-mark");
  if (!mark) return;
  document.body.classList.toggle("stale", link !== "live");
  document.body.classList.toggle("aged", link === "aged");
  mark.hidden = link === "live";
  write(document.getElementById("link-text"), link === "live" ? "" : say(texts, "link." + link));
}

/**
 * Makes a list show rows, cloned from a template and filled.
 * @param {Element | null} list
 * @param {HTMLTemplateElement | null} template
 * @param {Record<string, string>[]} rows
 */
export function drawRows(list, template, rows) {
  if (!list || !template) return;
  while (list.children.length > rows.length) list.lastElementChild?.remove();
  rows.forEach((fields, i) => {
    if (!list.children[i]) list.append(template.content.cloneNode(true));
    fill(list.children[i], fields);
  });
}
