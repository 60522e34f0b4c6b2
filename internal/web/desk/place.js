// Where a desk stands and what a command did to that, as pure functions: the page's
// address says it, and the server draws it.

/** The parts of the address that stay when others change. */
const momentary = ["problem", "about", "did"];

/**
 * The address with some parts changed; empty ones are taken away, and what was said
 * of the last command goes.
 * @param {string} address with its query
 * @param {Record<string, string>} parts
 */
export function to(address, parts) {
  const [path, query = ""] = address.split("?");
  const next = new URLSearchParams(query);
  for (const name of momentary) next.delete(name);
  for (const [name, value] of Object.entries(parts)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next.size > 0 ? `${path}?${next}` : path;
}

/**
 * The command that a form stands for: its path in the API, without where the page
 * stood.
 * @param {string} action
 */
export function commandOf(action) {
  return action.slice(action.indexOf("/do/") + 4).split("?")[0];
}

/**
 * Where the desk stands after a command went well.
 * @param {string} command
 * @param {{into?: string, number?: string, given?: string}} about
 * @returns {Record<string, string>}
 */
export function after(command, { into = "", number = "", given = "" }) {
  const verb = command.split("/").at(-1) ?? "";
  if (command === "tickets") return { issued: given, t: "", id: "", n: "" };
  if (verb === "merge") return { t: into.trim().toUpperCase(), id: "", n: "" };
  if (verb === "withdraw" && number) return { t: "", id: "" };
  return {};
}
