//! Tokens of a template, and Jinja2's words for them.

use crate::error::Result;
use crate::size;
use crate::syntax::tree::Pos;

/// A token with its place in the template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Bytes of the normalised template; for data what is left after white space control.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(crate) pos: Pos,
}

impl Token {
    /// The token as it stands in its template.
    pub(crate) fn text(self, source: &str) -> &str {
        source
            .get(size::slot(self.start)..size::slot(self.end))
            .unwrap_or_default()
    }
}

/// The tokens of a template, and what comes after the last: the end, or an error of the lexer. Jinja2's parser meets
/// the error when it gets there, so an error of its own further up comes first.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) list: Vec<Token>,
    pub(crate) end: Result<Token>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    Add,
    Assign,
    BlockBegin,
    BlockEnd,
    Colon,
    Comma,
    Data,
    Div,
    Dot,
    End,
    Equal,
    Float,
    FloorDiv,
    Greater,
    GreaterEqual,
    Integer,
    LeftBrace,
    LeftBracket,
    LeftParen,
    Less,
    LessEqual,
    Mod,
    Mul,
    Name,
    NotEqual,
    Pipe,
    Pow,
    RightBrace,
    RightBracket,
    RightParen,
    Semicolon,
    String,
    Sub,
    Tilde,
    VariableBegin,
    VariableEnd,
}

/// The longer operators come first.
const OPERATORS: [(&str, TokenKind); 26] = [
    ("//", TokenKind::FloorDiv),
    ("**", TokenKind::Pow),
    ("==", TokenKind::Equal),
    ("!=", TokenKind::NotEqual),
    (">=", TokenKind::GreaterEqual),
    ("<=", TokenKind::LessEqual),
    ("+", TokenKind::Add),
    ("-", TokenKind::Sub),
    ("/", TokenKind::Div),
    ("*", TokenKind::Mul),
    ("%", TokenKind::Mod),
    ("~", TokenKind::Tilde),
    ("[", TokenKind::LeftBracket),
    ("]", TokenKind::RightBracket),
    ("(", TokenKind::LeftParen),
    (")", TokenKind::RightParen),
    ("{", TokenKind::LeftBrace),
    ("}", TokenKind::RightBrace),
    (">", TokenKind::Greater),
    ("<", TokenKind::Less),
    ("=", TokenKind::Assign),
    (".", TokenKind::Dot),
    (":", TokenKind::Colon),
    ("|", TokenKind::Pipe),
    (",", TokenKind::Comma),
    (";", TokenKind::Semicolon),
];

impl TokenKind {
    /// The operator that the text starts with, and its length.
    pub(super) fn operator(text: &str) -> Option<(Self, usize)> {
        let bytes = text.as_bytes();
        let first = bytes.first()?;
        let found = OPERATORS.iter().find(|(op, _)| match op.as_bytes() {
            [one] => one == first,
            [one, two] => one == first && bytes.get(1) == Some(two),
            _ => false,
        });
        found.map(|(op, kind)| (*kind, op.len()))
    }

    /// What Jinja2's messages call a token of this kind.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::BlockBegin => "begin of statement block",
            Self::BlockEnd => "end of statement block",
            Self::Data => "template data / text",
            Self::End => "end of template",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Name => "name",
            Self::String => "string",
            Self::VariableBegin => "begin of print statement",
            Self::VariableEnd => "end of print statement",
            operator => {
                let mut table = OPERATORS.iter();
                table
                    .find(|(_, kind)| *kind == operator)
                    .map_or("", |(op, _)| op)
            }
        }
    }
}
