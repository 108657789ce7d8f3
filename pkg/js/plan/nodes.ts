/** A template's plan as Rust writes it: `crates/jinja/src/plan/mod.rs` says what each node is. */

export type TemplatePlan = readonly [loads: readonly Load[], body: StatementNodes];
export type Load = readonly [slot: number, from: string | number | null];
export type ScopeSlots = readonly [loads: readonly Load[], owned: readonly number[]];
export type StatementNodes = readonly StatementNode[];
export type Target = number | readonly Target[];
export type View = "" | "items" | "keys" | "values";
export type LoopField = "first" | "index" | "index0" | "last" | "length" | "revindex" | "revindex0";
export type Operator = "+" | "-" | "*" | "/" | "//" | "%";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type StatementNode =
  | string
  | readonly ["print", ValueNode]
  | readonly ["json", ValueNode, number | null]
  | readonly ["set", number, ValueNode]
  | RareStatement
  | readonly ["if", readonly (readonly [ValueNode, StatementNodes])[], StatementNodes]
  | readonly [
      "for",
      Target,
      View,
      ValueNode,
      number | null,
      ScopeSlots,
      StatementNodes,
      ScopeSlots,
      StatementNodes,
      Condition | null,
    ];

/** The items that a loop takes: its target again, and the condition. */
export type Condition = readonly [Target, ScopeSlots, ValueNode];

export type ValueNode =
  | RareValue
  | readonly ["stop"]
  | readonly ["const", string | number | boolean | null]
  | readonly ["name", number]
  | readonly ["attr" | "field", ValueNode, string]
  | readonly ["item", ValueNode, ValueNode]
  | readonly ["loop", number, LoopField]
  | readonly ["not", ValueNode]
  | readonly ["and" | "or", ValueNode, ValueNode]
  | readonly ["cond", ValueNode, ValueNode, ValueNode | null]
  | readonly ["concat" | "list", readonly ValueNode[]]
  | readonly ["compare", ValueNode, readonly (readonly [Comparison, ValueNode])[]]
  | readonly ["dict", readonly (readonly [string, ValueNode])[]]
  | readonly ["slice", ValueNode, ValueNode | null, ValueNode | null]
  | readonly ["map", ValueNode, string]
  | readonly ["math", Operator, ValueNode, ValueNode]
  | readonly ["filter", string, ValueNode, readonly (ValueNode | null)[]]
  | readonly ["method", string, ValueNode, readonly ValueNode[]]
  | readonly ["test", string, ValueNode];

/** The nodes that `rare.ts` makes closures of. */
export type RareStatement =
  | readonly ["capture", number, ScopeSlots, StatementNodes]
  | readonly [
      "macro",
      number,
      readonly (readonly [number, string])[],
      readonly (ValueNode | null)[],
      ScopeSlots,
      number,
      number,
      StatementNodes,
    ]
  | readonly ["put", number, string, ValueNode];

export type RareValue =
  | readonly ["range", ValueNode | null, ValueNode, ValueNode | null]
  | readonly ["view", View, ValueNode]
  | readonly ["now", ValueNode]
  | readonly ["where" | "each", ValueNode, number, ValueNode]
  | readonly ["call", ValueNode, readonly ValueNode[], readonly (readonly [string, ValueNode])[]]
  | readonly ["space", readonly (readonly [string, ValueNode])[]]
  | readonly ["of", number, string];
