// Several tickets on one page. Their secrets are kept on this device and nowhere else:
// each ticket is asked for by itself, as its own page does.

import { follow } from "../follow.js";
import { drawLink, loadTexts } from "../draw.js";
import { morph } from "../morph.js";
import { announce, endFlash, offerSound, say, unflash } from "./called.js";
import { read, remember, secretOf, without } from "./family-store.js";

const { texts } = await loadTexts();
const main = document.getElementById("main");
const list = document.getElementById("tickets");
const row = /** @type {HTMLTemplateElement} */ (document.getElementById("ticket-row"));
let secrets = read(localStorage);
/** @type {Map<string, {call: string, say: string | undefined}>} what was said of each */
const said = new Map();
/** @type {Set<string>} */
const followed = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

// A link brings tickets in its fragment, which no browser sends to anybody.
for (const text of location.hash.slice(1).split(",")) take(text);
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
for (const part of document.querySelectorAll(".lively")) part.toggleAttribute("hidden", false);
offerSound();
endFlash();
await look();
main?.setAttribute("aria-busy", "false");
main?.setAttribute("data-ready", "true");

document.getElementById("add-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (document.getElementById("link"));
  const good = take(input.value);
  document.getElementById("add-problem")?.toggleAttribute("hidden", good);
  if (!good) return input.focus();
  input.value = "";
  document.getElementById("add")?.removeAttribute("open");
  await look();
});

document.getElementById("share-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (document.getElementById("shared"));
  const button = event.target instanceof HTMLFormElement ? event.target.querySelector("button") : null;
  if (navigator.share) await navigator.share({ url: input.value }).catch(() => {});
  else {
    input.select();
    await navigator.clipboard?.writeText(input.value).catch(() => {});
    if (button) button.textContent = button.dataset.done ?? "";
  }
});

/**
 * Takes a ticket in, by its secret or the address of its page.
 * @param {string} text
 */
function take(text) {
  const secret = secretOf(text);
  if (secret) secrets = remember(localStorage, secrets, secret);
  return Boolean(secret);
}

/** Asks for every ticket and draws it. One that is not there any more is forgotten. */
async function look() {
  await Promise.all(secrets.map(async (secret) => {
    try {
      const answer = await fetch(`/t/${secret}/card`, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (answer.status === 404) return forget(secret);
      if (!answer.ok) throw new Error(String(answer.status));
      draw(secret, new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("ticket"));
    } catch {
      // The link's mark says that nothing comes through; the next frame tries again.
    }
  }));
  document.getElementById("none")?.toggleAttribute("hidden", secrets.length > 0);
  document.getElementById("share")?.toggleAttribute("hidden", secrets.length === 0);
  /** @type {HTMLInputElement} */ (document.getElementById("shared")).value = `${location.origin}/family#${secrets.join(",")}`;
  watch();
}

/**
 * @param {string} secret
 * @param {HTMLElement | null} next from the server
 */
function draw(secret, next) {
  if (!next || !list || !secrets.includes(secret)) return;
  let item = list.querySelector(`[data-secret="${secret}"]`);
  if (!item) {
    item = /** @type {Element} */ (row.content.firstElementChild?.cloneNode(true));
    item.setAttribute("data-secret", secret);
    item.querySelector("button")?.addEventListener("click", () => { forget(secret); void look(); });
    item.querySelector(".slot")?.replaceWith(document.importNode(next, true));
    list.append(item);
    sort();
  }
  const card = /** @type {HTMLElement} */ (item.firstElementChild);
  next.id = card.id = "ticket-" + secrets.indexOf(secret);
  morph(card, next);
  item.querySelector("button")?.setAttribute("aria-label", `${card.dataset.number} ${item.querySelector("button")?.textContent}`);
  tell(secret, card);
}

/**
 * Says what is new of a ticket.
 * @param {string} secret
 * @param {HTMLElement} card
 */
function tell(secret, card) {
  const before = said.get(secret);
  const call = card.dataset.call ?? "";
  said.set(secret, { call, say: card.dataset.say });
  if (call && call !== before?.call) announce(card, card.dataset.number ?? "");
  else if (before?.call && !call && ![...said.values()].some((one) => one.call)) unflash();
  if (before && !call && card.dataset.say !== before.say) say("say", card.dataset.say ?? "");
}

/** The tickets stand in the order in which they were added, whichever was drawn first. */
function sort() {
  for (const secret of secrets) {
    const item = list?.querySelector(`[data-secret="${secret}"]`);
    if (item) list?.append(item);
  }
}

/** @param {string} secret */
function forget(secret) {
  secrets = without(localStorage, secrets, secret);
  said.delete(secret);
  list?.querySelector(`[data-secret="${secret}"]`)?.remove();
}

/** Follows the offices of the tickets, each once. */
function watch() {
  const offices = [...document.querySelectorAll("#tickets [data-office]")].map((card) => /** @type {HTMLElement} */ (card).dataset.office ?? "");
  const fresh = [...new Set(offices)].filter((office) => office && !followed.has(office));
  if (fresh.length === 0) return;
  for (const office of fresh) followed.add(office);
  follow(fresh, { frame: soon, link: (link) => drawLink(link, texts) });
}

function soon() {
  waiting ??= setTimeout(() => { waiting = undefined; void look(); }, 100 + Math.random() * 400);
}
