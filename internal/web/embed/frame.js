// Keeps the page in a frame fresh: it is drawn again by the server, while anybody looks.

import { refresh } from "../morph.js";

document.documentElement.classList.add("scripted");
setInterval(() => { if (!document.hidden) void refresh(["widget"]).catch(() => false); }, 30_000);
