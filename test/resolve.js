// Lets node find the shared browser modules where the server serves them: one
// folder above the pages' own. Used as node --import ./test/resolve.js --test.

import { register } from "node:module";

const shared = new URL("../internal/ui/assets/", import.meta.url).href;
const hook = `
export async function resolve(name, context, next) {
  try {
    return await next(name, context);
  } catch (error) {
    if (!/^\\.\\.\\/[^/]+\\.js$/.test(name)) throw error;
    return next(new URL(name.slice(3), ${JSON.stringify(shared)}).href, context);
  }
}`;
register("data:text/javascript," + encodeURIComponent(hook));
