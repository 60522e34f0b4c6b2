// Takes a ticket from home a little faster: does the small work that keeps programs
// from taking all of them. Without it, or where the browser cannot, the form goes as
// it is, and half of the places are open to it.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("take"));

/**
 * Finds a number whose hash begins with enough zero bits.
 * @param {string} text what stands before the number
 * @param {number} bits
 * @returns {Promise<string>}
 */
export async function work(text, bits) {
  const encoder = new TextEncoder();
  for (let n = 0; ; n++) {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text + ":" + n)));
    if (zeros(sum) >= bits) return String(n);
  }
}

/**
 * @param {Uint8Array} sum
 * @returns {number} of zero bits at its beginning
 */
export function zeros(sum) {
  let n = 0;
  for (const byte of sum) {
    n += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return n;
}

if (form && globalThis.crypto?.subtle) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const found = work(form.dataset.challenge + ":" + field("idempotency_key").value, Number(form.dataset.bits));
  form.addEventListener("submit", (event) => {
    if (field("proof").value !== "") return;
    event.preventDefault();
    button.disabled = true;
    found.then((n) => { field("proof").value = n; form.submit(); }, () => form.submit());
  });
}
