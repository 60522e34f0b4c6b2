// The actions on this machine's disk, so that a reload, a crash of the tab or of the
// browser loses none of them.

/** @import { Action } from "./types.d.ts" */

const name = "machi-outbox";
/** Milliseconds after which a store that does not open is gone without. */
const patience = 20_000;

/** Opens the store, or throws where the browser has none, refuses it or never opens it. */
export async function openStore() { return new Store(await opened()); }

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const open = indexedDB.open(name, 1);
  open.onupgradeneeded = () => {
    open.result.createObjectStore("actions", { keyPath: "id" });
    open.result.createObjectStore("facts");
  };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the store does not open")), patience);
    result(open).then(resolve, reject).finally(() => clearTimeout(late));
  });
}

export class Store {
  /** @param {IDBDatabase} db */
  constructor(db) { this.db = this.#taken(db); }

  /** @param {IDBDatabase} db */
  #taken(db) {
    // Another release wants another form of the store: it must not wait for this tab.
    db.onversionchange = () => db.close();
    return db;
  }

  /**
   * Works on one part. Browsers close a store when their disk is full, or its data are
   * cleared: it is opened anew then.
   * @template T
   * @param {"actions" | "facts"} part
   * @param {IDBTransactionMode} mode
   * @param {(part: IDBObjectStore, step: IDBTransaction) => Promise<T>} work
   */
  async #on(part, mode, work) {
    let step;
    try {
      step = this.db.transaction(part, mode, { durability: "strict" });
    } catch {
      this.db = this.#taken(await opened());
      step = this.db.transaction(part, mode, { durability: "strict" });
    }
    return work(step.objectStore(part), step);
  }

  /** @returns {Promise<Action[]>} every action on this machine, of whomever */
  all() { return this.#on("actions", "readonly", (actions) => result(actions.getAll())); }

  /**
   * Stores actions and forgets others in one step. Resolves when it is on the disk,
   * and rejects when it is not.
   * @param {Action[]} put
   * @param {string[]} [drop] ids
   */
  write(put, drop = []) {
    return this.#on("actions", "readwrite", (actions, step) => {
      for (const action of put) actions.put(action);
      for (const id of drop) actions.delete(id);
      return done(step);
    });
  }

  /**
   * @param {string} key
   * @returns {Promise<any>} what was remembered, or undefined
   */
  recall(key) { return this.#on("facts", "readonly", (facts) => result(facts.get(key))); }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  remember(key, value) {
    return this.#on("facts", "readwrite", (facts, step) => {
      facts.put(value, key);
      return done(step);
    });
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
