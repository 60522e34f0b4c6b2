// Spoken guidance: the machine's voice, else the browser's, else a soft tone.
import { heard, kana, plain } from "./draw.js";

/** @type {AudioContext | null} */
let audio = null;
/** Grows with everything that is said: what was begun before is not said on. */
let turn = 0;
/** @type {AudioBufferSourceNode | null} */
let playing = null;

export function stop() {
  turn++;
  playing?.stop();
  playing = null;
  globalThis.speechSynthesis?.cancel();
}

/** @param {Element} e @returns {string} what is said of one element */
export function line(e) {
  const text = heard(e).replace(/\s+/g, " ").trim(), n = /** @type {HTMLElement} */ (e).dataset.n;
  return n ? `${n}、${text}` : text;
}

/**
 * @param {Element} root
 * @returns {string[]} what is said of a page, in the order of the page
 */
export function transcript(root) {
  const lines = [...root.querySelectorAll("h1, .lead, [data-say], [data-n], [data-primary]")].map(line);
  return lines.filter(Boolean).slice(0, 24);
}

/**
 * Says texts one after another; what is being said is broken off.
 * @param {string[]} texts
 * @param {string} language
 */
export async function speak(texts, language) {
  stop();
  const mine = turn;
  for (const text of texts) {
    if (mine !== turn) return;
    const said = language.startsWith("ja") ? kana(text) : plain(text);
    if (!await bySound(said, language, mine) && !await byBrowser(said, language, mine)) return chime();
  }
}

/**
 * @param {string} text
 * @param {string} language
 * @param {number} mine
 * @returns {Promise<boolean>}
 */
async function bySound(text, language, mine) {
  const answer = await fetch("speech?" + new URLSearchParams({ language, text }), { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return false;
  audio ??= new AudioContext();
  const sound = await answer.arrayBuffer().then((raw) => audio?.decodeAudioData(raw)).catch(() => null);
  if (!sound) return false;
  if (mine !== turn) return true;
  const source = audio.createBufferSource();
  source.buffer = sound;
  source.connect(audio.destination);
  playing = source;
  await new Promise((done) => { source.onended = () => done(null); source.start(); });
  return true;
}

/**
 * @param {string} text
 * @param {string} language
 * @param {number} mine
 * @returns {Promise<boolean>}
 */
async function byBrowser(text, language, mine) {
  const want = language.slice(0, 2), voice = globalThis.speechSynthesis?.getVoices().find((v) => v.lang.startsWith(want) && v.localService);
  if (!voice) return false;
  if (mine !== turn) return true;
  const words = new SpeechSynthesisUtterance(text);
  words.voice = voice;
  words.lang = voice.lang;
  words.rate = 0.9;
  await new Promise((done) => { words.onend = words.onerror = () => done(null); speechSynthesis.speak(words); });
  return true;
}

/** Two soft tones: something new is on the screen. */
function chime() {
  audio ??= new AudioContext();
  for (const [pitch, after] of [[659.25, 0], [880, 0.16]]) {
    const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.2, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.7);
  }
}
