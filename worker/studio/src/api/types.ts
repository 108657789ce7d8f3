/** What the studio knows more exactly than `cuecard/admin`, which has the API's types. */
import type { KeyInfo, ProjectInfo } from "cuecard/admin";

/** How much a key may run. */
export type KeyLimits = NonNullable<KeyInfo["limits"]>;

export const RECORDINGS = ["off", "usage", "full"] as const;
/** What a project keeps of its runs, and how long. */
export type RecordingRule = Required<ProjectInfo["recording"]>;
