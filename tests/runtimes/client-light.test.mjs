// Runs client.test.mjs through `cuecard/client`.
import { use } from "./entry.mjs";

use("light.js");
await import("./client.test.mjs");
