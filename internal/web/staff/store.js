// The actions on this machine's disk, so that a reload, a crash of the tab or of the
// browser loses none of them.

/** @import { Action } from "./types.d.ts" */

const name = "machi-outbox";

/** Opens the store, or throws where the browser has none or refuses it. */
export async function openStore() {
  const open = indexedDB.open(name, 1);
  open.onupgradeneeded = () => {
    open.result.createObjectStore("actions", { keyPath: "id" });
    open.result.createObjectStore("facts");
  };
  return new Store(await result(open));
}

export class Store {
  /** @param {IDBDatabase} db */
  constructor(db) {
    this.db = db;
    // Another release wants another form of the store: it must not wait for this tab.
    db.onversionchange = () => db.close();
  }

  /** @returns {Promise<Action[]>} every action on this machine, of whomever */
  all() { return result(this.db.transaction("actions").objectStore("actions").getAll()); }

  /**
   * Stores actions and forgets others in one step. Resolves when it is on the disk,
   * and rejects when it is not.
   * @param {Action[]} put
   * @param {string[]} [drop] ids
   */
  async write(put, drop = []) {
    const step = this.db.transaction("actions", "readwrite", { durability: "strict" });
    const actions = step.objectStore("actions");
    for (const action of put) actions.put(action);
    for (const id of drop) actions.delete(id);
    await done(step);
  }

  /**
   * @param {string} key
   * @returns {Promise<any>} what was remembered, or undefined
   */
  recall(key) { return result(this.db.transaction("facts").objectStore("facts").get(key)); }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  async remember(key, value) {
    const step = this.db.transaction("facts", "readwrite");
    step.objectStore("facts").put(value, key);
    await done(step);
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransaction} step
 * @returns {Promise<void>}
 */
function done(step) {
  return new Promise((resolve, reject) => {
    step.oncomplete = () => resolve();
    step.onabort = () => reject(step.error);
    step.onerror = () => reject(step.error);
  });
}
