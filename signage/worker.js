// Lets a wall start without a network: pages and their files are kept as they
// were last seen. Numbers are never answered from here; a page shows its moment.

/// <reference lib="webworker" />

const store = "machi-wall-1";
/** Milliseconds for the network before the kept page is shown instead. */
const patience = 4000;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", () => { worker.skipWaiting(); });
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/ui/")) event.respondWith(keptFirst(event.request));
  else if (url.pathname.startsWith("/signage/media/")) event.respondWith(keptMedia(event.request));
  else if (event.request.mode === "navigate") event.respondWith(networkFirst(event.request));
});

/**
 * Files bear their hash in their path: what is kept is right.
 * @param {Request} request
 */
async function keptFirst(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetchAndKeep(request);
  await forgetOthers(hashOf(request.url));
  return answer;
}

/** @param {string} url such as .../ui/0123456789abcdef/base.css */
function hashOf(url) {
  return new URL(url).pathname.split("/")[2];
}

/**
 * Files of another version are of no more use: the page that is kept is newer.
 * @param {string} hash
 */
async function forgetOthers(hash) {
  const cache = await caches.open(store);
  for (const request of await cache.keys()) {
    if (new URL(request.url).pathname.startsWith("/ui/") && hashOf(request.url) !== hash) await cache.delete(request);
  }
}

/**
 * Pictures and videos bear their hash in their path as well; the playlist has put here
 * what it shows. Players of videos ask for parts.
 * @param {Request} request
 */
async function keptMedia(request) {
  const kept = await caches.match(request.url);
  if (!kept) return fetch(request);
  const part = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!part) return kept;
  const whole = await kept.blob();
  const from = Number(part[1]), to = Math.min(part[2] ? Number(part[2]) : whole.size - 1, whole.size - 1);
  if (from > to) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  return new Response(whole.slice(from, to + 1, whole.type), {
    status: 206, headers: { "Content-Type": whole.type, "Content-Range": `bytes ${from}-${to}/${whole.size}`, "Content-Length": String(to + 1 - from) },
  });
}

/** @param {Request} request */
async function networkFirst(request) {
  try {
    return await fetchAndKeep(request, AbortSignal.timeout(patience));
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

/**
 * @param {Request} request
 * @param {AbortSignal} [signal]
 */
async function fetchAndKeep(request, signal) {
  const answer = await fetch(request, signal ? { signal } : {});
  if (answer.ok) {
    const cache = await caches.open(store);
    await cache.put(request, answer.clone());
  }
  return answer;
}
