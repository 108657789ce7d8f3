//! `html.unescape`, with the named references of HTML 4; the rarer names of HTML 5 stay as they are.

use crate::size;

/// Replaces the character references of a text.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let body = reference.get(1..).unwrap_or("");
        let taken = match body.strip_prefix('#') {
            Some(number) => numeric(number, &mut out).map(|length| length + 1),
            None => named(body, &mut out),
        };
        if taken.is_none() {
            out.push('&');
        }
        rest = body.get(taken.unwrap_or(0)..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// Appends what `#…` stands for; gives how much of `number` it takes.
fn numeric(number: &str, out: &mut String) -> Option<usize> {
    let (prefix, radix) = match number.strip_prefix(['x', 'X']) {
        Some(_) => (1, 16),
        None => (0, 10),
    };
    let digits = number.get(prefix..)?;
    let length = digits
        .bytes()
        .take_while(|b| char::from(*b).is_digit(radix))
        .count();
    if length == 0 {
        return None;
    }
    let code = digits
        .bytes()
        .take(length)
        .filter_map(|b| char::from(b).to_digit(radix))
        .fold(0_u32, |code, digit| {
            code.saturating_mul(radix).saturating_add(digit)
        });
    match code {
        0 => out.push('\u{fffd}'),
        0x80..=0x9f => {
            let found = WINDOWS.chars().nth(size::slot(code - 0x80));
            let found = found.filter(|c| *c != ' ').or(char::from_u32(code));
            out.push(found.unwrap_or('\u{fffd}'));
        }
        0x1..=0x8 | 0xb | 0xe..=0x1f | 0x7f | 0xfdd0..=0xfdef => {}
        _ if code & 0xfffe == 0xfffe && code <= 0x10_ffff => {}
        _ => out.push(char::from_u32(code).unwrap_or('\u{fffd}')),
    }
    let semicolon = digits
        .get(length..)
        .is_some_and(|after| after.starts_with(';'));
    Some(prefix + length + usize::from(semicolon))
}

/// Appends what a name stands for; gives how much of `body` it takes.
fn named(body: &str, out: &mut String) -> Option<usize> {
    let length = body
        .bytes()
        .take(32)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let name = body.get(..length)?;
    let find = |table: &[(&str, u32)], name: &str| {
        let index = table
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        table.get(index).and_then(|(_, code)| char::from_u32(*code))
    };
    if body
        .get(length..)
        .is_some_and(|after| after.starts_with(';'))
        && let Some(found) = find(LEGACY, name).or_else(|| find(NAMES, name))
    {
        out.push(found);
        return Some(length + 1);
    }
    // The old names count without a semicolon, and as a prefix of a longer word.
    (2..=length).rev().find_map(|end| {
        out.push(find(LEGACY, name.get(..end)?)?);
        Some(end)
    })
}

/// What the numbers 128 to 159 stand for; a space means the control character itself.
const WINDOWS: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// Names that need no semicolon.
const LEGACY: &[(&str, u32)] = &[
    ("AElig", 198),
    ("AMP", 38),
    ("Aacute", 193),
    ("Acirc", 194),
    ("Agrave", 192),
    ("Aring", 197),
    ("Atilde", 195),
    ("Auml", 196),
    ("COPY", 169),
    ("Ccedil", 199),
    ("ETH", 208),
    ("Eacute", 201),
    ("Ecirc", 202),
    ("Egrave", 200),
    ("Euml", 203),
    ("GT", 62),
    ("Iacute", 205),
    ("Icirc", 206),
    ("Igrave", 204),
    ("Iuml", 207),
    ("LT", 60),
    ("Ntilde", 209),
    ("Oacute", 211),
    ("Ocirc", 212),
    ("Ograve", 210),
    ("Oslash", 216),
    ("Otilde", 213),
    ("Ouml", 214),
    ("QUOT", 34),
    ("REG", 174),
    ("THORN", 222),
    ("Uacute", 218),
    ("Ucirc", 219),
    ("Ugrave", 217),
    ("Uuml", 220),
    ("Yacute", 221),
    ("aacute", 225),
    ("acirc", 226),
    ("acute", 180),
    ("aelig", 230),
    ("agrave", 224),
    ("amp", 38),
    ("aring", 229),
    ("atilde", 227),
    ("auml", 228),
    ("brvbar", 166),
    ("ccedil", 231),
    ("cedil", 184),
    ("cent", 162),
    ("copy", 169),
    ("curren", 164),
    ("deg", 176),
    ("divide", 247),
    ("eacute", 233),
    ("ecirc", 234),
    ("egrave", 232),
    ("eth", 240),
    ("euml", 235),
    ("frac12", 189),
    ("frac14", 188),
    ("frac34", 190),
    ("gt", 62),
    ("iacute", 237),
    ("icirc", 238),
    ("iexcl", 161),
    ("igrave", 236),
    ("iquest", 191),
    ("iuml", 239),
    ("laquo", 171),
    ("lt", 60),
    ("macr", 175),
    ("micro", 181),
    ("middot", 183),
    ("nbsp", 160),
    ("not", 172),
    ("ntilde", 241),
    ("oacute", 243),
    ("ocirc", 244),
    ("ograve", 242),
    ("ordf", 170),
    ("ordm", 186),
    ("oslash", 248),
    ("otilde", 245),
    ("ouml", 246),
    ("para", 182),
    ("plusmn", 177),
    ("pound", 163),
    ("quot", 34),
    ("raquo", 187),
    ("reg", 174),
    ("sect", 167),
    ("shy", 173),
    ("sup1", 185),
    ("sup2", 178),
    ("sup3", 179),
    ("szlig", 223),
    ("thorn", 254),
    ("times", 215),
    ("uacute", 250),
    ("ucirc", 251),
    ("ugrave", 249),
    ("uml", 168),
    ("uuml", 252),
    ("yacute", 253),
    ("yen", 165),
    ("yuml", 255),
];

/// The other names.
const NAMES: &[(&str, u32)] = &[
    ("Alpha", 913),
    ("Beta", 914),
    ("Chi", 935),
    ("Dagger", 8225),
    ("Delta", 916),
    ("Epsilon", 917),
    ("Eta", 919),
    ("Gamma", 915),
    ("Iota", 921),
    ("Kappa", 922),
    ("Lambda", 923),
    ("Mu", 924),
    ("Nu", 925),
    ("OElig", 338),
    ("Omega", 937),
    ("Omicron", 927),
    ("Phi", 934),
    ("Pi", 928),
    ("Prime", 8243),
    ("Psi", 936),
    ("Rho", 929),
    ("Scaron", 352),
    ("Sigma", 931),
    ("Tau", 932),
    ("Theta", 920),
    ("Upsilon", 933),
    ("Xi", 926),
    ("Yuml", 376),
    ("Zeta", 918),
    ("alefsym", 8501),
    ("alpha", 945),
    ("and", 8743),
    ("ang", 8736),
    ("apos", 39),
    ("asymp", 8776),
    ("bdquo", 8222),
    ("beta", 946),
    ("bull", 8226),
    ("cap", 8745),
    ("chi", 967),
    ("circ", 710),
    ("clubs", 9827),
    ("cong", 8773),
    ("crarr", 8629),
    ("cup", 8746),
    ("dArr", 8659),
    ("dagger", 8224),
    ("darr", 8595),
    ("delta", 948),
    ("diams", 9830),
    ("empty", 8709),
    ("emsp", 8195),
    ("ensp", 8194),
    ("epsilon", 949),
    ("equiv", 8801),
    ("eta", 951),
    ("euro", 8364),
    ("exist", 8707),
    ("fnof", 402),
    ("forall", 8704),
    ("frasl", 8260),
    ("gamma", 947),
    ("ge", 8805),
    ("hArr", 8660),
    ("harr", 8596),
    ("hearts", 9829),
    ("hellip", 8230),
    ("image", 8465),
    ("infin", 8734),
    ("int", 8747),
    ("iota", 953),
    ("isin", 8712),
    ("kappa", 954),
    ("lArr", 8656),
    ("lambda", 955),
    ("lang", 10216),
    ("larr", 8592),
    ("lceil", 8968),
    ("ldquo", 8220),
    ("le", 8804),
    ("lfloor", 8970),
    ("lowast", 8727),
    ("loz", 9674),
    ("lrm", 8206),
    ("lsaquo", 8249),
    ("lsquo", 8216),
    ("mdash", 8212),
    ("minus", 8722),
    ("mu", 956),
    ("nabla", 8711),
    ("ndash", 8211),
    ("ne", 8800),
    ("ni", 8715),
    ("notin", 8713),
    ("nsub", 8836),
    ("nu", 957),
    ("oelig", 339),
    ("oline", 8254),
    ("omega", 969),
    ("omicron", 959),
    ("oplus", 8853),
    ("or", 8744),
    ("otimes", 8855),
    ("part", 8706),
    ("permil", 8240),
    ("perp", 8869),
    ("phi", 966),
    ("pi", 960),
    ("piv", 982),
    ("prime", 8242),
    ("prod", 8719),
    ("prop", 8733),
    ("psi", 968),
    ("rArr", 8658),
    ("radic", 8730),
    ("rang", 10217),
    ("rarr", 8594),
    ("rceil", 8969),
    ("rdquo", 8221),
    ("real", 8476),
    ("rfloor", 8971),
    ("rho", 961),
    ("rlm", 8207),
    ("rsaquo", 8250),
    ("rsquo", 8217),
    ("sbquo", 8218),
    ("scaron", 353),
    ("sdot", 8901),
    ("sigma", 963),
    ("sigmaf", 962),
    ("sim", 8764),
    ("spades", 9824),
    ("sub", 8834),
    ("sube", 8838),
    ("sum", 8721),
    ("sup", 8835),
    ("supe", 8839),
    ("tau", 964),
    ("there4", 8756),
    ("theta", 952),
    ("thetasym", 977),
    ("thinsp", 8201),
    ("tilde", 732),
    ("trade", 8482),
    ("uArr", 8657),
    ("uarr", 8593),
    ("upsih", 978),
    ("upsilon", 965),
    ("weierp", 8472),
    ("xi", 958),
    ("zeta", 950),
    ("zwj", 8205),
    ("zwnj", 8204),
];
