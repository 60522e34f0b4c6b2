// The part of the residents' service worker that shows what the server tells. The
// server words it in the language that was asked for; nothing is looked up here.

(() => {
/** @typedef {{title?: string, body?: string, tag?: string, url?: string, lang?: string, kind?: string}} Told */

const scope = /** @type {any} */ (self);

scope.addEventListener("push", (/** @type {any} */ event) => {
  event.waitUntil(show(read(event)));
});

scope.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data?.url ?? "/"));
});

/**
 * A browser that shows nothing for a push loses the right to get one: what cannot be
 * read is shown as well.
 * @param {any} event
 * @returns {Told}
 */
function read(event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {};
  }
}

/** @param {Told} told */
function show(told) {
  const now = told.kind === "called" || told.kind === "ready";
  return scope.registration.showNotification(told.title || "番号札", {
    body: told.body ?? "", lang: told.lang ?? "ja", tag: told.tag || "machi", renotify: true, requireInteraction: now,
    vibrate: now ? [400, 200, 400, 200, 800] : [200, 100, 200], data: { url: ownPath(told.url) },
  });
}

/**
 * Only a page of this server is ever opened.
 * @param {unknown} url
 */
function ownPath(url) {
  return typeof url === "string" && /^\/(?!\/)/.test(url) ? url : "/";
}

/**
 * Brings the ticket's page to the front, or opens it.
 * @param {string} url
 */
async function openPage(url) {
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find((/** @type {any} */ page) => new URL(page.url).pathname === url);
  return open ? open.focus() : scope.clients.openWindow(url);
}
})();
