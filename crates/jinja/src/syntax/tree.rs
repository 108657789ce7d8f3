//! The syntax tree of a template: the parser builds it, scopes resolve its names, and the run evaluates it.

#![expect(missing_docs, reason = "the fields are what their types say")]

use std::sync::Arc;

pub use crate::error::Pos;
use crate::size;

/// Where a variable lives: functions to go out, and the slot there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Place {
    pub up: u32,
    pub slot: u32,
}

impl Place {
    /// The number of functions to go out.
    pub fn outward(self) -> usize {
        size::slot(self.up)
    }

    /// The slot as an index.
    pub fn index(self) -> usize {
        size::slot(self.slot)
    }
}

/// A name that is read or written.
#[derive(Clone, Debug)]
pub struct Name {
    pub name: Arc<str>,
    pub pos: Pos,
    pub place: Place,
}

/// A literal.
#[derive(Clone, Debug)]
pub enum Const {
    None,
    Bool(bool),
    Int(i64),
    Big(i128),
    Float(f64),
    Str(Arc<str>),
}

/// An expression.
#[derive(Debug)]
pub enum Expr {
    Const(Const),
    Name(Name),
    Attribute(Box<Attribute>),
    Item(Box<Item>),
    Slice(Box<Slice>),
    Call(Box<CallExpr>),
    Filter(Box<FilterExpr>),
    Test(Box<TestExpr>),
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
pub struct Attribute {
    pub value: Expr,
    pub name: Arc<str>,
    /// Whether a dict is asked for a key at once, as it has no method of the name; found when names are resolved.
    pub(crate) is_key: bool,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct Item {
    pub value: Expr,
    pub key: Expr,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct Slice {
    pub value: Expr,
    pub start: Option<Expr>,
    pub stop: Option<Expr>,
    pub step: Option<Expr>,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct CallExpr {
    pub callee: Expr,
    pub args: Vec<Arg>,
    pub pos: Pos,
}

/// An argument of a call.
#[derive(Debug)]
pub enum Arg {
    Positional(Expr),
    Keyword(Arc<str>, Expr),
    Sequence(Expr),
    Mapping(Expr),
}

#[derive(Debug)]
pub struct FilterExpr {
    pub name: Arc<str>,
    /// Absent in the first filter of a filter block: the value is what the block wrote.
    pub value: Option<Expr>,
    pub args: Vec<Arg>,
    /// Its row in the library, once names are resolved; `None` for an unknown one, an error when it is reached.
    pub(crate) row: Option<usize>,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct TestExpr {
    pub name: Arc<str>,
    pub value: Expr,
    pub args: Vec<Arg>,
    /// As for filters.
    pub(crate) row: Option<usize>,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct Binary {
    pub op: Math,
    pub left: Expr,
    pub right: Expr,
    pub pos: Pos,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Math {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
}

/// Ordering operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug)]
pub struct Compare {
    pub first: Expr,
    pub rest: Vec<(Comparison, Expr)>,
    pub pos: Pos,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Order(Order),
    In,
    NotIn,
}

#[derive(Debug)]
pub struct Conditional {
    pub test: Expr,
    pub then: Expr,
    pub other: Option<Expr>,
    pub pos: Pos,
}

/// What is assigned to.
#[derive(Clone, Debug)]
pub enum Target {
    Name(Name),
    /// An attribute of a namespace.
    Namespace(Name, Arc<str>),
    Tuple(Vec<Target>),
}

/// How a variable gets its first value when a scope is entered.
#[derive(Clone, Debug)]
pub enum Load {
    /// From the template's inputs and globals.
    Resolve(Arc<str>),
    /// From an outer variable.
    Alias(Place),
    /// Not at all.
    Missing,
}

/// The variables of a scope.
#[derive(Debug, Default)]
pub struct ScopeSlots {
    pub loads: Vec<(u32, Load)>,
    /// Every slot that the scope owns, to be cleared at its end.
    pub owned: Vec<u32>,
}

/// A statement.
#[derive(Debug)]
pub enum Stmt {
    Text(Arc<str>, Pos),
    Print(Expr, Pos),
    Do(Expr, Pos),
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
    /// The tag `generation`; index into the template's functions.
    Generation(usize, Pos),
    /// Index into the template's blocks.
    Block(usize, Pos),
    Autoescape(Box<Autoescape>),
    Break,
    Continue,
}

#[derive(Debug)]
pub struct If {
    pub branches: Vec<(Expr, Vec<Stmt>)>,
    pub other: Vec<Stmt>,
}

#[derive(Debug)]
pub struct For {
    pub target: Target,
    pub iter: Expr,
    /// Index into the template's loop tests.
    pub test: Option<usize>,
    pub recursive: bool,
    pub body: Vec<Stmt>,
    pub other: Vec<Stmt>,
    pub pos: Pos,
    /// The slot of `loop`, when the body reads it.
    pub loop_place: Option<Place>,
    pub scope: ScopeSlots,
    pub other_scope: ScopeSlots,
    /// The number of slots of the function that a recursive loop is.
    pub slots: u32,
}

/// The condition of a loop, a separate function.
#[derive(Debug)]
pub struct LoopTest {
    pub test: Expr,
    /// The loop's target again, as variables of this function.
    pub target: Target,
    pub scope: ScopeSlots,
    pub slots: u32,
}

#[derive(Debug)]
pub struct With {
    pub values: Vec<(Target, Expr)>,
    pub body: Vec<Stmt>,
    pub pos: Pos,
    pub scope: ScopeSlots,
}

#[derive(Debug)]
pub struct Set {
    pub target: Target,
    pub value: Expr,
    pub pos: Pos,
    /// Whether blocks can see the names.
    pub export: bool,
}

#[derive(Debug)]
pub struct SetBlock {
    pub target: Target,
    pub filter: Option<Expr>,
    pub body: Vec<Stmt>,
    pub pos: Pos,
    pub scope: ScopeSlots,
    /// Whether blocks can see the names.
    pub export: bool,
}

#[derive(Debug)]
pub struct FilterBlock {
    pub filter: Expr,
    pub body: Vec<Stmt>,
    pub scope: ScopeSlots,
}

/// The function of a macro or of a call block.
#[derive(Debug)]
pub struct Function {
    /// Absent for the body of a call block.
    pub name: Option<Arc<str>>,
    pub params: Vec<Name>,
    /// The defaults of the last parameters.
    pub defaults: Vec<Expr>,
    pub body: Vec<Stmt>,
    pub pos: Pos,
    pub scope: ScopeSlots,
    pub slots: u32,
    pub caller: Option<u32>,
    pub kwargs: Option<u32>,
    pub varargs: Option<u32>,
}

#[derive(Debug)]
pub struct MacroStmt {
    pub target: Name,
    /// Index into the template's functions.
    pub function: usize,
    /// Whether blocks can see the name.
    pub export: bool,
}

#[derive(Debug)]
pub struct CallBlock {
    pub call: CallExpr,
    /// Index into the template's functions.
    pub function: usize,
}

#[derive(Debug)]
pub struct Block {
    pub name: Arc<str>,
    pub scoped: bool,
    pub required: bool,
    pub body: Vec<Stmt>,
    pub scope: ScopeSlots,
    pub slots: u32,
    pub self_slot: Option<u32>,
    pub super_slot: Option<u32>,
    /// The names that a scoped block sees of the scopes around it.
    pub locals: Vec<(Arc<str>, Place)>,
}

#[derive(Debug)]
pub struct Autoescape {
    pub enabled: Expr,
    pub body: Vec<Stmt>,
    pub scope: ScopeSlots,
}

/// A template: its statements, and the parts that they refer to by index.
#[derive(Debug, Default)]
pub struct Tree {
    pub body: Vec<Stmt>,
    pub functions: Vec<Function>,
    pub loops: Vec<For>,
    pub tests: Vec<LoopTest>,
    pub blocks: Vec<Block>,
}
