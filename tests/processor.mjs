// Processor time of programs that start other programs. Where their steps run one after the other, an idle machine takes
// about as long.
import { readFileSync, readdirSync } from "node:fs";

/** Processor seconds of a process with its descendants (`all`), and of its children that have ended (`ended`). */
export function processorSeconds(pid) {
  const fields = read(`/proc/${pid}/stat`)?.split(") ")[1].split(" ");
  if (!fields) return { ended: 0, all: 0 };
  const [own, ended] = [11, 13].map((at) => (Number(fields[at]) + Number(fields[at + 1])) / 100);
  const below = tasks(pid)
    .flatMap((task) => (read(`/proc/${pid}/task/${task}/children`) ?? "").split(" ").filter(Boolean))
    .reduce((sum, child) => sum + processorSeconds(child).all, 0);
  return { ended, all: own + ended + below };
}

// A process or a thread may end between two looks.
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function tasks(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
