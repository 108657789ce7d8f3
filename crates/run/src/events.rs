//! Server-sent events, as the HTML standard parses them, from bytes that come in pieces.

/// An event stream under way. Only the data of events is kept, and nothing of one that is too long.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: String,
    has_data: bool,
    /// Whether the piece before ended with a carriage return, whose line feed may begin this one.
    after_return: bool,
    begun: bool,
    too_long: bool,
}

/// The most bytes of one event; a longer one is skipped.
const MAX_EVENT: usize = 4 << 20;

impl Events {
    /// Reads a piece, and hands over the data of each event that ends in it.
    pub fn read(&mut self, piece: &[u8], mut event: impl FnMut(&str)) {
        let mut rest = piece;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (part, from) = rest.split_at(at);
            self.go_on(part);
            let after_return = std::mem::take(&mut self.after_return) && part.is_empty();
            let (end, after) = from.split_at(1);
            rest = after;
            if end == b"\r" {
                self.after_return = true;
                self.end_line(&mut event);
            } else if !after_return {
                self.end_line(&mut event);
            }
        }
        if !rest.is_empty() {
            self.after_return = false;
            self.go_on(rest);
        }
    }

    /// Appends to the line, up to the limit.
    fn go_on(&mut self, part: &[u8]) {
        let room = MAX_EVENT.saturating_sub(self.line.len());
        self.too_long |= part.len() > room;
        self.line.extend(part.iter().take(room));
    }

    /// Whether the stream is between two events.
    pub fn is_between(&self) -> bool {
        self.line.is_empty() && !self.has_data
    }

    fn end_line(&mut self, event: &mut impl FnMut(&str)) {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            let whole = !std::mem::take(&mut self.too_long);
            if std::mem::take(&mut self.has_data) && whole {
                event(&data);
            }
            return;
        }
        let Some(rest) = line.strip_prefix(b"data") else {
            return;
        };
        let value = match rest {
            [] => rest,
            [b':', b' ', value @ ..] | [b':', value @ ..] => value,
            _ => return,
        };
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push('\n');
        }
        if self.data.len() + value.len() > MAX_EVENT {
            self.too_long = true;
        } else {
            self.data.push_str(&String::from_utf8_lossy(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> (Vec<String>, bool) {
        let (mut events, mut read) = (Vec::new(), Events::default());
        for piece in pieces {
            read.read(piece, |data| events.push(data.to_owned()));
        }
        (events, read.is_between())
    }

    #[test]
    fn every_way_to_cut_a_stream_gives_the_same_events() {
        let stream = "\u{feff}: hi\r\nevent: a\r\ndata: {\"x\":\r\ndata: 1}\r\n\r\ndata:é\n\nid: 7\n\ndata\n\ndata: [DONE]\r\r"
            .as_bytes();
        let expected = ["{\"x\":\n1}", "é", "", "[DONE]"].map(str::to_owned);
        assert_eq!(events(&[stream]), (expected.to_vec(), true));
        for cut in 0..stream.len() {
            let (before, after) = stream.split_at(cut);
            assert_eq!(events(&[before, after]).0, expected, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(events(&bytes).0, expected);
    }

    #[test]
    fn half_an_event_is_none() {
        assert_eq!(
            events(&[b"data: 1\n\ndata: 2\n"]),
            (vec!["1".to_owned()], false)
        );
        assert_eq!(events(&[b"data: 1\n\nda"]), (vec!["1".to_owned()], false));
    }

    #[test]
    fn an_endless_event_takes_no_endless_memory() {
        let mut read = Events::default();
        for _ in 0..(2 * MAX_EVENT / 1_000) {
            read.read(&[b'x'; 1_000], |_| panic!("there is no event"));
        }
        assert!(read.line.len() <= MAX_EVENT);
        read.read(b"\n\ndata: 1\n\n", |data| assert_eq!(data, "1"));
    }
}
