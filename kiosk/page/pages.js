// Every page by name.
import * as attract from "./pages/attract.js";
import { barred, closed, lost, notReady } from "./pages/away.js";
import * as list from "./pages/list.js";
import * as offer from "./pages/offer.js";
import * as options from "./pages/options.js";
import * as purpose from "./pages/purpose.js";
import * as service from "./pages/service.js";
import * as services from "./pages/services.js";
import * as making from "./pages/making.js";
import * as refused from "./pages/refused.js";
import * as ticket from "./pages/ticket.js";
import { pages as desk } from "./desk.js";
import { pages as scan } from "./scan.js";

/** @type {Record<string, import("./types.d.ts").Page>} */
export const pages = {
  attract, purpose, services, list, service, offer, making, ticket, refused, options,
  barred, closed, notReady, lost, ...desk, ...scan,
};
