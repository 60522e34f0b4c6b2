// The wall itself, whatever carries its office's states to it: announces calls one
// after another, says how far it can be believed, keeps its last state, and looks after
// itself. player.js brings states in a browser of today, floor.js in any other (ES5).
(function (root) {
  "use strict";

  var announcer = root.machiAnnouncer, paint = root.machiPaint, sound = root.machiSound;
  var wall = paint.part("wall");
  var id = wall ? wall.getAttribute("data-office") : "";
  var query = "&" + location.search.slice(1) + "&";
  var quiet = query.indexOf("&sound=off&") >= 0;
  var place = "machi-wall-" + id + "-" + (/&screen=([^&]*)&/.exec(query) || ["", ""])[1];
  /** How often the line is looked at, the picture is moved, and the page is compared with the server's. */
  var beat = 200, drift = 3 * 60000, checkEvery = 10 * 60000;
  /** A wall that has run so long begins anew when nobody is called. */
  var lifetime = 12 * 3600000;

  /** @type {any} */
  var office = null;
  /** @type {any} */
  var line = null;
  /** @type {any} */
  var showing = null;
  /** @type {"live" | "stale" | "aged"} */
  var link = "live";
  /** Server time minus this machine's, in milliseconds; unknown until a state comes. */
  var offset = NaN;
  var began = now(), moved = began, checked = began, steps = 0, watched = began;
  var renew = false, taken = false, kept = "";
  /** @type {{begin?: () => void, end?: () => void, leave?: () => void}} */
  var carrier = {};

  /** Milliseconds of a clock that never jumps. */
  function now() { return performance.now(); }

  /** @param {any} rule */
  function ruleOf(rule) {
    rule = rule || { times: 2, gap_seconds: 20, show_seconds: 7 };
    return { times: rule.times, gap: rule.gap_seconds * 1000, show: rule.show_seconds * 1000 };
  }

  function keep() {
    var text = JSON.stringify({ office: office, memory: line.memory() });
    if (text === kept) return;
    kept = text;
    try { localStorage.setItem(place, text); } catch (e) { /* a full or forbidden store costs the memory, not the wall */ }
  }

  /** What the same wall knew before its restart. */
  function recall() {
    try {
      var found = JSON.parse(localStorage.getItem(place) || "null");
      return found && found.office && found.memory ? found : null;
    } catch (e) { return null; }
  }

  /**
   * Takes the newest state of the office.
   * @param {any} newest
   * @param {number} at ms since 1970
   */
  function take(newest, at) {
    if (office && office.epoch !== newest.epoch) checked = -checkEvery; // another server: perhaps another version
    offset = at - Date.now();
    office = newest;
    line.setRule(ruleOf(newest.announce));
    line.hear(newest.calls, now(), at);
    paint.emergency(newest.emergency || null);
    turn(true);
    paint.stale(link, office);
    keep();
  }

  /** What is due now. @param {boolean} fresh the state is new and must be drawn */
  function turn(fresh) {
    if (!office) return;
    if (showing && sound.speaking()) line.hold(now());
    var before = showing, size = before ? before.group.length : 0;
    showing = line.step(now());
    if (showing && !showing.group.length) showing = null;
    if (before !== showing) change();
    if (before !== showing || fresh || (showing && showing.group.length !== size)) draw();
    if (before !== showing) keep();
  }

  function draw() {
    paint.calls(office, showing && showing.group, line.waiting());
  }

  function change() {
    paint.caption(showing && showing.group);
    sound.stop();
    if (!showing) { if (carrier.end) carrier.end(); return; }
    if (carrier.begin) carrier.begin();
    paint.shift(0);
    moved = now();
    var rule = office.announce || { sound: true, voice: true, languages: [] };
    if (quiet || !rule.sound) return;
    var own = paint.languageOf(showing.group), group = showing.group;
    /** @type {string[]} */
    var languages = [];
    if (rule.voice) languages.push("ja");
    if (rule.voice && own && rule.languages.indexOf(own) >= 0) languages.push(own);
    sound.announce(id, group, languages, function (/** @type {string} */ language) {
      return paint.say(language, "caption", { number: group.map(function (/** @type {any} */ c) { return c.number; }).join(" "), counter: group[0].counter });
    });
  }

  /** @param {"live" | "stale" | "aged"} newest */
  function believe(newest) {
    if (newest === link) return;
    link = newest;
    paint.stale(link, office);
  }

  /** What is done in between. */
  function care() {
    turn(false);
    var t = now();
    if (!isNaN(offset)) paint.time(Date.now() + offset);
    else if (t - began > 5000) offset = 0; // a wall that starts without a network has only its own clock
    if (t - watched > 30000) { watched = t; sound.watch(); }
    if (showing) return;
    if (t - moved > drift) { moved = t; paint.shift(++steps); }
    if (link !== "live") return;
    if (t - began > lifetime) renew = true;
    if (t - checked > checkEvery || renew) { checked = t; compare(); }
  }

  /** Asks for the page itself; another one, or an old age, is a reason to load it when nobody is called. */
  function compare() {
    fetchPage(function (page) {
      if (!showing && (renew || page.version !== (wall ? wall.getAttribute("data-version") : ""))) location.reload();
    });
  }

  /**
   * @param {(page: {version: string, document: Document}) => void} done only with a page of this wall
   */
  function fetchPage(done) {
    var request = new XMLHttpRequest();
    request.open("GET", location.pathname + location.search);
    request.timeout = 10000;
    request.onload = function () {
      if (request.status !== 200) return;
      var page = new DOMParser().parseFromString(request.responseText, "text/html"), other = page.getElementById("wall");
      if (other) done({ version: other.getAttribute("data-version") || "", document: page });
    };
    request.send();
  }

  function offerSound() {
    var button = paint.part("sound");
    if (!button || quiet) return;
    paint.mark(button, "hidden", sound.ready());
    button.addEventListener("click", function () { sound.allow(function () { paint.mark(button, "hidden", sound.ready()); }); });
  }

  var before = recall();
  line = announcer.create(ruleOf(before && before.office.announce), before && before.memory);
  if (before) {
    office = before.office;
    paint.emergency(office.emergency || null);
    paint.calls(office, null, []);
    believe("stale"); // until somebody confirms it
  }
  setInterval(care, beat);
  offerSound();

  root.machiWall = {
    id: id, take: take, believe: believe, fetchPage: fetchPage,
    /** The clock of the server, in ms since 1970. */
    now: function () { return Date.now() + (isNaN(offset) ? 0 : offset); },
    /** The last state, and how far it can be believed. */
    state: function () { return { office: office, link: link, seq: office ? office.seq : 0, showing: showing ? showing.group.map(function (/** @type {any} */ c) { return c.number + " " + c.counter; }).join(", ") : "" }; },
    /**
     * Says who brings states; the one before it stops.
     * @param {{begin?: () => void, end?: () => void, leave?: () => void}} newest
     */
    carry: function (newest) {
      if (carrier.leave) carrier.leave();
      carrier = newest;
      taken = true;
    },
    carried: function () { return taken; },
  };
})(/** @type {any} */ (typeof globalThis === "undefined" ? self : globalThis));
