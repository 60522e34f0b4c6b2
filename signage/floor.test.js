// What the browsers of old television sets (Chromium 53 and later) can read.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");
const page = read("wall.html");
const listed = [...read("../internal/web/public/signage.go").matchAll(/"signage\/(\w+\.js)"/g)].map((m) => m[1]);
const scripts = [...new Set([...listed, ...[...page.matchAll(/<script defer src="{{\.Asset "signage\/(\w+\.js)"}}/g)].map((m) => m[1])])];

test("every script that all browsers run is ECMAScript 5", () => {
  assert.deepEqual(scripts, ["announcer.js", "paint.js", "sound.js", "wall.js", "floor.js"]);
  // Node's own parser; any other would be one more thing to install.
  const parse = `const { parse } = require("internal/deps/acorn/acorn/dist/acorn");
    for (const file of process.argv.slice(1)) parse(require("fs").readFileSync(file, "utf8"), { ecmaVersion: 5 });`;
  const files = scripts.map((name) => new URL(name, import.meta.url).pathname);
  execFileSync(process.execPath, ["--expose-internals", "-e", parse, ...files]);
  assert.throws(() => execFileSync(process.execPath, ["--expose-internals", "-e", parse, new URL("player.js", import.meta.url).pathname], { stdio: "pipe" }), /SyntaxError/, "the check lets everything through");
});

test("they use nothing that Chromium 53 does not have", () => {
  const young = /\b(fetch|Object\.(entries|values|fromEntries|getOwnPropertyDescriptors)|padStart|padEnd|replaceAll|toggleAttribute|replaceChildren|globalThis\.|queueMicrotask|ResizeObserver|AbortController|structuredClone|URLSearchParams|Array\.prototype\.flat|flatMap|\.append\(|\.prepend\(|\.remove\(\)|\.at\(|\.matchAll|\.finally|NodeList\.prototype|inert|showModal|CSS\.escape)\b/;
  for (const name of scripts) {
    const code = read(name).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    assert.doesNotMatch(code, young, name);
    assert.doesNotMatch(code, /querySelectorAll\([^)]*\)\.forEach/, name);
  }
});

test("the wall's style holds without anything younger", () => {
  const style = read("wall.css").replace(/\/\*[\s\S]*?\*\//g, "");
  for (const young of [/display:\s*grid/, /(?<![-\w])gap:(?!\s*0)/, /\b(min|max|clamp)\(/, /:(is|where|has|not\([^)]*,)\b/, /\binset:/, /aspect-ratio:\s*\d+\s*[/;]\s*\d*;/, /(margin|padding|border)-(inline|block)/, /\b(dvh|svh|lvh|cq[whi])\b/, /@(container|layer|supports)/, /color-mix|oklch|accent-color/, /position:\s*sticky/, /translate:|rotate:|scale:/, /text-wrap/]) {
    assert.doesNotMatch(style, young);
  }
});
