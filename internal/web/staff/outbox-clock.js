// The clocks of the server, as far as a page can know them: pure but for the machine's own.

/** @import { Sample } from "./types.d.ts" */

// The steady clock is read first: what lies between the two readings puts it ahead of
// the machine's, never behind.
const opened = -performance.now() + Date.now();

/**
 * This machine's clock in ms, which does not go back when somebody sets it back while
 * the page is open, nor stands still while the machine sleeps.
 */
export function local() {
  return Math.max(Date.now(), Math.ceil(opened + performance.now()));
}

/**
 * Clocks that are read off answers. An answer was written before it arrived, so what
 * they tell is never ahead of the server's own.
 */
export class Clocks {
  /** @param {Sample | null} known from before a reload */
  constructor(known) {
    this.newest = known;
    /** @type {Sample | null} */
    this.first = null;
  }

  /**
   * @param {{office: string | null, wall: string | null, asked?: number, local: number}} heard headers
   *   Machi-Now and Date, and the machine's own clock when it asked and when it heard
   */
  hear({ office, wall, local, asked = local }) {
    const sample = { office: Date.parse(office ?? ""), wall: Date.parse(wall ?? ""), asked, local };
    if (Number.isNaN(sample.office)) return;
    if (Number.isNaN(sample.wall)) sample.wall = sample.office;
    this.first ??= sample;
    this.newest = sample;
  }

  /**
   * Takes what was known before a reload, unless the server has told something since.
   * @param {Sample | undefined} known
   */
  recall(known) { this.newest ??= known ?? null; }

  /**
   * How fast the offices' clock runs: in a hurried rehearsal faster than the wall's. An
   * answer was written some time between the question and its hearing, so that two of
   * them bound the speed; the slower bound counts, and 1 where it may be that.
   */
  get speed() {
    const { first, newest } = this;
    if (!first || !newest || newest.local - first.local < 2000) return 1;
    const run = newest.office - first.office;
    const [longest, shortest] = [newest.local - (first.asked ?? first.local), (newest.asked ?? newest.local) - first.local];
    const slowest = run / longest;
    const fastest = shortest > 0 ? run / shortest : Infinity;
    return slowest < 1.1 && fastest > 0.9 || slowest <= 0 ? 1 : slowest;
  }

  /**
   * The offices' clock.
   * @param {number} local ms of the machine's own clock
   */
  office(local) {
    return this.newest ? this.newest.office + Math.max(0, local - this.newest.local) * this.speed : local;
  }

  /**
   * The clock of the wall at the server, or undefined while it was never heard.
   * @param {number} local ms of the machine's own clock
   */
  wall(local) {
    return this.newest ? this.newest.wall + Math.max(0, local - this.newest.local) : undefined;
  }
}
