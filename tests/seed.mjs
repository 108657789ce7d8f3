// The seed of generated cases: the same in each run, so that a run judges the change and not its luck. `SEED=random` finds
// new cases, and any number those of an earlier run.
export const SEED =
  process.env.SEED === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED ?? 20_261_127);
