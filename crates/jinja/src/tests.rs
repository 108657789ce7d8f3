use serde_json::{Value as Json, json};

use super::*;

fn inputs(json: &Json) -> Inputs {
    let mut map = Inputs::default();
    for (name, value) in json.as_object().unwrap() {
        map.insert_str(Str::new(name.as_str()), Value::from_json(value));
    }
    map
}

fn lenient() -> Options {
    Options {
        undefined: UndefinedBehavior::Lenient,
        ..Options::default()
    }
}

fn render(source: &str, context: Json) -> String {
    let template = Template::compile(source, &lenient()).unwrap();
    template
        .render(&inputs(&context), &Limits::default())
        .unwrap()
}

#[test]
fn templates_are_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Template>();
}

#[test]
fn names_and_text() {
    assert_eq!(
        render("Hello {{ name }}!\n", json!({"name": "Ada"})),
        "Hello Ada!"
    );
    assert_eq!(render("{{ a.b[0] }}{{ x }}", json!({"a": {"b": [7]}})), "7");
    assert_eq!(
        render("{{ +1 }} {{ -(2) }} {{ 2**3**2 }}", json!({})),
        "1 -2 64"
    );
}

#[test]
fn words_that_jinja2_reads_as_names() {
    let context = json!({"x": 0, "not": {}, "if": {}});
    for (source, expected) in [
        ("{{ 1 == not [x, 2] }}", "False"),
        ("{{ x is eq if[1, 2] }}", "False"),
        ("{{ [1, not [2]] }}", "[1, False]"),
    ] {
        assert_eq!(render(source, context.clone()), expected, "{source}");
    }
    let source = "{% for i in x is callable if i %}{% endfor %}";
    let error = Template::compile(source, &lenient()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Syntax);
}

#[test]
fn an_item_by_an_unhashable_key_is_undefined() {
    for key in ["[1]", "{}", "(1, [2])", "((1,), ({},))", "{}.items()"] {
        let source = format!("{{{{ {{1: 2}}[{key}] is defined }}}}");
        assert_eq!(render(&source, json!({})), "False", "{source}");
    }
    assert_eq!(render("{{ {(1, 2): 3}[(1, 2)] }}", json!({})), "3");
}

#[test]
fn an_indention_is_not_escaped() {
    assert_eq!(
        render("{{ [1, 2]|tojson(2)|indent('> ') }}", json!({})),
        "[\n>   1,\n>   2\n> ]"
    );
}

#[test]
fn loops_and_scopes() {
    let list = json!({"xs": [1, 2, 3]});
    assert_eq!(
        render(
            "{% for x in xs %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
            list.clone()
        ),
        "1/3:1, 2/3:2, 3/3:3"
    );
    assert_eq!(
        render(
            "{% set x = 0 %}{% for i in xs %}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
            list.clone()
        ),
        "1230"
    );
    assert_eq!(
        render(
            "{% for x in xs if x != 2 %}{{ x }}{% else %}none{% endfor %}",
            list.clone()
        ),
        "13"
    );
    assert_eq!(
        render(
            "{% if xs %}{% set y = 1 %}{% endif %}{{ y }}{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}",
            list
        ),
        "13"
    );
}

#[test]
fn macros_see_variables_as_they_are_when_called() {
    assert_eq!(
        render(
            "{% set x = 1 %}{% macro m(a, b=2) %}{{ a }}{{ b }}{{ x }}{{ varargs|length }}{% endmacro %}{% set x = 5 %}{{ m(1) }}",
            json!({})
        ),
        "1250"
    );
    assert_eq!(
        render(
            "{% macro m() %}<{{ caller(3) }}>{% endmacro %}{% call(n) m() %}{{ n }}{% endcall %}",
            json!({})
        ),
        "<3>"
    );
}

#[test]
fn blocks_and_self() {
    assert_eq!(
        render(
            "{% set x = 1 %}{% block a %}[{{ x }}]{% endblock a %}{{ self.a() }}",
            json!({})
        ),
        "[1][1]"
    );
}

#[test]
fn recursive_loops() {
    let tree = json!({"t": [{"n": 1, "c": [{"n": 2, "c": []}]}, {"n": 3, "c": []}]});
    assert_eq!(
        render(
            "{% for i in t recursive %}{{ i.n }}({{ loop.depth }}){% if i.c %}[{{ loop(i.c) }}]{% endif %}{% endfor %}",
            tree
        ),
        "1(1)[2(2)]3(1)"
    );
}

#[test]
fn errors_have_a_place() {
    let error = Template::compile("a\n {{ x|nosuch }}", &lenient()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    let at = error.pos().unwrap();
    assert_eq!((at.line, at.column), (2, 7));
    let error = Template::compile("{% if x %}", &lenient()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Syntax);
    let template = Template::compile("ab\n{{ x.y.z }}", &lenient()).unwrap();
    let error = template
        .render(&inputs(&json!({"x": {}})), &Limits::default())
        .unwrap_err();
    let at = error.pos().unwrap();
    assert_eq!((at.line, at.column), (2, 8));
    let error = Template::compile("{% include 'a' %}", &lenient()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Include);
}

#[test]
fn what_a_million_generated_templates_found() {
    let render = |source| {
        let template = Template::compile(source, &Options::default()).unwrap();
        template.render(&inputs(&json!({})), &Limits::default())
    };
    for (source, expected) in [
        (
            "{{ range(3)[::2] }} {{ range(10, 0, -3)[::-1] }}",
            "range(0, 3, 2) range(1, 13, 3)",
        ),
        (
            "{{ nope in {'a': 1}.items() }} {{ ('a', 1) in {'a': 1}.items() }} {{ ('a', 2) in {'a': 1}.items() }}",
            "False True False",
        ),
        (
            "{{ 'e\u{301}'.isidentifier() }} {{ '\u{301}e'.isidentifier() }}",
            "True False",
        ),
        (
            "{{ [{'b': 1, 'a': 2}]|groupby('a')|pprint }}",
            "[(2, [{'b': 1, 'a': 2}])]",
        ),
        ("{{ nope in range(0) }}", "False"),
    ] {
        assert_eq!(render(source).unwrap(), expected, "{source}");
    }
    let error = render("{{ nope in range(4) }}").unwrap_err();
    assert_eq!(error.detail(), "'nope' is undefined");
}

#[test]
fn a_missing_element_is_named_as_the_template_names_it() {
    let strict = Options::default();
    let list = json!({"xs": [1], "i": 7, "d": {}, "secret": "s3cr3t"});
    for (source, message) in [
        ("{{ xs[5] }}", "list object has no element 5"),
        ("{{ xs[-5] }}", "list object has no element -5"),
        ("{{ d[(1, 'a')] }}", "dict object has no element (1, 'a')"),
        ("{{ d[none] }}", "dict object has no element None"),
        ("{{ d[1.5] }}", "dict object has no element 1.5"),
        ("{{ xs[i] }}", "list object has no element i"),
        ("{{ xs[i + 1] }}", "list object has no such element"),
        ("{{ d['x'] }}", "'dict object' has no attribute 'x'"),
        ("{{ none.x.y }}", "'None' has no attribute 'x'"),
        ("{{ none[1].y }}", "None has no element 1"),
    ] {
        let template = Template::compile(source, &strict).unwrap();
        let error = template
            .render(&inputs(&list), &Limits::default())
            .unwrap_err();
        assert_eq!(error.detail(), message, "{source}");
        assert!(error.pos().is_some(), "{source}");
    }
}

#[test]
fn every_error_of_a_render_has_a_place() {
    let small = Limits {
        work: 60,
        output: 30,
        ..Limits::default()
    };
    let text = "x".repeat(40);
    for (source, line) in [
        (format!("\n{{{{ 1 }}}}\n{text}"), 2),
        (format!("\n\n{{{{ '{text}' }}}}"), 3),
        (format!("\n{{% if true %}}\n{text}{{% endif %}}"), 2),
        ("\n{% for i in range(99) %}{% endfor %}".into(), 2),
        ("\n{% for i in [] %}{% else %}{% do [1] * 99 %}{% endfor %}".into(), 2),
        ("\n{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}".into(), 3),
        ("\n{% set x = [[], []] %}{{ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] ~ [] }}".into(), 2),
    ] {
        let template = Template::compile(&source, &lenient()).unwrap();
        let error = template.render(&Inputs::default(), &small).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{source}");
        assert_eq!(error.pos().map(|pos| pos.line), Some(line), "{source}");
    }
    let long = "ab\n".repeat(MAX_TEMPLATE);
    let error = Template::compile(&long, &lenient()).unwrap_err();
    assert_eq!(
        error.pos(),
        Some(Pos {
            line: 87382,
            column: 2
        })
    );
}

/// Recorded from Jinja2 3.1.6.
#[test]
fn escaping_goes_by_the_text_of_the_template() {
    let context = json!({"s": "a<b", "b": true, "n": false});
    for (source, expected) in [
        (
            "{% autoescape true %}{% block a %}{{ s }}{{ '<' }}{% endblock %}{{ s }}{% endautoescape %}",
            "a<b<a&lt;b",
        ),
        (
            "{% autoescape true %}{% block a %}{{ s }}{% endblock %}{{ self.a() }}{% endautoescape %}{{ self.a() }}",
            "a<ba<ba<b",
        ),
        (
            "{% autoescape b %}{{ s }}{{ '<' }}{{ '<' ~ s }}{{ '<'|upper }}{{ '<' if n else s }}{% endautoescape %}",
            "a&lt;b<&lt;a&lt;b&lt;a&lt;b",
        ),
        (
            "{% autoescape true %}{% autoescape n %}{{ s }}{{ '<' }}{% endautoescape %}{% endautoescape %}",
            "a<b&lt;",
        ),
        (
            "{% macro m(a) %}{{ a }}{{ '<' }}{% endmacro %}{% autoescape true %}{{ m('<') }}{{ m(s) }}{% endautoescape %}",
            "<<a<b<",
        ),
        (
            "{% set ns = namespace() %}{% autoescape true %}{% macro m(a) %}{{ a }}{% endmacro %}{% set ns.m = m %}\
             {% endautoescape %}{{ ns.m('<') }}",
            "&lt;",
        ),
        (
            "{% autoescape true %}{{ ('<'|safe) ~ '>' }}{{ ('<'|safe) ~ s }}{% endautoescape %}",
            "&lt;&gt;<a&lt;b",
        ),
        (
            "{% autoescape true %}{% block a %}{{ ['<'|safe, '>']|join }}{{ ['<'|safe, s]|join }}{% endblock %}{% endautoescape %}",
            "<><a&lt;b",
        ),
        (
            "{% autoescape true %}{% for a in [['<', ['>']]] recursive %}{{ a if a is string else loop(a) }}{% endfor %}{% endautoescape %}",
            "&lt;&gt;",
        ),
    ] {
        assert_eq!(render(source, context.clone()), expected, "{source}");
    }
}

#[test]
fn ranges_are_keys_by_value() {
    for (source, expected) in [
        ("{{ {range(3): 1}[range(0, 3)] }}", "1"),
        ("{{ {range(0, 3, 2): 1}[range(0, 4, 2)] }}", "1"),
        ("{{ {range(0): 1}[range(5, 2)] }}", "1"),
        ("{{ {range(1): 1}[range(0, 9, 9)] }}", "1"),
        ("{{ {(range(3), 1): 1}[range(3), 1] }}", "1"),
        ("{{ {range(3): 1}[range(4)] is defined }}", "False"),
        (
            "{{ [range(3), range(0, 3, 1)]|unique|list }}",
            "[range(0, 3)]",
        ),
    ] {
        assert_eq!(render(source, json!({})), expected, "{source}");
    }
}

#[test]
fn filters_that_are_generators_wait_until_they_are_asked() {
    for (filter, name) in [
        ("batch(2)", "do_batch"),
        ("slice(2)", "sync_do_slice"),
        ("unique", "sync_do_unique"),
        ("items", "do_items"),
        ("map('upper')", "sync_do_map"),
        ("select", "select_or_reject"),
    ] {
        let source = format!("{{{{ 5|{filter} }}}}");
        assert_eq!(
            render(&source, json!({})),
            format!("<generator object {name}>")
        );
        let asked = format!("{{{{ 5|{filter}|list }}}}");
        let asked = Template::compile(&asked, &lenient()).unwrap();
        assert!(
            asked
                .render(&Inputs::default(), &Limits::default())
                .is_err(),
            "{filter}"
        );
    }
}

#[test]
fn the_methods_of_a_loop_are_values() {
    let source = "{% for x in [1, 2] %}{{ loop.cycle }}{% set c = loop.cycle %}{{ c('a', 'b') }}{{ loop.changed is defined }} {% endfor %}";
    assert_eq!(
        render(source, json!({})),
        "<bound method LoopContext.cycle of <LoopContext 1/2>>aTrue <bound method LoopContext.cycle of <LoopContext 2/2>>bTrue "
    );
}
