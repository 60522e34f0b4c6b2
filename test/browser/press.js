// Measures how long a press of the call button takes until screens have changed: the
// clerk's own, a colleague's and the wall, each a page of a real browser.

import { Server, browser, open, signIn, soon } from "./server.js";

export const office = "km-setagaya";

/** Where each screen shows a number that has been called at counter 3. */
const places = {
  clerk: "#work:has(.badge-called) #now-number",
  colleague: ".colleagues [data-key=c3] strong",
  wall: "#call [data-f=number], #recent [data-f=number]",
};

/** @typedef {keyof typeof places} Screen */
/** @typedef {Record<Screen, number>} Times milliseconds from the press */

export const screens = /** @type {Screen[]} */ (Object.keys(places));

/**
 * Notes in a page when a number first stands in a place, and when a key was pressed.
 * @param {string} place
 */
function watch(place) {
  const now = () => performance.timeOrigin + performance.now();
  /** @type {Record<string, number>} */
  const seen = {};
  const look = () => {
    for (const part of document.querySelectorAll(place)) seen[(part.textContent ?? "").trim()] ??= now();
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  look();
  Object.assign(window, { seen, pressed: 0 });
  addEventListener("keydown", () => { Object.assign(window, { pressed: now() }); }, { capture: true });
}

/** Three screens of one office, and the server behind them. */
export class Hall {
  /**
   * @param {Server} server
   * @param {import("playwright-core").Browser} chrome
   * @param {Record<Screen, import("playwright-core").Page>} pages
   */
  constructor(server, chrome, pages) {
    this.server = server;
    this.chrome = chrome;
    this.pages = pages;
    /** @type {string[]} */
    this.complaints = [];
  }

  /** Opens counter 3 and 4 and the wall, which shows nothing yet. */
  static async open() {
    const [server, chrome] = await Promise.all([Server.start(), browser()]);
    for (const counter of ["3", "4"]) await server.post(`${office}/counters/${counter}/open`);
    // Each in a window of its own: a page behind another draws late.
    const [clerk, colleague, wall] = [await open(chrome), await open(chrome), await open(chrome)];
    const hall = new Hall(server, chrome, { clerk: clerk.page, colleague: colleague.page, wall: wall.page });
    hall.complaints = clerk.complaints;
    await signIn(clerk.page, server);
    await colleague.context.addCookies(await clerk.context.cookies());
    await clerk.page.goto(`${server.url}/staff/${office}/3`);
    await colleague.page.goto(`${server.url}/staff/${office}/4`);
    await wall.page.goto(`${server.url}/signage/${office}?sound=off`);
    for (const { page } of [clerk, colleague]) await page.locator("body.scripted-on").waitFor();
    for (const screen of screens) await hall.pages[screen].evaluate(watch, places[screen]);
    return hall;
  }

  /**
   * Presses the big key at counter 3 for whoever is next and waits until every
   * screen shows it.
   * @param {string} number of the ticket that is next
   * @returns {Promise<Times>}
   */
  async call(number) {
    const { clerk } = this.pages;
    await clerk.locator("#work:not(:has(.badge-state)) #now-number", { hasText: number }).waitFor();
    await clerk.locator("body:not(.settling) #work .big button:enabled").waitFor();
    await clerk.keyboard.press("Space");
    const times = /** @type {Times} */ ({});
    for (const screen of screens) times[screen] = await this.shown(screen, number);
    const pressed = await clerk.evaluate(() => /** @type {any} */ (window).pressed);
    for (const screen of screens) times[screen] -= pressed;
    return times;
  }

  /**
   * When a screen showed a number, in milliseconds since 1970.
   * @param {Screen} screen
   * @param {string} number
   * @returns {Promise<number>}
   */
  async shown(screen, number) {
    const at = await this.pages[screen].waitForFunction((n) => /** @type {any} */ (window).seen[n], number, { timeout: soon, polling: 20 });
    return /** @type {number} */ (await at.jsonValue());
  }

  async close() {
    await this.chrome.close();
    await this.server.stop();
  }
}
