// Which call the wall announces when: a line of calls, as pure functions of the
// moments that come in. Every call gets its full time, one after another, in the
// order in which they were called; it is repeated by the office's rule while its
// visitor has not come. Written for the oldest browser of a television set (ES5),
// and used by the newest: what calls are announced depends on no browser.
(function (root) {
  "use strict";

  /** @typedef {{number: string, counter: string, stage: string, at: string, times: number, current?: boolean, language?: string}} Call */
  /** @typedef {{times: number, gap: number, show: number}} Rule of the office; gap and show in milliseconds */
  /** @typedef {{key: string, call: Call, next: number}} Entry next: not repeated before */
  /** @typedef {{group: Call[], keys: string[], since: number, until: number, time: number}} Showing time: 1 for the first announcement */
  /** @typedef {{keys: string[], done: {[key: string]: number}, line: Call[]}} Memory what outlives a restart */

  /** Numbers that one announcement shows at once. */
  var mostTogether = 6;
  /** Calls that wait at once, and keys remembered: far more than any board lists. */
  var mostWaiting = 1000, mostRemembered = 2000, mostKept = 400;
  /** Calls that a board lists at most. */
  var boardLists = 20;
  /** Milliseconds after which no voice holds an announcement any longer. */
  var longest = 30000;
  /** A call that is younger is announced though its visitor has come: he came because he saw it elsewhere. */
  var fresh = 60000;
  /** What a restarted wall has not announced and is older is of no use any more. */
  var old = 15 * 60000;

  /** @param {Call} call */
  function keyOf(call) {
    return call.number + "@" + call.counter + "@" + call.at + "@" + call.times;
  }

  /**
   * A delivery desk calls several numbers at once; each to itself would take minutes.
   * @param {Call[]} calls
   * @returns {Call[]} those at the head that are one announcement
   */
  function leading(calls) {
    var first = calls[0], n = 1;
    if (!first) return [];
    if (first.stage !== "delivery") return [first];
    while (n < calls.length && n < mostTogether && calls[n].at === first.at && calls[n].counter === first.counter && calls[n].stage === first.stage) n++;
    return calls.slice(0, n);
  }

  /**
   * @param {Rule} rule
   * @param {Memory | null} memory of the same wall before its restart
   */
  function create(rule, memory) {
    var known = memory !== null;
    var restored = known;
    /** Announcements that each known call has had. @type {{[key: string]: number}} */
    var done = {};
    /** @type {string[]} */
    var keys = [];
    /** In the order of the calls. @type {Entry[]} */
    var line = [];
    /** @type {Showing | null} */
    var showing = null;
    if (memory) {
      keys = memory.keys.slice();
      keys.forEach(function (key) { done[key] = memory.done[key] || 0; });
      line = memory.line.map(function (call) { return { key: keyOf(call), call: call, next: 0 }; });
    }

    /** @param {string} key @param {number} times */
    function remember(key, times) {
      if (!(key in done)) keys.push(key);
      done[key] = times;
      while (keys.length > mostRemembered) delete done[/** @type {string} */ (keys.shift())];
    }

    /** @param {string} key */
    function waits(key) {
      return line.some(function (entry) { return entry.key === key; });
    }

    /**
     * Whether a listed call that does not wait in the line belongs there.
     * @param {Call} call
     * @param {number} at
     */
    function wanted(call, at) {
      var key = keyOf(call);
      if (!known) return false;
      if (!(key in done)) return call.current || Date.parse(call.at) > at - fresh;
      return Boolean(call.current) && done[key] < rule.times;
    }

    /** @param {Entry} entry */
    function spent(entry) {
      return done[entry.key] > 0 && (!entry.call.current || done[entry.key] >= rule.times);
    }

    /**
     * Takes a board's calls. What is new joins the line, and what was undone leaves it,
     * even while it is being announced.
     * @param {Call[]} calls newest first
     * @param {number} now ms of a clock that never jumps
     * @param {number} at ms since 1970, the moment of the board
     */
    function hear(calls, now, at) {
      /** @type {{[key: string]: Call}} */
      var listed = {};
      calls.forEach(function (call) { listed[keyOf(call)] = call; });
      // A full board lists the newest only: what is as old as the last of them may have been pushed off.
      var oldest = calls.length < boardLists ? -Infinity : Date.parse(calls[calls.length - 1].at);
      line = line.filter(function (entry) {
        var call = listed[entry.key];
        if (call) entry.call = call;
        else if (Date.parse(entry.call.at) > oldest) return false;
        else entry.call = leave(entry.call);
        return !restored || call || Date.parse(entry.call.at) > at - old;
      });
      calls.slice().reverse().forEach(function (call) {
        var key = keyOf(call);
        if (!waits(key) && wanted(call, at)) line.push({ key: key, call: call, next: done[key] > 0 ? now + rule.gap : now });
        if (!(key in done)) remember(key, known ? 0 : rule.times);
      });
      if (line.length > mostWaiting) line = line.slice(line.length - mostWaiting);
      line = line.filter(function (entry) { return isShown(entry.key) || !spent(entry); });
      if (showing) withdraw(showing, now);
      known = true;
      restored = false;
    }

    /**
     * A call that the board lists no more: whether its visitor has come is not known.
     * @param {Call} call
     * @returns {Call}
     */
    function leave(call) {
      return { number: call.number, counter: call.counter, stage: call.stage, at: call.at, times: call.times, language: call.language, current: false };
    }

    /** @param {string} key */
    function isShown(key) {
      return showing !== null && showing.keys.indexOf(key) >= 0;
    }

    /**
     * Takes undone numbers off the wall at once.
     * @param {Showing} shown
     * @param {number} now
     */
    function withdraw(shown, now) {
      shown.group = shown.group.filter(function (call) { return waits(keyOf(call)); });
      shown.keys = shown.group.map(keyOf);
      if (!shown.group.length) shown.until = now;
    }

    /** Counts what has had its time. @param {number} now */
    function finish(now) {
      if (!showing) return;
      showing.keys.forEach(function (key) { remember(key, (done[key] || 0) + 1); });
      line.forEach(function (entry) { if (isShown(entry.key)) entry.next = now + rule.gap; });
      showing = null;
      line = line.filter(function (entry) { return !spent(entry); });
    }

    /**
     * First what was never announced, in its order; then the repetition that is due the longest.
     * @param {number} now
     */
    function choose(now) {
      var first = line.filter(function (entry) { return !done[entry.key]; });
      if (first.length) return leading(first.map(callOf));
      var due = line.filter(function (entry) { return entry.next <= now; });
      due.sort(function (a, b) { return a.next - b.next || Date.parse(a.call.at) - Date.parse(b.call.at); });
      return leading(due.map(callOf));
    }

    /**
     * What the wall announces at a moment. The same object until its time is over.
     * @param {number} now ms of a clock that never jumps
     * @returns {Showing | null}
     */
    function step(now) {
      if (showing && now < showing.until) return showing;
      finish(now);
      var group = choose(now);
      if (group.length) showing = { group: group, keys: group.map(keyOf), since: now, until: now + rule.show, time: done[keyOf(group[0])] + 1 };
      return showing;
    }

    /**
     * The voice still speaks: the announcement lasts a moment longer, within bounds.
     * @param {number} now
     */
    function hold(now) {
      if (showing && showing.group.length) showing.until = Math.max(showing.until, Math.min(now + 500, showing.since + longest));
    }

    return {
      hear: hear, step: step, hold: hold,
      /** @param {Rule} newest */
      setRule: function (newest) { rule = newest; },
      /** The calls whose first announcement is still to come, in their order. */
      waiting: function () { return line.filter(function (entry) { return !done[entry.key] && !isShown(entry.key); }).map(callOf); },
      /** @returns {Memory} */
      memory: function () {
        /** @type {{[key: string]: number}} */
        var times = {};
        var newest = keys.slice(-mostKept);
        newest.forEach(function (key) { times[key] = done[key]; });
        return { keys: newest, done: times, line: line.filter(function (entry) { return !done[entry.key]; }).slice(-mostKept).map(callOf) };
      },
    };
  }

  /** @param {Entry} entry */
  function callOf(entry) { return entry.call; }

  /**
   * The newest call of a board, with those that were announced with it.
   * @param {Call[]} calls newest first
   */
  function together(calls) {
    return leading(calls).reverse();
  }

  /**
   * The calls shown small under the large ones: the newest of every other number.
   * @param {Call[]} calls newest first
   * @param {Call[]} large
   * @param {number} limit
   */
  function earlier(calls, large, limit) {
    /** @type {{[number: string]: boolean}} */
    var seen = {};
    large.forEach(function (call) { seen[call.number] = true; });
    return calls.filter(function (call) {
      if (seen[call.number]) return false;
      seen[call.number] = true;
      return true;
    }).slice(0, limit);
  }

  /**
   * What is ready, first what can be fetched at a counter now.
   * @param {{services: {ready?: string[], announced?: {number: string, counter: string}[]}[]}} office
   * @returns {{number: string, counter: string}[]}
   */
  function readyOf(office) {
    /** @type {{number: string, counter: string}[]} */
    var called = [];
    /** @type {{number: string, counter: string}[]} */
    var later = [];
    /** @type {{[number: string]: boolean}} */
    var numbers = {};
    office.services.forEach(function (service) {
      (service.announced || []).forEach(function (one) {
        numbers[one.number] = true;
        called.push({ number: one.number, counter: one.counter });
      });
    });
    office.services.forEach(function (service) {
      (service.ready || []).forEach(function (number) { if (!numbers[number]) later.push({ number: number, counter: "" }); });
    });
    return called.concat(later);
  }

  root.machiAnnouncer = { create: create, keyOf: keyOf, together: together, earlier: earlier, readyOf: readyOf, longest: longest };
})(/** @type {any} */ (typeof globalThis === "undefined" ? self : globalThis));
