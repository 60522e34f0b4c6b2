// From a button's form to a command, as pure functions.

/** The fields of commands that are not texts; the server's forms know the same. */
const numeric = ["back", "for_seconds", "quantity"];
const truth = ["priority", "processing", "unmeasured", "take_over"];
const lists = ["services", "numbers"];
/** Fields that are the page's own. */
const ours = ["idempotency_key", "then", "expect"];

/**
 * The body of a command: no empty fields, numbers as numbers, lists as lists.
 * "served.moving" counts a service that was done.
 * @param {Iterable<[string, string]>} entries
 * @returns {Record<string, any>}
 */
export function body(entries) {
  /** @type {Record<string, any>} */
  const out = {};
  for (const [name, value] of entries) {
    if (value === "" || ours.includes(name)) continue;
    if (numeric.includes(name)) out[name] = Number(value);
    else if (lists.includes(name)) (out[name] ??= []).push(...value.split(/\s+/).filter(Boolean));
    else if (name.startsWith("served.")) {
      if (Number(value) > 0) (out.served ??= []).push({ service: name.slice("served.".length), quantity: Number(value) });
    } else if (name === "code") Object.assign(out, checkIn(value));
    else if (truth.includes(name)) out[name] = value === "true";
    else out[name] = value;
  }
  return out;
}

/**
 * A command of a counter does not name the counter again.
 * @param {string} path under /api/v1/offices/{office}/
 * @param {Iterable<[string, string]>} entries
 */
export function commandBody(path, entries) {
  const out = body(entries);
  if (path.startsWith("counters/")) delete out.counter;
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
 * The ticket that a command is about, or empty.
 * @param {string} path
 */
export function numberOf(path) {
  const [kind, number, verb] = path.split("/");
  return kind === "tickets" && verb ? decodeURIComponent(number) : "";
}

/**
 * The one number among many that was meant by a typed one: itself, or the only one
 * that ends in its figures. Empty when it is unknown or there are several.
 * @param {string} typed
 * @param {string[]} known
 */
export function meant(typed, known) {
  const plain = typed.normalize("NFKC").replace(/\s/g, "").toUpperCase();
  if (known.includes(plain)) return plain;
  if (!/^[0-9]+$/.test(plain)) return /^[A-Z][A-Z0-9]*-?[0-9]+$/.test(plain) ? plain : "";
  const ends = known.filter((n) => Number(/[0-9]+$/.exec(n)?.[0]) === Number(plain));
  return ends.length === 1 ? ends[0] : "";
}

/**
 * What is left to undo, as "0:42", or empty when it is over.
 * @param {number} until ms
 * @param {number} now ms
 */
export function countdown(until, now) {
  const left = Math.floor((until - now) / 1000);
  return left <= 0 ? "" : watch(left * 1000);
}

/**
 * Minutes and seconds, as "3:07". Twin of the server's watch.
 * @param {number} ms
 */
export function watch(ms) {
  const s = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
