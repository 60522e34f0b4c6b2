// What a call does to the holder's phone: it is seen, felt, heard and said. Nothing here
// decides whether there is a call.

/** How long the picture stays, in ms, unless it is touched before. */
const shownFor = 20_000;

/** @type {AudioContext | undefined} */
let audio;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/**
 * The sound of a call: three rising tones, twice. Silent until a tap has allowed it.
 * @param {number} [times]
 */
export function chime(times = 2) {
  if (!audio || audio.state === "closed") return;
  void audio.resume();
  const begin = audio.currentTime + 0.05;
  for (let i = 0; i < 3 * times; i++) tone(audio, [659.3, 784, 1046.5][i % 3], begin + i * 0.28 + Math.floor(i / 3) * 0.5);
}

/**
 * @param {AudioContext} context
 * @param {number} hertz
 * @param {number} at seconds
 */
function tone(context, hertz, at) {
  const [sound, gain] = [context.createOscillator(), context.createGain()];
  sound.type = "triangle";
  sound.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.6, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
  sound.connect(gain).connect(context.destination);
  sound.start(at);
  sound.stop(at + 0.75);
}

/** Makes the button allow sound and keep the screen lit, or take that back. */
export function offerSound() {
  const button = document.getElementById("sound");
  if (!button) return;
  /** @type {WakeLockSentinel | null} */
  let lit = null;
  const light = async () => {
    if (!audio || document.hidden) return;
    lit = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  };
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    const word = button.querySelector('[data-f="sound"]');
    if (word) word.textContent = (on ? button.dataset.on : button.dataset.off) ?? "";
    if (!on) {
      await audio?.close();
      await lit?.release().catch(() => {});
      audio = undefined;
      return;
    }
    audio = new AudioContext();
    chime(1);
    navigator.vibrate?.(200);
    await light();
  });
  document.addEventListener("visibilitychange", light); // a hidden page loses its light
}

/**
 * Announces a call as the server words it.
 * @param {HTMLElement} card with data-call-say
 * @param {string} number
 */
export function announce(card, number) {
  say("say-now", card.dataset.callSay ?? "");
  navigator.vibrate?.([400, 200, 400, 200, 800, 400, 400, 200, 800]);
  chime();
  flash(card, number);
}

/**
 * Shows the call on the whole screen. The picture is for eyes alone: whoever does not see
 * it is told by the live region, and focus stays where it is.
 * @param {HTMLElement} card
 * @param {string} number
 */
function flash(card, number) {
  const screen = document.getElementById("flash");
  if (!screen) return;
  const way = card.querySelector(".mine-way");
  const parts = { number, goto: card.querySelector(".mine-goto")?.textContent ?? "", way: way?.textContent ?? "" };
  for (const [name, text] of Object.entries(parts)) {
    const part = screen.querySelector(`[data-f="${name}"]`);
    if (part) part.textContent = text;
  }
  const arrow = screen.querySelector(".flash-arrow");
  arrow?.setAttribute("class", "flash-arrow " + (way?.querySelector("svg")?.getAttribute("class") ?? "way-none"));
  screen.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(unflash, shownFor);
}

/** Takes the picture away. */
export function unflash() {
  const screen = document.getElementById("flash");
  if (screen) screen.hidden = true;
}

/** Touching the picture, or Escape, takes it away. */
export function endFlash() {
  document.getElementById("flash")?.addEventListener("click", unflash);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") unflash(); });
}

/**
 * Writes into a live region. The same words a second time are said again.
 * @param {string} id
 * @param {string} text
 */
export function say(id, text) {
  const region = document.getElementById(id);
  if (!region) return;
  region.textContent = "";
  if (text) requestAnimationFrame(() => { region.textContent = text; });
}
