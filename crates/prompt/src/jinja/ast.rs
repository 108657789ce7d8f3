//! The syntax tree of a template: what the parser makes, what scopes are resolved in, and what is evaluated.

use std::sync::Arc;

use super::library::{FilterFn, TestFn};
use super::ops::{Math, Order};

/// A place in a template: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Pos {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// Where a variable lives: functions to go out, and the slot there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) up: u32,
    pub(super) slot: u32,
}

/// A name that is read or written.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) name: Arc<str>,
    pub(super) pos: Pos,
    pub(super) place: Place,
}

/// A literal.
#[derive(Clone, Debug)]
pub(super) enum Const {
    None,
    Bool(bool),
    Int(i64),
    Big(i128),
    Float(f64),
    Str(Arc<str>),
}

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Const(Const),
    Name(Name),
    Attribute(Box<Attribute>),
    Item(Box<Item>),
    Slice(Box<Slice>),
    Call(Box<Call>),
    Filter(Box<Filter>),
    Test(Box<Test>),
    Not(Box<Expr>),
    Negate(Box<(Expr, Pos)>),
    Positive(Box<(Expr, Pos)>),
    Math(Box<Binary>),
    And(Box<(Expr, Expr)>),
    Or(Box<(Expr, Expr)>),
    Concat(Box<(Vec<Expr>, Pos)>),
    Compare(Box<Compare>),
    If(Box<Conditional>),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Box<(Vec<(Expr, Expr)>, Pos)>),
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) value: Expr,
    pub(super) name: Arc<str>,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) value: Expr,
    pub(super) key: Expr,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Slice {
    pub(super) value: Expr,
    pub(super) start: Option<Expr>,
    pub(super) stop: Option<Expr>,
    pub(super) step: Option<Expr>,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) callee: Expr,
    pub(super) args: Vec<Arg>,
    pub(super) pos: Pos,
}

/// An argument of a call.
#[derive(Debug)]
pub(super) enum Arg {
    Positional(Expr),
    Keyword(Arc<str>, Expr),
    Sequence(Expr),
    Mapping(Expr),
}

#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: Arc<str>,
    /// Absent in the first filter of a filter block: the value is what the block wrote.
    pub(super) value: Option<Expr>,
    pub(super) args: Vec<Arg>,
    /// Absent where the name is unknown, which is an error when it is reached.
    pub(super) function: Option<FilterFn>,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Test {
    pub(super) name: Arc<str>,
    pub(super) value: Expr,
    pub(super) args: Vec<Arg>,
    /// Absent where the name is unknown, which is an error when it is reached.
    pub(super) function: Option<TestFn>,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Binary {
    pub(super) op: Math,
    pub(super) left: Expr,
    pub(super) right: Expr,
    pub(super) pos: Pos,
}

#[derive(Debug)]
pub(super) struct Compare {
    pub(super) first: Expr,
    pub(super) rest: Vec<(Comparison, Expr)>,
    pub(super) pos: Pos,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Order(Order),
    In,
    NotIn,
}

#[derive(Debug)]
pub(super) struct Conditional {
    pub(super) test: Expr,
    pub(super) then: Expr,
    pub(super) other: Option<Expr>,
    pub(super) pos: Pos,
}

/// What is assigned to.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Name(Name),
    /// An attribute of a namespace.
    Namespace(Name, Arc<str>),
    Tuple(Vec<Target>),
}

/// How a variable gets its first value when a scope is entered.
#[derive(Clone, Debug)]
pub(super) enum Load {
    /// From the template's inputs and globals.
    Resolve(Arc<str>),
    /// From an outer variable.
    Alias(Place),
    /// Not at all.
    Missing,
}

/// The variables of a scope.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) loads: Vec<(u32, Load)>,
    /// Every slot that the scope owns, to be cleared at its end.
    pub(super) owned: Vec<u32>,
}

/// A statement.
#[derive(Debug)]
pub(super) enum Stmt {
    Text(Arc<str>),
    Print(Expr),
    Do(Expr),
    If(Box<If>),
    For(Box<For>),
    /// A recursive loop; index into the template's loops.
    Recursive(usize),
    With(Box<With>),
    Set(Box<Set>),
    SetBlock(Box<SetBlock>),
    FilterBlock(Box<FilterBlock>),
    Macro(Box<MacroStmt>),
    CallBlock(Box<CallBlock>),
    /// Index into the template's blocks.
    Block(usize, Pos),
    Autoescape(Box<Autoescape>),
    Break,
    Continue,
}

#[derive(Debug)]
pub(super) struct If {
    pub(super) branches: Vec<(Expr, Vec<Stmt>)>,
    pub(super) other: Vec<Stmt>,
}

#[derive(Debug)]
pub(super) struct For {
    pub(super) target: Target,
    pub(super) iter: Expr,
    /// Index into the template's loop tests.
    pub(super) test: Option<usize>,
    pub(super) recursive: bool,
    pub(super) body: Vec<Stmt>,
    pub(super) other: Vec<Stmt>,
    pub(super) pos: Pos,
    /// Where `loop` lives, when the body reads it.
    pub(super) loop_place: Option<Place>,
    pub(super) scope: Scope,
    pub(super) other_scope: Scope,
    /// Slots of the function that a recursive loop is.
    pub(super) slots: u32,
}

/// The condition of a loop, a function of its own.
#[derive(Debug)]
pub(super) struct LoopTest {
    pub(super) test: Expr,
    /// The loop's target once more, as variables of this function.
    pub(super) target: Target,
    pub(super) scope: Scope,
    pub(super) slots: u32,
}

#[derive(Debug)]
pub(super) struct With {
    pub(super) values: Vec<(Target, Expr)>,
    pub(super) body: Vec<Stmt>,
    pub(super) pos: Pos,
    pub(super) scope: Scope,
}

#[derive(Debug)]
pub(super) struct Set {
    pub(super) target: Target,
    pub(super) value: Expr,
    pub(super) pos: Pos,
    /// Whether blocks can see the names.
    pub(super) export: bool,
}

#[derive(Debug)]
pub(super) struct SetBlock {
    pub(super) target: Target,
    pub(super) filter: Option<Expr>,
    pub(super) body: Vec<Stmt>,
    pub(super) pos: Pos,
    pub(super) scope: Scope,
    /// Whether blocks can see the names.
    pub(super) export: bool,
}

#[derive(Debug)]
pub(super) struct FilterBlock {
    pub(super) filter: Expr,
    pub(super) body: Vec<Stmt>,
    pub(super) scope: Scope,
}

/// The function of a macro or of a call block.
#[derive(Debug)]
pub(super) struct Function {
    /// Absent for the body of a call block.
    pub(super) name: Option<Arc<str>>,
    pub(super) params: Vec<Name>,
    /// For the last parameters.
    pub(super) defaults: Vec<Expr>,
    pub(super) body: Vec<Stmt>,
    pub(super) pos: Pos,
    pub(super) scope: Scope,
    pub(super) slots: u32,
    pub(super) caller: Option<u32>,
    pub(super) kwargs: Option<u32>,
    pub(super) varargs: Option<u32>,
}

#[derive(Debug)]
pub(super) struct MacroStmt {
    pub(super) target: Name,
    /// Index into the template's functions.
    pub(super) function: usize,
    /// Whether blocks can see the name.
    pub(super) export: bool,
}

#[derive(Debug)]
pub(super) struct CallBlock {
    pub(super) call: Call,
    /// Index into the template's functions.
    pub(super) function: usize,
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: Arc<str>,
    pub(super) scoped: bool,
    pub(super) required: bool,
    pub(super) body: Vec<Stmt>,
    pub(super) scope: Scope,
    pub(super) slots: u32,
    pub(super) self_slot: Option<u32>,
    pub(super) super_slot: Option<u32>,
    /// What a scoped block sees of the scopes around it.
    pub(super) locals: Vec<(Arc<str>, Place)>,
}

#[derive(Debug)]
pub(super) struct Autoescape {
    pub(super) enabled: Expr,
    pub(super) body: Vec<Stmt>,
    pub(super) scope: Scope,
}

/// A template: its statements, and what they refer to by index.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) body: Vec<Stmt>,
    pub(super) functions: Vec<Function>,
    pub(super) loops: Vec<For>,
    pub(super) tests: Vec<LoopTest>,
    pub(super) blocks: Vec<Block>,
}
