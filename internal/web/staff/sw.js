// Lets a clerk's page be reloaded without a link: the page as it was drawn last, and
// its files. It answers for no data and no command. What only the one who is signed
// in may see is kept apart, no longer than a session lasts, and forgotten when it
// ends.

/// <reference lib="webworker" />

const files = "machi-staff-shell";
const secret = "machi-staff-private";
/** Milliseconds for the network before the kept page is shown instead. */
const patience = 4000;
/** Milliseconds for which a session lasts at most, and so a page that it drew. */
const session = 12 * 60 * 60 * 1000;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", () => { worker.skipWaiting(); });
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  const { keep, files: wanted } = event.data ?? {};
  if (typeof keep === "string") event.waitUntil(keepPage(keep));
  if (Array.isArray(wanted)) event.waitUntil(keepFiles(wanted));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method !== "GET") {
    // Whoever signs in or out ends what was kept for the one before.
    if (url.pathname === "/staff/login" || url.pathname === "/staff/logout") event.waitUntil(caches.delete(secret));
  } else if (url.pathname.startsWith("/staff/oidc/")) event.waitUntil(caches.delete(secret));
  else if (url.pathname.startsWith("/ui/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(networkFirst(request));
  else if (request.headers.get("Accept")?.startsWith("text/html")) event.respondWith(refreshed(request));
});

/**
 * Keeps a page that is open.
 * @param {string} path
 */
async function keepPage(path) {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.ok && !answer.redirected) await put(path, answer);
}

/**
 * Keeps files that an open page has loaded.
 * @param {string[]} wanted addresses under /ui/
 */
async function keepFiles(wanted) {
  const cache = await caches.open(files);
  const missing = [];
  for (const file of wanted) if (!(await cache.match(file, { ignoreVary: true }))) missing.push(file);
  await Promise.all(missing.map(async (file) => {
    const part = await fetch(file);
    if (part.ok) await cache.put(file, part);
  }));
}

/**
 * Files bear their hash in their path: what is kept is right.
 * @param {Request} request
 */
async function keptFirst(request) {
  const cache = await caches.open(files);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  // A file that finds no room is not kept; the page gets it all the same.
  if (answer.ok) cache.put(request, answer.clone()).catch(() => {});
  return answer;
}

/** @param {Request} request */
async function networkFirst(request) {
  const path = new URL(request.url).pathname;
  const kept = await fresh(path);
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(patience) } : {});
    if (kept && answer.status >= 500) return kept; // something in between answers for the server
    await learn(path, answer);
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/**
 * The page asks for itself, to draw what is new: the kept one is renewed.
 * @param {Request} request
 */
async function refreshed(request) {
  const answer = await fetch(request);
  await learn(new URL(request.url).pathname, answer);
  return answer;
}

/**
 * Renews a page that is kept, or forgets it when the session is over.
 * @param {string} path
 * @param {Response} answer
 */
async function learn(path, answer) {
  const cache = await caches.open(secret);
  if (!(await cache.match(path, { ignoreVary: true }))) return;
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401) await caches.delete(secret);
  else if (answer.ok) await put(path, answer.clone());
}

/**
 * @param {string} path
 * @param {Response} answer
 */
async function put(path, answer) {
  const page = await answer.text();
  const release = /\/ui\/([0-9a-f]+)\//.exec(page)?.[1] ?? "";
  const headers = new Headers(answer.headers);
  headers.set("Machi-Kept", String(Date.now()));
  headers.set("Machi-Release", release);
  await (await caches.open(secret)).put(path, new Response(page, { headers }));
  await forgetOthers(release);
}

/**
 * Files of another release are of no more use once a page of the newest is kept, nor
 * are pages that need them.
 * @param {string} release
 */
async function forgetOthers(release) {
  const [parts, pages] = [await caches.open(files), await caches.open(secret)];
  for (const file of await parts.keys()) {
    if (!file.url.includes(`/ui/${release}/`)) await parts.delete(file);
  }
  for (const page of await pages.keys()) {
    const of = (await pages.match(page, { ignoreVary: true }))?.headers.get("Machi-Release");
    if (of && of !== release) await pages.delete(page);
  }
}

/**
 * A kept page that is still of use, marked with when it was drawn.
 * @param {string} path
 * @returns {Promise<Response | undefined>}
 */
async function fresh(path) {
  const cache = await caches.open(secret);
  const kept = await cache.match(path, { ignoreVary: true });
  if (!kept) return undefined;
  const at = Number(kept.headers.get("Machi-Kept"));
  const age = Date.now() - at;
  if (!(age >= 0 && age < session)) {
    await cache.delete(path);
    return undefined;
  }
  const page = (await kept.text()).replace("<html ", `<html data-kept="${at}" `);
  return new Response(page, { headers: kept.headers });
}
