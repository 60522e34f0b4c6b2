// What goes to and comes from the machine.

/** A refusal of the machine. */
export class Problem extends Error {
  /**
   * @param {number} status of HTTP; 0: the machine did not answer
   * @param {string} code
   * @param {any} [detail] the whole answer
   */
  constructor(status, code, detail) {
    super(code);
    this.status = status;
    this.code = code;
    this.detail = detail ?? {};
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>} null for an empty answer
 */
async function json(path, options) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Problem(0, "no_answer");
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, body?.code ?? String(answer.status), body);
  return body;
}

/** @param {string} path */
export const get = (path) => json(path);

/**
 * @param {string} path
 * @param {object} body
 */
export const post = (path, body) => json(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});
