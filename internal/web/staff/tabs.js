// Several tabs of one counter: one of them acts. That decides only who waits; that
// nothing happens twice rests on the commands' keys. Where the browser has no locks
// (a page that came by plain HTTP), every tab acts.

/**
 * @typedef {object} Holder
 * @property {() => void} held the tab acts from now on
 * @property {() => void} waits another tab acts
 */

/**
 * Waits for the right to act, and keeps it until the tab goes or another takes it.
 * @param {string} name
 * @param {Holder} holder
 * @returns {{take: () => void, release: () => void}}
 */
export function hold(name, holder) {
  if (!navigator.locks) {
    holder.held();
    return { take() {}, release() {} };
  }
  const turn = new Turn(name, holder);
  turn.ask({ ifAvailable: true });
  return { take: () => turn.take(), release: () => turn.release() };
}

class Turn {
  /**
   * @param {string} name
   * @param {Holder} holder
   */
  constructor(name, holder) {
    this.name = name;
    this.holder = holder;
    this.release = () => {};
    this.queueing = new AbortController();
  }

  /** @param {LockOptions} options */
  async ask(options) {
    try {
      await navigator.locks.request(this.name, options, (lock) => {
        if (!lock) return this.wait();
        this.holder.held();
        return new Promise((resolve) => { this.release = () => resolve(undefined); });
      });
    } catch {
      if (!options.signal?.aborted) this.wait(); // another tab has taken it
    }
  }

  wait() {
    this.holder.waits();
    this.queueing = new AbortController();
    this.ask({ signal: this.queueing.signal });
  }

  take() {
    this.queueing.abort();
    this.ask({ steal: true });
  }
}

/**
 * Does something for a counter that no tab holds now; else nothing.
 * @param {string} name
 * @param {() => Promise<void>} work
 */
export async function attempt(name, work) {
  if (!navigator.locks) return work();
  await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

/**
 * Tells the other tabs of this machine that the stored actions have changed.
 * @param {() => void} heard
 * @returns {() => void} tells
 */
export function chorus(heard) {
  if (!("BroadcastChannel" in globalThis)) return () => {};
  const channel = new BroadcastChannel("machi-outbox");
  channel.onmessage = heard;
  return () => channel.postMessage("changed");
}
