// The link to the server: WebSocket, else server-sent events, else polling of the
// same JSON. Whatever carries them, frames are whole states, so a missed one does
// no harm.

import { alarm } from "./emergency.js";
import { backoff, belief, newer } from "./model.js";

/** @import { Frame, Link, Position, Office } from "./types.js" */

/**
 * @typedef {object} Listener
 * @property {(frame: Frame) => void} frame called with each newer state
 * @property {(link: Link) => void} link called when the screen's belief changes
 */

const pollEvery = 5000;
/** Milliseconds for a connection to bring its first frame. */
const patience = 8000;

/**
 * Follows offices until the page is left. An empty list means every office.
 * @param {string[]} offices
 * @param {Listener} listener
 * @param {string} [extra] further query, such as "console=3"
 */
export function follow(offices, listener, extra = "") {
  return new Follower(offices, listener, extra);
}

class Follower {
  /**
   * @param {string[]} offices
   * @param {Listener} listener
   * @param {string} extra
   */
  constructor(offices, listener, extra) {
    this.listener = listener;
    this.offices = offices;
    this.query = [...offices.map((id) => "office=" + encodeURIComponent(id)), extra, "heartbeat=1"].filter(Boolean).join("&");
    /** @type {Map<string, Position>} */
    this.known = new Map();
    /** @type {Link} */
    this.link = "live";
    this.sign = performance.now();
    this.failures = 0;
    this.kind = 0;
    /** @type {(() => void) | null} */
    this.close = null;
    setInterval(() => this.watch(), 1000);
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.watch(); });
    this.connect();
  }

  connect() {
    this.delivered = false;
    this.close?.();
    const kinds = [openSocket, openEvents, poll];
    this.began = performance.now();
    this.close = kinds[this.kind](this.query, (text) => this.take(text), () => this.lost());
  }

  /** A try that brought nothing is held against its kind; after two the next kind is tried. */
  lost() {
    this.close?.();
    this.close = null;
    this.failures = this.delivered ? 0 : this.failures + 1;
    if (this.failures > 0 && this.failures % 2 === 0) this.kind = (this.kind + 1) % 3;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), backoff(this.failures, Math.random()));
  }

  retryNow() {
    if (this.close) return;
    clearTimeout(this.timer);
    this.connect();
  }

  watch() {
    const now = performance.now();
    const silence = now - this.sign;
    if (this.close && now - Math.max(this.sign, this.began ?? 0) > patience) this.lost();
    this.believe(belief(silence));
  }

  /** @param {Link} link */
  believe(link) {
    if (link === this.link) return;
    this.link = link;
    this.listener.link(link);
  }

  /** @param {string} text of one message, or empty for a mere sign of life */
  take(text) {
    this.sign = performance.now();
    this.delivered = true;
    this.believe("live");
    if (!text) return;
    const message = JSON.parse(text);
    for (const frame of framesOf(message)) this.hand(frame);
  }

  /** @param {Frame} frame */
  hand(frame) {
    if (!frame.office) return;
    const name = frame.type + "/" + frame.office;
    if (!newer(this.known.get(name), frame)) return;
    this.known.set(name, { seq: frame.seq, epoch: frame.epoch });
    if (frame.type === "office") alarm(frame.data);
    this.listener.frame(frame);
  }
}

/**
 * A message is a frame, or the answer of a poll: one office or all of them.
 * @param {any} message
 * @returns {Frame[]}
 */
function framesOf(message) {
  if (message.type) return [message];
  /** @type {Office[]} */
  const offices = message.offices ?? [message];
  return offices.map((data) => ({ type: "office", office: data.id, seq: data.seq, epoch: data.epoch, at: data.as_of, data }));
}

/**
 * @param {string} query
 * @param {(text: string) => void} take
 * @param {() => void} lost
 */
function openSocket(query, take, lost) {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/api/v1/live?" + query);
  let open = true;
  socket.onmessage = (event) => take(event.data);
  socket.onclose = () => { if (open) { open = false; lost(); } };
  return () => { open = false; socket.close(); };
}

/**
 * @param {string} query
 * @param {(text: string) => void} take
 * @param {() => void} lost
 */
function openEvents(query, take, lost) {
  const events = new EventSource("/api/v1/live/sse?" + query);
  for (const name of ["message", "office", "console", "heartbeat"]) {
    events.addEventListener(name, (event) => take(event.data));
  }
  events.onerror = () => { events.close(); lost(); };
  return () => events.close();
}

/**
 * @param {string} query
 * @param {(text: string) => void} take
 * @param {() => void} lost
 */
function poll(query, take, lost) {
  const stop = new AbortController();
  const wanted = new URLSearchParams(query).getAll("office");
  const path = wanted.length === 1 ? "/api/v1/offices/" + encodeURIComponent(wanted[0]) : "/api/v1/offices";
  const round = async () => {
    try {
      const answer = await fetch(path, { signal: stop.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.text());
    } catch {
      if (!stop.signal.aborted) lost();
      return;
    }
    setTimeout(() => { if (!stop.signal.aborted) round(); }, pollEvery - 1000);
  };
  round();
  return () => stop.abort();
}
