// What axe-core finds on a page: the rules of WCAG 2.0 to 2.2, A and AA, and its best practices.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The rules that a change of colours can break. */
export const colours = ["color-contrast", "link-in-text-block"];

/**
 * @param {import("playwright-core").Page} page
 * @param {string[]} [rules] only these; the page has been looked at with all of them before
 * @returns {Promise<string[]>} what is wrong: rule and elements
 */
export async function violations(page, rules) {
  if (!rules) await page.evaluate(source);
  return page.evaluate(async ({ standards, rules }) => {
    const result = await /** @type {any} */ (window).axe.run(document, {
      runOnly: rules ? { type: "rule", values: rules } : standards, resultTypes: ["violations"], preload: false,
    });
    return result.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`);
  }, { standards, rules });
}
