// Whatever a clerk's hand is on: keyboard, numeric pad, USB button, scanner. Turns
// presses into the names of actions, typed numbers and scanned papers.

import { burst, empty, erased, nothing, paper, released, strayed, typed } from "./entry.js";
import { actsOf, digitOf, keyName, keysOf, signOf } from "./keys.js";

/** @import { KeyRow, Settings } from "./keys.js" */

/**
 * @typedef {object} Place
 * @property {KeyRow[]} table
 * @property {Settings} settings
 * @property {{isOpen: boolean, press: (event: KeyboardEvent) => void}} dialog that learns keys
 * @property {(acts: string[]) => boolean} act does the first that can be done
 * @property {(text: string) => void} find
 * @property {(text: string) => void} entry shows what has been typed
 */

export class Hands {
  /** @param {Place} place */
  constructor(place) {
    this.place = place;
    this.entry = empty;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.name = ""; // of the key whose letter is held
    this.stray = nothing;
    this.spent = false;
    this.was = ""; // what stood in the field before the stray signs
    document.addEventListener("keydown", (event) => this.press(event), { capture: true });
    document.addEventListener("keyup", (event) => this.release(event), { capture: true });
  }

  clear() {
    clearTimeout(this.timer);
    this.entry = empty;
    this.place.entry("");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { dialog, settings, act } = this.place;
    if (dialog.isOpen) return dialog.press(event);
    const modifier = /^(Control|Alt|Shift|Meta)$/.test(event.key); // which scanners press, too
    if (this.entry.held && !modifier && !this.signOf(event)) this.letGo(); // first things first
    const target = document.activeElement ?? document.body;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && !event.isComposing) {
      this.clear();
      act(["escape"]);
      return event.preventDefault();
    }
    if (target.closest(".panel") && this.astray(event, target)) return event.preventDefault();
    if (event.key === "Enter" && target instanceof HTMLSelectElement && target.closest(".panel")) {
      target.form?.requestSubmit(); // as in any other field
      return event.preventDefault();
    }
    if (target.closest("input, select, textarea")) return;
    if (event.repeat && target.closest("button, summary")) return event.preventDefault(); // a resting hand presses once
    if (settings.off) return;
    if (this.step(event, target) || this.type(event)) return event.preventDefault();
    const name = keyName(event);
    if (this.owned(name, target)) return;
    // With the focus nowhere, Enter is the big button's, as it is with the focus there.
    if (!this.run(name) && !(name === "Enter" && target === document.body && act(["main"]))) return;
    event.preventDefault();
    this.spent = name === "Space";
  }

  /**
   * A space bar whose press was used up presses nothing when it comes up: some browsers
   * press the button of the focus then.
   * @param {KeyboardEvent} event
   */
  release(event) {
    if (event.code === "Space" && this.spent) event.preventDefault();
    if (event.code === "Space") this.spent = false;
  }

  /**
   * A paper that is scanned while a field of a panel has the focus: its Enter must not
   * send the panel. The field gets back what stood in it, and the ticket is looked for.
   * @param {KeyboardEvent} event
   * @param {Element} field
   */
  astray(event, field) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || field.name === "code") return false;
    const now = event.timeStamp;
    const text = event.key === "Enter" || event.key === "Tab" ? paper(this.stray, now) : "";
    const sign = this.signOf(event);
    if (sign && !event.isComposing) {
      if (now - this.stray.at > burst) this.was = field.value;
      this.stray = strayed(this.stray, sign, now);
    }
    if (!text) return false;
    field.value = this.was;
    this.stray = nothing;
    this.place.find(text);
    return true;
  }

  /**
   * The space bar and Enter belong to whatever control has the focus, but for the
   * big button, which is theirs anyway.
   * @param {string} name
   * @param {Element} target
   */
  owned(name, target) {
    if (name !== "Space" && name !== "Enter") return false;
    return target.closest("button, summary, a") !== null && target.closest(".big") === null;
  }

  /** @param {string} name */
  run(name) {
    if (!name) return false;
    const { table, settings, act } = this.place;
    const acts = actsOf(table, keysOf(table, settings.own), name, document.getElementById("card") !== null);
    return acts.length > 0 && act(acts);
  }

  /**
   * Figures and scanners. Reports whether the press was theirs.
   * @param {KeyboardEvent} event
   */
  type(event) {
    if (event.repeat || event.isComposing) return false;
    const now = event.timeStamp;
    const fast = now - this.entry.at <= burst;
    if ((event.key === "Enter" || (event.key === "Tab" && fast)) && this.entry.text) {
      this.place.find(this.entry.text);
      return true;
    }
    if (event.key === "Backspace" && this.entry.text) return this.show(erased(this.entry));
    const sign = this.signOf(event);
    if (!sign) return false;
    clearTimeout(this.timer);
    this.show(typed(this.entry, sign, now));
    this.name = keyName(event);
    if (this.entry.held) this.timer = setTimeout(() => this.letGo(), burst);
    return true;
  }

  /**
   * The sign of a press, unless it is an operator of the numeric pad, which types
   * nothing and acts at once.
   * @param {KeyboardEvent} event
   */
  signOf(event) {
    return event.code === "Space" || /^Numpad[A-Z]/.test(event.code) ? "" : signOf(event);
  }

  /** The letter was no scanner's: it is a shortcut. */
  letGo() {
    clearTimeout(this.timer);
    this.show(released(this.entry));
    this.run(this.name);
  }

  /** @param {import("./entry.js").Entry} next */
  show(next) {
    this.entry = next;
    this.place.entry(next.text);
    return true;
  }

  /**
   * Up and down step through a list.
   * @param {KeyboardEvent} event
   * @param {Element} target
   */
  step(event, target) {
    const row = target.closest(".rows li");
    if (!row || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return false;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector("a"))?.focus();
    return true;
  }
}
