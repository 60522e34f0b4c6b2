// Which tickets a family has, as this device keeps them: pure functions over a store.

/** @typedef {Pick<Storage, "getItem" | "setItem">} Store */

const key = "machi.family";
/** A family is not larger; what is more pushes the oldest out. */
const most = 8;
const secret = /^[0-9A-Za-z_-]{16,128}$/;

/**
 * The secrets that are kept, the oldest first. What is not one is left out.
 * @param {Store} store
 * @returns {string[]}
 */
export function read(store) {
  try {
    const kept = JSON.parse(store.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string" && secret.test(one)).slice(-most) : [];
  } catch {
    return [];
  }
}

/**
 * The secret in what somebody typed, scanned or followed: itself, or the address of a
 * ticket's page. Empty: there is none.
 * @param {string} text
 */
export function secretOf(text) {
  const found = /\/t\/([^/?#\s]+)/.exec(text)?.[1] ?? text.trim();
  return secret.test(found) ? found : "";
}

/**
 * @param {Store} store
 * @param {string[]} secrets
 * @param {string} one
 */
export function remember(store, secrets, one) {
  return secrets.includes(one) ? secrets : write(store, [...secrets, one].slice(-most));
}

/**
 * @param {Store} store
 * @param {string[]} secrets
 * @param {string} one
 */
export function without(store, secrets, one) {
  return write(store, secrets.filter((other) => other !== one));
}

/**
 * A device that keeps nothing still shows them until the page is left.
 * @param {Store} store
 * @param {string[]} secrets
 */
function write(store, secrets) {
  try {
    store.setItem(key, JSON.stringify(secrets));
  } catch {
    // Full, or closed to pages: nothing to do about it.
  }
  return secrets;
}
