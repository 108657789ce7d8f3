/** Types that are more exact than those of `cuecard/admin`, which come from the API. */
import type { KeyInfo, ProjectInfo } from "cuecard/admin";

/** How much a key may run. */
export type KeyLimits = NonNullable<KeyInfo["limits"]>;

export const RECORDINGS = ["off", "usage", "full"] as const;
/** How much a project keeps of its runs, and for how long. */
export type RecordingRule = Required<ProjectInfo["recording"]>;
