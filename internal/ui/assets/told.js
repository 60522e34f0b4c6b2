// What people are told of a wait, as pure functions. Twin of the server's package
// told; internal/told/testdata/told.json holds both to it. Ticket machines carry this
// file as well.

const step = 5, coarse = 10, coarseFrom = 60;
/** Above far no upper end is said where the lower is an hour or more, above never not at all. */
const far = 120, never = 240;

/** @param {number} minutes */
const down = (minutes) => minutes > coarseFrom ? Math.max(coarseFrom, Math.floor(minutes / coarse) * coarse) : Math.floor(minutes / step) * step;

/** @param {number} minutes */
const up = (minutes) => minutes > coarseFrom ? Math.ceil(minutes / coarse) * coarse : Math.ceil(minutes / step) * step;

/**
 * In which form a range is put into words, and with which minutes: rounded outward to
 * five, above an hour to ten. Catalogues have a text for each kind.
 * @param {number} lowSeconds
 * @param {number} highSeconds
 * @returns {{kind: "unknown" | "soon" | "within" | "range" | "more", low: number, high: number}}
 */
export function told(lowSeconds, highSeconds) {
  const low = down(Math.max(0, lowSeconds) / 60), next = low >= coarseFrom ? coarse : step;
  const high = Math.max(up(Math.max(0, highSeconds) / 60), low + next);
  const open = high > never || high > far && low >= coarseFrom;
  if (open && low === 0) return { kind: "unknown", low: 0, high: 0 };
  if (open) return { kind: "more", low: Math.min(low, far), high: 0 };
  if (high <= step) return { kind: "soon", low: 0, high };
  return { kind: low === 0 ? "within" : "range", low, high };
}

/**
 * What the texts of the kinds take: the minutes, and how 分 is read after the last of
 * them (5ふん, 10ぷん).
 * @param {number} lowSeconds
 * @param {number} highSeconds
 */
export function words(lowSeconds, highSeconds) {
  const { kind, low, high } = told(lowSeconds, highSeconds);
  return { kind, low, high, fun: Math.max(low, high) % 10 === 0 ? "ぷん" : "ふん" };
}
