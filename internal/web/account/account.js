// The door's comforts: what is wrong is said without losing what was typed, the
// authenticator's code is asked for when it is needed, a password can be looked at.
// Without this module the same forms work.

import { loadTexts } from "../draw.js";
import { say } from "../words.js";

/**
 * Sends a form as JSON and goes on to the page that the server names.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} texts
 */
function send(form, texts) {
  const trouble = /** @type {HTMLElement} */ (document.querySelector("[data-trouble]"));
  const code = /** @type {HTMLElement | null} */ (form.querySelector("[data-otp]"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    button.disabled = true;
    const problem = await post(form.action, Object.fromEntries(new FormData(form)));
    if (problem === "") return; // the browser is on its way
    button.disabled = false;
    if (problem === "code_needed" && code) {
      code.hidden = false;
    }
    trouble.textContent = texts["problem." + problem] ?? say(texts, "problem.other", { code: problem });
    trouble.hidden = false;
    focusOn(form, problem);
  });
}

/**
 * @param {string} path
 * @param {Record<string, FormDataEntryValue>} fields
 * @returns {Promise<string>} the problem's code, or "" when all went well
 */
async function post(path, fields) {
  try {
    const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json", "Accept": "application/json" }, body: JSON.stringify(filled),
    });
    const body = await answer.json();
    if (!answer.ok) return body.code ?? "other";
    location.assign(body.next);
    return "";
  } catch {
    return "no_link";
  }
}

/**
 * Puts the cursor where the next try begins.
 * @param {HTMLFormElement} form
 * @param {string} problem
 */
function focusOn(form, problem) {
  const name = { code_needed: "otp", code_wrong: "otp", weak_password: "password", first_code_wrong: "code", login_taken: "login" }[problem] ?? "password";
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  }
}

/** @param {HTMLButtonElement} button shows and hides a password */
function reveal(button) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.reveal ?? ""));
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}

/** @param {HTMLElement} hint says that capitals are locked */
function capitals(hint) {
  const field = hint.closest(".field")?.querySelector("input");
  for (const kind of /** @type {const} */ (["keydown", "keyup"])) {
    field?.addEventListener(kind, (event) => { hint.hidden = !event.getModifierState("CapsLock"); });
  }
}

for (const button of document.querySelectorAll("[data-reveal]")) reveal(/** @type {HTMLButtonElement} */ (button));
for (const hint of document.querySelectorAll("[data-caps]")) capitals(/** @type {HTMLElement} */ (hint));
for (const button of document.querySelectorAll("[data-print]")) {
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener("click", () => print());
}
const forms = document.querySelectorAll("form[data-send]");
if (forms.length > 0) {
  const { texts } = await loadTexts();
  for (const form of forms) send(/** @type {HTMLFormElement} */ (form), texts);
}
