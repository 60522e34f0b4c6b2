// Drawing one item of the playlist.

/** @import { Item, Slot } from "./schedule.js" */

/** Languages beside Japanese, which take turns from round to round. */
const others = ["en", "zh", "ko", "ja-x-easy"];

/**
 * @param {Slot} slot
 * @param {Record<string, string>} texts
 * @param {string} lang of the wall
 * @returns {HTMLElement}
 */
export function build({ item, round }, texts, lang) {
  const figure = document.createElement("figure");
  figure.className = "stage-item";
  figure.dataset.item = item.id;
  figure.dataset.kind = item.kind;
  figure.dataset.form = item.media ? "media" : "text";
  if (item.media) figure.append(medium(item, lang));
  else figure.append(words(item, round));
  figure.append(label(item, texts, lang));
  return figure;
}

/**
 * @param {Item} item
 * @param {string} lang
 */
function medium(item, lang) {
  const { url, type } = /** @type {import("./schedule.js").Media} */ (item.media);
  if (type.startsWith("video/")) {
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.preload = "auto";
    video.src = url;
    video.setAttribute("aria-label", say(item.title, lang));
    return video;
  }
  const picture = document.createElement("img");
  picture.src = url;
  picture.alt = say(item.title, lang);
  return picture;
}

/**
 * @param {Item} item
 * @param {number} round
 */
function words(item, round) {
  const frame = document.createElement("div");
  frame.className = "stage-words";
  const part = document.createElement("div");
  part.className = "stage-text";
  frame.append(part);
  part.append(line("h2", item.title.ja, "ja"));
  if (item.body?.ja) part.append(line("p", item.body.ja, "ja"));
  const spoken = others.filter((lang) => item.title[lang]);
  const lang = spoken[round % spoken.length];
  if (lang) {
    const other = document.createElement("div");
    other.className = "stage-other";
    other.append(line("h3", item.title[lang], lang));
    if (item.body?.[lang]) other.append(line("p", item.body[lang], lang));
    part.append(other);
  }
  const length = widthOf(part.textContent ?? "");
  if (length > long) part.dataset.long = length > veryLong ? "very" : "";
  return frame;
}

/** Letters of Japanese, which are twice as wide as others, that fit in each size. */
const long = 80, veryLong = 200;

/** @param {string} text */
function widthOf(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.55), 0);
}

/**
 * @param {Item} item
 * @param {Record<string, string>} texts
 * @param {string} lang
 */
function label(item, texts, lang) {
  const caption = document.createElement("figcaption");
  const kind = document.createElement("strong");
  kind.textContent = texts["stage." + item.kind] ?? "";
  caption.append(kind);
  const rest = item.kind === "ad" ? item.sponsor ?? "" : item.media ? say(item.title, lang) : "";
  if (rest) caption.append(" ", rest);
  return caption;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} lang
 */
function line(name, text, lang) {
  const element = document.createElement(name);
  element.lang = lang;
  element.textContent = text;
  return element;
}

/**
 * @param {Record<string, string>} text
 * @param {string} lang
 */
function say(text, lang) {
  return text[lang] || text.ja;
}
