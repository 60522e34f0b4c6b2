// Keeps the page for a reload without link: the worker that answers then, the page
// with its files, and what it showed last. It is gone with the session.

/** Names that the worker uses as well. */
const shell = "machi-staff-shell";
const secret = "machi-staff-private";

/** Starts the worker and has it keep this page. Without a secure origin there is none. */
export async function keepShell() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/staff/worker.js", { scope: "/staff/" });
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ keep: location.pathname, files: shared(performance.getEntriesByType("resource")) });
    // What the page loads before the worker answers for it passes the worker by.
    later ??= new PerformanceObserver((list) => {
      const files = shared(list.getEntries());
      if (files.length > 0) active?.postMessage({ files });
    });
    later.observe({ type: "resource", buffered: true });
  } catch {
    // The page works without; only a reload needs the link then.
  }
}

/** @type {PerformanceObserver | undefined} */
let later;

/** @param {PerformanceEntryList} entries @returns {string[]} addresses of the files that pages share */
function shared(entries) {
  return entries.map((entry) => entry.name).filter((name) => new URL(name).pathname.startsWith("/ui/"));
}

/** @param {{office: string, counter: string}} place */
function seenAt({ office, counter }) {
  return `/staff/seen/${encodeURIComponent(office)}/${encodeURIComponent(counter)}`;
}

/**
 * @param {{office: string, counter: string}} place
 * @param {unknown} console as GET console told it
 */
export async function writeSeen(place, console) {
  try {
    const cache = await caches.open(secret);
    await cache.put(seenAt(place), new Response(JSON.stringify(console), { headers: { "Machi-Kept": String(Date.now()) } }));
  } catch {
    // The next reload without link shows less.
  }
}

/**
 * @param {{office: string, counter: string}} place
 * @returns {Promise<any>} null where nothing is kept
 */
export async function readSeen(place) {
  try {
    const kept = await (await caches.open(secret)).match(seenAt(place));
    return kept ? await kept.json() : null;
  } catch {
    return null;
  }
}

/** Forgets what only the one who was signed in may see. */
export async function forgetPrivate() {
  try {
    await caches.delete(secret);
  } catch {
    // There was nothing.
  }
}

export { shell };
