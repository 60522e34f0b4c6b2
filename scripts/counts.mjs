// Reads what the test runners wrote and prints what failed, and at the very end a
// line for each failure and how many tests really ran. Exits 1 when one failed or none ran.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failures } from "./failures.mjs";

const folder = process.argv[2] ?? "out";
const total = { passed: 0, failed: 0, skipped: 0 };

/** @param {string} file */
function goTests(file) {
  if (!existsSync(file)) return;
  /** @type {Map<string, string[]>} */
  const output = new Map();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (!line.startsWith("{")) continue;
    const event = JSON.parse(line);
    const key = `${event.Package ?? event.ImportPath} ${event.Test ?? ""}`;
    if (event.Output) output.set(key, [...(output.get(key) ?? []), event.Output]);
    if (event.Action === "fail") console.log(`--- ${key}\n${(output.get(key) ?? []).slice(-120).join("")}`);
    if (event.Action === "build-fail") console.log(`--- ${key}\n${(output.get(key) ?? []).join("")}`);
    if (!event.Test) {
      if (event.Action === "fail" && !output.has(key)) total.failed++;
      continue;
    }
    if (event.Action === "pass") total.passed++;
    if (event.Action === "fail") total.failed++;
    if (event.Action === "skip") {
      total.skipped++;
      console.log(`skipped: ${key}`);
    }
  }
}

/** @param {string} file */
function tapTests(file) {
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const count = (/** @type {string} */ word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  total.passed += count("pass");
  total.failed += count("fail") + count("cancelled");
  total.skipped += count("skipped") + count("todo");
}

goTests(join(folder, "go.json"));
goTests(join(folder, "pure.json"));
goTests(join(folder, "planted.json"));
tapTests(join(folder, "browser.tap"));
const named = failures(folder);
if (named.length > 0) console.log(["failed:", ...named].join("\n"));
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
