// From values to elements, and from new elements to the ones on the screen.

const reading = /([\p{Script=Han}々〆ヶ]+)\(([\p{Script=Hiragana}ー]+)\)/gu;

/** Handlers that a redraw carries over. @type {("onclick"|"oninput"|"onkeydown"|"onpointerdown"|"onpointerup"|"onsubmit")[]} */
const handlers = ["onclick", "oninput", "onkeydown", "onpointerdown", "onpointerup", "onsubmit"];

/**
 * Makes an element. Texts that hold a reading, 番号(ばんごう), become ruby. Of the
 * properties, "data" becomes data-* and "aria" aria-* attributes, "attributes" what
 * they say; "key" tells a redraw which element this was before.
 * @param {string} name
 * @param {Record<string, any> & {data?: Record<string, any>, aria?: Record<string, any>, attributes?: Record<string, any>, key?: string}} [properties]
 * @param {(Node | string | null | undefined | false)[]} children
 * @returns {HTMLElement}
 */
export function h(name, { data = {}, aria = {}, attributes = {}, key, ...properties } = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  if (key !== undefined) e.dataset.key = key;
  for (const [k, v] of Object.entries(data)) e.dataset[k] = String(v);
  for (const [k, v] of Object.entries(aria)) e.setAttribute("aria-" + k, String(v));
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, String(v));
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    e.append(...(typeof child === "string" ? ruby(child) : [child]));
  }
  return e;
}

/**
 * @param {string} text
 * @returns {(Node | string)[]} with <ruby> where a reading stands behind its characters
 */
export function ruby(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(reading)) {
    if (found.index > from) parts.push(text.slice(from, found.index));
    const e = document.createElement("ruby"), rt = document.createElement("rt");
    rt.textContent = found[2];
    e.append(found[1], rt);
    parts.push(e);
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** @param {string} text @returns {string} without readings */
export const plain = (text) => text.replace(reading, "$1");

/** @param {string} text @returns {string} with readings in the place of their characters */
export const kana = (text) => text.replace(reading, "$2");

/**
 * Makes the screen's element like the new one and keeps every element that is in
 * both: a button that is pressed, focused or read aloud stays the same button.
 * @param {Element} live
 * @param {Element} next
 */
export function patch(live, next) {
  for (const { name } of [...live.attributes]) if (!next.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of next.attributes) if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  for (const name of handlers) /** @type {any} */ (live)[name] = /** @type {any} */ (next)[name];
  fill(live, [...next.childNodes]);
}

/**
 * Makes an element's children like the new ones, as [patch] does.
 * @param {Element} live
 * @param {Node[]} children
 */
export function fill(live, children) {
  let at = live.firstChild;
  for (const child of children) {
    const match = same(at, child) ? at : keyed(live, child);
    if (!match) {
      live.insertBefore(child, at);
      continue;
    }
    if (match === at) at = at?.nextSibling ?? null;
    else live.insertBefore(match, at);
    if (match instanceof Element) patch(match, /** @type {Element} */ (child));
    else if (match.textContent !== child.textContent) match.textContent = child.textContent;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** @param {Node} node */
const keyOf = (node) => (node instanceof HTMLElement ? node.dataset.key : undefined);

/** @param {Node | null} a @param {Node} b */
const same = (a, b) => a !== null && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

/** @param {Element} live @param {Node} child */
function keyed(live, child) {
  const key = keyOf(child);
  if (key === undefined) return null;
  return [...live.children].find((e) => same(e, child)) ?? null;
}

/**
 * What is written in an element, for the voice: characters or, where there are
 * readings, these.
 * @param {Node} node
 * @returns {string}
 */
export function heard(node) {
  if (node instanceof HTMLElement && (node.hidden || node.ariaHidden === "true")) return "";
  if (node.nodeName === "RUBY") return /** @type {Element} */ (node).querySelector("rt")?.textContent ?? "";
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? "";
  const parts = [...node.childNodes].map(heard);
  return parts.join(node instanceof HTMLElement && /^(B|EM|SMALL|SPAN|STRONG)$/.test(node.nodeName) ? "" : " ");
}

// ---- what pages are made of ----

/**
 * A page's two parts: what it tells, and what is touched. The second lies in reach
 * of a seated person, below or beside the first.
 * @param {HTMLElement} root
 * @param {(Node | string | null | false)[]} tell
 * @param {(Node | string | null | false)[]} touch
 */
export function parts(root, tell, touch) {
  root.append(h("div", { className: "tell", key: "tell" }, ...tell), h("div", { className: "touch", key: "touch" }, ...touch));
}

/**
 * A numbered choice: the digit on the ten-key pad chooses it.
 * @param {number} n 1 to 9; 0: no number
 * @param {string} key
 * @param {string} title
 * @param {Node | string | null} detail
 * @param {() => void} onclick
 * @param {string} [kind] further classes
 * @param {string} [sign] a picture beside the title, by its class
 */
export function choice(n, key, title, detail, onclick, kind = "", sign = "") {
  return h("button", { className: `choice ${kind}`.trim(), type: "button", key, onclick, data: n > 0 ? { n } : {} },
    n > 0 && h("span", { className: "n", aria: { hidden: "true" } }, String(n)), sign && h("span", { className: "sign " + sign, aria: { hidden: "true" } }), h("b", {}, title), detail);
}

/**
 * @param {HTMLElement[]} items
 * @param {string} columns "one" or "two"
 */
export function choices(items, columns) {
  return h("ul", { className: `choices ${columns}${items.length > 5 ? " many" : items.length < 5 ? " few" : ""}`, key: "choices" }, ...items.map((e) => h("li", { key: e.dataset.key }, e)));
}

/**
 * The one button that goes on. Enter presses it.
 * @param {string} text
 * @param {() => void} onclick
 * @param {{disabled?: boolean, kind?: string, n?: number}} [more]
 */
export function go(text, onclick, { disabled = false, kind = "", n = 0 } = {}) {
  return h("button", { className: `go ${kind}`.trim(), type: "button", key: "go", disabled, onclick, data: { primary: "", ...(n > 0 ? { n } : {}) } }, text);
}

/**
 * A button that leads back or away: "0" and "*" press the one named back.
 * @param {string} key "back" or another name
 * @param {string} text
 * @param {() => void} onclick
 */
export function plainButton(key, text, onclick) {
  return h("button", { className: `quiet ${key}`, type: "button", key, onclick, data: key === "back" ? { back: "" } : {} }, text);
}

/** @param {(HTMLElement | null | false)[]} buttons in a row */
export function actions(...buttons) {
  return h("div", { className: "actions", key: "actions" }, ...buttons);
}

/** @param {string} text @param {string} [sub] */
export function title(text, sub = "") {
  return h("div", { className: "title", key: "title" }, h("h1", { tabIndex: -1 }, text), sub && h("p", { className: "lead" }, sub));
}
