// The ticket machine's policy file: Chromium itself must understand every line of
// it, and under it a visitor stays on the machine's own pages.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const policies = "/etc/chromium/policies";
const installed = policies + "/managed/machi-kiosk-test.json";
const shipped = new URL("../../deploy/kiosk/policy.json", import.meta.url);

/** @type {import("playwright-core").Browser} */
let browser;
const agent = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>machine</title>"));
/** @type {string} */
let address;
/** @type {string} */
let data;

/**
 * A Chromium that alone sees a policy: the folder of policies is the machine's, and
 * other tests have browsers too.
 * @param {object} policy
 */
async function underPolicy(policy) {
  const file = join(data, "policy.json");
  const script = join(data, "chromium");
  await writeFile(file, JSON.stringify(policy));
  await writeFile(script, `#!/bin/sh
mkdir -p ${policies}
if ! unshare --mount true 2>/dev/null; then # no private view here: for everybody, until the test ends
	mkdir -p ${policies}/managed && cp ${file} ${installed} && exec /usr/bin/chromium "$@"
fi
exec unshare --mount sh -c 'mount -t tmpfs tmpfs ${policies} && mkdir ${policies}/managed && cp ${file} ${policies}/managed/ && exec /usr/bin/chromium "$@"' chromium "$@"
`, { mode: 0o755 });
  return script;
}

before(async () => {
  data = await mkdtemp(join(tmpdir(), "machi-breakout-"));
  await once(agent.listen(0, "127.0.0.1"), "listening");
  const port = /** @type {import("node:net").AddressInfo} */ (agent.address()).port;
  address = `http://127.0.0.1:${port}/`;
  const policy = JSON.parse(await readFile(shipped, "utf8"));
  assert.equal(policy.DeveloperToolsAvailability, 2);
  delete policy.DeveloperToolsAvailability; // it would keep the test out as well
  policy.URLAllowlist = [new URL(address).origin, "about:blank", "chrome://policy"];
  browser = await chromium.launch({ executablePath: await underPolicy(policy), args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  agent.close();
  await rm(installed, { force: true });
  await rm(data, { recursive: true, force: true });
});

test("Chromium understands every line of the policy", async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto("chrome://policy");
  await page.locator("policy-row").first().waitFor();
  /** @type {Record<string, string>} */
  const status = await page.evaluate(() => {
    /** @type {Record<string, string>} */
    const found = {};
    /** @param {ParentNode} root */
    const walk = (root) => {
      for (const e of root.querySelectorAll("*")) {
        if (!e.shadowRoot) continue;
        if (e.tagName === "POLICY-ROW") {
          const text = (/** @type {string} */ part) => e.shadowRoot?.querySelector(part)?.textContent?.trim() ?? "";
          found[text(".policy.row .name")] = text(".policy.row .messages");
        }
        walk(e.shadowRoot);
      }
    };
    walk(document);
    return found;
  });
  for (const name of Object.keys(JSON.parse(await readFile(shipped, "utf8")))) {
    if (name !== "DeveloperToolsAvailability") assert.equal(status[name], "OK", name);
  }
});

// Pages of the browser's own (chrome:, devtools:) are not in the list: no page may
// lead to them, and the driver's browser ends when it is made to try.
const elsewhere = [
  "https://www.city.setagaya.lg.jp/", "http://example.com/", "http://127.0.0.1:1/", "http://127.0.0.1/", "http://localhost:8090/", "http://[::1]:1/",
  "http://127.0.0.2/", "http://2130706433/", "http://0x7f.1/", "http://0.0.0.0/", "http://user@127.0.0.1:1/", "file:///etc/passwd", "file:///", "file:///proc/self/environ",
  "view-source:file:///etc/passwd", "view-source:https://example.com/", "data:text/html,<h1>out</h1>", "filesystem:http://127.0.0.1/temporary/",
];

test("no address leads out", async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(address); // the policy lets the machine's own pages through
  for (const url of elsewhere) await assert.rejects(page.goto(url), /ERR_BLOCKED_BY_ADMINISTRATOR|ERR_ABORTED/, url);
});

const keys = [
  "Control+n", "Control+Shift+n", "Control+t", "Control+Shift+t", "Control+w", "Control+o", "Control+p", "Control+s", "Control+u", "Control+h", "Control+j",
  "Control+d", "Control+l", "Control+k", "Control+e", "Control+g", "Control+r", "Control+Shift+r", "Control+Shift+i", "Control+Shift+j", "Control+Shift+c",
  "Control+Shift+Delete", "Control+Shift+o", "Control+Shift+b", "Control+Shift+m", "Control+Tab", "Control+1", "Control+9", "Control+=", "Control+Minus",
  "Alt+ArrowLeft", "Alt+ArrowRight", "Alt+Home", "Alt+d", "Alt+f", "Alt+F4", "F1", "F3", "F5", "F6", "F7", "F10", "F11", "F12", "Escape", "ContextMenu", "Backspace",
];

test("no key, menu or swipe leads out", async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(address);
  const start = page.url();
  const before = page.context().pages().length;
  let choosers = 0;
  page.on("filechooser", () => choosers++);
  for (const key of keys) await page.keyboard.press(key);
  await page.mouse.click(200, 200, { button: "right" });
  await page.mouse.click(200, 200, { button: "middle" });
  await page.mouse.move(5, 400);
  await page.mouse.down();
  await page.mouse.move(700, 400, { steps: 10 });
  await page.mouse.up();
  await page.evaluate(() => {
    const file = document.createElement("input");
    file.type = "file";
    document.body.append(file);
    file.click();
    print();
  });
  assert.equal(page.url(), start);
  assert.equal(choosers, 0);
  assert.equal(page.context().pages().length, before);
});
