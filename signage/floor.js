// For the browsers of old television sets, which cannot run player.js: brings the
// office's states to the wall over a WebSocket, else by asking again and again, and
// takes the waits from the page as the server draws it (ES5).
(function (root) {
  "use strict";

  var wall = root.machiWall;
  var path = "/api/v1/offices/" + encodeURIComponent(wall.id);
  /** Milliseconds: between two questions, for an answer, between two tries to connect, and between two looks at the waits. */
  var pollEvery = 2000, patience = 4000, connectEvery = 15000, drawEvery = 15000;

  /** @type {WebSocket | null} */
  var socket = null;
  var sign = performance.now(), tried = -Infinity, asked = -Infinity, drawn = sign;
  var known = { seq: -1, epoch: "" };
  var asking = false;
  /** @type {any} */
  var timer;

  /** @param {any} office */
  function hand(office) {
    if (office.id !== wall.id || (office.epoch === known.epoch && office.seq <= known.seq)) return;
    known = { seq: office.seq, epoch: office.epoch };
    wall.take(office, Date.parse(office.as_of));
  }

  function alive() {
    sign = performance.now();
    wall.believe("live");
  }

  function connect() {
    tried = performance.now() + Math.random() * 2000;
    var mine = socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/api/v1/live?heartbeat=1&office=" + encodeURIComponent(wall.id));
    mine.onmessage = function (event) {
      if (mine !== socket) return;
      alive();
      var message = event.data ? JSON.parse(event.data) : {};
      if (message.type === "office") hand(message.data);
    };
    mine.onclose = function () { if (mine === socket) socket = null; };
  }

  function ask() {
    asked = performance.now();
    asking = true;
    var request = new XMLHttpRequest();
    request.open("GET", path);
    request.timeout = patience;
    request.onload = function () {
      asking = false;
      if (request.status !== 200) return;
      alive();
      hand(JSON.parse(request.responseText));
    };
    request.onerror = request.ontimeout = function () { asking = false; };
    request.send();
  }

  /** The waits are drawn by the server: old sets know no other way to say them. */
  function drawWaits() {
    wall.fetchPage(function (/** @type {{document: Document}} */ page) {
      var fresh = page.document.getElementById("rows"), old = document.getElementById("rows");
      if (fresh && old) old.innerHTML = fresh.innerHTML;
    });
  }

  function beat() {
    var now = performance.now(), still = now - sign;
    if (socket && still > 8000 && now - tried > 8000) { var dead = socket; socket = null; dead.close(); }
    if (!socket && now - tried > connectEvery) connect();
    // A socket that speaks makes questions needless.
    if (!asking && still > 3000 && now - asked > pollEvery) ask();
    if (still > 60000) wall.believe("aged");
    else if (still > 5000) wall.believe("stale");
    if (still < 5000 && now - drawn > drawEvery) { drawn = now; drawWaits(); }
  }

  function start() {
    if (wall.carried()) return;
    wall.carry({ leave: function () { clearInterval(timer); if (socket) socket.close(); socket = null; } });
    document.documentElement.setAttribute("data-floor", "");
    timer = setInterval(beat, 500);
    ask();
    connect();
  }

  // Modules run before the page counts as loaded: whoever could run player.js has done so by then.
  if (document.readyState === "complete") setTimeout(start, 0);
  else root.addEventListener("load", function () { setTimeout(start, 0); });
})(/** @type {any} */ (typeof globalThis === "undefined" ? self : globalThis));
