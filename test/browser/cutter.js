// A link that breaks on command: a proxy between the browser and the real server,
// which cuts at a chosen moment of a chosen request and stays cut until it is mended.

import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";

/**
 * When a link breaks: before the request arrives, after it arrived but before any of
 * the answer, in the middle of the answer; silently, so that nobody is told and the
 * request arrives once the link is back; or noticed by the browser alone, whose
 * request arrives behind its own repetition.
 * @typedef {"before" | "after" | "middle" | "silent" | "orphan"} Moment
 */

/** @type {Moment[]} */
export const moments = ["before", "after", "middle", "silent", "orphan"];

/** @typedef {{method: string, path: string, key: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer}} Ask */

export class Cutter {
  /** @param {string} target such as http://127.0.0.1:8080 */
  constructor(target) {
    this.target = new URL(target);
    this.url = "";
    this.down = false;
    /** @type {Set<import("node:net").Socket>} */
    this.sockets = new Set();
    /** every command that came this far, in order @type {Ask[]} */
    this.commands = [];
    /** requests that arrive once the link is back @type {(() => Promise<void>)[]} */
    this.late = [];
    /** @type {{moment: Moment, path: string, cut: (command: Ask) => void} | null} */
    this.trap = null;
    this.server = createServer((req, res) => this.pass(req, res));
    this.server.on("connection", (socket) => this.accept(socket));
    this.server.on("upgrade", (req, socket, head) => this.upgrade(req, /** @type {any} */ (socket), head));
  }

  /** @param {string} target */
  static async start(target) {
    const cutter = new Cutter(target);
    cutter.server.listen(0, "127.0.0.1");
    await once(cutter.server, "listening");
    const address = cutter.server.address();
    cutter.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    return cutter;
  }

  stop() {
    this.cut();
    this.server.close();
  }

  /**
   * Cuts at the next command whose path ends so.
   * @param {Moment} moment
   * @param {string} path
   * @returns {Promise<Ask>} the command, once the link is cut
   */
  arm(moment, path) {
    return new Promise((resolve) => { this.trap = { moment, path, cut: resolve }; });
  }

  cut() {
    this.down = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** The link is back; what was held up on the way arrives now. */
  mend() {
    this.down = false;
    const late = this.late;
    this.late = [];
    return Promise.all(late.map((arrive) => arrive()));
  }

  /** @param {import("node:net").Socket} socket */
  accept(socket) {
    if (this.down) return socket.destroy();
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => {});
  }

  /**
   * @param {import("node:http").IncomingMessage} req
   * @param {import("node:http").ServerResponse} res
   */
  async pass(req, res) {
    /** @type {Buffer[]} */
    const parts = [];
    for await (const part of req) parts.push(part);
    const { method = "", url = "", headers } = req;
    const command = { method, path: url, key: String(headers["idempotency-key"] ?? ""), headers, body: Buffer.concat(parts) };
    if (command.key) this.commands.push(command);
    const trap = this.trap;
    if (!trap || !command.key || !url.endsWith(trap.path)) return this.stream(command, res);
    this.trap = null;
    await this.spring(trap.moment, command, res);
    trap.cut(command);
  }

  /**
   * @param {Moment} moment
   * @param {Ask} command
   * @param {import("node:http").ServerResponse} res
   */
  async spring(moment, command, res) {
    if (moment === "silent") {
      const socket = /** @type {import("node:net").Socket} */ (res.socket);
      this.sockets.delete(socket);
      this.late.push(async () => {
        if (!socket.destroyed) this.sockets.add(socket);
        this.answer(res, await this.forward(command));
      });
    }
    if (moment === "orphan") this.late.push(async () => { await this.repeated(command.key); await this.forward(command); });
    if (moment === "after" || moment === "middle") {
      const answer = await this.forward(command);
      if (moment === "middle") await half(res, answer);
    }
    this.cut();
  }

  /**
   * Resolves once the command has come a second time, and a moment for its answer.
   * @param {string} key
   */
  async repeated(key) {
    while (this.commands.filter((c) => c.key === key).length < 2) await new Promise((done) => setTimeout(done, 20));
  }

  /**
   * @param {Ask} command
   * @returns {Promise<import("node:http").IncomingMessage>}
   */
  async ask({ method, path, headers, body }) {
    const upstream = ask({ host: this.target.hostname, port: this.target.port, method, path, headers: { ...headers, connection: "close" } });
    upstream.end(body);
    const [answer] = await once(upstream, "response");
    return answer;
  }

  /**
   * Hands an answer on as it comes: some never end.
   * @param {Ask} command
   * @param {import("node:http").ServerResponse} res
   */
  async stream(command, res) {
    try {
      const answer = await this.ask(command);
      const { connection: _, ...headers } = answer.headers;
      res.writeHead(answer.statusCode ?? 502, headers);
      res.on("close", () => answer.destroy());
      answer.on("error", () => res.destroy());
      answer.pipe(res);
    } catch {
      res.destroy(); // the server is down
    }
  }

  /** @param {Ask} command */
  async forward(command) {
    const answer = await this.ask(command);
    /** @type {Buffer[]} */
    const parts = [];
    for await (const part of answer) parts.push(part);
    return { status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(parts) };
  }

  /**
   * @param {import("node:http").ServerResponse} res
   * @param {{status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer}} answer
   */
  answer(res, { status, headers, body }) {
    const { connection: _, "transfer-encoding": __, ...rest } = headers;
    res.writeHead(status, { ...rest, "content-length": body.length });
    res.end(body);
  }

  /**
   * @param {import("node:http").IncomingMessage} req
   * @param {import("node:net").Socket} socket
   * @param {Buffer} head
   */
  upgrade(req, socket, head) {
    const upstream = connect(Number(this.target.port), this.target.hostname, () => {
      const lines = [`${req.method} ${req.url} HTTP/1.1`];
      for (let i = 0; i < req.rawHeaders.length; i += 2) lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
      upstream.write(lines.join("\r\n") + "\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const [one, other] of [[socket, upstream], [upstream, socket]]) {
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  }
}

/**
 * Sends the first half of an answer and ends.
 * @param {import("node:http").ServerResponse} res
 * @param {{status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer}} answer
 */
async function half(res, { status, headers, body }) {
  const { connection: _, "transfer-encoding": __, ...rest } = headers;
  res.writeHead(status, { ...rest, "content-length": body.length });
  await new Promise((done) => res.write(body.subarray(0, Math.ceil(body.length / 2)), done));
  const gone = new Promise((done) => res.socket?.once("close", done));
  res.socket?.end();
  await gone;
}
