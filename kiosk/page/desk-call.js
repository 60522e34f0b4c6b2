// What the pages of staff mode share: the session, the way from one to another, and
// words for what goes wrong.
import { errorText } from "./desk-model.js";
import { known } from "./words.js";

/** @typedef {import("./types.d.ts").Context} Context */

/** @param {Context} c @param {string} key @param {Record<string, unknown>} [args] */
export const t = (c, key, args) => c.t("desk." + key, args);

/**
 * Seconds until the question; with its 15 seconds staff mode ends after two minutes
 * unused, also where visitors are given twice the time.
 * @param {Context} c
 */
export const staffIdle = (c) => 105 / (c.state.modes.voice || c.state.modes.large ? 2 : 1);

/** What every page of staff mode is. */
export const desk = { bare: true, always: true, idle: staffIdle };

/** Marks a page as staff mode's, in the language that it speaks. @param {HTMLElement} root @param {Context} c */
export function inDesk(root, c) {
  root.classList.add("desk");
  root.lang = c.state.language === "en" ? "en" : "ja";
}

/**
 * Goes to another page of staff mode. The pages are a tree, not a trail: "back" of
 * each is said by itself.
 * @param {Context} c
 * @param {string} name
 * @param {any} [props]
 */
export function to(c, name, props = {}) {
  const { session, machine } = c.state.props;
  c.go(name, { session, machine, ...props, forget: true });
}

/**
 * Asks the machine. Of a problem the visitor of the page is told, and nothing is
 * returned: an ended session leads to the PIN, anything else to a page that says so.
 * @param {Context} c
 * @param {string} path below desk/
 * @param {object} body
 * @param {{then?: string, quiet?: boolean}} [more] where the problem's page leads to; quiet: keep what is shown
 * @returns {Promise<any>}
 */
export async function call(c, path, body, { then = "desk_home", quiet = path === "state" } = {}) {
  try {
    return (await c.post("desk/" + path, { session: c.state.props.session, ...body })) ?? {};
  } catch (error) {
    const { code = "", detail } = /** @type {import("./follow.js").Problem} */ (error);
    if (code === "signed_out") c.go("desk", { ended: true, forget: true });
    else if (!quiet) to(c, "desk_done", { bad: true, head: t(c, "error.title"), text: problem(c, code, detail?.reason), then });
    return null;
  }
}

/** @param {Context} c @param {string} code @param {string} [reason] why nothing was printed */
export function problem(c, code, reason) {
  const name = errorText(code === "print_failed" && reason ? reason : code, (n) => known("desk.error." + n));
  return t(c, "error." + name, { code });
}

/** @param {Context} c @param {string} id of a service */
export function serviceName(c, id) {
  const service = c.state.screen.services.find((s) => s.id === id);
  const language = c.state.language === "en" ? "en" : "ja";
  return service?.name[language] || service?.name.ja || id;
}
