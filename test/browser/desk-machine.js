// A real ticket machine for the browser tests: its program beside the real server,
// with a PIN, in an office where tickets from home check in.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, kioskProgram, until } from "./server.js";

export const office = "km-setagaya";
export const pin = "25803";

export class Machine {
  /** @param {Server} server @param {string} data @param {string} bin */
  constructor(server, data, bin) {
    this.server = server;
    this.data = data;
    this.bin = bin;
    this.url = "";
    this.log = "";
  }

  /** Starts a server, and a machine that has its plan. */
  static async start() {
    const data = await mkdtemp(join(tmpdir(), "machi-desk-"));
    const catalog = join(data, "catalog.yaml");
    await writeFile(catalog, `offices: [{id: ${office}, rule: {check_in: true}}]\n`);
    process.env.MACHI_CATALOG = catalog; // of this test's own process
    const [server, bin] = await Promise.all([Server.start(), kioskProgram()]);
    await server.post(office + "/kiosks/pin", { pin });
    const machine = new Machine(server, data, bin);
    await machine.up(await server.createToken("kiosk", "--office", office, "--kiosk", "K1"));
    return machine;
  }

  /** @param {string} token */
  async up(token) {
    const flags = ["run", "--server", this.server.url, "--office", office, "--kiosk", "K1", "--data", join(this.data, "kiosk"), "--listen", "127.0.0.1:0", "--ask-within", "30s", "--clock", "2026-04-01T10:00:00+09:00"]; // a busy machine is not one without server
    this.child = spawn(this.bin, flags, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, MACHI_TOKEN: token } });
    this.child.stdout.on("data", (text) => { this.url ||= String(text).split("\n")[0].trim(); });
    this.child.stderr.on("data", (text) => { this.log += text; });
    await until(async () => {
      const screen = await this.screen();
      return screen.ready && screen.online && screen.desk && screen.check_in;
    }, () => "the machine does not become ready:\n" + this.log);
  }

  async screen() {
    return (await fetch(this.url + "screen")).json();
  }

  /** Speaks as the machine's own page does. @param {string} path @param {object} body */
  async post(path, body) {
    const answer = await fetch(this.url + path, { method: "POST", headers: { "Content-Type": "application/json", Origin: new URL(this.url).origin }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** A number whose paper came out. @param {string} [service] */
  async take(service = "moving") {
    const ticket = await this.post("press", { service, language: "ja", session: crypto.randomUUID() });
    await until(async () => (await (await fetch(`${this.url}ticket/${ticket.command}`)).json()).state === "printed", () => "no paper: " + this.log);
    return ticket;
  }

  async stop() {
    if (this.child && this.child.exitCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await gone;
    }
    await this.server.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}
