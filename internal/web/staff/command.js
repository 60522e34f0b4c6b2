// From a button's form to a command, as pure functions.

/** The fields of commands that are not texts; the server's forms know the same. */
const numeric = ["back", "for_seconds", "quantity"];
const truth = ["priority", "processing", "unmeasured", "take_over"];

/**
 * The body of a command: no empty fields, numbers as numbers.
 * @param {Iterable<[string, string]>} entries
 * @returns {Record<string, string | number | boolean>}
 */
export function body(entries) {
  /** @type {Record<string, string | number | boolean>} */
  const out = {};
  for (const [name, value] of entries) {
    if (value === "" || name === "idempotency_key") continue;
    if (numeric.includes(name)) out[name] = Number(value);
    else if (name === "code") Object.assign(out, checkIn(value));
    else if (truth.includes(name)) out[name] = value === "true";
    else out[name] = value;
  }
  return out;
}

/**
 * What a clerk typed or scanned to check somebody in: the six digits, or the
 * secret of the ticket's page whose address the QR holds.
 * @param {string} text
 * @returns {{code: string} | {secret: string}}
 */
export function checkIn(text) {
  const plain = text.normalize("NFKC").replace(/\s/g, "");
  const digits = plain.replaceAll("-", "");
  if (/^[0-9]{6}$/.test(digits)) return { code: digits };
  return { secret: /\/t\/([^/?#]+)/.exec(plain)?.[1] ?? plain };
}

/**
 * The name of a pressed key as buttons bear it, or empty when it is no command:
 * with a modifier it is the browser's, repeated by a resting hand it is nobody's.
 * @param {{key: string, code: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean, repeat: boolean, isComposing: boolean}} press
 */
export function shortcut(press) {
  if (press.ctrlKey || press.altKey || press.metaKey || press.repeat || press.isComposing) return "";
  if (press.code === "Space") return "Space";
  // The key's place, not its sign: with a Japanese input method on, the sign is kana.
  const letter = /^Key([A-Z])$/.exec(press.code);
  return letter ? letter[1] : "";
}

/**
 * What is left to undo, as "0:42", or empty when it is over.
 * @param {number} until ms
 * @param {number} now ms
 */
export function countdown(until, now) {
  const left = Math.floor((until - now) / 1000);
  if (left <= 0) return "";
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
