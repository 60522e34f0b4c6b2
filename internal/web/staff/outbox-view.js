// Draws what waits to be sent, what was refused, and whether this tab acts, into the
// page's part #outbox.

import { fill, write } from "../draw.js";
import { hourMinute, say } from "../words.js";
import { local } from "./outbox-clock.js";
import { partsOf } from "./outbox-rules.js";
import { Door } from "./session.js";

/** @import { Texts } from "../types.js" */
/** @import { Action, Outbox, Place } from "./types.d.ts" */

/**
 * @param {Outbox & {watch: (draw: () => void) => void}} outbox
 * @param {Place} place
 */
export function drawOutbox(outbox, place) {
  const root = document.getElementById("outbox");
  if (!root) return;
  const view = new View(root, outbox, place);
  outbox.watch(() => view.draw());
}

class View {
  /**
   * @param {HTMLElement} root
   * @param {Outbox} outbox
   * @param {Place} place
   */
  constructor(root, outbox, place) {
    this.root = root;
    this.outbox = outbox;
    this.texts = place.texts;
    this.door = new Door(root, outbox, place);
    root.addEventListener("click", (event) => this.press(event));
  }

  /** @param {string} name */
  part(name) { return /** @type {HTMLElement} */ (this.root.querySelector(`[data-part="${name}"]`)); }

  draw() {
    const { writing, readOnly, store, person } = this.outbox.state();
    if (!writing) this.root.dataset.waits = String(this.outbox.pending().length);
    this.part("tab").hidden = !readOnly;
    this.part("store").hidden = store;
    this.part("person").hidden = person !== "other";
    this.part("out").hidden = person !== "none";
    this.waiting();
    this.refused();
    this.strangers();
    this.door.see(person);
  }

  waiting() {
    const pending = this.outbox.pending();
    const part = this.part("waiting");
    part.hidden = pending.length === 0 || this.calm(pending);
    write(part.querySelector("[data-f=title]"), say(this.texts, "outbox.waiting", { n: pending.length }));
    write(part.querySelector("[data-f=why]"), say(this.texts, "outbox." + this.why()));
    this.rows(part, pending);
  }

  /**
   * What was sent a moment ago needs no word.
   * @param {Action[]} pending
   */
  calm(pending) {
    const { cut, person } = this.outbox.state();
    return !cut && person === "same" && pending.every((a) => local() - a.pressed < 2000);
  }

  why() {
    const { person, doubt, cut } = this.outbox.state();
    if (person !== "same") return "why.signed-out";
    if (doubt) return "why.unanswered";
    return cut ? "why.cut" : "why.sending";
  }

  refused() {
    const refused = this.outbox.refused();
    const part = this.part("refused");
    part.hidden = refused.length === 0;
    this.rows(part, refused);
  }

  strangers() {
    const strangers = this.outbox.strangers();
    const part = this.part("strangers");
    part.hidden = strangers.length === 0;
    const names = [...new Set(strangers.map((a) => a.personName || "?"))].join("、");
    write(part.querySelector("[data-f=title]"), say(this.texts, "outbox.strangers", { n: strangers.length, names }));
    this.rows(part, strangers);
  }

  /**
   * @param {HTMLElement} part
   * @param {Action[]} actions
   */
  rows(part, actions) {
    const list = /** @type {HTMLElement} */ (part.querySelector("ul"));
    const row = /** @type {HTMLTemplateElement} */ (part.querySelector("template"));
    while (list.children.length > actions.length) list.lastElementChild?.remove();
    actions.forEach((action, i) => {
      if (!list.children[i]) list.append(row.content.cloneNode(true));
      const item = /** @type {HTMLElement} */ (list.children[i]);
      item.dataset.id = action.id;
      fill(item, this.words(action));
      item.querySelector("[data-press=again]")?.toggleAttribute("hidden", !failed(action));
    });
  }

  /** @param {Action} action */
  words(action) {
    const { verb, name, about } = partsOf(action.path);
    const key = "problem." + action.code;
    return {
      at: hourMinute(Date.parse(action.clicked)),
      number: about === "tickets" ? name : "",
      verb: say(this.texts, "outbox.act." + verb in this.texts ? "outbox.act." + verb : "outbox.act.other"),
      counter: say(this.texts, "label.counter", { n: action.counter }),
      reason: !action.code ? "" : key in this.texts ? say(this.texts, key) : say(this.texts, "problem.other", { code: action.code }),
    };
  }

  /** @param {MouseEvent} event */
  press(event) {
    const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-press]")) : null;
    const id = /** @type {HTMLElement | null} */ (button?.closest("[data-id]"))?.dataset.id ?? "";
    switch (button?.dataset.press) {
      case "put-away": return this.outbox.putAway(id);
      case "again": return this.outbox.sendAgain(id);
      case "take-over": return this.outbox.takeOver();
      case "sign-in": return this.door.open();
      case "reload": return location.reload();
    }
  }
}

/**
 * Whether the server failed, rather than said no.
 * @param {Action} action
 */
function failed(action) {
  return action.code === "internal_error" || (action.code ?? "").startsWith("http_5");
}
