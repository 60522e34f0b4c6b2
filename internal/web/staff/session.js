// Signing in again without leaving the page: what waits to be sent goes then. Where
// another person signs in, nothing of the first one's is sent under that name.

import { write } from "../draw.js";
import { say } from "../words.js";

/** @import { Outbox, Person, Place } from "./types.d.ts" */

export class Door {
  /**
   * @param {HTMLElement} root that holds the dialog
   * @param {Outbox} outbox
   * @param {Place} place
   */
  constructor(root, outbox, place) {
    this.outbox = outbox;
    this.texts = place.texts;
    this.name = place.personName ?? "";
    /** @type {Person} */
    this.person = "same";
    this.dialog = /** @type {HTMLDialogElement} */ (root.querySelector("dialog"));
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) this.enter(event.target);
    });
    this.dialog.querySelector("[data-close]")?.addEventListener("click", () => this.dialog.close());
  }

  /** @param {Person} person who is signed in now */
  see(person) {
    if (person === this.person) return;
    this.person = person;
    if (person === "none") this.open();
    else this.dialog.close();
  }

  open() {
    if (this.dialog.open) return;
    for (const form of this.dialog.querySelectorAll("form")) form.reset();
    this.ask("");
    write(this.dialog.querySelector("[data-f=who]"), this.who());
    this.dialog.showModal();
  }

  who() {
    const n = this.outbox.pending().length;
    return say(this.texts, n > 0 ? "outbox.door.who" : "outbox.door.nobody", { name: this.name, n });
  }

  /**
   * Says what is missing, and shows the field for it.
   * @param {string} code of the problem
   */
  ask(code) {
    const codes = /** @type {HTMLElement} */ (this.dialog.querySelector("[data-part=code]"));
    codes.hidden = !["code_needed", "code_wrong"].includes(code);
    const words = code && code !== "code_needed" ? say(this.texts, "outbox.door." + code in this.texts ? "outbox.door." + code : "outbox.door.failed") : "";
    const notice = /** @type {HTMLElement} */ (this.dialog.querySelector("[data-f=problem]"));
    notice.hidden = words === "";
    write(notice, words);
    if (!codes.hidden) /** @type {HTMLElement | null} */ (codes.querySelector("input"))?.focus();
  }

  /** @param {HTMLFormElement} form */
  async enter(form) {
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
    button.disabled = true;
    try {
      await this.send(form);
    } catch {
      this.ask("network");
    } finally {
      button.disabled = false;
    }
  }

  /** @param {HTMLFormElement} form */
  async send(form) {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) fields.set(name, value);
    const answer = await fetch("/staff/login", { method: "POST", body: fields, headers: { Accept: "application/json" } });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => null);
      return this.ask(problem?.code ?? "failed");
    }
    // Who owes a new password or a first code gives it on a page of its own.
    if (answer.status === 200 && (await answer.json())?.owes) return location.assign("/staff/me");
    await this.outbox.signedIn();
    this.dialog.close();
  }
}
