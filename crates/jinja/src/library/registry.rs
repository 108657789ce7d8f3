//! Every filter and test: its name, its function, and what is known of it before a render. A new one is a new row;
//! both tables are sorted by name.

use super::{
    FilterFn, TestFn, html, is_tests, json, methods, misc, numbers, pprint, select, sequences,
    sorting, text_filters,
};

/// A filter.
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    pub(crate) run: FilterFn,
    pub(crate) gives: Gives,
    /// How a plan can use it.
    pub(crate) planned: Option<Planned>,
}

/// What a filter takes and gives in a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    /// The number of required arguments.
    pub(crate) fewest: usize,
    /// The names of all arguments, in order.
    pub(crate) names: &'static [&'static str],
}

/// The kind of a filter's result, as far as plans need to know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gives {
    /// Any other value.
    Other,
    /// The items of its value.
    Items,
    /// One item of its value.
    Item,
}

/// A test.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    pub(crate) run: TestFn,
    /// Whether a plan can use it, without arguments.
    pub(crate) planned: bool,
}

/// Methods that a plan can use, with the least and the largest number of arguments.
pub(crate) const PLANNED_METHODS: [(&str, usize, usize); 13] = [
    ("capitalize", 0, 0),
    ("endswith", 1, 1),
    ("get", 1, 2),
    ("index", 1, 1),
    ("join", 1, 1),
    ("lower", 0, 0),
    ("lstrip", 0, 1),
    ("replace", 2, 2),
    ("rstrip", 0, 1),
    ("split", 0, 1),
    ("startswith", 1, 1),
    ("strip", 0, 1),
    ("upper", 0, 0),
];

const FILTERS: &[Filter] = &[
    filter("abs", numbers::abs),
    filter("attr", misc::attr),
    filter("batch", sequences::batch),
    filter("capitalize", text_filters::capitalize).planned(0, &[]),
    filter("center", text_filters::center),
    filter("count", sequences::length).planned(0, &[]),
    filter("d", misc::default).planned(0, &["default_value", "boolean"]),
    filter("default", misc::default)
        .gives(Gives::Items)
        .planned(0, &["default_value", "boolean"]),
    filter("dictsort", sorting::dictsort).planned(0, &["case_sensitive", "by", "reverse"]),
    filter("e", html::escape),
    filter("escape", html::escape),
    filter("filesizeformat", numbers::filesizeformat),
    filter("first", sequences::first)
        .gives(Gives::Item)
        .planned(0, &[]),
    filter("float", numbers::to_float),
    filter("forceescape", html::forceescape),
    filter("format", text_filters::format),
    filter("groupby", sorting::groupby),
    filter("indent", text_filters::indent).planned(0, &["width", "first", "blank"]),
    filter("int", numbers::int).planned(0, &[]),
    filter("items", sequences::items),
    filter("join", sequences::join).planned(0, &["d"]),
    filter("last", sequences::last)
        .gives(Gives::Item)
        .planned(0, &[]),
    filter("length", sequences::length).planned(0, &[]),
    filter("list", sequences::list)
        .gives(Gives::Items)
        .planned(0, &[]),
    filter("lower", text_filters::lower).planned(0, &[]),
    filter("map", select::map),
    filter("max", sorting::max).gives(Gives::Item),
    filter("min", sorting::min).gives(Gives::Item),
    filter("pprint", pprint::pprint),
    filter("random", sequences::random).gives(Gives::Item),
    filter("reject", select::reject).gives(Gives::Items),
    filter("rejectattr", select::rejectattr).gives(Gives::Items),
    filter("replace", text_filters::replace).planned(2, &["old", "new"]),
    filter("reverse", sequences::reverse).gives(Gives::Items),
    filter("round", numbers::round),
    filter("safe", html::safe),
    filter("select", select::select).gives(Gives::Items),
    filter("selectattr", select::selectattr).gives(Gives::Items),
    filter("slice", sequences::slice),
    filter("sort", sorting::sort)
        .gives(Gives::Items)
        .planned(0, &["reverse", "case_sensitive", "attribute"]),
    filter("string", text_filters::string).planned(0, &[]),
    filter("striptags", html::striptags),
    filter("sum", sequences::sum).planned(0, &[]),
    filter("title", text_filters::title),
    filter("tojson", json::tojson),
    filter("trim", text_filters::trim).planned(0, &[]),
    filter("truncate", text_filters::truncate),
    filter("unique", sorting::unique).gives(Gives::Items),
    filter("upper", text_filters::upper).planned(0, &[]),
    filter("urlencode", html::urlencode),
    filter("urlize", html::urlize),
    filter("wordcount", text_filters::wordcount),
    filter("wordwrap", text_filters::wordwrap),
    filter("xmlattr", html::xmlattr),
];

const TESTS: &[Test] = &[
    test("!=", is_tests::not_equal),
    test("<", is_tests::less),
    test("<=", is_tests::less_equal),
    test("==", is_tests::equal),
    test(">", is_tests::greater),
    test(">=", is_tests::greater_equal),
    test("boolean", is_tests::boolean).planned(),
    test("callable", is_tests::callable),
    test("defined", is_tests::defined).planned(),
    test("divisibleby", is_tests::divisible_by),
    test("eq", is_tests::equal),
    test("equalto", is_tests::equal),
    test("escaped", is_tests::escaped),
    test("even", is_tests::even),
    test("false", is_tests::is_false).planned(),
    test("filter", is_tests::is_filter),
    test("float", is_tests::float).planned(),
    test("ge", is_tests::greater_equal),
    test("greaterthan", is_tests::greater),
    test("gt", is_tests::greater),
    test("in", is_tests::is_in),
    test("integer", is_tests::integer).planned(),
    test("iterable", is_tests::iterable),
    test("le", is_tests::less_equal),
    test("lessthan", is_tests::less),
    test("lower", is_tests::lower),
    test("lt", is_tests::less),
    test("mapping", is_tests::mapping).planned(),
    test("ne", is_tests::not_equal),
    test("none", is_tests::is_none).planned(),
    test("number", is_tests::number).planned(),
    test("odd", is_tests::odd),
    test("sameas", is_tests::sameas),
    test("sequence", is_tests::sequence).planned(),
    test("string", is_tests::string).planned(),
    test("test", is_tests::is_test),
    test("true", is_tests::is_true).planned(),
    test("undefined", is_tests::undefined).planned(),
    test("upper", is_tests::upper),
];

const fn filter(name: &'static str, run: FilterFn) -> Filter {
    Filter {
        name,
        run,
        gives: Gives::Other,
        planned: None,
    }
}

impl Filter {
    const fn gives(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }

    const fn planned(self, fewest: usize, names: &'static [&'static str]) -> Self {
        let planned = Some(Planned { fewest, names });
        Self { planned, ..self }
    }
}

const fn test(name: &'static str, run: TestFn) -> Test {
    let planned = false;
    Test { name, run, planned }
}

impl Test {
    const fn planned(self) -> Self {
        let planned = true;
        Self { planned, ..self }
    }
}

/// The row of a filter, by which a compiled template finds it.
pub(crate) fn filter_row(name: &str) -> Option<usize> {
    FILTERS
        .binary_search_by_key(&name, |filter| filter.name)
        .ok()
}

/// The row of a test.
pub(crate) fn test_row(name: &str) -> Option<usize> {
    TESTS.binary_search_by_key(&name, |test| test.name).ok()
}

pub(crate) fn filter_at(row: usize) -> Option<&'static Filter> {
    FILTERS.get(row)
}

pub(crate) fn test_at(row: usize) -> Option<&'static Test> {
    TESTS.get(row)
}

/// The filter of a name.
pub(crate) fn find_filter(name: &str) -> Option<&'static Filter> {
    filter_at(filter_row(name)?)
}

/// The test of a name.
pub(crate) fn find_test(name: &str) -> Option<&'static Test> {
    test_at(test_row(name)?)
}

/// The names of all filters.
pub fn filter_names() -> impl Iterator<Item = &'static str> {
    FILTERS.iter().map(|filter| filter.name)
}

/// The names of all tests.
pub fn test_names() -> impl Iterator<Item = &'static str> {
    TESTS.iter().map(|test| test.name)
}

/// The names of all methods, each once.
pub fn method_names() -> impl Iterator<Item = &'static str> {
    let all = methods::TABLES.iter().flat_map(|table| table.iter());
    let names: std::collections::BTreeSet<_> = all.map(|(name, _)| *name).collect();
    names.into_iter()
}

/// The kind of a filter's result.
pub fn gives(filter: &str) -> Gives {
    find_filter(filter).map_or(Gives::Other, |filter| filter.gives)
}

/// Whether some value has a method of the name.
pub fn is_method(name: &str) -> bool {
    methods::TABLES
        .iter()
        .any(|table| table.iter().any(|(known, _)| *known == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_what_is_planned_exists() {
        assert!(FILTERS.is_sorted_by_key(|filter| filter.name));
        assert!(TESTS.is_sorted_by_key(|test| test.name));
        for (name, ..) in PLANNED_METHODS {
            assert!(is_method(name), "{name}");
        }
    }
}
