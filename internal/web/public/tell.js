// Asks the browser for push messages, which need no address, and tells the server where
// to send them. Permission is asked for by a tap and never before.

const main = document.getElementById("main");
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("push-form"));
const path = `/api/v1/tickets/${main?.dataset.secret}/tell`;
const apple = /iPad|iPhone|iPod/.test(navigator.userAgent) || navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1;
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (form) {
  if (able) form.hidden = false;
  else show(apple ? "push-ios" : "push-cannot");
  if (able && Notification.permission === "denied") show("push-denied");
  form.addEventListener("submit", (event) => { event.preventDefault(); void ask(); });
}
main?.setAttribute("data-ready", "true");

async function ask() {
  const button = form?.querySelector("button");
  if (!form || button?.disabled) return;
  for (const id of ["push-denied", "push-failed"]) document.getElementById(id)?.toggleAttribute("hidden", true);
  button?.toggleAttribute("disabled", true);
  try {
    if (await Notification.requestPermission() !== "granted") return show("push-denied");
    const when = String(new FormData(form).get("when"));
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
      body: JSON.stringify({ channel: "push", push: await subscribe(), lang: document.documentElement.lang, ...wish(when) }), signal: AbortSignal.timeout(15000),
    });
    if (!answer.ok) return leave("?problem=" + encodeURIComponent((await answer.json()).code));
    leave("");
  } catch {
    show("push-failed");
  } finally {
    button?.toggleAttribute("disabled", false);
  }
}

/** The browser's own address for messages, made for this server's key. */
async function subscribe() {
  const worker = await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  const key = bytes(main?.dataset.push ?? "");
  const known = await worker.pushManager.getSubscription();
  if (known && !same(known.options.applicationServerKey, key)) await known.unsubscribe();
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return subscription.toJSON();
}

/**
 * @param {ArrayBuffer | null} a
 * @param {Uint8Array} b
 */
function same(a, b) {
  return a !== null && String(new Uint8Array(a)) === String(b);
}

/**
 * "people-3" as the server reads it.
 * @param {string} when
 */
function wish(when) {
  const [kind, digits] = when.split("-");
  return { [kind]: digits ? Number(digits) : true };
}

/**
 * @param {string} base64url
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** @param {string} id */
function show(id) {
  document.getElementById(id)?.toggleAttribute("hidden", false);
}

/** Comes anew, with what is set now. @param {string} query */
function leave(query) {
  location.replace(location.pathname + query);
}
