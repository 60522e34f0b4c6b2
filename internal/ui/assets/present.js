// Tells the server that somebody is at a page on which people work without pressing
// its buttons: a session ends when nobody was there for a while.

/** Milliseconds between two tellings, at the least. */
const gap = 60_000;
/** Milliseconds for which a page may be in use though no key or pointer moves. */
const talk = 2 * 60 * 60_000;

/**
 * @typedef {object} World what a test replaces
 * @property {EventTarget} [target]
 * @property {() => number} [now] ms
 * @property {() => void} [tell]
 * @property {(look: () => void, ms: number) => void} [every]
 */

/**
 * Tells of keys and pointers that move, at most once a minute. Opening the page has
 * told already.
 * @param {() => boolean} [busy] whether somebody is served now: a talk may be long
 * @param {World} [world]
 */
export function present(busy = () => false, { target = document, now = () => performance.now(), tell = post, every = setInterval } = {}) {
  let [told, moved] = [now(), now()];
  const look = () => {
    if (now() - told < gap) return;
    told = now();
    tell();
  };
  const move = () => {
    moved = now();
    look();
  };
  for (const kind of ["keydown", "pointermove", "pointerdown", "wheel"]) target.addEventListener(kind, move, { passive: true, capture: true });
  every(() => { if (busy() && now() - moved < talk) look(); }, gap);
}

function post() {
  fetch("/api/v1/me/seen", { method: "POST", signal: AbortSignal.timeout(8000) }).catch(() => {});
}
