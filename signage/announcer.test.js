import assert from "node:assert/strict";
import { test } from "node:test";
import "./announcer.js";

const { create, earlier, keyOf, readyOf, together } = /** @type {any} */ (globalThis).machiAnnouncer;
const usual = { times: 2, gap: 20_000, show: 7000 };
const day = Date.UTC(2026, 3, 1);
const boardLists = 20;

/** @param {number} n @param {object} [more] */
const call = (n, more = {}) => ({
  number: "A" + String(n).padStart(3, "0"), counter: String(n % 5), stage: "reception",
  at: new Date(day + n * 1000).toISOString(), times: 1, current: true, ...more,
});

/**
 * Lets time pass in steps of a quarter second, and notes what is announced.
 * @param {any} wall @param {number} from ms @param {number} to ms
 */
function run(wall, from, to) {
  const shown = [];
  for (let now = from, last = null; now <= to; now += 250) {
    const showing = wall.step(now);
    if (showing && showing !== last) shown.push(showing.group.map((/** @type {any} */ c) => c.number).join(" ") + (showing.time > 1 ? " again" : ""));
    last = showing;
  }
  return shown;
}

/** A wall that has heard a board. @param {any[]} calls @param {object} [rule] */
function begun(calls, rule = usual) {
  const wall = create(rule, null);
  wall.hear(calls, 0, day);
  return wall;
}

test("a wall that has just begun announces nothing old", () => {
  assert.deepEqual(run(begun([call(2), call(1)]), 0, 120_000), []);
});

test("calls that come together are announced one after another and repeated while nobody comes", () => {
  const wall = begun([call(1)]);
  wall.hear([call(3), call(2), call(1)], 0, day + 4000);
  assert.deepEqual(wall.waiting().map((/** @type {any} */ c) => c.number), ["A002", "A003"]);
  assert.deepEqual(run(wall, 0, 300_000), ["A002", "A003", "A002 again", "A003 again"]);
});

test("who has come is not called again, and who came before his turn is still called once", () => {
  const wall = begun([]);
  wall.hear([call(2), call(1)], 0, day + 3000);
  assert.deepEqual(run(wall, 0, 6000), ["A001"]);
  wall.hear([call(2, { current: false }), call(1, { current: false })], 6500, day + 9500);
  assert.deepEqual(run(wall, 7000, 300_000), ["A002"]);
  wall.hear([call(3, { current: false })], 300_000, day + 5000);
  assert.deepEqual(run(wall, 300_000, 400_000), ["A003"]);
});

test("new calls go before repetitions", () => {
  const wall = begun([]);
  wall.hear([call(1)], 0, day + 2000);
  run(wall, 0, 26_000);
  wall.hear([call(2), call(1)], 26_500, day + 3000);
  assert.deepEqual(run(wall, 27_000, 200_000), ["A002", "A001 again", "A002 again"]);
});

test("an undone call leaves the line, and the wall at once", () => {
  const wall = begun([call(1)]);
  wall.hear([call(3), call(2), call(1)], 0, day + 4000);
  assert.equal(wall.step(0).group[0].number, "A002");
  wall.hear([call(3), call(1)], 1000, day + 5000);
  assert.equal(wall.step(1000).group[0].number, "A003");
  wall.hear([call(1)], 2000, day + 6000);
  assert.equal(wall.step(2000), null);
  assert.deepEqual(run(wall, 2000, 100_000), []);
});

test("a call is kept in line when newer ones have pushed it off the board's list", () => {
  const wall = begun([], { ...usual, times: 1 });
  wall.hear([call(2), call(1)], 0, day + 3000);
  const newer = Array.from({ length: boardLists }, (_, i) => call(3 + i));
  wall.hear([...newer].reverse(), 0, day + 30_000);
  assert.deepEqual(run(wall, 0, 300_000), [call(1), call(2), ...newer].map((c) => c.number));
});

test("a recall is announced again, and what was there before it is not repeated", () => {
  const wall = begun([]);
  wall.hear([call(1)], 0, day + 1000);
  run(wall, 0, 8000);
  const again = call(1, { at: new Date(day + 9000).toISOString(), times: 2 });
  wall.hear([again, call(1, { current: false })], 9000, day + 9000);
  assert.deepEqual(run(wall, 9000, 100_000), ["A001", "A001 again"]);
});

test("numbers of one delivery are shown at once, and those of another counter after them", () => {
  const at = new Date(day + 9000).toISOString();
  /** @param {number} n @param {string} counter */
  const delivery = (n, counter) => call(n, { counter, stage: "delivery", at });
  const calls = [delivery(4, "8"), delivery(3, "7"), delivery(2, "7"), delivery(1, "7"), call(9)];
  const wall = begun([call(9)]);
  wall.hear(calls, 0, day + 9000);
  assert.deepEqual(run(wall, 0, 100_000), ["A001 A002 A003", "A004", "A001 A002 A003 again", "A004 again"]);
  assert.deepEqual(together(calls.slice(1)).map((/** @type {any} */ c) => c.number), ["A001", "A002", "A003"]);
  assert.deepEqual(together([]), []);
});

test("a speaking voice holds an announcement, but not for ever", () => {
  const wall = begun([]);
  wall.hear([call(2), call(1)], 0, day + 3000);
  let now = 0;
  for (; wall.step(now)?.group[0].number === "A001"; now += 250) wall.hold(now);
  assert.ok(now > 7000 && now <= 31_000, `${now} ms`);
});

test("a restarted wall says what was missed and what was broken off, and nothing twice", () => {
  const before = begun([]);
  before.hear([call(3), call(2), call(1)], 0, day + 4000);
  run(before, 0, 10_000); // A001 had its time, A002 is broken off
  const memory = JSON.parse(JSON.stringify(before.memory()));
  const after = create(usual, memory);
  const late = [call(300, { current: true }), call(299, { current: false }), call(3), call(2), call(1)];
  after.hear(late, 0, day + 500_000);
  assert.deepEqual(run(after, 0, 120_000), ["A002", "A003", "A300", "A001 again", "A002 again", "A003 again", "A300 again"]);
  const third = create(usual, JSON.parse(JSON.stringify(after.memory())));
  third.hear(late, 0, day + 600_000);
  assert.deepEqual(run(third, 0, 120_000), []);
});

test("what a wall had not announced yesterday is not announced today", () => {
  const before = begun([]);
  before.hear([call(1)], 0, day + 4000);
  const after = create(usual, before.memory());
  after.hear(Array.from({ length: boardLists }, (_, i) => call(90_000 - i, { current: false })), 0, day + 90_100_000);
  assert.deepEqual(run(after, 0, 60_000), []);
});

test("the small list shows every number once and not the large one, and what can be fetched stands first", () => {
  const calls = [call(3, { times: 2 }), call(3), call(2), call(1)];
  assert.deepEqual(earlier(calls, [calls[0]], 5).map((/** @type {any} */ c) => c.number), ["A002", "A001"]);
  const services = [{ ready: ["A001", "A002"], announced: [{ number: "A002", counter: "7" }] }, { ready: ["B001"] }];
  assert.deepEqual(readyOf({ services }), [{ number: "A002", counter: "7" }, { number: "A001", counter: "" }, { number: "B001", counter: "" }]);
});

/** A generator that gives the same for the same seed. @param {number} seed */
function chance(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A lobby in which calls come in bursts, visitors come, clerks undo, and the wall's
 * link breaks and its browser restarts.
 * @param {number} seed
 */
function morning(seed) {
  const random = chance(seed), rule = { times: 1 + Math.floor(random() * 3), gap: 5000 + random() * 20_000, show: 3000 + random() * 6000 };
  let wall = create(rule, null), now = 0, linked = true, n = 0;
  /** newest first @type {any[]} */
  let calls = [];
  /** @type {{key: string, from: number, to: number, undone: boolean}[]} */
  const shown = [];
  const undone = new Set(), missed = new Set(), must = new Set();
  /** @type {any} */
  let last = null;
  const hear = () => { if (linked) wall.hear(calls.slice(0, boardLists).map((c) => ({ ...c })), now, day + now); };
  const look = () => {
    const showing = wall.step(now);
    if (last && showing !== last) for (const part of shown.filter((s) => s.to < 0)) part.to = now;
    if (showing && showing !== last) for (const key of showing.keys) shown.push({ key, from: now, to: -1, undone: false });
    if (showing) for (const part of shown) if (part.to < 0 && !showing.keys.includes(part.key)) Object.assign(part, { to: now, undone: true });
    last = showing;
  };
  hear();
  while (n < 1000 || wall.waiting().length || now < n * 1000 || last || calls.some((c) => c.current)) {
    now += 100 + Math.floor(random() * 400);
    if (n === 1000) linked = true;
    else if (random() < (linked ? 0.0005 : 0.01)) linked = !linked;
    if (n < 1000 && random() < 0.006) {
      for (let burst = 1 + Math.floor(random() * 9); burst > 0 && n < 1000; burst--) {
        n++;
        const c = { ...call(n), at: new Date(day + now).toISOString() };
        calls = [c, ...calls].slice(0, 60);
        (linked ? must : missed).add(keyOf(c));
      }
    }
    for (const c of calls) if (c.current && random() < 0.004) c.current = false; // the visitor comes
    const last20 = calls.slice(0, boardLists);
    if (random() < 0.002 && last20.length) {
      const gone = last20[Math.floor(random() * 3)];
      if (gone) { calls = calls.filter((c) => c !== gone); undone.add(keyOf(gone)); }
    }
    hear();
    if (random() < 0.0005) { // the power fails
      for (const part of shown.filter((s) => s.to < 0)) Object.assign(part, { to: now, undone: true });
      wall = create(rule, JSON.parse(JSON.stringify(wall.memory())));
      last = null;
      hear();
    }
    look();
    if (now > 40_000_000) assert.fail("the line never ends");
  }
  return { shown, must, undone, rule };
}

test("1,000 calls in random bursts: none is lost, none overlaps, each has its full time", () => {
  const mornings = 2 * Number(process.env.MACHI_MORE ?? 1);
  for (let seed = 1; seed <= mornings; seed++) {
    const { shown, must, undone, rule } = morning(seed);
    const full = shown.filter((s) => !s.undone);
    const times = new Map();
    for (const { key } of full) times.set(key, (times.get(key) ?? 0) + 1);
    for (const key of must) if (!undone.has(key)) assert.ok(times.get(key) >= 1, `seed ${seed}: ${key} was lost`);
    for (const [key, n] of times) assert.ok(n <= rule.times, `seed ${seed}: ${key} was announced ${n} times`);
    for (const { key, from, to } of full) assert.ok(to - from >= rule.show || undone.has(key), `seed ${seed}: ${key} had ${to - from} ms`);
    const inOrder = [...shown].sort((a, b) => a.from - b.from);
    inOrder.forEach((s, i) => { if (i > 0) assert.ok(s.from >= inOrder[i - 1].to, `seed ${seed}: ${s.key} overlaps ${inOrder[i - 1].key}`); });
    const first = full.map(({ key }) => key).filter((key, i, all) => all.indexOf(key) === i && must.has(key));
    assert.ok(first.length > 800, `seed ${seed}: only ${first.length} calls came over a healthy link`);
    for (const key of full.map((s) => s.key)) {
      const mine = full.filter((s) => s.key === key);
      mine.forEach((s, i) => { if (i > 0) assert.ok(s.from - mine[i - 1].to >= rule.gap, `seed ${seed}: ${key} was repeated too soon`); });
    }
  }
});
