// Tells a scanner that types like a keyboard from a person's fingers: a scanner
// sends each character within milliseconds, and Enter after the last. Pure: keys
// and moments come in, what to do goes out.

/**
 * A key as the browser tells of it.
 * @typedef {{key: string, code: string, shiftKey?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean, repeat?: boolean}} Key
 *
 * A key that waits until it is known whose it was: the character, and when it came
 * in milliseconds.
 * @typedef {{key: Key, text: string, at: number}} Held
 *
 * What to do after a key: the keys that are held on, those that a person pressed
 * (in order), what a scanner read, and whether the browser may act on this key.
 * @typedef {{held: Held[], typed: Key[], scanned: string | null, pass: boolean}} Outcome
 */

/** Milliseconds between two keys of a scanner at most. A quick typist needs 80. */
export const gap = 60;

/** Once so many have come that fast, no hand types, and a browser with much to do is waited for. */
const patience = 180;

/** @param {Held[]} held @returns {number} milliseconds within which the next key belongs to these */
export const within = (held) => (held.length >= shortest ? patience : gap);

/** Characters of the shortest thing a scanner reads: the six digits of a check-in. */
export const shortest = 6;

const longest = 512;

// Where the character is not told (an input method has the keyboard, or kana are on
// it), the key's place is: scanners type as a US keyboard unless told otherwise.
const plain = new Map(Object.entries({
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"",
  Comma: ",<", Period: ".>", Slash: "/?", Backquote: "`~", IntlRo: "\\_", IntlYen: "\\|",
  NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++", NumpadDecimal: "..",
}));
const shifted = ")!@#$%^&*(";

/**
 * The character of a key, whatever the input method and the width of the letters,
 * or "" for a key that types none.
 * @param {Key} k
 */
export function character(k) {
  if (k.ctrlKey || k.altKey || k.metaKey) return "";
  const told = [...k.key].length === 1 ? k.key.normalize("NFKC") : "";
  if (/^[\x21-\x7e]$/.test(told)) return told;
  if (told === " " || k.code === "Space") return ""; // a press of the button that has the focus
  if (!told && !["Process", "Unidentified", "Dead", ""].includes(k.key)) return "";
  const shift = k.shiftKey ? 1 : 0;
  const [, letter] = /^Key([A-Z])$/.exec(k.code) ?? [];
  if (letter) return shift ? letter : letter.toLowerCase();
  const [, pad, digit] = /^(Numpad|Digit)(\d)$/.exec(k.code) ?? [];
  if (digit) return shift && pad === "Digit" ? shifted[Number(digit)] : digit;
  return plain.get(k.code)?.[shift] ?? "";
}

/**
 * Takes a key that goes down at a moment in milliseconds.
 * @param {Held[]} held
 * @param {Key} key
 * @param {number} at
 * @returns {Outcome}
 */
export function press(held, key, at) {
  if (["Shift", "CapsLock", "Control", "Alt", "Meta"].includes(key.key)) return { held, typed: [], scanned: null, pass: true };
  const text = character(key);
  if (key.repeat && text) return { held, typed: [], scanned: null, pass: false }; // a hand that rests on a key
  const quick = held.length > 0 && at - held[held.length - 1].at <= within(held);
  const before = quick ? { typed: [], scanned: null, held } : settle(held);
  if (text && before.held.length < longest) {
    return { held: [...before.held, { key, text, at }], typed: before.typed, scanned: before.scanned, pass: false };
  }
  if (quick && (key.code === "Enter" || key.code === "NumpadEnter" || key.key === "Enter" || key.key === "Tab")) {
    const read = textOf(held);
    if (read.length >= shortest) return { held: [], typed: [], scanned: read, pass: false };
  }
  const typed = before.held.map((h) => h.key);
  return { held: [], typed: [...before.typed, ...typed, key], scanned: before.scanned, pass: true };
}

/**
 * Decides of the keys that are held once nothing has followed for longer than a
 * gap. A scanner that was not told to press Enter is known by what it read: six
 * digits, or more than anybody types at that speed.
 * @param {Held[]} held
 * @returns {{held: Held[], typed: Key[], scanned: string | null}}
 */
export function settle(held) {
  const read = textOf(held);
  if (/^\d{6}$/.test(read) || read.length >= 2 * shortest) return { held: [], typed: [], scanned: read };
  return { held: [], typed: held.map((h) => h.key), scanned: null };
}

/** @param {Held[]} held */
function textOf(held) {
  return held.map((h) => h.text).join("");
}
