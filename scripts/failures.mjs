// Names the failed tests in one short line each, so that whoever sees only the end
// of a long output knows where to look.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const most = 15;
const widest = 160;

/** @param {string} text as YAML quotes it on one line */
function unquoted(text) {
  return /^'.*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'").replaceAll("\\n", " ") : text;
}

/**
 * The failed tests of a TAP file, without those that fail only for a part of them.
 * @param {string} text
 * @returns {string[]}
 */
export function tapFailures(text) {
  const lines = text.split("\n");
  /** @type {string[]} */
  const failures = [];
  /** names of the tests around a line, by depth @type {string[]} */
  const around = [];
  lines.forEach((line, i) => {
    const begun = /^( *)# Subtest: (.*)$/.exec(line);
    if (begun) return around.splice(begun[1].length / 4, Infinity, begun[2]);
    const failed = /^( *)not ok \d+ - (.*)$/.exec(line);
    if (!failed || / # (TODO|SKIP)/.test(failed[2])) return;
    const end = lines.findIndex((l, at) => at > i && l === `${failed[1]}  ...`);
    const more = lines.slice(i + 1, end < 0 ? undefined : end).map((l) => l.slice(failed[1].length + 2));
    /** @param {string} name */
    const field = (name) => unquoted(more.find((l) => l.startsWith(name + ": "))?.slice(name.length + 2) ?? "");
    if (field("failureType") === "subtestsFailed") return;
    const at = more.findIndex((l) => l.startsWith("error: "));
    const error = /^error: [|>]/.test(more[at] ?? "") ? more.slice(at + 1).find((l) => l.trim())?.trim() : field("error");
    const [, file = "", row = ""] = /^(.*):(\d+):\d+$/.exec(field("location")) ?? [];
    const frame = more.find((l) => l.includes(file + ":") && !l.startsWith("location"));
    const inside = frame?.slice(frame.indexOf(file + ":") + file.length + 1).split(":")[0] ?? row;
    const name = [...around.slice(0, failed[1].length / 4), failed[2]].join(" > ");
    failures.push(`${basename(file)}:${inside} ${name}: ${error ?? ""}`);
  });
  return failures;
}

/**
 * The failed tests of what go test -json wrote, without those that fail only for a
 * part of them, and packages that failed without a test.
 * @param {string} text
 * @returns {string[]}
 */
export function goFailures(text) {
  /** @type {Map<string, string[]>} */
  const output = new Map();
  /** @type {{name: string, test: string, of: string}[]} */
  const failed = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("{")) continue;
    const { Action: action, Package: of = "", ImportPath: built = "", Test: test = "", Output: said } = JSON.parse(line);
    const name = `${of || built} ${test}`.trim();
    if (said) output.set(name, [...(output.get(name) ?? []), said]);
    if (action === "fail" || action === "build-fail") failed.push({ name, test, of: of || built.split(" ")[0] });
  }
  const leaf = (/** @type {typeof failed[0]} */ f) => !failed.some((o) => o !== f && o.of === f.of && (f.test === "" || o.test.startsWith(f.test + "/")));
  return failed.filter(leaf).map(({ name }) => `${name}: ${firstError(output.get(name) ?? [])}`);
}

/** @param {string[]} lines */
function firstError(lines) {
  const telling = lines.map((l) => l.trim()).filter((l) => l && !/^(#|===|---|FAIL|exit status)/.test(l));
  return telling.find((l) => /^(panic|fatal error|WARNING: DATA RACE)/.test(l)) ?? telling.find((l) => /\.go:\d+:/.test(l)) ?? telling.at(-1) ?? "";
}

/**
 * At most 15 short lines that name every failed test and every failed part of a run.
 * @param {string} folder of what the runners wrote
 * @returns {string[]}
 */
export function failures(folder) {
  const read = (/** @type {string} */ name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const parts = read("failed-parts.log").split("\n").filter(Boolean);
  const all = [
    ...parts.map((part) => "part: " + part),
    ...read("worlds.log").split("\n").filter((line) => /^seed \d+ at /.test(line)),
    ...(parts.some((part) => part.startsWith("format")) ? read("check.log").trimEnd().split("\n").slice(0, 3) : []),
    ...goFailures(read("go.json")),
    ...goFailures(read("pure.json")),
    ...goFailures(read("planted.json")),
    ...tapFailures(read("browser.tap")),
  ];
  const shown = all.length > most ? [...all.slice(0, most - 1), `and ${all.length - most + 1} more`] : all;
  return shown.map((line) => (line.length > widest ? line.slice(0, widest - 1) + "…" : line));
}
