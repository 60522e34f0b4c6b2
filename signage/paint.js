// Writing the calls onto the wall, in the words that the page brings for each of its
// languages. Nothing here decides anything. For the oldest browsers too (ES5).
(function (root) {
  "use strict";

  /** @typedef {{number: string, counter: string, stage: string, at: string, times: number, current?: boolean, language?: string}} Call */
  /** @typedef {{id: string, direction?: string, place?: {[lang: string]: string}}} Counter */

  var announcer = root.machiAnnouncer;
  var recentCalls = 5, readyNumbers = 12, nextNumbers = 3;
  /** @type {{main: string, other: string, langs: {[lang: string]: {[key: string]: string}}}} */
  var words = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("wall")).getAttribute("data-words") || "{}");

  /**
   * @param {string} lang
   * @param {string} key
   * @param {{[name: string]: string | number}} [values]
   */
  function say(lang, key, values) {
    var text = (words.langs[lang] || words.langs.ja)[key] || "";
    Object.keys(values || {}).forEach(function (name) { text = text.split("{" + name + "}").join(String(/** @type {any} */ (values)[name])); });
    return text;
  }

  /** @param {string} id */
  function part(id) { return document.getElementById(id); }

  /** @param {Element | null} element @param {string} text */
  function write(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  /** @param {Element | null} element @param {string} name @param {boolean | string} value */
  function mark(element, name, value) {
    if (!element) return;
    if (value === false || value === "") element.removeAttribute(name);
    else if (element.getAttribute(name) !== (value === true ? "" : value)) element.setAttribute(name, value === true ? "" : value);
  }

  /** @param {Element} from @param {string} name */
  function field(from, name) { return from.querySelector('[data-f="' + name + '"]'); }

  /** @param {Call[]} group */
  function numbersOf(group) {
    return group.map(function (call) { return call.number; }).join(" ");
  }

  /**
   * @param {{counters: Counter[]}} office
   * @param {string} id
   * @returns {Counter}
   */
  function counterOf(office, id) {
    return office.counters.filter(function (counter) { return counter.id === id; })[0] || { id: id };
  }

  /** @param {{[lang: string]: string} | undefined} text @param {string} lang */
  function nameIn(text, lang) { return text ? text[lang] || text.ja || "" : ""; }

  /** The language that a call is spoken in beside Japanese; empty: none. @param {Call[]} group */
  function languageOf(group) {
    return group.map(function (call) { return call.language || ""; }).filter(Boolean)[0] || "";
  }

  /**
   * The large panel: what is announced, or else the newest call.
   * @param {any} office
   * @param {Call[]} group
   * @param {Call[]} waiting
   */
  function large(office, group, waiting) {
    var panel = part("call"), call = group[0];
    mark(part("idle"), "hidden", Boolean(call));
    mark(part("now"), "data-idle", !call);
    mark(panel, "hidden", !call);
    next(call ? waiting : []);
    if (!panel || !call) return;
    var counter = counterOf(office, call.counter), number = field(panel, "number"), lang = languageOf(group);
    write(number, numbersOf(group));
    mark(number, "data-many", group.length > 1 && (group.length > 3 ? "crowd" : "some"));
    mark(number, "data-long", call.number.length > 5);
    write(field(panel, "counter"), say(words.main, "counter", { n: call.counter }));
    var others = Object.keys(words.langs).filter(function (l) { return l !== words.main; });
    others.forEach(function (l) {
      var line = panel ? panel.querySelector('[data-lang="' + l + '"]') : null;
      write(line, say(l, "counter", { n: call.counter }));
      mark(line, "data-own", l === lang);
    });
    way(panel, counter);
  }

  /**
   * @param {Element} panel
   * @param {Counter} counter
   */
  function way(panel, counter) {
    var direction = counter.direction || "";
    mark(panel.querySelector(".way"), "data-way", direction);
    mark(panel.querySelector(".way"), "hidden", !direction);
    var told = [direction && say(words.main, "way." + direction), nameIn(counter.place, words.main)].filter(Boolean).join(" ");
    var also = [direction && say(words.other, "way." + direction), nameIn(counter.place, words.other)].filter(Boolean).join(" ");
    write(field(panel, "place"), told);
    write(field(panel, "place-other"), also === told ? "" : also);
  }

  /** Those whose turn on the wall comes next. @param {Call[]} waiting */
  function next(waiting) {
    var list = part("next-list");
    waiting = waiting.filter(function (call, i) { return waiting.map(function (other) { return other.number; }).indexOf(call.number) === i; }); // one may wait for a repeat as well
    mark(part("next"), "hidden", !waiting.length);
    mark(part("now"), "data-next", waiting.length >= nextNumbers || waiting.some(function (call) { return call.number.length > 5; }));
    rows(list, waiting.slice(0, nextNumbers).map(function (call) { return { number: call.number, counter: say(words.main, "counter", { n: call.counter }) }; }));
  }

  /**
   * @param {Element | null} list whose rows are a number and a counter
   * @param {{number: string, counter: string}[]} wanted
   */
  function rows(list, wanted) {
    if (!list) return;
    while (list.children.length > wanted.length) list.removeChild(/** @type {Node} */ (list.lastChild));
    wanted.forEach(function (row, i) {
      var item = list.children[i] || list.appendChild(rowOf());
      write(field(item, "number"), row.number);
      mark(field(item, "number"), "data-long", row.number.length > 4);
      write(field(item, "counter"), row.counter);
      mark(item, "data-counter", row.counter !== "");
    });
  }

  function rowOf() {
    var item = document.createElement("li"), number = document.createElement("strong"), counter = document.createElement("span");
    number.className = "figure";
    number.setAttribute("data-f", "number");
    counter.setAttribute("data-f", "counter");
    item.appendChild(number);
    item.appendChild(counter);
    return item;
  }

  /**
   * All that depends on the calls.
   * @param {any} office
   * @param {Call[] | null} showing that are being announced
   * @param {Call[]} waiting for their announcement
   */
  function calls(office, showing, waiting) {
    var group = showing || announcer.together(office.calls);
    large(office, group, waiting);
    /** @type {{[key: string]: boolean}} */
    var coming = {};
    waiting.forEach(function (call) { coming[call.number] = true; });
    var list = part("recent"), small = announcer.earlier(office.calls, group, recentCalls);
    rows(list, small.map(function (/** @type {Call} */ call) { return { number: call.number, counter: say(words.main, "counter", { n: call.counter }) }; }));
    small.forEach(function (/** @type {Call} */ call, /** @type {number} */ i) { mark(list && list.children[i], "data-coming", Boolean(coming[call.number])); });
    var ready = announcer.readyOf(office).slice(0, readyNumbers);
    mark(part("ready"), "hidden", ready.length === 0);
    mark(part("ready-list"), "data-dense", ready.length > 8);
    rows(part("ready-list"), ready.map(function (/** @type {{number: string, counter: string}} */ r) { return { number: r.number, counter: r.counter && say(words.main, "counter", { n: r.counter }) }; }));
    write(part("as-of"), say(words.main, "asof", { t: clock(Date.parse(office.as_of)) }));
  }

  /**
   * The caption under everything, in two languages, and the look of the panel.
   * @param {Call[] | null} group that is being announced
   */
  function caption(group) {
    var call = group && group[0], own = group ? languageOf(group) : "", other = own && own !== words.main ? own : words.other;
    var values = call && group ? { number: numbersOf(group), counter: call.counter } : undefined;
    write(part("caption"), say(words.main, call ? "caption" : "idle", values));
    write(part("caption-other"), say(other, call ? "caption" : "idle", values));
    mark(part("caption-other"), "lang", other);
    var panel = part("now");
    document.body.classList.remove("calling");
    if (panel) panel.classList.remove("calling");
    if (!call || !panel) return;
    void panel.offsetWidth; // lets the animation begin anew for each call
    document.body.classList.add("calling");
    panel.classList.add("calling");
  }

  /** @param {number} ms since 1970 @returns {string} the time of day in Japan */
  function clock(ms) {
    return isNaN(ms) ? "—" : new Date(ms + 9 * 3600000).toISOString().slice(11, 19);
  }

  /** @param {number} ms since 1970 */
  function time(ms) {
    var day = new Date(ms + 9 * 3600000);
    write(part("clock"), clock(ms).slice(0, 5));
    write(part("date"), say(words.main, "date", { m: day.getUTCMonth() + 1, d: day.getUTCDate(), w: say(words.main, "weekdays").split(" ")[day.getUTCDay()] }));
  }

  /**
   * @param {"live" | "stale" | "aged"} link
   * @param {{as_of: string} | null} office
   */
  function stale(link, office) {
    var t = office ? clock(Date.parse(office.as_of)) : "—", off = link !== "live";
    document.body.classList[off ? "add" : "remove"]("stale");
    document.body.classList[link === "aged" ? "add" : "remove"]("aged");
    mark(part("stale-mark"), "hidden", !off);
    write(part("stale-text"), off ? say(words.main, "stale", { t: t }) : "");
    write(part("stale-other"), off ? say(words.other, "stale", { t: t }) : "");
  }

  var reading = /([一-鿿々〆ヶ]+)\(([ぁ-んー]+)\)/g;

  /** Writes a text with readings, 番号(ばんごう), over its characters. @param {Element} into @param {string} text */
  function withReadings(into, text) {
    var at = 0;
    text.replace(reading, function (all, characters, sound, from) {
      into.appendChild(document.createTextNode(text.slice(at, from)));
      var ruby = document.createElement("ruby"), over = document.createElement("rt");
      ruby.appendChild(document.createTextNode(characters));
      over.textContent = sound;
      ruby.appendChild(over);
      into.appendChild(ruby);
      at = from + all.length;
      return "";
    });
    into.appendChild(document.createTextNode(text.slice(at)));
  }

  /**
   * A message to everybody in the office stands over all but the calls.
   * @param {{id: string, kind: string, text: {[lang: string]: string}, detail?: {[lang: string]: string}, since: string} | null} message
   */
  function emergency(message) {
    var box = part("emergency"), list = part("emergency-text");
    mark(document.body, "data-emergency", message ? message.kind : "");
    mark(box, "hidden", !message);
    if (!message || !box || !list) return;
    var id = JSON.stringify(message);
    if (box.getAttribute("data-id") === id) return;
    box.setAttribute("data-id", id);
    while (list.firstChild) list.removeChild(list.firstChild);
    ["ja", "ja-x-easy", "en", "zh", "ko"].forEach(function (lang) {
      [message.text, message.detail].forEach(function (text, i) {
        if (!text || !text[lang]) return;
        var line = document.createElement("p");
        line.lang = lang;
        line.className = i ? "emergency-detail" : "emergency-line";
        withReadings(line, text[lang]);
        /** @type {Element} */ (list).appendChild(line);
      });
    });
    write(part("emergency-since"), say(words.main, "since", { t: clock(Date.parse(message.since)).slice(0, 5) }));
    fit(box, list);
  }

  /** Makes letters smaller until all of them stand in their box. @param {HTMLElement} box @param {HTMLElement} text */
  function fit(box, text) {
    text.style.fontSize = "";
    var size = parseFloat(getComputedStyle(text).fontSize), least = size / 3;
    while (box.scrollHeight > box.clientHeight + 1 && size > least) {
      size *= 0.95;
      text.style.fontSize = size + "px";
    }
  }

  /** Moves the picture by a few pixels, so that nothing burns in. @param {number} step */
  function shift(step) {
    var wall = part("wall"), path = [[0, 0], [3, 0], [3, 3], [0, 3], [-3, 3], [-3, 0], [-3, -3], [0, -3], [3, -3]], to = path[step % path.length];
    if (wall) wall.style.transform = to[0] || to[1] ? "translate(" + to[0] + "px," + to[1] + "px)" : "";
  }

  root.machiPaint = {
    calls: calls, caption: caption, time: time, stale: stale, emergency: emergency, shift: shift, say: say, words: words, languageOf: languageOf, part: part, mark: mark,
  };
})(/** @type {any} */ (typeof globalThis === "undefined" ? self : globalThis));
