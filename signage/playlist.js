// What the wall shows between calls: pictures, videos and texts of its playlist. Calls
// and emergencies always come first; what they covered was not shown.

import { loadTexts } from "../draw.js";
import { plays } from "./schedule.js";
import { report } from "./screen.js";
import { build } from "./stage.js";

/** @import { Item, Slot } from "./schedule.js" */
/** @typedef {{last_call: string, last_seq: number, stale: boolean}} Told what the wall tells of itself */
/** @typedef {{office: string, lang: string, stage: HTMLElement | null, now: () => number, told: () => Told}} Wall */
/** @typedef {{slot: Slot, element: HTMLElement, what: string, whole: boolean}} Showing what: the item; whole: nothing has covered it so far */

const askEvery = 20_000;
/** Milliseconds between looks at the clock. */
const beat = 200;
/** Milliseconds that an item may begin late and still count as shown in full. */
const grace = 700;
/** Milliseconds after which what could not be loaded is tried again. */
const again = 60_000;
const mediaStore = "machi-media-1";

/** @param {Wall} wall */
export function startPlaylist(wall) {
  return new Playlist(wall);
}

class Playlist {
  /** @param {Wall} wall */
  constructor(wall) {
    this.wall = wall;
    /** @type {Item[]} */
    this.items = recall(wall.office);
    /** @type {Showing | null} */
    this.showing = null;
    this.calling = false;
    /** @type {Map<string, Promise<unknown>>} by address */
    this.loading = new Map();
    /** @type {Set<string>} addresses that are here */
    this.here = new Set();
    this.trouble = "";
    /** @type {Record<string, string>} */
    this.texts = {};
    dress();
    loadTexts().then(({ texts }) => { this.texts = texts; }, () => {});
    this.screen = report({
      office: wall.office,
      told: () => ({ ...wall.told(), showing: this.showing?.slot.item.id ?? "", trouble: this.trouble }),
      free: () => !this.calling,
    });
    this.ask();
    setInterval(() => this.ask(), askEvery);
    setInterval(() => this.turn(), beat);
  }

  /** A call begins: it covers what is shown. */
  callStart() {
    this.calling = true;
    this.spoil();
    this.video()?.pause();
  }

  callEnd() {
    this.calling = false;
    this.video()?.play().catch(() => {});
  }

  /** What rounds are measured by: in a rehearsal, whose clock may run, this machine's own clock. */
  clock() {
    return document.querySelector(".rehearsal") ? Date.now() : this.wall.now();
  }

  turn() {
    const t = this.clock();
    const slot = plays(this.items, this.wall.now(), t);
    if (this.covered()) this.spoil();
    const before = this.showing;
    if (before && slot && before.slot.start === slot.start && before.what === JSON.stringify(slot.item)) return;
    this.finish(t);
    this.begin(slot, t);
  }

  covered() {
    return this.calling || document.hidden || Boolean(document.querySelector("#emergency:not([hidden])"));
  }

  spoil() {
    if (this.showing) this.showing.whole = false;
  }

  /** @param {number} t */
  finish(t) {
    const was = this.showing;
    this.showing = null;
    if (!was) return;
    if (was.whole && t >= was.slot.end && t - was.slot.end < grace && !this.failed(was)) this.screen.played(was.slot.item.id, (was.slot.end - was.slot.start) / 1000, this.wall.now());
    was.element.remove();
    if (this.wall.stage) this.wall.stage.hidden = true;
  }

  /** @param {Showing} was a video that stood still was not shown */
  failed(was) {
    const video = was.element.querySelector("video");
    return Boolean(video && (video.error || video.currentTime === 0));
  }

  /**
   * @param {Slot | null} slot
   * @param {number} t
   */
  begin(slot, t) {
    const { stage } = this.wall;
    if (!slot || !stage) return;
    const next = plays(this.items, this.wall.now() + slot.end - t + 1, slot.end + 1);
    if (next) this.load(next.item);
    if (slot.item.media && !this.here.has(slot.item.media.url)) {
      this.load(slot.item);
      return; // it joins as soon as it is here, or the next one comes in its turn
    }
    const element = build(slot, this.texts, this.wall.lang);
    stage.append(element);
    stage.hidden = false;
    this.showing = { slot, element, what: JSON.stringify(slot.item), whole: t - slot.start < grace && !this.covered() };
    element.querySelector("video")?.addEventListener("error", () => this.miss(slot.item));
    if (!this.calling) this.video()?.play().catch(() => {});
  }

  video() {
    return this.showing?.element.querySelector("video") ?? null;
  }

  /**
   * Fetches what an item shows before its turn, into the cache that also serves without
   * a network.
   * @param {Item} item
   */
  load(item) {
    const url = item.media?.url;
    if (!url || this.here.has(url) || this.loading.has(url)) return;
    this.loading.set(url, fetchMedia(url).then(() => {
      this.here.add(url);
      this.loading.delete(url);
      if (this.trouble === item.id) this.trouble = "";
    }, () => this.miss(item)));
  }

  /** @param {Item} item that cannot be shown */
  miss(item) {
    const url = item.media?.url ?? "";
    this.trouble = item.id;
    this.here.delete(url);
    if (this.showing?.slot.item.id === item.id) {
      this.spoil();
      this.finish(NaN);
    }
    setTimeout(() => this.loading.delete(url), again);
  }

  async ask() {
    try {
      const answer = await fetch("/api/v1/signage/" + encodeURIComponent(this.wall.office));
      if (!answer.ok) return;
      const { items } = await answer.json();
      this.take(items);
    } catch {
      // Without the link the wall goes on with what it has.
    }
  }

  /** @param {Item[]} items */
  take(items) {
    const text = JSON.stringify(items);
    if (text === JSON.stringify(this.items)) return;
    this.items = items;
    if (!items.some((item) => item.id === this.trouble)) this.trouble = "";
    try {
      localStorage.setItem(keyOf(this.wall.office), text);
    } catch {
      // A full or forbidden store costs the memory, not the wall.
    }
    for (const item of items) this.load(item);
    forgetMedia(items);
  }
}

/** Brings the style of what is shown. */
function dress() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("playlist.css", import.meta.url).href;
  document.head.append(link);
}

/** @param {string} office */
const keyOf = (office) => "machi-playlist-" + office;

/**
 * @param {string} office
 * @returns {Item[]} as they were last seen
 */
function recall(office) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(office)) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} url */
async function fetchMedia(url) {
  // Without HTTPS there is no such cache; the browser's own then has to do.
  const cache = await globalThis.caches?.open(mediaStore).catch(() => null);
  if (await cache?.match(url)) return;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  if (cache) await cache.put(url, answer);
  else await answer.blob();
}

/** @param {Item[]} items what else is kept is of no more use */
async function forgetMedia(items) {
  const wanted = new Set(items.map((item) => item.media?.url));
  const cache = await globalThis.caches?.open(mediaStore).catch(() => null);
  for (const request of await cache?.keys() ?? []) {
    if (!wanted.has(new URL(request.url).pathname)) await cache?.delete(request);
  }
}
