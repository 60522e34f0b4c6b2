// Which touches are meant. One finger that goes down and up is; a second finger, a
// palm, and a tap on the heels of another are not.

/** A tap within this many ms of the one before belongs to it. */
export const rest = 350;
/** A page that is this new (ms) hears nothing: the finger meant the one before. */
export const settle = 450;

export class Guard {
  constructor() {
    /** @type {Set<number>} fingers on the glass */
    this.down = new Set();
    this.spoilt = false; // until every finger is off
    this.last = -Infinity; // the newest touch, meant or not
    this.hurried = false; // the finger that is down came too soon
    this.since = -Infinity; // when the page was drawn
  }

  /** @returns {boolean} whether the glass is touched */
  get touched() { return this.down.size > 0; }

  /** A new page is shown. @param {number} at ms */
  page(at) { this.since = at; }

  /**
   * A finger goes down.
   * @param {number} id
   * @param {boolean} broad as a palm is
   * @param {number} at ms
   */
  press(id, broad, at) {
    this.down.add(id);
    if (this.down.size > 1 || broad) this.spoilt = true;
    this.hurried = at - this.last < rest || at - this.since < settle;
    this.last = at;
  }

  /**
   * A finger grows to a palm while it lies there.
   * @param {boolean} broad
   */
  grow(broad) { if (broad && this.touched) this.spoilt = true; }

  /**
   * A finger goes up or away.
   * @param {number} id
   * @param {number} at ms
   */
  lift(id, at) {
    this.down.delete(id);
    this.last = at;
  }

  /** All fingers are off, and their clicks have been judged. */
  clear() { if (!this.touched) this.spoilt = false; }

  /** @returns {boolean} whether the click of the finger that went up is meant */
  get meant() { return !this.spoilt && !this.hurried; }
}
