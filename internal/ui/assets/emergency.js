// Emergency messages above a page, as the newest states of its offices tell of them.

/** @import { Office, Emergency } from "./types.js" */

/** @param {Office} office */
export function alarm(office) {
  const part = document.getElementById("emergencies");
  if (!part) return;
  const wanted = office.emergency;
  for (const banner of /** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll("[data-id]"))) {
    const places = new Set((banner.dataset.places ?? "").split(" ").filter(Boolean));
    if (banner.dataset.id === wanted?.id) places.add(office.id);
    else if (!places.delete(office.id)) continue;
    banner.dataset.places = [...places].join(" ");
    const name = banner.querySelector(".banner-place");
    if (places.size > 1) name?.remove();
    if (places.size === 0) banner.remove();
  }
  if (wanted && !part.querySelector(`[data-id="${CSS.escape(wanted.id)}"]`)) part.append(draw(wanted, office, part));
}

/**
 * @param {Emergency} emergency
 * @param {Office} office
 * @param {HTMLElement} part
 */
function draw(emergency, office, part) {
  const lang = document.documentElement.lang;
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.dataset.id = emergency.id;
  banner.dataset.places = office.id;
  const column = document.createElement("div");
  column.className = "column";
  column.append(line("strong", part.dataset.title ?? ""));
  if (!part.hasAttribute("data-single")) column.append(line("span", office.name[lang] ?? office.name.ja, "banner-place"));
  column.append(line("p", emergency.text[lang] ?? emergency.text.ja));
  const detail = emergency.detail?.[lang] ?? (lang === "ja-x-easy" ? emergency.detail?.ja : "");
  if (detail) column.append(line("p", detail));
  banner.append(column);
  return banner;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} [kind]
 */
function line(name, text, kind) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
}
