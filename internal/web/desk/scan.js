// A scanner types what a ticket's QR holds: the address of its page.

/**
 * The number that a text means at an office: a scanned address is asked for, a typed
 * number is itself.
 * @param {string} text
 * @param {string} office
 * @param {(path: string) => Promise<any>} ask for JSON, null where there is none
 * @returns {Promise<string>} empty where the address is of no ticket of this office
 */
export async function meant(text, office, ask) {
  const plain = text.normalize("NFKC").replace(/\s/g, "");
  const secret = /\/t\/([^/?#]+)/.exec(plain)?.[1];
  if (!secret) return plain;
  const ticket = await ask("/api/v1/tickets/" + encodeURIComponent(secret));
  return ticket?.office === office ? ticket.number : "";
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export async function askJSON(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
