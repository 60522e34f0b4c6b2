/** @type {Record<string, import("./types.d.ts").Page>} by name */
export const pages = {};
