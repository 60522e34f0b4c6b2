// Who this screen is, and what it says of itself to the server every half minute.

/** @typedef {{n: number, item: string, seconds: number}} Play */
/** @typedef {{last_call: string, last_seq: number, stale: boolean, showing: string, trouble: string}} Said */

const first = 1500;
const usual = 30_000;
/** Plays that are kept without a link; the oldest go first. */
const mostPlays = 2000;
const perReport = 200;

/**
 * @param {{office: string, told: () => Said, free: () => boolean}} screen free: nobody is being called
 */
export function report({ office, told, free }) {
  const token = tokenOf(office);
  const name = nameOf();
  /** @type {Play[]} */
  let plays = read("machi-plays-" + office, []);
  let last = plays.at(-1)?.n ?? 0;
  let staleSince = 0;
  /** @type {number | null} the reloads that staff had asked for when this page began */
  let reloads = null;
  setInterval(() => {
    if (!told().stale) staleSince = 0;
    else staleSince ||= performance.now();
  }, 1000);
  setTimeout(say, first);

  async function say() {
    let wait = usual;
    try {
      wait = await send();
    } catch {
      // Without the link nothing can be said; what was shown is kept.
    }
    setTimeout(say, wait);
  }

  async function send() {
    const { last_call, last_seq, showing, trouble } = told();
    const answer = await fetch(`/api/v1/signage/${encodeURIComponent(office)}/alive`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        token, screen: name, size: `${innerWidth}x${innerHeight}`, version: versionOf(), last_call: last_call.slice(0, 26), last_seq, showing, trouble,
        stale_seconds: staleSince ? Math.round((performance.now() - staleSince) / 1000) : 0, played: token ? plays.slice(0, perReport) : [],
      }),
    });
    if (!answer.ok) return usual;
    const heard = await answer.json();
    plays = plays.filter((play) => play.n > heard.kept);
    write("machi-plays-" + office, plays);
    const before = reloads ?? heard.reloads;
    reloads = before;
    if (heard.reloads > before && free()) location.reload();
    return heard.again_seconds * 1000;
  }

  return {
    /**
     * Notes that an item was shown in full.
     * @param {string} item
     * @param {number} seconds
     * @param {number} at ms by the office's clock
     */
    played(item, seconds, at) {
      if (!token) return;
      last = Math.max(last + 1, Math.round(at));
      plays = [...plays, { n: last, item, seconds }].slice(-mostPlays);
      write("machi-plays-" + office, plays);
    },
  };
}

/**
 * The token stands behind the # of the wall's address, which is never sent to a server.
 * @param {string} office
 * @returns {string}
 */
function tokenOf(office) {
  const given = new URLSearchParams(location.hash.slice(1)).get("screen");
  if (given) write("machi-screen-" + office, given);
  return given ?? read("machi-screen-" + office, "");
}

/** The name that a screen gives itself, so that strangers can be counted. */
function nameOf() {
  const known = read("machi-screen-name", "");
  if (known) return known;
  const made = "w" + Math.random().toString(36).slice(2, 12);
  write("machi-screen-name", made);
  return made;
}

/** The files' hash, which changes with each release. */
function versionOf() {
  return new URL(import.meta.url).pathname.split("/")[2] ?? "";
}

/**
 * @template T
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden store costs the memory, not the wall.
  }
}
