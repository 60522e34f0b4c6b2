// About how long the way to an office takes, and which office is done with first, as
// pure functions: a visitor's position stays in the browser. Twin of the server's
// package travel; internal/travel/testdata/travel.json holds both to it.

/**
 * @typedef {{lat: number, lng: number}} Point
 * @typedef {"walk" | "bicycle" | "transit"} Mode
 * @typedef {{low: number, high: number}} Range whole seconds
 * @typedef {{way: Range, finished: Range, usual: number, known: boolean, open: boolean, left: number}} Choice
 */

const detour = 1.3, walkPace = 80, cyclePace = 200, offBy = 400, earth = 6371000, nearEnough = 800;
const degree = Math.PI / 180;

/**
 * The straight line between two places of one city, in metres.
 * @param {Point} a
 * @param {Point} b
 */
export function metres(a, b) {
  const x = (b.lng - a.lng) * degree * Math.cos((a.lat + b.lat) / 2 * degree);
  return earth * Math.hypot(x, (b.lat - a.lat) * degree);
}

/**
 * How long a straight line takes.
 * @param {number} line in metres
 * @param {Mode} mode
 * @param {boolean} rough one of its ends is only about where it is said to be
 * @returns {Range}
 */
export function about(line, mode, rough) {
  const off = rough ? offBy : 0;
  const near = Math.max(0, line - off) * detour, far = (line + off) * detour;
  if (mode === "bicycle") return seconds(near / cyclePace * 0.85, far / cyclePace * 1.2 + 3);
  if (mode === "transit" && line > nearEnough) return seconds(8 + near / 1000 * 2, 16 + far / 1000 * 5);
  return seconds(near / walkPace * 0.85, far / walkPace * 1.15 + 1);
}

/**
 * @param {number} low minutes
 * @param {number} high minutes
 */
const seconds = (low, high) => ({ low: Math.floor(low * 60), high: Math.ceil(high * 60) });

/**
 * The time from door to done.
 * @param {Choice} c
 * @returns {Range}
 */
export const total = (c) => ({ low: c.way.low + c.finished.low, high: c.way.high + c.finished.high });

/** @param {Choice} c */
export const inTime = (c) => c.open && c.way.high <= c.left;

/** @param {Choice} c */
const middle = (c) => Math.floor((c.way.low + c.way.high) / 2) + c.usual;

/** @param {Choice} c */
function standing(c) {
  if (inTime(c)) return c.known ? 0 : 1;
  return c.open ? 2 : 3;
}

/**
 * The choices' places in the order in which they are done with.
 * @param {Choice[]} choices
 * @returns {number[]}
 */
export function rank(choices) {
  return choices.map((_, i) => i).sort((i, j) => {
    const [a, b] = [choices[i], choices[j]];
    const d = standing(a) - standing(b);
    if (d !== 0) return d;
    if (standing(a) === 0) return middle(a) - middle(b) || i - j;
    return (a.way.low + a.way.high) - (b.way.low + b.way.high) || i - j;
  });
}

/**
 * Whether two choices take about the same time.
 * @param {Choice} a
 * @param {Choice} b
 */
export const alike = (a, b) => a.known && b.known && Math.abs(middle(a) - middle(b)) < 5 * 60;
