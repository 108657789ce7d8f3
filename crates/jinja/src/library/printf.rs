//! The conversion specifications of Python's `%` operator: `%[(name)][flags][width][.precision][length]type`.

/// A piece of a format string.
#[derive(Debug, PartialEq)]
pub(crate) enum FormatPiece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A conversion.
    Conversion(Conversion<'a>),
}

/// One conversion.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Conversion<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) left: bool,
    pub(crate) plus: bool,
    pub(crate) space: bool,
    pub(crate) alternate: bool,
    pub(crate) zero: bool,
    pub(crate) width: Option<Amount>,
    pub(crate) precision: Option<Amount>,
    pub(crate) kind: char,
}

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    /// As written.
    Fixed(i64),
    /// `*`: the next argument.
    Next,
}

/// Splits a format string. The error is a sentence.
pub(crate) fn parse(format: &str) -> Result<Vec<FormatPiece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (text, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if !text.is_empty() {
            pieces.push(FormatPiece::Text(text));
        }
        let mut cursor = FormatCursor(after.get(1..).unwrap_or(""));
        pieces.push(FormatPiece::Conversion(conversion(&mut cursor)?));
        rest = cursor.0;
    }
    if !rest.is_empty() {
        pieces.push(FormatPiece::Text(rest));
    }
    Ok(pieces)
}

fn conversion<'a>(cursor: &mut FormatCursor<'a>) -> Result<Conversion<'a>, &'static str> {
    let mut spec = Conversion::default();
    if cursor.take('(') {
        spec.name = Some(cursor.name().ok_or("incomplete format key")?);
    }
    loop {
        match cursor.peek() {
            Some('-') => spec.left = true,
            Some('+') => spec.plus = true,
            Some(' ') => spec.space = true,
            Some('#') => spec.alternate = true,
            Some('0') => spec.zero = true,
            _ => break,
        }
        cursor.bump();
    }
    spec.width = cursor.amount().ok_or("width too big")?;
    if cursor.take('.') {
        let precision = cursor.amount().ok_or("precision too big")?;
        spec.precision = precision.or(Some(Amount::Fixed(0)));
    }
    if cursor.peek().is_some_and(|c| matches!(c, 'h' | 'l' | 'L')) {
        cursor.bump();
    }
    spec.kind = cursor.bump().ok_or("incomplete format")?;
    Ok(spec)
}

struct FormatCursor<'a>(&'a str);

impl<'a> FormatCursor<'a> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let c = chars.next();
        self.0 = chars.as_str();
        c
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    /// Up to the closing parenthesis; parentheses nest.
    fn name(&mut self) -> Option<&'a str> {
        let mut depth = 1;
        for (at, c) in self.0.char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let (name, rest) = self.0.split_at_checked(at)?;
                self.0 = rest.get(1..)?;
                return Some(name);
            }
        }
        None
    }

    /// `None` when the number is too big.
    fn amount(&mut self) -> Option<Option<Amount>> {
        if self.take('*') {
            return Some(Some(Amount::Next));
        }
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let value: i64 = number.unwrap_or(0);
            number = Some(value.checked_mul(10)?.checked_add(digit.into())?);
            self.bump();
        }
        Some(number.map(Amount::Fixed))
    }
}
