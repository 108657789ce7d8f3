// The same through `cuecard/client`.
import { use } from "./entry.mjs";

use("light.js");
await import("./client.test.mjs");
