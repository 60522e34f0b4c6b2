// <office-congestion office="km-setagaya" lang="en" theme="dark">: how busy an office
// is, on any site. It asks the server that it comes from, sets no cookie and keeps
// nothing. The server puts the words of all languages in, joins it with told.js and
// sends both as one script without remarks (embed.go).

import { words } from "../told.js";

/** @import { Estimate, Level, Office, Texts } from "../types.js" */

const catalogue = /** @type {Record<string, Texts>} */ ({});
const from = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).origin;

/** Each level with its shape and its tone by day and by night, the emptiest first. */
const tones = /** @type {[Level, string, string, string][]} */ ([
  ["closed", "M6 12h12", "#46505b", "#b4bdc8"],
  ["suspended", "M9 7v10M15 7v10", "#46505b", "#b4bdc8"],
  ["unknown", "M12 17v.1M9 9a3 3 0 1 1 3 3v1", "#46505b", "#b4bdc8"],
  ["quiet", "M6 17h12", "#1a6342", "#83d3a8"],
  ["moderate", "M6 17h12M6 12h12", "#6d5200", "#e6c465"],
  ["busy", "M6 17h12M6 12h12M6 7h12", "#983a08", "#f3a877"],
  ["very_busy", "M12 4l9 16H3zM12 10v5M12 17v1", "#8f1729", "#ff9da6"],
]);
const look = ":host{display:block;max-width:26rem;line-height:1.5;overflow-wrap:anywhere}:host([hidden]){display:none}div{background:#fff;color:#1c2530;border:1px solid #d9d4c7;border-radius:.75em;padding:1em}.night{background:#1b222b;color:#eceff3;border-color:#323c48}p{margin:0 0 .375em}.s{font-size:.875em}b{font-size:1.25em}svg{width:1.5em;height:1.5em;vertical-align:-.375em;fill:none;stroke:currentColor;stroke-width:2.5;stroke-linecap:round}a{color:inherit}";
const svg = "http://www.w3.org/2000/svg";

class Congestion extends HTMLElement {
  static observedAttributes = ["office", "lang", "theme"];

  /** @type {Office | undefined} the newest that was heard */
  office;

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.night = matchMedia("(prefers-color-scheme:dark)");
    this.night.onchange = () => this.draw();
    this.timer = setInterval(() => { if (!document.hidden) this.load(); }, 30000);
    this.load();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    if (this.night) this.night.onchange = null;
  }

  attributeChangedCallback() {
    if (this.shadowRoot) this.load();
  }

  /** The catalogue's language that comes nearest to the element's, or to the page's. */
  get tongue() {
    const wanted = this.getAttribute("lang") || document.documentElement.lang || "ja";
    return [wanted, wanted.slice(0, 2)].find((lang) => catalogue[lang]) ?? "ja";
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    return catalogue[this.tongue][key].replace(/{(\w+)}/g, (_, /** @type {string} */ name) => String(values[name] ?? ""));
  }

  async load() {
    const id = this.getAttribute("office") ?? "";
    let office = this.office?.id === id ? this.office : undefined;
    try {
      const answer = await fetch(`${from}/api/v1/offices/${encodeURIComponent(id)}`, { credentials: "omit", signal: AbortSignal.timeout(10000) });
      if (answer.ok) {
        office = /** @type {Office} */ (await answer.json());
        this.seen = Date.now();
      } else if (answer.status === 404) {
        office = undefined;
      }
    } catch {}
    if (id !== this.getAttribute("office")) return;
    this.office = office;
    this.draw();
  }

  draw() {
    const theme = this.getAttribute("theme");
    const night = theme === "dark" || (theme !== "light" && !!this.night?.matches);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    const box = document.createElement("div");
    box.lang = this.tongue;
    box.className = night ? "night" : "";
    if (this.office) this.fill(box, this.office, night);
    else this.add(box, "p", this.say("widget.down"));
    const link = this.add(box, "a", this.say("widget.more"));
    link.setAttribute("href", `${from}/offices/${encodeURIComponent(this.getAttribute("office") ?? "")}?lang=${this.tongue}`);
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener");
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.adoptedStyleSheets = [sheet];
    root.replaceChildren(box);
  }

  /**
   * @param {Element} to
   * @param {string} tag
   * @param {string} text
   * @param {string} [name] of its class
   */
  add(to, tag, text, name = "") {
    const part = document.createElement(tag);
    part.textContent = text;
    part.className = name;
    to.append(part);
    return part;
  }

  /**
   * @param {Element} box
   * @param {Office & {rehearsal?: boolean}} office
   * @param {boolean} night
   */
  fill(box, office, night) {
    const rank = Math.max(0, ...office.services.map((s) => tones.findIndex((tone) => tone[0] === s.level)));
    const [level, shape, ...colours] = tones[rank];
    if (office.rehearsal) this.add(box, "p", this.say("rehearsal.label"), "s");
    this.add(box, "p", office.name[this.tongue] || office.name.ja);
    const line = this.add(box, "p", "");
    line.style.color = colours[night ? 1 : 0];
    const mark = document.createElementNS(svg, "svg");
    mark.setAttribute("viewBox", "0 0 24 24");
    mark.setAttribute("aria-hidden", "true");
    mark.append(document.createElementNS(svg, "path"));
    mark.firstElementChild?.setAttribute("d", shape);
    line.append(mark, " ");
    this.add(line, "b", this.say("level." + level));
    this.add(box, "p", `${this.say("label.waiting")} ${this.say("label.people", { n: office.waiting })}`);
    if (rank > 1) this.add(box, "p", `${this.say("label.called")} ${this.wait(office)}`);
    this.add(box, "p", this.say("label.asof", { t: new Date(Date.parse(office.as_of) + 324e5).toISOString().slice(11, 16) }), "s");
    if (Date.now() - (this.seen ?? 0) > 90000) this.add(box, "p", this.say("widget.stale"), "s");
  }

  /**
   * The wait from the shortest to the longest of the services that take visitors.
   * @param {Office} office
   */
  wait(office) {
    const known = /** @type {Estimate[]} */ (office.services.filter((s) => s.level !== "closed" && s.level !== "suspended").map((s) => s.until_called).filter(Boolean));
    if (!known.length) return this.say("until.unknown");
    const { kind, ...values } = words(Math.min(...known.map((e) => e.low_seconds)), Math.max(...known.map((e) => e.high_seconds)));
    return this.say("until." + kind, values);
  }
}

if (!customElements.get("office-congestion")) customElements.define("office-congestion", Congestion);
