// Runs timelines.test.mjs through `cuecard/client`.
import { use } from "./entry.mjs";

use("light.js");
await import("./timelines.test.mjs");
