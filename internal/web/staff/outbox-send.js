// Sends one action, and finds out what the answer is worth.

import { local } from "./outbox-clock.js";
import { verdict } from "./outbox-rules.js";

/** @import { Action, Heard } from "./types.d.ts" */

/** Milliseconds for an answer, before the link counts as cut. */
const patience = 8000;

/**
 * @param {Action} action
 * @param {import("./outbox-clock.js").Clocks} clocks
 * @returns {Promise<Heard>}
 */
export async function send(action, clocks) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", "Idempotency-Key": action.key };
  if (action.person) headers["Machi-Person"] = action.person;
  if (action.notAfter) headers["Machi-Not-After"] = action.notAfter;
  const asked = local();
  try {
    return await read(action, clocks, asked, await fetch(`/api/v1/offices/${encodeURIComponent(action.office)}/${action.path}`, {
      method: "POST", headers, body: JSON.stringify(action.body), cache: "no-store", redirect: "error",
      signal: AbortSignal.timeout(patience),
    }));
  } catch {
    return { what: "again", status: 0, code: "network", data: null, at: local() };
  }
}

/**
 * @param {Action} action
 * @param {import("./outbox-clock.js").Clocks} clocks
 * @param {number} asked ms of the machine's own clock
 * @param {Response} answer
 * @returns {Promise<Heard>}
 */
async function read(action, clocks, asked, answer) {
  const { status, headers } = answer;
  const at = local();
  const now = headers.get("Machi-Now") ?? undefined;
  clocks.hear({ office: now ?? null, wall: headers.get("Date"), asked, local: at });
  const { data, whole } = await bodyOf(answer);
  const what = verdict({ status, ours: now !== undefined, whole, data, path: action.path });
  const code = status === 204 ? "nobody_waits" : answer.ok ? "" : data?.code || "http_" + status;
  return { what, status, code, data, at, faulty: what === "again" && status === 500, ...(now ? { now } : {}) };
}

/** @param {Response} answer */
async function bodyOf(answer) {
  try {
    const text = await answer.text();
    return { data: text ? JSON.parse(text) : null, whole: true };
  } catch {
    return { data: null, whole: false };
  }
}
