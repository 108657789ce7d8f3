// Processor time of programs that start other programs. Where their steps run one after the other, an idle machine takes
// about as long.
import { readFileSync, readdirSync } from "node:fs";

/** Processor seconds of a process with its descendants (`all`), and of its children that have ended (`ended`). */
export function processorSeconds(pid) {
  let fields;
  try {
    fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  } catch {
    return { ended: 0, all: 0 };
  }
  const [own, ended] = [11, 13].map((at) => (Number(fields[at]) + Number(fields[at + 1])) / 100);
  const below = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean))
    .reduce((sum, child) => sum + processorSeconds(child).all, 0);
  return { ended, all: own + ended + below };
}
