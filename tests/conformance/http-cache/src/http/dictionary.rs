//! A dictionary of structured fields (RFC 9651 4.2.2), as far as cache directives need it: the parser reads and drops
//! parameters and inner lists.

/// The value of a member.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i64),
    /// A string or a token.
    Text(String),
    /// A decimal, bytes, a date, a display string or an inner list.
    Other,
}

/// The members in order, the last of each key; `None` if the text is no dictionary.
pub(crate) fn parse(text: &str) -> Option<Vec<(String, Value)>> {
    let mut reader = Reader(text.trim_matches(' '));
    let mut members: Vec<(String, Value)> = Vec::new();
    while !reader.0.is_empty() {
        let key = reader.key()?;
        let value = match reader.take('=') {
            true => reader.member()?,
            false => Value::Boolean(true),
        };
        reader.parameters()?;
        members.retain(|(known, _)| *known != key);
        members.push((key, value));
        reader.skip([' ', '\t']);
        if reader.0.is_empty() {
            break;
        }
        reader.take(',').then_some(())?;
        reader.skip([' ', '\t']);
        (!reader.0.is_empty()).then_some(())?;
    }
    Some(members)
}

/// The text that is left to read.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn member(&mut self) -> Option<Value> {
        if !self.take('(') {
            return self.item();
        }
        loop {
            self.skip([' ']);
            if self.take(')') {
                return Some(Value::Other);
            }
            self.item()?;
            self.parameters()?;
            self.0.starts_with([' ', ')']).then_some(())?;
        }
    }

    fn parameters(&mut self) -> Option<()> {
        while self.take(';') {
            self.skip([' ']);
            self.key()?;
            if self.take('=') {
                self.item()?;
            }
        }
        Some(())
    }

    fn item(&mut self) -> Option<Value> {
        match self.0.chars().next()? {
            '-' | '0'..='9' => self.number(),
            '"' => self.string(),
            '*' | 'a'..='z' | 'A'..='Z' => {
                let inside = |c: char| c.is_ascii_alphanumeric() || ":/!#$%&'*+-.^_`|~".contains(c);
                Some(Value::Text(self.run(inside).to_owned()))
            }
            '?' => {
                self.take('?');
                let yes = self.take('1');
                (yes || self.take('0')).then_some(Value::Boolean(yes))
            }
            ':' => {
                self.take(':');
                self.run(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
                self.take(':').then_some(Value::Other)
            }
            '@' => {
                self.take('@');
                matches!(self.number()?, Value::Integer(_)).then_some(Value::Other)
            }
            '%' => {
                self.take('%');
                self.0.starts_with('"').then_some(())?;
                self.string()?;
                Some(Value::Other)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let sign = if self.take('-') { -1 } else { 1 };
        let whole = self.run(|c| c.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 {
            return None;
        }
        if self.take('.') {
            let fraction = self.run(|c| c.is_ascii_digit());
            let valid = whole.len() <= 12 && (1..=3).contains(&fraction.len());
            return valid.then_some(Value::Other);
        }
        Some(Value::Integer(sign * whole.parse::<i64>().ok()?))
    }

    fn string(&mut self) -> Option<Value> {
        self.take('"');
        let mut text = String::new();
        loop {
            let c = self.next()?;
            match c {
                '"' => return Some(Value::Text(text)),
                '\\' => text.push(self.next().filter(|c| ['"', '\\'].contains(c))?),
                ' '..='~' => text.push(c),
                _ => return None,
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        self.0
            .starts_with(|c: char| c.is_ascii_lowercase() || c == '*')
            .then_some(())?;
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c);
        Some(self.run(inside).to_owned())
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let c = chars.next()?;
        self.0 = chars.as_str();
        Some(c)
    }

    fn take(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip<const N: usize>(&mut self, chars: [char; N]) {
        self.0 = self.0.trim_start_matches(chars);
    }

    fn run(&mut self, inside: impl Fn(char) -> bool) -> &'a str {
        let rest = self.0.trim_start_matches(inside);
        let (run, rest) = self.0.split_at(self.0.len() - rest.len());
        self.0 = rest;
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_every_type() {
        let text =
            "a, b=1;x;y=\"z\" ,\tc=\"q\\\"\", d=tok/en, e=?0, f=1.5, g=(1 \"x\";p (  )), a=-7";
        assert_eq!(parse(text), None, "an inner list holds items only");
        let text = "a, b=1;x;y=\"z\" ,\tc=\"q\\\"\", d=tok/en, e=?0, f=1.5, g=(1 \"x\";p  2 ), h=:YQ==:, i=@0, a=-7";
        let members = parse(text).unwrap();
        let text = |text: &str| Value::Text(text.to_owned());
        let expected = [
            ("b", Value::Integer(1)),
            ("c", text("q\"")),
            ("d", text("tok/en")),
            ("e", Value::Boolean(false)),
            ("f", Value::Other),
            ("g", Value::Other),
            ("h", Value::Other),
            ("i", Value::Other),
            ("a", Value::Integer(-7)),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value));
        assert_eq!(members, expected);
    }

    #[test]
    fn what_is_no_dictionary() {
        assert_eq!(parse("  "), Some(Vec::new()));
        for text in [
            "a,",
            ",a",
            "a,,b",
            "A=1",
            "a b",
            "a=",
            "a= 1",
            "a =1",
            "a=\"",
            "a=1.",
            "a=1.2345",
            "a=1234567890123456",
            "a=?2",
            "a=\u{e9}",
            "a=(1",
            "a;B",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
