/** The table of commands, in the order of help. */
import type { Command } from "../command.ts";
import { check } from "./check.ts";
import { deploy } from "./deploy.ts";
import { dev } from "./dev.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { init } from "./init.ts";
import { keys } from "./keys.ts";
import { lock } from "./lock.ts";
import { login } from "./login.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { render } from "./render.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import { tag } from "./tag.ts";
import { test } from "./test.ts";
import { types } from "./types.ts";

export const COMMANDS: readonly Command[] = [
  dev,
  init,
  login,
  pull,
  push,
  status,
  diff,
  tag,
  rollback,
  render,
  run,
  test,
  types,
  lock,
  check,
  importCommand,
  exportCommand,
  keys,
  doctor,
  deploy,
];
