// A person's own settings of the console: keys, a USB button, light, and whether
// finishing calls the next.

import { say } from "../words.js";
import { digitOf, keyLabel, keyName, keysOf, saveSettings, taken } from "./keys.js";

/** @import { Texts } from "../types.js" */
/** @import { KeyRow, Settings } from "./keys.js" */

const chainCookie = "machi_chain";

export class SettingsDialog {
  /**
   * @param {{table: KeyRow[], settings: Settings, person: string, texts: Texts, changed: () => void}} place
   */
  constructor({ table, settings, person, texts, changed }) {
    this.table = table;
    this.settings = settings;
    this.person = person;
    this.texts = texts;
    this.changed = changed;
    /** @type {{act: string, add: boolean} | null} what the next pressed key is for */
    this.learning = null;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "settings";
    this.dialog.setAttribute("aria-labelledby", "settings-title");
    this.dialog.addEventListener("close", () => { this.learning = null; });
    this.dialog.addEventListener("click", (event) => this.click(event));
    this.dialog.addEventListener("change", (event) => this.change(event));
    document.body.append(this.dialog);
    this.light();
  }

  open() {
    this.draw("");
    this.dialog.showModal();
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Sets the page's brightness. */
  light() {
    const root = document.documentElement;
    if (this.settings.theme) root.dataset.theme = this.settings.theme;
    else delete root.dataset.theme;
  }

  /**
   * A key that was pressed while the dialog is open.
   * @param {KeyboardEvent} event
   */
  press(event) {
    if (!this.learning) return;
    const { act, add } = this.learning;
    const name = keyName(event);
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    const keys = keysOf(this.table, this.settings.own);
    const other = taken(this.table, keys, act, name);
    this.learning = null;
    if (name === "Escape") return this.draw(act);
    if (digitOf(event)) return this.draw(act, this.t("settings.number"));
    if (other) return this.draw(act, this.t("settings.taken", { action: this.t("key." + other) }));
    const before = (keys.get(act) ?? []).filter((key) => key !== name);
    this.settings.own[act] = add ? [...before, name] : [name, ...before.slice(1)];
    this.keep();
    this.draw(act);
  }

  keep() {
    saveSettings(this.person, this.settings);
    this.light();
    this.changed();
  }

  /** @param {Event} event */
  click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const { for: act, learn, reset } = button?.dataset ?? {};
    if (reset !== undefined) {
      this.settings.own = {};
      this.keep();
      this.draw("");
    } else if (act && learn) {
      this.learning = { act, add: learn === "add" };
      this.draw(act, this.t("settings.press"));
    } else if (button) {
      this.dialog.close();
    }
  }

  /** @param {Event} event */
  change(event) {
    const field = event.target;
    if (field instanceof HTMLSelectElement) this.settings.theme = field.value;
    if (!(field instanceof HTMLInputElement)) return this.keep();
    if (field.name === "keys") this.settings.off = !field.checked;
    if (field.name === "chain") document.cookie = `${chainCookie}=${field.checked ? "on" : "off"}; path=/staff; max-age=31536000; samesite=lax`;
    this.keep();
  }

  /**
   * @param {string} act that has the focus
   * @param {string} [message] about it
   */
  draw(act, message = "") {
    const at = this.dialog.scrollTop;
    this.dialog.replaceChildren(this.head(), this.choices(), this.keyRows(act, message));
    this.dialog.scrollTop = at;
    const focus = /** @type {HTMLElement | null} */ (this.dialog.querySelector(act ? `[data-learn=${this.learning?.add ? "add" : "change"}][data-for="${act}"]` : "button"));
    focus?.focus({ preventScroll: act !== "" });
  }

  head() {
    const head = tag("header", "settings-head");
    const title = tag("h2", "", this.t("settings.title"));
    title.id = "settings-title";
    const close = tag("button", "button", this.t("settings.close"));
    head.append(title, tag("p", "soft", this.t("settings.lead")), close);
    return head;
  }

  choices() {
    const box = tag("div", "settings-choices");
    box.append(this.tick("keys", "settings.keys", !this.settings.off));
    box.append(this.tick("chain", "settings.chain", document.cookie.includes(chainCookie + "=on")));
    const light = tag("label", "field");
    const select = document.createElement("select");
    for (const theme of ["", "light", "dark"]) {
      const option = new Option(this.t("settings.theme." + (theme || "auto")), theme, false, theme === this.settings.theme);
      select.append(option);
    }
    light.append(tag("span", "", this.t("settings.theme")), select);
    box.append(light);
    for (const key of ["settings.usb.lead", "settings.pad", "settings.scanner"]) box.append(tag("p", "soft", this.t(key)));
    return box;
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {boolean} checked
   */
  tick(name, text, checked) {
    const label = tag("label", "tick");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name, checked });
    label.append(box, tag("span", "", this.t(text)));
    return label;
  }

  /**
   * @param {string} now
   * @param {string} message
   */
  keyRows(now, message) {
    const keys = keysOf(this.table, this.settings.own);
    const box = tag("div", "settings-keys");
    let group = "";
    for (const row of this.table) {
      if (row.group !== group) box.append(tag("h3", "", this.t((group = row.group))));
      const line = tag("div", "settings-row" + (row.act === now ? " now" : ""));
      const caps = tag("span", "caps");
      for (const name of keys.get(row.act) ?? []) caps.append(tag("kbd", "", keyLabel(name, this.texts)));
      line.append(tag("span", "", this.t("key." + row.act)), caps, this.learner(row.act, "change"), this.learner(row.act, "add"));
      if (row.act === now && message) {
        const says = tag("p", "settings-message", message);
        says.setAttribute("role", "status");
        line.append(says);
      }
      box.append(line);
    }
    const reset = tag("button", "button", this.t("settings.reset"));
    reset.dataset.reset = "";
    box.append(reset);
    return box;
  }

  /**
   * @param {string} act
   * @param {"change" | "add"} how
   */
  learner(act, how) {
    const button = tag("button", "button small", this.t("settings." + how));
    Object.assign(button.dataset, { learn: how, for: act });
    button.setAttribute("aria-label", `${this.t("settings." + how)} ${this.t("key." + act)}`);
    return button;
  }

  /**
   * @param {string} key
   * @param {Record<string, string>} [values]
   */
  t(key, values) {
    return say(this.texts, key, values);
  }
}

/**
 * @param {string} name
 * @param {string} className
 * @param {string} [text]
 */
function tag(name, className, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
