// Lets a wall start without a network: pages and their files are kept as they
// were last seen. Numbers are never answered from here; a page shows its moment.

/// <reference lib="webworker" />

const store = "machi-wall-1";
/** Milliseconds for the network before the kept page is shown instead. */
const patience = 4000;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", () => { worker.skipWaiting(); });
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keepAll(event.data.keep));
});
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
  const kept = await caches.match(request, { ignoreVary: true });
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

/**
 * A page from the network while that answers well, else the page that is kept; there is
 * always one that looks again by itself.
 * @param {Request} request
 */
async function networkFirst(request) {
  const answer = await Promise.race([fetchAndKeep(request).catch(() => null), late()]);
  if (answer?.ok) return answer;
  return await caches.match(request, { ignoreVary: true }) ?? await caches.match(request, { ignoreVary: true, ignoreSearch: true }) ?? answer ?? nothingKept();
}

/** @returns {Promise<null>} */
const late = () => new Promise((done) => setTimeout(() => done(null), patience));

function nothingKept() {
  const page = `<!doctype html><html lang="ja"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>接続しています</title>
<body style="margin:0;height:100vh;display:flex;align-items:center;justify-content:center;background:#12283f;color:#fff;font:4vw sans-serif;text-align:center">
<p>接続しています。<br>しばらくお待ちください。<br><small lang="en">Connecting. Please wait.</small></p>`;
  return new Response(page, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/**
 * Keeps what a page was made of before there was a worker to see it.
 * @param {string[]} addresses
 */
async function keepAll(addresses) {
  const cache = await caches.open(store);
  await Promise.all(addresses.map(async (address) => {
    if (!await cache.match(address, { ignoreVary: true })) await fetchAndKeep(new Request(address)).catch(() => null);
  }));
}

/** @param {Request} request */
async function fetchAndKeep(request) {
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(store);
    await cache.put(request, answer.clone());
  }
  return answer;
}
