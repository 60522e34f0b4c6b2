// The worker of the residents' pages. Numbers come from the server or not at all: a page
// is asked for first, and only without a line is today's last copy shown, with its age
// said at the top and its waits left out. Files under their hash never change. What a
// ticket's holder or staff see is never kept.

/** @typedef {ServiceWorkerGlobalScope & {words: Record<string, Record<string, string>>}} Scope */
const scope = /** @type {Scope} */ (/** @type {unknown} */ (self));

const pagesName = "machi-pages-1", filesName = "machi-files-1";
const mostPages = 20, mostFiles = 60;
/** Milliseconds for which a copy waits for a line that may be dead. */
const patience = 10_000;
const offline = "/offline";

const kept = /^\/($|go$|matters($|\/)|offices\/[^/]+$|record($|\/))/;
const shown = /^\/($|go$|matters($|\/)|offices\/|record($|\/)|t\/|family$)/;

scope.addEventListener("install", (event) => event.waitUntil(prepare()));
scope.addEventListener("activate", (event) => event.waitUntil(settle()));
scope.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (url.pathname.startsWith("/ui/")) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate" && shown.test(url.pathname)) event.respondWith(page(event.request, url));
});

async function prepare() {
  await keepOffline();
  await scope.skipWaiting();
}

async function settle() {
  const mine = [pagesName, filesName];
  const names = (await caches.keys()).filter((name) => /^machi-(pages|files)-/.test(name) && !mine.includes(name));
  await Promise.all(names.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** Keeps the page for no line, in the language of now, with what it is drawn with. */
async function keepOffline() {
  const answer = await fetch(offline, { cache: "no-store" });
  if (!answer.ok) return;
  const text = await answer.clone().text();
  await (await caches.open(pagesName)).put(offline, answer);
  await Promise.all([...text.matchAll(/(?:href|src)="(\/ui\/[^"#]+)"/g)].map(([, path]) => file(new Request(path)).catch(() => {})));
}

/**
 * @param {Request} request
 * @param {URL} url
 */
async function page(request, url) {
  const copy = kept.test(url.pathname) ? await copyOf(request.url) : undefined;
  try {
    const answer = await fetch(request, { cache: "no-cache", ...(copy ? { signal: AbortSignal.timeout(patience) } : {}) });
    if (answer.status >= 500 && copy) return old(copy); // what stands before the server has no line to it
    if (answer.ok && !answer.redirected && kept.test(url.pathname)) await keep(request.url, answer.clone());
    return answer;
  } catch {
    return (copy && old(copy)) || (await caches.match(offline, { cacheName: pagesName })) || Response.error();
  }
}

/**
 * @param {string} url
 * @param {Response} answer
 */
async function keep(url, answer) {
  const cache = await caches.open(pagesName);
  const text = await answer.text(), headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  headers.set("X-Kept", String(Date.now()));
  await cache.put(url, new Response(text, { headers }));
  const lang = /<html lang="([^"]+)"/.exec(text)?.[1];
  const last = await (await cache.match(offline))?.text();
  if (last && lang && !last.includes(`<html lang="${lang}"`)) await keepOffline();
  await bound(cache, mostPages);
}

/**
 * @param {Cache} cache
 * @param {number} most
 */
async function bound(cache, most) {
  const keys = (await cache.keys()).filter((key) => new URL(key.url).pathname !== offline);
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

const hour = 3_600_000, day = 24 * hour;
/** @param {number} ms the day in Japan */
const dayOf = (ms) => Math.floor((ms + 9 * hour) / day);

/**
 * Today's copy of a page, ready to be shown.
 * @param {string} url
 * @returns {Promise<{text: string, headers: Headers, since: number} | undefined>}
 */
async function copyOf(url) {
  const copy = await caches.match(url, { cacheName: pagesName });
  const since = Number(copy?.headers.get("X-Kept"));
  if (!copy || dayOf(since) !== dayOf(Date.now())) return undefined;
  return { text: await copy.text(), headers: copy.headers, since };
}

/**
 * A copy that says how old it is, and says no waits.
 * @param {{text: string, headers: Headers, since: number}} copy
 */
function old({ text, headers, since }) {
  const lang = /<html lang="([^"]+)"/.exec(text)?.[1] ?? "ja";
  const words = scope.words[lang] ?? scope.words.ja;
  const minutes = Math.max(1, Math.ceil((Date.now() - since) / 60_000));
  const key = minutes < 60 ? "span.minutes" : minutes % 60 ? "span.both" : "span.hours";
  const span = words[key].replace("{h}", String(Math.floor(minutes / 60))).replace("{m}", String(minutes % 60 || minutes));
  const mark = `<p class="offline-mark" role="status">${words["offline.old"].replace("{span}", span)}</p>`;
  return new Response(text.replace("<html ", "<html data-offline ").replace(/<body[^>]*>/, (body) => body + mark), { headers });
}

/**
 * A file under its hash: kept from the first time.
 * @param {Request} request
 */
async function file(request) {
  const cache = await caches.open(filesName);
  const had = await cache.match(request.url);
  if (had) return had;
  const answer = await fetch(request);
  if (answer.ok && (answer.headers.get("Cache-Control") ?? "").includes("immutable")) {
    await cache.put(request.url, answer.clone());
    await bound(cache, mostFiles);
  }
  return answer;
}
