//! Python's `textwrap.wrap` as `wordwrap` calls it: no tab expansion, whitespace kept as it is.

use crate::text::unicode::{decimal, is_space, is_word};

/// `_whitespace` of `textwrap`.
fn is_blank(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ')
}

fn is_letter(c: char) -> bool {
    // `[^\d\W]`
    is_word(c) && decimal(c).is_none()
}

fn is_word_punct(c: char) -> bool {
    is_word(c) || matches!(c, '!' | '"' | '\'' | '&' | '.' | ',' | '?')
}

/// The lines of one paragraph. `width` is at least 1.
pub(crate) fn wrap(text: &str, width: usize, break_long: bool, hyphens: bool) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut chunks = if hyphens {
        hyphen_chunks(&chars)
    } else {
        blank_chunks(&chars)
    };
    chunks.reverse();
    let mut lines: Vec<String> = Vec::new();
    while let Some(last) = chunks.last() {
        if !lines.is_empty() && last.iter().all(|c| is_space(*c)) {
            chunks.pop();
            if chunks.is_empty() {
                break;
            }
        }
        let (mut line, mut length) = (Vec::new(), 0);
        while let Some(chunk) = chunks.pop_if(|chunk| length + chunk.len() <= width) {
            length += chunk.len();
            line.push(chunk);
        }
        if let Some(chunk) = chunks.pop_if(|chunk| chunk.len() > width) {
            let space = width - length;
            if break_long {
                let cut = long_cut(chunk, space, hyphens);
                if let Some((head, tail)) = chunk.split_at_checked(cut) {
                    line.push(head);
                    chunks.push(tail);
                }
            } else if line.is_empty() {
                line.push(chunk);
            } else {
                chunks.push(chunk);
            }
        }
        line.pop_if(|chunk| chunk.iter().all(|c| is_space(*c)));
        if !line.is_empty() {
            lines.push(line.into_iter().flatten().collect());
        }
    }
    lines
}

/// Where to cut a chunk that is longer than a line: behind the last hyphen that fits, if something stands before it.
fn long_cut(chunk: &[char], space: usize, hyphens: bool) -> usize {
    if hyphens && chunk.len() > space {
        let fitting = chunk.get(..space).unwrap_or_default();
        if let Some(hyphen) = fitting.iter().rposition(|c| *c == '-')
            && hyphen > 0
            && fitting.iter().take(hyphen).any(|c| *c != '-')
        {
            return hyphen + 1;
        }
    }
    space
}

fn blank_chunks(chars: &[char]) -> Vec<&[char]> {
    chars
        .chunk_by(|a, b| is_blank(*a) == is_blank(*b))
        .collect()
}

/// `TextWrapper.wordsep_re.split` without the empty strings.
fn hyphen_chunks(chars: &[char]) -> Vec<&[char]> {
    let mut chunks = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Text between two matches is a chunk of its own; `start` is where it begins.
    while at < chars.len() {
        match separator(chars, at) {
            Some(end) if end > at => {
                chunks.extend(chars.get(start..at).filter(|chunk| !chunk.is_empty()));
                chunks.extend(chars.get(at..end));
                (start, at) = (end, end);
            }
            _ => at += 1,
        }
    }
    chunks.extend(chars.get(start..).filter(|chunk| !chunk.is_empty()));
    chunks
}

/// The end of a match of `wordsep_re` that begins here.
fn separator(chars: &[char], at: usize) -> Option<usize> {
    let get = |index: usize| chars.get(index).copied();
    let run = |from: usize, test: &dyn Fn(char) -> bool| {
        chars.iter().skip(from).take_while(|c| test(**c)).count()
    };
    let first = get(at)?;
    if is_blank(first) {
        return Some(at + run(at, &is_blank));
    }
    let before = at.checked_sub(1).and_then(get);
    // `(?<=[\w!"'&.,?])-{2,}(?=\w)`
    if before.is_some_and(is_word_punct) {
        let dashes = run(at, &|c| c == '-');
        if dashes >= 2 && get(at + dashes).is_some_and(is_word) {
            return Some(at + dashes);
        }
    }
    // A word: `[^\s]+?` up to the first place where it may end.
    (at + 1..=chars.len()).find_map(|end| word_end(chars, end))
}

/// Whether a word may end before `end`; the hyphen that belongs to it is included.
fn word_end(chars: &[char], end: usize) -> Option<usize> {
    let get = |index: usize| chars.get(index).copied();
    let back = |distance: usize| end.checked_sub(distance).and_then(get);
    // `-(?: (?<=[letter]{2}-) | (?<=[letter]-[letter]-) ) (?= [letter] -? [letter])`
    if get(end) == Some('-') {
        let letters = |a: Option<char>| a.is_some_and(is_letter);
        let two = letters(back(1)) && letters(back(2));
        let dashed = letters(back(1)) && back(2) == Some('-') && letters(back(3));
        let next = if get(end + 2) == Some('-') { 3 } else { 2 };
        let follows = letters(get(end + 1)) && letters(get(end + next));
        if (two || dashed) && follows {
            return Some(end + 1);
        }
    }
    // `(?=\s|\Z)`
    if get(end).is_none_or(is_blank) {
        return Some(end);
    }
    // `(?<=[\w!"'&.,?])(?=-{2,}\w)`
    if back(1).is_some_and(is_word_punct) {
        let dashes = chars.iter().skip(end).take_while(|c| **c == '-').count();
        if dashes >= 2 && get(end + dashes).is_some_and(is_word) {
            return Some(end);
        }
    }
    None
}
