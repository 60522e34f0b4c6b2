// The wall's chime and voice. The voice is the server's where the office has one,
// else the browser's, else there is the chime alone: captions say everything anyway.
// Nothing is ever kept waiting: what cannot be said now is not said later, and a voice
// that hangs is given up. For the oldest browsers too (ES5).
(function (root) {
  "use strict";

  /** @typedef {{number: string, counter: string, language?: string}} Call */

  var Context = root.AudioContext || root.webkitAudioContext;
  /** Milliseconds for a sound to come from the server, and for one announcement to be said. */
  var patience = 5000, longest = 25000;
  /** How long a server that has no voice is not asked again. */
  var silence = 5 * 60000;

  /** @type {any} */
  var audio = null;
  /** Grows with every announcement: what was begun before is not said on. */
  var turn = 0;
  var busy = false;
  /** @type {any} */
  var playing = null;
  /** @type {any} */
  var limit;
  var mute = 0; // until when no voice is asked for, by the browser's clock
  var chimes = 0, said = 0, heard = -1;

  function context() {
    if (!audio && Context) {
      try { audio = new Context(); } catch (e) { audio = null; } // a set without a sound card
    }
    return audio;
  }

  /** Whether the browser lets us be heard. */
  function ready() {
    var c = context();
    return Boolean(c) && c.state === "running";
  }

  /** A browser may forbid sound until somebody has touched the screen. @param {() => void} done */
  function allow(done) {
    var c = context();
    if (c && c.resume) c.resume().then(done, done);
    else done();
  }

  /** Gives up a sound card that does not move on, as after hours on some sets. */
  function watch() {
    if (!audio || audio.state !== "running") return;
    if (audio.currentTime === heard || audio.state === "closed") {
      var broken = audio;
      audio = null;
      stop();
      if (broken.close) broken.close();
      context();
    }
    heard = audio ? audio.currentTime : -1;
  }

  /** @param {number} pitch hertz @param {number} at seconds of the sound card */
  function tone(pitch, at) {
    var oscillator = audio.createOscillator(), volume = audio.createGain();
    oscillator.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.4, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 1.2);
    oscillator.connect(volume);
    volume.connect(audio.destination);
    oscillator.onended = function () { volume.disconnect(); };
    oscillator.start(at);
    oscillator.stop(at + 1.3);
  }

  function chime() {
    if (!ready()) return false;
    tone(659.25, audio.currentTime);
    tone(523.25, audio.currentTime + 0.45);
    count("data-chimes", ++chimes);
    return true;
  }

  /** So that staff and tests can see what was heard. @param {string} name @param {number} n */
  function count(name, n) {
    document.documentElement.setAttribute(name, String(n));
  }

  function stop() {
    turn++;
    busy = false;
    clearTimeout(limit);
    if (playing) {
      playing.onended = null;
      try { playing.stop(); } catch (e) { /* it has not begun */ }
    }
    playing = null;
    if (root.speechSynthesis) root.speechSynthesis.cancel();
  }

  /**
   * Announces: the chime, then a sentence in each language.
   * @param {string} office
   * @param {Call[]} group
   * @param {string[]} languages none: the chime alone
   * @param {(language: string) => string} sentence that the browser's voice says
   */
  function announce(office, group, languages, sentence) {
    stop();
    var mine = turn, left = languages.slice();
    if (!chime() && !browserVoice("ja")) return;
    busy = true;
    limit = setTimeout(function () { if (mine === turn) stop(); }, longest);
    function following() {
      if (mine !== turn) return;
      var language = left.shift();
      if (!language) { stop(); return; }
      speak(mine, office, group, language, sentence(language), following);
    }
    setTimeout(following, 1300); // after the chime
  }

  /**
   * @param {number} mine
   * @param {string} office
   * @param {Call[]} group
   * @param {string} language
   * @param {string} text
   * @param {() => void} done
   */
  function speak(mine, office, group, language, text, done) {
    if (Date.now() < mute || !ready()) { byBrowser(mine, language, text, done); return; }
    var request = new XMLHttpRequest();
    var query = "lang=" + language + "&counter=" + encodeURIComponent(group[0].counter) + group.map(function (call) { return "&number=" + encodeURIComponent(call.number); }).join("");
    request.open("GET", "/api/v1/offices/" + encodeURIComponent(office) + "/voice?" + query);
    request.responseType = "arraybuffer";
    request.timeout = patience;
    request.onload = function () {
      if (mine !== turn) return;
      if (request.status === 501) mute = Date.now() + silence;
      if (request.status !== 200 || !audio) { byBrowser(mine, language, text, done); return; }
      audio.decodeAudioData(request.response, function (/** @type {any} */ sound) { play(mine, sound, done); }, function () { byBrowser(mine, language, text, done); });
    };
    request.onerror = request.ontimeout = function () { if (mine === turn) byBrowser(mine, language, text, done); };
    request.send();
  }

  /** @param {number} mine @param {any} sound @param {() => void} done */
  function play(mine, sound, done) {
    if (mine !== turn || !audio) return;
    var source = audio.createBufferSource();
    source.buffer = sound;
    source.connect(audio.destination);
    source.onended = function () { source.disconnect(); if (mine === turn) done(); };
    playing = source;
    count("data-said", ++said);
    source.start();
  }

  /** @param {string} language @returns {any} a voice that speaks without the internet */
  function browserVoice(language) {
    if (!root.speechSynthesis || !root.SpeechSynthesisUtterance) return null;
    return root.speechSynthesis.getVoices().filter(function (/** @type {any} */ voice) { return voice.lang.slice(0, 2) === language.slice(0, 2) && voice.localService; })[0] || null;
  }

  /** @param {number} mine @param {string} language @param {string} text @param {() => void} done */
  function byBrowser(mine, language, text, done) {
    var voice = browserVoice(language);
    if (!voice) { done(); return; }
    var spoken = new root.SpeechSynthesisUtterance(text);
    spoken.voice = voice;
    spoken.lang = voice.lang;
    spoken.rate = 0.9;
    spoken.onend = spoken.onerror = function () { if (mine === turn) done(); };
    count("data-said", ++said);
    root.speechSynthesis.speak(spoken);
  }

  root.machiSound = { announce: announce, stop: stop, ready: ready, allow: allow, watch: watch, speaking: function () { return busy; } };
})(/** @type {any} */ (typeof globalThis === "undefined" ? self : globalThis));
