//! `lipsum` and `random` without chance: a render gives the same result each time, on every machine.

use crate::size;

/// A small generator of numbers (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// The sequence of numbers for a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit.max(1)).unwrap_or(1);
        size::clamped((mixed ^ (mixed >> 31)) % limit)
    }
}

/// Paragraphs of `min` to `max - 1` words, shaped as Jinja2 shapes them.
pub(crate) fn generate(paragraphs: usize, html: bool, min: usize, max: usize) -> String {
    let words: Vec<&str> = WORDS.split(' ').collect();
    let mut dice = Dice::new(paragraphs as u64);
    let texts: Vec<String> = (0..paragraphs)
        .map(|_| {
            let length = min + dice.below(max - min);
            paragraph(&mut dice, &words, length)
        })
        .collect();
    if html {
        let wrapped: Vec<String> = texts.iter().map(|text| format!("<p>{text}</p>")).collect();
        return wrapped.join("\n");
    }
    texts.join("\n\n")
}

fn paragraph(dice: &mut Dice, words: &[&str], length: usize) -> String {
    let mut text = String::new();
    let (mut capital, mut comma, mut stop) = (true, 0, 0);
    let mut last = usize::MAX;
    for index in 0..length {
        let mut chosen = dice.below(words.len());
        if chosen == last {
            chosen = (chosen + 1) % words.len();
        }
        last = chosen;
        let word = words.get(chosen).copied().unwrap_or("lorem");
        if index > 0 {
            text.push(' ');
        }
        if capital {
            text.push_str(&crate::text::case::capitalize(word));
            capital = false;
        } else {
            text.push_str(word);
        }
        if index > comma + 3 + dice.below(5) {
            comma = index;
            stop += 2;
            text.push(',');
        }
        if index > stop + 10 + dice.below(10) {
            (comma, stop) = (index, index);
            text.push('.');
            capital = true;
        }
    }
    if text.ends_with(',') {
        text.pop();
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

const WORDS: &str = "a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at auctor augue bibendum \
    blandit class commodo condimentum congue consectetuer consequat conubia convallis cras cubilia cum \
    curabitur curae cursus dapibus diam dictum dictumst dignissim dis dolor donec dui duis egestas eget \
    eleifend elementum elit enim erat eros est et etiam eu euismod facilisi facilisis fames faucibus \
    felis fermentum feugiat fringilla fusce gravida habitant habitasse hac hendrerit hymenaeos iaculis \
    id imperdiet in inceptos integer interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula \
    litora lobortis lorem luctus maecenas magna magnis malesuada massa mattis mauris metus mi molestie \
    mollis montes morbi mus nam nascetur natoque nec neque netus nibh nisi nisl non nonummy nostra nulla \
    nullam nunc odio orci ornare parturient pede pellentesque penatibus per pharetra phasellus placerat \
    platea porta porttitor posuere potenti praesent pretium primis proin pulvinar purus quam quis \
    quisque rhoncus ridiculus risus rutrum sagittis sapien scelerisque sed sem semper senectus sit \
    sociis sociosqu sodales sollicitudin suscipit suspendisse taciti tellus tempor tempus tincidunt \
    torquent tortor tristique turpis ullamcorper ultrices ultricies urna ut varius vehicula vel velit \
    venenatis vestibulum vitae vivamus viverra volutpat vulputate";
