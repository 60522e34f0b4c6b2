import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { failures, goFailures } from "./failures.mjs";

const broken = `
import assert from "node:assert";
import { describe, test } from "node:test";
test("fine", () => {});
test("outer", async (t) => {
  await t.test("inner", () => assert.equal(1, 2));
  await t.test("waits", () => { throw new Error("page.click: Timeout 30000ms exceeded.\\nCall log:"); });
});
test("later", { todo: true }, () => { throw new Error("not yet"); });
describe("a suite", () => { test("in it", () => { throw new Error("名前が違う"); }); });
`;

/** @param {string} folder what node prints of broken tests there */
function tap(folder) {
  writeFileSync(join(folder, "broken.test.mjs"), broken);
  writeFileSync(join(folder, "loads.test.mjs"), 'throw new Error("cannot load");');
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  return spawnSync(process.execPath, ["--test", "--test-reporter=tap", "--test-concurrency=1", "broken.test.mjs", "loads.test.mjs"], { cwd: folder, encoding: "utf8", env }).stdout;
}

/** @param {object[]} events */
const goLines = (events) => events.map((e) => JSON.stringify(e)).join("\n");

test("every failed test is named at the end, with its file and the first line of its error", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "machi-counts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "browser.tap"), tap(folder));
  writeFileSync(join(folder, "failed-parts.log"), "format, vet\nbrowser tests\n");
  writeFileSync(join(folder, "check.log"), "not formatted (gofumpt -w):\na.go\n");
  writeFileSync(join(folder, "worlds.log"), "seed 7 at 10:02:03: a number twice\nrepeat: machi simulate\nseeds=1-60 violations=1\n");
  writeFileSync(join(folder, "go.json"), goLines([
    { Action: "output", Package: "machi/a", Test: "TestA/sub", Output: "=== RUN   TestA/sub\n" },
    { Action: "output", Package: "machi/a", Test: "TestA/sub", Output: "    a_test.go:7: got 3\n" },
    { Action: "fail", Package: "machi/a", Test: "TestA/sub" },
    { Action: "fail", Package: "machi/a", Test: "TestA" },
    { Action: "pass", Package: "machi/a", Test: "TestB" },
    { Action: "output", Package: "machi/a", Output: "FAIL\n" },
    { Action: "fail", Package: "machi/a" },
  ]));
  const run = spawnSync(process.execPath, [new URL("counts.mjs", import.meta.url).pathname, folder], { encoding: "utf8" });
  assert.deepEqual(run.stdout.trimEnd().split("\n").slice(-12), [
    "failed:",
    "part: format, vet",
    "part: browser tests",
    "seed 7 at 10:02:03: a number twice",
    "not formatted (gofumpt -w):",
    "a.go",
    "machi/a TestA/sub: a_test.go:7: got 3",
    "broken.test.mjs:6 outer > inner: 1 == 2",
    "broken.test.mjs:7 outer > waits: page.click: Timeout 30000ms exceeded.",
    "broken.test.mjs:10 a suite > in it: 名前が違う",
    "loads.test.mjs:1 " + join(folder, "loads.test.mjs") + ": test failed",
    "2 passed, 7 failed, 1 skipped",
  ]);
  assert.equal(run.status, 1);
});

test("a package that fails without a test tells why", () => {
  assert.deepEqual(goFailures(goLines([
    { Action: "build-output", ImportPath: "machi/b [machi/b.test]", Output: "# machi/b [machi/b.test]\n" },
    { Action: "build-output", ImportPath: "machi/b [machi/b.test]", Output: "b.go:3:1: undefined: x\n" },
    { Action: "build-fail", ImportPath: "machi/b [machi/b.test]" },
    { Action: "output", Package: "machi/c", Output: "panic: test timed out after 12m\n" },
    { Action: "fail", Package: "machi/c" },
  ])), ["machi/b [machi/b.test]: b.go:3:1: undefined: x", "machi/c: panic: test timed out after 12m"]);
});

test("many failures and long ones stay short", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "machi-counts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "failed-parts.log"), ("x".repeat(500) + "\n").repeat(40));
  const lines = failures(folder);
  assert.equal(lines.length, 15);
  assert.equal(lines.at(-1), "and 26 more");
  assert.ok(lines.every((l) => l.length <= 160));
});

test("a run without failures names none", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "machi-counts-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "go.json"), goLines([{ Action: "pass", Package: "machi/a", Test: "TestA" }, { Action: "pass", Package: "machi/a" }]));
  assert.equal(execFileSync(process.execPath, [new URL("counts.mjs", import.meta.url).pathname, folder], { encoding: "utf8" }), "1 passed, 0 failed, 0 skipped\n");
});
