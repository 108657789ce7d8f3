/** From a document's inputs to the type of `render`'s argument. */
import type { HistoryMessage } from "./history.ts";
import type { Document, Input, InputType, Json } from "./types.ts";

interface Types {
  str: string;
  string: string;
  image: string;
  int: number | bigint;
  integer: number | bigint;
  float: number;
  number: number;
  bool: boolean;
  boolean: boolean;
  list: readonly unknown[];
  array: readonly unknown[];
  "list[str]": readonly string[];
  "list[int]": readonly (number | bigint)[];
  "list[float]": readonly number[];
  "list[bool]": readonly boolean[];
  dict: object;
  object: object;
  messages: readonly HistoryMessage[];
  any: unknown;
}

type ValueOf<I> = I extends { readonly enum: readonly (infer E)[] }
  ? E
  : I extends { readonly type: infer T extends InputType }
    ? Types[T]
    : unknown;

type IsOptional<I> = I extends { readonly required: false } | { readonly default: Json } ? true : false;

type Flat<T> = { [K in keyof T]: T[K] } & {};

/** The argument of `render` for a document: a member per declared input, optional if it has a default or is not
 * required. */
export type InputsOf<D extends Document> = D extends { readonly inputs: infer L extends readonly Input[] }
  ? string extends L[number]["name"]
    ? Record<string, unknown>
    : Flat<
        { readonly [I in L[number] as IsOptional<I> extends true ? never : I["name"]]: ValueOf<I> } & {
          readonly [I in L[number] as IsOptional<I> extends true ? I["name"] : never]?: ValueOf<I> | undefined;
        }
      >
  : Record<string, unknown>;
