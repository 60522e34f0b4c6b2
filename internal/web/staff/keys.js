// Keys and what they stand for. A key is named by its place on the keyboard
// (KeyR, Space, NumpadAdd, F13): with a Japanese input method on, its sign is kana.

/** @import { Texts } from "../types.js" */

/**
 * @typedef {object} KeyRow an action and its keys
 * @property {string} act
 * @property {string} scope counter or card
 * @property {string} group
 * @property {string[]} keys
 */
/** @typedef {{key: string, code: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean, shiftKey: boolean, repeat: boolean, isComposing: boolean}} Press */
/** @typedef {{own: Record<string, string[]>, off: boolean, theme: string}} Settings a person's own */

/**
 * The name of a pressed key, or empty when the press is nobody's: repeated by a
 * resting hand, part of a word that is being composed, or a mere modifier.
 * @param {Press} press
 */
export function keyName(press) {
  if (press.repeat || press.isComposing || /^(Control|Alt|Shift|Meta)/.test(press.key)) return "";
  const plain = press.code === "" || press.code === "Unidentified" ? press.key : press.code;
  const name = plain === "NumpadEnter" ? "Enter" : plain;
  if (!name || name === "Unidentified" || name === "Process") return "";
  return [press.ctrlKey && "Ctrl", press.altKey && "Alt", press.metaKey && "Meta", press.shiftKey && "Shift", name].filter(Boolean).join("+");
}

/**
 * The digit of a key, also on a numeric pad whose NumLock is off; else empty.
 * @param {Press} press
 */
export function digitOf(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return "";
  const pad = /^Numpad([0-9])$/.exec(press.code);
  if (pad) return pad[1];
  return /^[0-9]$/.test(press.key) ? press.key : "";
}

/**
 * The sign that a scanner meant, also where an input method hides it.
 * @param {Press} press
 */
export function signOf(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return "";
  const digit = digitOf(press);
  if (digit) return digit;
  if (press.key.length === 1 && press.key.charCodeAt(0) < 128) return press.key;
  const letter = /^Key([A-Z])$/.exec(press.code);
  if (letter) return press.shiftKey ? letter[1] : letter[1].toLowerCase();
  const row = /^Digit([0-9])$/.exec(press.code);
  if (row) return row[1];
  if (press.shiftKey) return { IntlRo: "_", Minus: "_" }[press.code] ?? "";
  return { Slash: "/", Period: ".", Minus: "-", Quote: ":", Semicolon: ":" }[press.code] ?? "";
}

/**
 * The keys of each action: a person's own, else those of the table.
 * @param {KeyRow[]} table
 * @param {Record<string, string[]>} own
 * @returns {Map<string, string[]>}
 */
export function keysOf(table, own) {
  return new Map(table.map((row) => [row.act, own[row.act] ?? row.keys]));
}

/**
 * The actions that a key stands for, those of a card first.
 * @param {KeyRow[]} table
 * @param {Map<string, string[]>} keys
 * @param {string} name
 * @param {boolean} card whether a ticket that was looked for is open
 */
export function actsOf(table, keys, name, card) {
  const hits = table.filter((row) => keys.get(row.act)?.includes(name));
  const scopes = card ? ["card", "counter"] : ["counter"];
  return scopes.flatMap((scope) => hits.filter((row) => row.scope === scope).map((row) => row.act));
}

/**
 * The other action of the same scope that a key stands for already, or empty.
 * @param {KeyRow[]} table
 * @param {Map<string, string[]>} keys
 * @param {string} act
 * @param {string} name
 */
export function taken(table, keys, act, name) {
  const scope = table.find((row) => row.act === act)?.scope;
  return table.find((row) => row.act !== act && row.scope === scope && keys.get(row.act)?.includes(name))?.act ?? "";
}

/**
 * How a key is written on buttons.
 * @param {string} name
 * @param {Texts} texts
 */
export function keyLabel(name, texts) {
  const parts = name.split("+");
  const last = parts.pop() ?? "";
  const pad = { Add: "＋", Subtract: "−", Multiply: "＊", Divide: "／", Decimal: "．" }[last.replace("Numpad", "")];
  const plain = { Slash: "/", Period: ".", Comma: ",", Minus: "-" }[last];
  const label = pad ?? plain ?? ("keyname." + last in texts ? texts["keyname." + last] : last.replace(/^(Key|Digit)/, ""));
  return [...parts, label].join("+");
}

/** @param {string} person */
const place = (person) => "machi-console:" + person;

/**
 * A person's own settings on this machine.
 * @param {string} person
 * @returns {Settings}
 */
export function loadSettings(person) {
  /** @type {Settings} */
  const none = { own: {}, off: false, theme: "" };
  try {
    return { ...none, ...JSON.parse(localStorage.getItem(place(person)) ?? "{}") };
  } catch {
    return none;
  }
}

/**
 * @param {string} person
 * @param {Settings} settings
 */
export function saveSettings(person, settings) {
  try {
    localStorage.setItem(place(person), JSON.stringify(settings));
  } catch {
    // Without storage they last as long as the page.
  }
}

/**
 * The keys that a person has chosen, as they are written, by action ("recall" and
 * "key.recall"); nothing of an action that keeps its first keys.
 * @param {string} [person] whoever the page was drawn for
 * @param {Texts} [texts]
 * @returns {Map<string, string>}
 */
export function loadKeys(person, texts = {}) {
  const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-person]"));
  const own = Object.entries(loadSettings(person ?? page?.dataset.person ?? "").own);
  const written = own.map(([act, names]) => /** @type {const} */ ([act, names.map((name) => keyLabel(name, texts)).join(" ")]));
  return new Map([...written, ...written.map(([act, text]) => /** @type {const} */ (["key." + act, text]))]);
}
