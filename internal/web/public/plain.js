// What pages that show nothing that moves need as well.

import { share } from "../share.js";
import { keep } from "./keep.js";

share();
keep();
