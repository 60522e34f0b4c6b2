// The touch page: follow brings news, model remembers where the visitor is, draw
// shows it.
import { draw } from "./draw.js";
import * as follow from "./follow.js";
import { act as next, start } from "./model.js";
import { say } from "./words.js";

const warnAfter = 20_000, idleAfter = 30_000, refreshEvery = 2_000;

let at = start(crypto.randomUUID());
let screen = { ready: false, services: [], purposes: [], office: {}, ward: "", online: true, alarms: [], starting: true };
let touched = Date.now();
let drawn = "";
let pressing = false;

/** Draws only when something that is shown has changed, and never while a finger
 * is down: a button that is replaced under it would not hear the touch. */
function show() {
  if (screen.starting || pressing) return;
  const now = JSON.stringify([at, { ...screen, at: screen.at?.slice(0, 16) }]);
  if (now === drawn) return;
  drawn = now;
  draw(at, screen, act);
}

function act(name, value) {
  touched = Date.now();
  if (name === "home") return home();
  at = next(at, name, value);
  show();
  document.getElementById("main").focus();
  if (name === "take") take();
}

function home() {
  at = start(crypto.randomUUID());
  show();
}

async function take() {
  const mine = at.session;
  let ticket;
  try {
    ticket = await follow.press({ service: at.service, language: at.language, session: mine });
  } catch {
    ticket = { state: "refused", code: "out_of_service" };
  }
  if (at.session !== mine) return;
  at = next(at, "ticket", ticket);
  touched = Date.now();
  show();
}

async function refresh() {
  try {
    screen = await follow.screen();
  } catch {
    screen = { ...screen, stale: true };
  }
  if (at.view === "ticket" && at.ticket.state === "printing") {
    const mine = at.session;
    const ticket = await follow.ticket(at.ticket.command).catch(() => at.ticket);
    if (at.session === mine) at = next(at, "ticket", ticket);
  }
  show();
  idle();
}

function idle() {
  const dialog = document.getElementById("idle"), quiet = Date.now() - touched;
  const begun = at.view !== "purpose" || at.language !== "ja";
  if (!begun || at.view === "making") return dialog.close();
  if (quiet > idleAfter) {
    dialog.close();
    return home();
  }
  if (quiet > warnAfter && !dialog.open) {
    document.getElementById("idle-text").textContent = say(at.language, "still");
    document.getElementById("idle-on").textContent = say(at.language, "goOn");
    dialog.showModal();
  }
}

document.getElementById("idle-on").onclick = () => { touched = Date.now(); document.getElementById("idle").close(); };
document.addEventListener("pointerdown", () => { touched = Date.now(); pressing = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressing = false; });
document.addEventListener("contextmenu", (e) => e.preventDefault());
document.addEventListener("keydown", (e) => {
  touched = Date.now();
  if (e.key === "Escape") document.querySelector(".back, .ticket .go, .refused .go")?.click();
  if (e.key >= "1" && e.key <= "9") document.querySelectorAll(".choice:not([disabled]), .actions .go:not([disabled])")[Number(e.key) - 1]?.click();
});

setInterval(refresh, refreshEvery);
refresh();
