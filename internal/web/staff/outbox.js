// The one way by which a clerk's page sends commands. It sends at once, with a key
// of its own, which makes a repeat harmless.

/** @import { Action, Answer, Outbox } from "./types.d.ts" */

/**
 * Opens the outbox of one counter.
 * @param {{office: string, counter: string, texts: import("../types.js").Texts}} place
 * @returns {Outbox}
 */
export function openOutbox({ office }) {
  /** @type {Outbox} */
  const outbox = {
    async act(path, body) {
      try {
        return await answerOf(await fetch(`/api/v1/offices/${encodeURIComponent(office)}/${path}`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": freshKey() },
          body: JSON.stringify(body),
        }));
      } catch {
        return { ok: false, status: 0, code: "network", data: null };
      }
    },
    pending: () => [],
    refused: () => [],
    onchange: () => {},
  };
  return outbox;
}

/**
 * What became of a command.
 * @param {Response} answer
 * @returns {Promise<Answer>}
 */
async function answerOf(answer) {
  const { ok, status } = answer;
  if (status === 204) return { ok: false, status, code: "nobody_waits", data: null };
  let data = null;
  try {
    data = await answer.json();
  } catch {
    if (ok) return { ok, status, code: "", data };
  }
  if (ok) return { ok, status, code: "", data };
  return { ok, status, code: status === 401 ? "unauthenticated" : data?.code || "http_" + status, data };
}

/** 128 random bits; crypto.randomUUID needs HTTPS, which a branch's network may lack. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * What the clerk should see while actions wait to be sent.
 * @template T
 * @param {T} console
 * @param {Action[]} _pending
 * @returns {T}
 */
export function overlay(console, _pending) {
  return console;
}
