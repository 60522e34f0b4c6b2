// The real server for the browser tests: built, started on a loopback port with
// a folder of its own, spoken to as programs speak to it, and stopped by its pid.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;

/** Milliseconds for what must happen soon, on however busy a machine. */
export const soon = 60_000;

/**
 * @param {string} name of a folder in cmd
 * @param {string | undefined} built
 * @returns {Promise<string>} the program, built if nobody has
 */
async function program(name, built) {
  if (built) return built;
  const folder = await mkdtemp(join(tmpdir(), "machi-bin-"));
  await run("go", ["build", "-o", join(folder, name), "./cmd/" + name], { cwd: root });
  return join(folder, name);
}

/** @returns {Promise<string>} the ticket machine's program */
export const kioskProgram = () => program("machi-kiosk", process.env.MACHI_KIOSK_BIN);

/** @returns {Promise<number>} a port that was free a moment ago */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : 0;
}

export class Server {
  /**
   * @param {string} bin
   * @param {string} data
   * @param {number} port
   */
  constructor(bin, data, port) {
    /** @type {string[]} more flags */
    this.more = [];
    this.bin = bin;
    this.data = data;
    this.url = `http://127.0.0.1:${port}`;
    this.token = "";
    this.keys = 0;
    this.log = "";
  }

  /**
   * Starts a server on an ordinary Wednesday morning of a rehearsal clock.
   * @param {...string} more flags
   */
  static async start(...more) {
    const data = await mkdtemp(join(tmpdir(), "machi-data-"));
    const server = new Server(await program("machi", process.env.MACHI_BIN), data, await freePort());
    server.more = more;
    server.token = await server.createToken("manager");
    await server.up();
    return server;
  }

  /** @param {string} role @param {...string} more flags */
  async createToken(role, ...more) {
    const { stdout } = await run(this.bin, ["token", "create", "--role", role, "--name", "browser test", "--data", this.data, ...more]);
    return stdout.trim().split("\n").at(-1) ?? "";
  }

  async up() {
    const listen = this.url.slice("http://".length);
    const offices = join(this.data, "offices.yaml");
    await writeFile(offices, "offices: [{id: km-setagaya, rule: {check_in: true}}]\n");
    const flags = ["serve", "--data", this.data, "--catalog", process.env.MACHI_CATALOG ?? offices, "--listen", listen, "--admin-listen", "", "--clock", "2026-04-01T10:00:00+09:00", ...this.more];
    this.child = spawn(this.bin, flags, { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.on("data", (text) => { this.log += text; });
    this.child.stderr.on("data", (text) => { this.log += text; });
    await until(async () => (await fetch(this.url + "/readyz")).ok, () => "the server does not become ready:\n" + this.log);
  }

  async down() {
    if (!this.child || this.child.exitCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }

  async stop() {
    await this.down();
    await rm(this.data, { recursive: true, force: true });
  }

  /**
   * Sends a command as a program does.
   * @param {string} path under /api/v1/offices/
   * @param {object} [body]
   */
  async post(path, body = {}) {
    this.keys++;
    const answer = await fetch(`${this.url}/api/v1/offices/${path}`, {
      method: "POST",
      headers: { "Authorization": "Bearer " + this.token, "Content-Type": "application/json", "Idempotency-Key": `test-${process.pid}-${this.keys}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** @param {string} office @param {string} [service] */
  issue(office, service = "moving") {
    return this.post(office + "/tickets", { service, channel: "reception" });
  }
}

/**
 * Asks again until something is so.
 * @param {() => Promise<boolean>} so
 * @param {() => string | Promise<string>} complaint
 */
export async function until(so, complaint) {
  const end = Date.now() + soon;
  for (;;) {
    try {
      if (await so()) return;
    } catch (error) {
      if (Date.now() > end) throw new Error(await complaint(), { cause: error });
    }
    if (Date.now() > end) throw new Error(await complaint());
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** How Chromium is started. */
export const launch = { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] };

/** A browser as the tests want it. */
export function browser() {
  return chromium.launch(launch);
}

/**
 * A page that notes whatever its browser complains of.
 * @param {import("playwright-core").Browser} from
 * @param {{locale?: string, hasTouch?: boolean, viewport?: {width: number, height: number}}} [options]
 */
export async function open(from, options = {}) {
  // Motion ends in a look that is the page's own; tests are to see that one.
  const context = await from.newContext({ locale: "ja-JP", viewport: { width: 1366, height: 768 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(soon);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/**
 * Signs a browser in as its person would.
 * @param {import("playwright-core").Page} page
 * @param {Server} server
 */
export async function signIn(page, server) {
  await page.goto(server.url + "/staff/login");
  await page.click("details:has(input[name=token]) > summary");
  await page.fill("input[name=token]", server.token);
  await page.press("input[name=token]", "Enter");
  await page.waitForURL((url) => url.pathname !== "/staff/login");
}
