// The ten-key pad and the keyboard: digits choose, "0" and "*" go back, Enter goes
// on, arrows and Tab move, "#" and "/" open languages and ways of showing.

const staff = "*00#", within = 3_000;

export class Keys {
  constructor() {
    this.typed = "";
    this.at = 0;
    /** Whether the newest focus came from a key. */
    this.moving = false;
  }

  forget() { this.typed = ""; this.moving = false; }

  /**
   * @param {KeyboardEvent} e
   * @param {HTMLElement} main
   * @param {{back: () => void, options: () => void, staff: () => void, open: boolean}} moves
   */
  page(e, main, moves) {
    if (e.repeat && (e.key === "Enter" || e.key === " " || /^[0-9*#/]$/.test(e.key))) return e.preventDefault();
    if (e.ctrlKey || e.altKey || e.metaKey || /** @type {Element} */ (e.target).matches("input, textarea, select")) return;
    const now = Date.now();
    this.typed = (now - this.at > within ? "" : this.typed) + (e.key.length === 1 ? e.key : " ");
    this.typed = this.typed.slice(-staff.length);
    this.at = now;
    this.moving = true;
    if (this.typed === staff) {
      this.typed = "";
      e.preventDefault();
      return moves.staff();
    }
    const done = this.#act(e, main, moves);
    if (done) e.preventDefault();
  }

  /**
   * @param {KeyboardEvent} e
   * @param {HTMLElement} main
   * @param {{back: () => void, options: () => void, staff: () => void, open: boolean}} moves
   * @returns {boolean}
   */
  #act(e, main, { back, options, open }) {
    if (e.key >= "1" && e.key <= "9") {
      const chosen = /** @type {HTMLButtonElement | null} */ (main.querySelector(`[data-n="${e.key}"]:not([disabled])`));
      chosen?.click();
      return true;
    }
    switch (e.key) {
      case "0": case "*": case "Escape": case "Backspace": {
        const button = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-back]"));
        if (button) button.click();
        else if (main.dataset.page !== "attract") back();
        return true;
      }
      case "#": case "/":
        if (open) options();
        else back();
        return true;
      case "Enter": {
        const on = /** @type {HTMLElement} */ (document.activeElement);
        if (on?.matches("button")) {
          if (!e.isTrusted) on.click(); // else the browser presses it
          return false;
        }
        const button = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-primary]:not([disabled])"));
        button?.click();
        return true;
      }
      case "ArrowDown": case "ArrowRight": return step(1);
      case "ArrowUp": case "ArrowLeft": return step(-1);
    }
    return false;
  }

  /**
   * @param {KeyboardEvent} e
   * @param {() => void} stay
   * @param {() => void} home
   */
  dialog(e, stay, home) {
    if (e.key === "0" || e.key === "*") { e.preventDefault(); return home(); }
    if (e.key === "Tab" || e.key === "Enter" && document.activeElement?.matches("dialog button")) return;
    e.preventDefault();
    stay();
  }
}

/** @param {1 | -1} by @returns {boolean} */
function step(by) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("button:not([disabled])")]).filter((e) => e.offsetParent !== null);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]?.focus();
  return true;
}
