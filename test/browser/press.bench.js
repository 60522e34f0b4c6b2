// Many presses, one after another; see scripts/bench-press.

import { Hall, office, screens } from "./press.js";

const presses = Number(process.argv[2] ?? 300);
const hall = await Hall.open();
/** @type {Record<string, number[]>} */
const times = Object.fromEntries(screens.map((screen) => [screen, []]));
try {
  for (let n = 0; n < presses; n++) {
    const { number } = await hall.server.issue(office);
    const took = await hall.call(number);
    for (const screen of screens) times[screen].push(took[screen]);
    await hall.server.post(`${office}/tickets/${number}/finish`, { counter: "3" });
  }
} finally {
  await hall.close();
}
console.log(`${presses} presses, milliseconds from the key to the changed screen`);
console.log("screen".padEnd(12) + ["p50", "p90", "p99", "most"].map((name) => name.padStart(8)).join(""));
for (const screen of screens) {
  const sorted = times[screen].toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  console.log(screen.padEnd(12) + [0.5, 0.9, 0.99, 1].map((share) => at(share).toFixed(0).padStart(8)).join(""));
}
