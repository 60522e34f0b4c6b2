// What plays at a moment. Every screen that knows the same items answers the same, so
// that walls side by side show one picture, and a screen that was off joins in.

/** @typedef {{from: string, to?: string, weekdays?: number[], begin?: string, end?: string, seconds: number, weight: number}} Schedule */
/** @typedef {{url: string, type: string, width?: number, height?: number}} Media */
/** @typedef {{id: string, kind: string, title: Record<string, string>, body?: Record<string, string>, sponsor?: string, media?: Media, schedule: Schedule}} Item */
/** @typedef {{item: Item, start: number, end: number, round: number}} Slot times in milliseconds; round counts how often the list has begun anew */

const japan = 9 * 60 * 60 * 1000;

/**
 * @param {Schedule} s
 * @param {number} t milliseconds
 */
export function due(s, t) {
  const clock = new Date(t + japan);
  const [date, time] = clock.toISOString().split("T");
  const minute = time.slice(0, 5);
  if (date < s.from || s.to && date > s.to) return false;
  if (s.weekdays?.length && !s.weekdays.includes(clock.getUTCDay())) return false;
  return !s.begin || !s.end || s.begin <= minute && minute < s.end;
}

/**
 * One round of items: each as often as it weighs, spread as evenly as it goes.
 * @param {Item[]} items
 * @returns {Item[]}
 */
export function round(items) {
  const list = [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  const total = list.reduce((sum, item) => sum + item.schedule.weight, 0);
  const credit = list.map(() => 0);
  /** @type {Item[]} */
  const order = [];
  for (let n = 0; n < total; n++) {
    let best = 0;
    list.forEach((item, i) => {
      credit[i] += item.schedule.weight;
      if (credit[i] > credit[best]) best = i;
    });
    credit[best] -= total;
    order.push(list[best]);
  }
  return order;
}

/**
 * @param {Item[]} items
 * @param {number} now milliseconds, by which schedules are told
 * @param {number} [t] by which rounds are measured and slots are told
 * @returns {Slot | null} nothing: no item is due
 */
export function plays(items, now, t = now) {
  const order = round(items.filter((item) => due(item.schedule, now)));
  const length = order.reduce((sum, item) => sum + item.schedule.seconds * 1000, 0);
  if (length === 0) return null;
  const n = Math.floor(t / length);
  let start = n * length;
  for (const item of order) {
    const end = start + item.schedule.seconds * 1000;
    if (t < end) return { item, start, end, round: n };
    start = end;
  }
  return null;
}
