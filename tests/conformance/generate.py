"""Random templates and contexts from a seed, which combine all features of the template language.

A template is a list of pieces that each parse on their own, so that a failure can be reduced piece by piece.
"""

import random

WORDS = ["alpha", "Beta", "gamma-ray", "delta", "ÉCLAIR", "straße", "日本語", "naïve", "x", "", "Hello World", "a_b", "42", "3.5", "-7", " padded ", "MiXed", "tab\there", "it's", 'say "hi"', "<b>bold</b>", "a&b", "foo.bar", "ΣΑΣ", "ǆ", "ﬁne", "😀 smile", "e\u0301", "line one\nline two", "one\r\ntwo", "end.\n", "a,b,,c", "%s", "{}", "\\", "\u00a0", "null", "True"]
TEXTS = ["The quick brown fox jumps over the lazy dog.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.", "first\n\n  second line\nthird-and-longer-hyphenated-word here\n", "Visit https://example.com/a?b=1 or www.example.org, mail me@example.com (now).", "para one\n\npara two\r\nwindows line", "word " * 12, "supercalifragilisticexpialidocious and antidisestablishmentarianism", "tags <p>one</p> <!-- c --> &amp; &lt;two&gt; &copy; more"]
FLOATS = [0.0, -0.0, 1.0, 2.5, -3.75, 0.1, 1e16, 1.5e-7, 123456.789, 1e300, 3.0, 99.995, 2.675, 0.5, 1.5, 1e22, 12345678901234567.0]
INTS = [0, 1, 2, 3, 5, 7, 10, -1, -4, 42, 100, 255, 1000, 12345, 999999, 2**31, 2**53 + 1, -(2**40)]
INPUTS = {"n": "int", "m": "int", "f": "float", "s": "str", "t": "text", "xs": "ints", "fs": "floats", "words": "strs", "users": "users", "d": "dict", "b": "bool", "z": "none", "e": "empty", "deep": "deep", "mixed": "mixed"}
BY_TYPE = {
    "int": ["n", "m"],
    "float": ["f"],
    "str": ["s", "t"],
    "list": ["xs", "words", "users", "fs", "e", "mixed"],
    "ints": ["xs"],
    "strs": ["words"],
    "users": ["users"],
    "dict": ["d", "deep"],
    "bool": ["b"],
}


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.locals = []
        self.loops = 0
        self.macros = []

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *options):
        return self.rng.choice(options)

    # contexts

    def context(self):
        rng = self.rng
        context = {}
        for name, kind in INPUTS.items():
            if name in ("n", "s", "xs", "words") or not self.chance(0.06):
                context[name] = self.input(kind)
        if self.chance(0.05):
            context[rng.choice(list(context))] = self.scalar()
        return context

    def input(self, kind):
        rng = self.rng
        match kind:
            case "int":
                return rng.choice(INTS)
            case "float":
                return rng.choice(FLOATS)
            case "str":
                return rng.choice(WORDS)
            case "text":
                return rng.choice(TEXTS)
            case "ints":
                return [rng.choice(INTS[:12]) for _ in range(rng.randrange(0, 6))]
            case "floats":
                return [rng.choice(FLOATS) for _ in range(rng.randrange(0, 4))]
            case "strs":
                return [rng.choice(WORDS) for _ in range(rng.randrange(0, 6))]
            case "users":
                return [self.user() for _ in range(rng.randrange(0, 5))]
            case "dict":
                return {rng.choice(WORDS[:16]): self.scalar() for _ in range(rng.randrange(0, 5))} | {"k": self.scalar()}
            case "bool":
                return rng.choice([True, False])
            case "none":
                return None
            case "empty":
                return rng.choice([[], "", {}])
            case "deep":
                return {"a": {"b": [self.scalar(), {"c": self.scalar()}]}, "list": [[1, 2], [], [self.scalar()]], "items": 3}
            case "mixed":
                return [self.scalar() for _ in range(rng.randrange(0, 5))] + rng.choice([[], [[1]], [{"x": 1}]])

    def user(self):
        rng = self.rng
        user = {"name": rng.choice(WORDS[:12]), "age": rng.choice(INTS[:10]), "city": rng.choice(["NY", "ny", "Oslo", "", "Zürich"]), "active": rng.choice([True, False])}
        if self.chance(0.2):
            del user[rng.choice(list(user))]
        if self.chance(0.3):
            user["address"] = {"street": rng.choice(WORDS), "no": rng.choice(INTS[:8])}
        if self.chance(0.2):
            user["tags"] = [rng.choice(WORDS[:6]) for _ in range(rng.randrange(3))]
        return user

    def scalar(self):
        return self.rng.choice([self.rng.choice(INTS), self.rng.choice(FLOATS), self.rng.choice(WORDS), True, False, None])

    # templates

    def options(self):
        options = {}
        for name in ("trim_blocks", "lstrip_blocks", "keep_trailing_newline"):
            if self.chance(0.3):
                options[name] = True
        return options

    def template(self):
        self.locals, self.loops, self.macros = [], 0, []
        pieces = [self.statement(2) for _ in range(self.rng.randrange(1, 5))]
        if self.chance(0.08):
            pieces = [piece.replace("\n", "\r\n") for piece in pieces]
        return pieces

    def text(self):
        return self.pick("text ", "\n", "  ", "\n    ", "a, b\n", " - ", "", "{ }", "# no\n", "é\n\n", "\t", "}} ", "end\n")

    def tag(self, inner):
        left, right = self.pick("", "", "", "", "-", "+"), self.pick("", "", "", "", "-", "+")
        right = "" if right == "+" and not self.chance(0.3) else right
        space = self.pick(" ", " ", " ", "")
        return "{%" + left + " " + inner + space + right + "%}"

    def output(self, depth):
        left, right = self.pick("", "", "", "", "-"), self.pick("", "", "", "", "-")
        return "{{" + left + self.pick(" ", " ", "") + self.guarded(self.pick(1, 2, 2, depth)) + " " + right + "}}"

    def guarded(self, depth):
        inner = self.expr(self.pick("int", "float", "str", "str", "list", "dict", "bool", "any", "any"), depth)
        # `{{` directly before a dict literal's `{` would be another token.
        return " " + inner if inner.startswith("{") else inner

    def statement(self, depth):
        if depth <= 0:
            return self.text() + self.output(2)
        kind = self.rng.randrange(32)
        if kind < 9:
            return self.text() + self.output(3) + self.text()
        if kind < 13:
            return self.conditional(depth)
        if kind < 18:
            return self.loop(depth)
        if kind == 18:
            return self.macro(depth)
        if kind == 19:
            return self.namespace(depth)
        if kind < 22:
            name = self.pick("v", "w", "w", "ക്ഷ")
            kind = self.pick("int", "str", "list", "dict", "any")
            piece = self.tag(f"set {name} = {self.expr(kind, 2)}") + self.body(depth - 1)
            return piece + "{{ " + name + " }}"
        if kind == 22:
            return self.tag("set v") + self.body(depth - 1) + self.tag("endset") + "[{{ v }}]" + self.pick("", "{{ v|upper }}", "{{ v is escaped }}")
        if kind == 23:
            return self.tag("set p, q = " + self.pick("1, 2", "[n, s]", "(s, xs)", "'ab'", "{'x': 1, 'y': 2}")) + "{{ p }}{{ q }}"
        if kind == 24:
            filters = self.pick("upper", "trim", "indent(2)", "replace('a', 'b')", "title", "wordcount", "upper|trim", "center(30)", "truncate(20)", "e")
            return self.tag(f"filter {filters}") + self.body(depth - 1) + self.tag("endfilter")
        if kind == 25:
            return self.tag(f"with v = {self.expr('any', 2)}, w = {self.expr('int', 1)}") + self.body(depth - 1) + "{{ v }}" + self.tag("endwith")
        if kind == 26:
            return self.pick("{% raw %}", "{%- raw -%}", "{% raw -%}") + self.pick("{{ raw }}", "{% if %}", "\n  {# no #}\n", "{{", " text ") + self.tag("endraw")
        if kind == 27:
            return self.text() + self.pick("{# comment #}", "{#- c -#}", "{# a\nb #}\n", "  {# x #}\n") + self.text()
        if kind == 28:
            return self.tag("set l = [1]") + self.tag("do l." + self.pick("append(n)", "extend(xs)", "insert(0, s)", "pop()", "reverse()", "remove(1)", "clear()")) + "{{ l }}"
        if kind == 29:
            return self.chat()
        if kind == 30:
            return self.call_block(depth)
        return self.tag("block body" + str(self.rng.randrange(10**6))) + self.body(depth - 1) + self.tag("endblock")

    def body(self, depth):
        return self.text() + "".join(self.statement(depth) for _ in range(self.pick(1, 1, 1, 2)))

    def conditional(self, depth):
        text = self.tag(f"if {self.expr('bool', 2)}") + self.body(depth - 1)
        if self.chance(0.3):
            text += self.tag(f"elif {self.expr('bool', 2)}") + self.body(depth - 2)
        if self.chance(0.5):
            text += self.tag("else") + self.body(depth - 2)
        return text + self.tag("endif")

    def loop(self, depth):
        kind = self.rng.randrange(8)
        filtered = " if " + self.pick("i", "i is defined", "not i", "i != 2", "loop is undefined or true", "i is string") if self.chance(0.2) else ""
        if kind < 4:
            head, shown = f"for i in {self.expr(self.pick('list', 'list', 'ints', 'strs', 'dict'), 2)}{filtered}", "{{ i }}"
        elif kind == 4:
            head, shown = "for k, i in " + self.pick("d.items()", "d|items", "d|dictsort", "deep.items()", "users|groupby('city')", "[(1, 2), (3, 4)]", "{'a': 1}.items()") + filtered, "{{ k }}={{ i }};"
        elif kind == 5:
            head, shown = "for i in users" + filtered, "{{ i.name }} {{ i['age'] }} {{ i.missing }}".split("}}")[self.rng.randrange(3)].strip() + "}}"
            shown = shown if shown.startswith("{{") else "{{ i.name }}"
        elif kind == 6:
            return self.tag("for i in [[1, [2, [3]]], 4] recursive") + "{{ loop.depth }}{% if i is iterable %}({{ loop(i) }}){% else %}{{ i }}{% endif %}" + self.pick("", "{{ loop.index }}", "{{ loop.depth0 }}") + self.tag("endfor")
        else:
            head, shown = f"for i in range({self.pick('3', '5', '1, 4', '6, 0, -2', 'n % 5', 'xs|length')})", "{{ i }}"
        self.loops += 1
        inside = shown if self.chance(0.7) else ""
        if self.chance(0.6):
            inside += "{{ loop." + self.pick("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem", "cycle('a', 'b', 'c')", "changed(i)", "previtem is defined", "nextitem|default('none')") + " }}"
        if self.chance(0.15):
            inside += self.tag(self.pick("if loop.first", "if loop.index > 2", "if i is string", "if loop.last")) + self.tag(self.pick("break", "continue")) + self.tag("endif")
        if self.chance(0.4):
            inside += self.body(depth - 2)
        self.loops -= 1
        text = self.tag(head) + self.text() + inside
        if self.chance(0.25):
            text += self.tag("else") + self.body(0)
        return text + self.tag("endfor")

    def macro(self, depth):
        name = "mac" + str(self.rng.randrange(10**6))
        params, call = self.pick(("", ""), ("a", "n"), ("a, b=2", "s"), ("a, b=2", "n, b=s"), ("a='x', b=n", "b=1"), ("a", "1, 2"), ("a, b=a", "s"), ("a, b=[]", "xs, words"), ("a", ""))
        body = self.pick("{{ a }}", "{{ a }}/{{ b }}", "{{ varargs }}", "{{ kwargs }}", "{{ a }}{{ varargs|join('+') }}", "{{ a is defined }}", "{{ caller is defined }}", "{{ name }}", "[{{ kwargs|dictsort }}{{ varargs }}]")
        if "varargs" in body and self.chance(0.5):
            call += ", 'v1', 2" if call else "'v0'"
        if "kwargs" in body and self.chance(0.6):
            call += ", z=1, y=n" if call else "z=3"
        if "=" in call.split(",")[0] and ", 'v1'" in call:
            call = "1, 2, 3"
        definition = self.tag(f"macro {name}({params})") + body + self.tag("endmacro")
        use = "{{ " + f"{name}({call})" + self.pick("", "|upper", "|length", "|trim", " ~ 'x'") + " }}"
        extra = self.pick("", "", "{{ %s.name }}" % name, "{{ %s.arguments }}" % name, "{{ %s.catch_kwargs }}{{ %s.catch_varargs }}{{ %s.caller }}" % (name, name, name), "{{ %s }}" % name)
        return definition + use + extra

    def call_block(self, depth):
        name = "box" + str(self.rng.randrange(10**6))
        definition = self.tag(f"macro {name}(title='t')") + "<{{ title }}:" + self.pick("{{ caller() }}", "{{ caller(n) }}", "{{ caller() if caller else 'no' }}") + ">" + self.tag("endmacro")
        head = self.pick("call", "call(u)", "call(u='d')")
        return definition + self.tag(f"{head} {name}({self.pick('', 's', 'title=n')})") + self.pick("inner", "{{ u }}", "{{ s }}") + self.tag("endcall")

    def namespace(self, depth):
        fields = self.pick("total=0", "total=0, seen=[]", "{'total': 1}", "total=n")
        update = self.pick("ns.total + 1", "ns.total + i", "i", "ns.total ~ i")
        return self.tag(f"set ns = namespace({fields})") + self.tag(f"for i in {self.pick('xs', 'range(3)', 'words')}") + self.tag(f"set ns.total = {update}") + self.tag("endfor") + "{{ ns.total }}" + self.pick("", "{{ ns.missing }}", "{{ ns.missing is defined }}", "{{ ns }}", "{{ ns['total'] }}")

    def chat(self):
        return self.pick(
            "{% for m in users %}<|im_start|>{{ m.name }}\n{{ m['city'] | trim }}<|im_end|>\n{% endfor %}",
            "{%- for m in users -%}\n{{- '[INST] ' + m.name + ' [/INST]' if loop.index0 % 2 == 0 else ' ' + (m.city or '') + '</s>' -}}\n{%- endfor -%}",
            "{{ users | tojson(indent=2) }}",
            "{{ {'tools': users, 'n': n} | tojson }}",
            "{% if users and users[0].name is defined %}{% set system = users[0]['name'] %}{% set rest = users[1:] %}{% else %}{% set rest = users %}{% endif %}{{ system|default('none') }}{{ rest|length }}",
        )

    # expressions

    def expr(self, kind, depth):
        if kind == "any":
            kind = self.pick("int", "float", "str", "list", "dict", "bool", "missing")
        if kind in ("ints", "strs", "users") and (depth <= 0 or self.chance(0.6)):
            return self.pick(*BY_TYPE[kind])
        if depth <= 0:
            return self.leaf(kind)
        if self.chance(0.06):
            return f"({self.expr(kind, depth - 1)} if {self.expr('bool', depth - 1)}" + (f" else {self.expr(kind, depth - 1)})" if self.chance(0.8) else ")")
        if self.chance(0.02):
            kind = self.pick("int", "float", "str", "list", "dict", "bool", "missing")
        maker = getattr(self, "expr_" + kind, None) or self.expr_list
        return maker(depth)

    def leaf(self, kind):
        match kind:
            case "int":
                return self.pick("n", "m", "0", "1", "2", "3", "-1", "10", "1_000", "xs|length", "0x1f", "0b11")
            case "float":
                return self.pick("f", "1.5", "2.0", "-0.25", "1e3", "0.1", "3.14159", "1e-7", "1_0.5")
            case "str":
                return self.pick("s", "t", "s", "'lit'", '"dq\\n"', "'é\\u00e9\\x41'", "''", "'a b c'", "'it\\'s'", "'con' 'cat'")
            case "bool":
                return self.pick("b", "true", "False", "n > 1", "s", "xs", "not b", "z is none", "missing is defined")
            case "dict":
                return self.pick("d", "deep", "{}", "{'a': 1, 'b': n}", "{1: s, 'k': [1]}", "dict(a=1, b=s)", "{'x': {'y': f}}")
            case "missing":
                return self.pick("missing", "d.missing", "d['nope']", "xs[99]", "z", "deep.a.b", "none", "s.missing", "users[0].name", "n.real" if False else "n.missing")
            case _:
                return self.pick("xs", "words", "users", "fs", "mixed", "[1, 2, 3]", "['b', 'A', 'c']", "(1, 'two')", "[]", "range(4)", "[n, f, s, b, z]", "()", "(n,)", "[[1, 2], [3]]")

    def expr_missing(self, depth):
        return self.leaf("missing") + self.pick("", "", "|default('dflt')", "|default(n)", "|d", "|default('x', true)", " is defined", " is none")

    def expr_int(self, depth):
        a = lambda kind="int": self.expr(kind, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"{a()} {self.pick('+', '-', '*', '//', '%')} {a()}",
            lambda: f"({a()} {self.pick('+', '-', '*')} {a()}) {self.pick('+', '*', '//')} {a()}",
            lambda: f"{self.pick('2', '3', '-2', 'xs|length')} ** {self.pick('0', '1', '2', '5')}",
            lambda: f"-{self.leaf('int')}",
            lambda: f"({a('list')})|{self.pick('length', 'count')}",
            lambda: f"({a('str')})|{self.pick('length', 'wordcount')}",
            lambda: f"{self.pick('xs', 'fs', '[1, 2]', 'users')}|sum" + self.pick("", "(start=10)", "(attribute='age')", "('age', 5)"),
            lambda: f"({a('any')})|int" + self.pick("", "(7)", "(default=-1)", "(0, 16)", "(base=8)"),
            lambda: f"({a('int')})|abs",
            lambda: f"({a('str')}).{self.pick('find', 'count', 'rfind')}({a('str')})",
            lambda: f"({a('list')})|{self.pick('first', 'last', 'min', 'max')}",
            lambda: f"({self.pick('xs', 'words', '(1, 2, 1)', '[1, 2]')}).{self.pick('index', 'count', 'count')}({a('int')})",
            lambda: f"({a('float')})|round" + self.pick("", "(1)", "(2, 'floor')", "(1, 'ceil')", "(-1)", "(method='floor')", "|int"),
            lambda: f"{self.pick('n', 'm', '255')}.bit_length()",
            lambda: f"(xs + [1])[{a()}]",
        )()

    def expr_float(self, depth):
        a = lambda kind="float": self.expr(kind, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"{a()} {self.pick('+', '-', '*', '/', '//', '%')} {self.expr(self.pick('int', 'float'), depth - 1)}",
            lambda: f"{a('int')} / {a('int')}",
            lambda: f"({a('any')})|float" + self.pick("", "(1.5)", "(default=2)"),
            lambda: f"({a()})|round({self.pick('0', '1', '2', '3')})",
            lambda: f"-({a()})",
            lambda: f"({a()})|abs",
            lambda: self.pick(f"({self.leaf('float')}) ** {self.pick('2', '-1')}", "2.0 ** 0.5", "(f|abs) ** 0.5"),
            lambda: f"fs|{self.pick('sum', 'min', 'max', 'first')}",
            lambda: f"({a()}).is_integer()",
        )()

    def expr_str(self, depth):
        a = lambda kind="str": self.expr(kind, depth - 1)  # noqa: E731
        number = lambda: self.pick("0", "1", "3", "5", "10", "30", "n % 7")  # noqa: E731
        return self.pick(
            lambda: f"({a()})|{self.pick('upper', 'lower', 'title', 'capitalize', 'trim', 'string', 'e', 'escape', 'safe', 'forceescape', 'striptags', 'urlencode', 'urlize', 'reverse', 'pprint', 'tojson')}",
            lambda: f"{a()} ~ {a('any')}",
            lambda: f"{a()} + {a()}",
            lambda: f"{a()} * {self.pick('0', '1', '2', '3', '-1')}",
            lambda: f"({a()})|replace({a()}, {self.leaf('str')}" + self.pick(")", ", 1)", ", count=2)"),
            lambda: f"({a()})|truncate({self.pick('5', '10', '20', '20, true', '10, false, chr', '15, end=END', '9, leeway=0', '12, true, END, 0')})".replace("chr", "'..'").replace("END", "'…'"),
            lambda: f"({a()})|wordwrap({self.pick('10', '20', '5, false', '8, break_on_hyphens=false', '10, wrapstring=SEP', '79')})".replace("SEP", "'|'"),
            lambda: f"({a()})|indent" + self.pick("", "(2)", "(4, true)", "(width=2, first=true)", "(2, blank=true)", "('> ')"),
            lambda: f"({a()})|center({number()})",
            lambda: f"({a('list')})|join" + self.pick("", "(', ')", "('-')", "(d=SEP)", "(', ', attribute=NAME)").replace("SEP", "'|'").replace("NAME", "'name'"),
            lambda: f"({a('any')})|{self.pick('tojson', 'string', 'pprint', 'tojson(indent=2)', 'tojson(2)')}",
            lambda: self.pick(
                f"'%s-%s'|format({a('any')}, {a('any')})",
                f"'%d|%5.2f|%x'|format({a('int')}, {a('float')}, {a('int')})",
                f"'%-8s|%8s|%r' % ({a()}, {a()}, {a('any')})",
                f"'%(a)s %(b)05d'|format(a={a()}, b={a('int')})",
                f"'%e %g %G %o %%' % ({a('float')}, {a('float')}, {a('float')}, {a('int')})",
                f"'%+d % d %05d %.3d' % ({a('int')}, {a('int')}, {a('int')}, {a('int')})",
                f"'%s' % {self.leaf('int')}",
                f"'%c%.2s' % ('x', {a()})",
            ),
            lambda: self.pick(
                f"'{{}} {{}}'.format({a('any')}, {a('any')})",
                f"'{{0!r}} {{x:>8}}'.format({a('any')}, x={a()})",
                f"'{{:{self.pick('08.3f', ',.2f', '.3e', 'g', '.1%', '+.1f', '_^12', '')}}}'.format({a('float')})",
                f"'{{:{self.pick('5d', ',', '#x', 'b', '^10', '<6', '+', '08', 'e', '_', 'c')}}}'.format({self.pick('n', 'm', '65', 'true')})",
                f"'{{a.missing}} {{b[0]}}'.format(a=d, b=words)",
                f"'{{0[k]}} {{1[0]}}'.format(d, xs)",
                f"'{{:{self.pick('>10', '*^15', '.3', '-<8.4', '10s', '=5')}}}'.format({a()})",
            ),
            lambda: f"({a()}).{self.method()}",
            lambda: f"({a()} ~ s)[{self.pick('0', '-1', '1:', ':3', '::-1', '1:-1', '::2', ':-1', '5', 'n:')}]",
            lambda: f"({a('int')})|filesizeformat" + self.pick("", "(true)", "(binary=true)"),
            lambda: f"({a('dict')})|{self.pick('xmlattr', 'xmlattr(false)', 'urlencode')}",
            lambda: f"({a('any')})|string",
            lambda: f"({a('any')})|default({a()})",
            lambda: f"({a('list')})|map({self.pick('string', 'upper', 'title', 'length', 'string|upper')!r})|join('/')".replace("string|upper", "string"),
        )()

    def method(self):
        return self.pick(
            "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "strip('a')", "lstrip()", "rstrip('.')", "strip(none)",
            "split()", "split(',')", "split(' ', 1)", "split(sep='a', maxsplit=1)", "rsplit(' ', 1)", "rsplit()", "splitlines()", "splitlines(true)", "partition(' ')", "rpartition('a')",
            "replace('a', 'bb')", "replace('', '-')", "replace('l', '', 1)", "startswith('a')", "endswith(('.', 'o'))", "startswith('')", "find('o')", "count('')", "rfind('')",
            "center(20)", "center(9, '*')", "ljust(12)", "rjust(12, '.')", "zfill(6)", "expandtabs()", "expandtabs(4)", "removeprefix('a')", "removesuffix('e')",
            "isdigit()", "isalpha()", "isalnum()", "isupper()", "islower()", "isspace()", "istitle()", "isnumeric()", "isdecimal()", "isidentifier()", "isprintable()", "isascii()",
            "join(words)", "join(['a', 'b'])", "encode", "format()", "index('a')", "nope()", "format_map(d)", "translate({97: 'A', 101: none})", "find('a', 1, 4)", "startswith('a', 1)",
        )

    def expr_bool(self, depth):
        a = lambda kind="any": self.expr(kind, depth - 1)  # noqa: E731
        same = lambda: self.pick("int", "float", "str", "list")  # noqa: E731

        def compare():
            kind = same()
            return f"{a(kind)} {self.pick('==', '!=', '<', '<=', '>', '>=')} {a(kind)}"

        return self.pick(
            compare,
            compare,
            lambda: f"{a()} {self.pick('and', 'or')} {a()}",
            lambda: f"not {a()}",
            lambda: f"{a('int')} {self.pick('in', 'not in')} {a('list')}",
            lambda: f"{a('str')} {self.pick('in', 'not in')} {self.pick('s', 't', 'words', 'd')}",
            lambda: f"({a()}) is {self.pick('', 'not ')}{self.pick('defined', 'undefined', 'none', 'number', 'string', 'mapping', 'sequence', 'iterable', 'boolean', 'true', 'false', 'integer', 'float', 'callable', 'escaped')}",
            lambda: f"({a('int')}) is {self.pick('odd', 'even', 'divisibleby 3', 'divisibleby(2)', 'eq 1', 'gt 2', 'lessthan(5)', 'in [1, 2]', 'sameas true', 'sameas none', 'ne(0)')}",
            lambda: f"({a('str')}) is {self.pick('lower', 'upper', 'in words', 'eq s', 'filter', 'test')}",
            lambda: f"{self.pick('1', 'n')} < {a('int')} <= {self.pick('10', 'm')}",
            lambda: f"({a()}) == ({a()})",
        )()

    def expr_list(self, depth):
        a = lambda kind="list": self.expr(kind, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"[{a('any')}, {a('any')}]",
            lambda: f"({a('any')}, {a('any')})",
            lambda: f"({a()})|list",
            lambda: f"({a()})|sort" + self.pick("", "(true)", "(case_sensitive=true)", "(reverse=true, attribute='name')", "(attribute='age,name')", "(attribute='name')"),
            lambda: f"({a()})|{self.pick('unique', 'reverse', 'unique(true)', 'unique(attribute=NAME)', 'batch(2)', 'batch(3, 0)', 'slice(2)', 'slice(3, none)', 'slice(3, 9)')}|list".replace("NAME", "'city'"),
            lambda: f"({a()})|map({self.pick('upper', 'string', 'length', 'int', 'abs', 'tojson')!r})|list",
            lambda: f"users|map(attribute={self.pick('name', 'age', 'address.street', 'tags.0', 'missing')!r}" + self.pick("", ", default='?'") + ")|list",
            lambda: f"({a()})|{self.pick('select', 'reject')}" + self.pick("", "('string')", "('number')", "('odd')", "('defined')", "('none')", "('gt', 2)", "('in', [1, 2])", "('equalto', 'x')", "('divisibleby', 2)") + "|list",
            lambda: f"users|{self.pick('selectattr', 'rejectattr')}({self.pick('active', 'name', 'address', 'address.no')!r}" + self.pick("", ", 'defined'", ", 'equalto', 'x'", ", 'none'", ", 'string'") + ")|" + self.pick("list", "map(attribute='name')|list", "list|length"),
            lambda: f"({a()} if n is defined else xs)[{self.pick('1:', ':2', '::-1', ':-1', '0', '-1', '::2')}]",
            lambda: f"{a()} + {a()}",
            lambda: f"{a()} * {self.pick('0', '2')}",
            lambda: f"({a('str')}).split({self.pick('', chr(39) + ',' + chr(39), chr(39) + ' ' + chr(39))})",
            lambda: f"({a('str')})|list",
            lambda: f"({a('dict')})|{self.pick('list', 'dictsort', 'dictsort(true)', 'dictsort(by=VALUE)', 'dictsort(reverse=true)', 'items|list', 'sort')}".replace("VALUE", "'value'"),
            lambda: f"({a('dict')}).{self.pick('keys()', 'values()', 'items()', 'keys()|list', 'items()|list', 'values()|sort')}",
            lambda: f"users|groupby({self.pick('city', 'age', 'address.no')!r}" + self.pick("", ", default='NY'", ", case_sensitive=true") + ")",
            lambda: f"range({self.pick('3', '1, 5', '10, 0, -3')})" + self.pick("", "|list", "|sum", "[1]"),
        )()

    def expr_dict(self, depth):
        a = lambda kind="any": self.expr(kind, depth - 1)  # noqa: E731
        return self.pick(
            lambda: "{" + f"'a': {a()}, 'b': {a()}" + "}",
            lambda: "{" + f"{self.leaf('str')}: {a()}, {self.leaf('int')}: {a()}" + "}",
            lambda: f"dict(x={a()}, y={a()})",
            lambda: f"dict({self.leaf('dict')}, z=1)",
            lambda: f"({self.leaf('dict')}).get({a('str')}" + self.pick(")", ", 'dflt')"),
            lambda: f"({self.leaf('dict')}).{self.pick('copy()', 'get(1)', 'pop(KEY, none)', 'setdefault(KEY, 1)')}".replace("KEY", "'k'"),
            lambda: f"({self.leaf('dict')})[{a('str')}]",
            lambda: "deep.a.b[1]",
            lambda: "users|first",
            lambda: f"({a('dict')})|attr('keys')" + " is callable",
        )()
