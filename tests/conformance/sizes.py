"""Templates with a number that Python does not limit or limits to 63 bits, and other programs to 32 or 64 bits."""

EDGES = sorted({sign * (2**power + offset) for power in (15, 16, 31, 32, 53, 63, 64, 127) for offset in (-1, 0, 1) for sign in (1, -1)} - {2**127, 2**127 + 1, -(2**127) - 1} | {0, 1, -1, 3, 1114111, 1114112, 10**12})

TEMPLATES = [
    "{{ x[n] }}", "{{ s[n] }}", "{{ (1, 2)[n] }}", "{{ range(5)[n] }}", "{{ x|attr(n) }}",
    "{{ x[n:] }}", "{{ x[:n] }}", "{{ x[::n] }}" , "{{ s[n:] }}", "{{ s[:n] }}", "{{ s[n:n] }}", "{{ s[1:n:n] }}", "{{ u[n:] }}", "{{ u[:n] }}", "{{ (1, 2, 3)[-1:n:1] }}",
    "{{ range(9)[n:] }}", "{{ range(9)[:n] }}", "{{ range(n, n + 3)|list }}", "{{ range(n)|length }}", "{{ range(n)|first }}", "{{ range(0, n, n)|list }}",
    "{{ range(n, 0, -n)|list }}", "{{ range(n)[n - 1] }}", "{{ range(n)[-1] }}", "{{ (range(n)[2:])|length }}", "{{ 7 in range(n) }}", "{{ n in range(n + 1) }}", "{{ range(n) == range(n) }}", "{{ range(n).index(3) }}", "{{ range(n).start ~ range(n).stop ~ range(n).step }}",
    "{% for i in range(n) %}{{ loop.length }} {{ loop.revindex }} {{ loop.last }}{% break %}{% endfor %}",
    "{{ x.index('B') }} {{ x.index('B', 0, n) }}", "{{ x.index('B', n) }}", "{{ (1, 2, 1).index(1, n) }}", "{{ x.count(n) }}", "{{ x.pop(n) }}{{ x }}",
    "{% do x.insert(n, 9) %}{{ x }}", "{{ x.remove(n) }}", "{{ x * n }}", "{{ s * n }}", "{{ '' * n }}", "{{ n * [] }}",
    "{{ s.find('b', n) }}", "{{ s.find('b', 0, n) }}", "{{ s.rfind('b', n) }}", "{{ s.index('b', 0, n) }}", "{{ s.count('b', 0, n) }}", "{{ s.count('', n) }}", "{{ s.startswith('a', n) }}", "{{ s.endswith('c', 0, n) }}",
    "{{ s.replace('a', 'b', n) }}", "{{ s|replace('a', 'b', n) }}", "{{ 'a b c'.split(' ', n) }}", "{{ 'a b c'.split(none, n) }}", "{{ 'a b c'.rsplit(' ', n) }}", "{{ s.expandtabs(n) }}", "{{ 'a\tb'.expandtabs(n) }}",
    "{{ s.center(n) }}", "{{ s.ljust(n) }}", "{{ s.rjust(n) }}", "{{ s.zfill(n) }}", "{{ s|center(n) }}", "{{ s|indent(n) }}", "{{ ''|indent(n) }}",
    "{{ s|truncate(n, true, '', 0) }}", "{{ s|truncate(3, true, '', n) }}", "{{ s|wordwrap(n) }}", "{{ x|batch(n)|list }}", "{{ x|batch(n, 0)|list|length }}", "{{ x|slice(n)|list|length }}", "{{ 'see www.example.com'|urlize(n) }}",
    "{{ n|round }}", "{{ 12.5|round(n) }}", "{{ 125|round(n) }}", "{{ n|round(-2) }}", "{{ n|round(1, 'floor') }}", "{{ n|int }} {{ n|float }} {{ n|string|int }} {{ n|string|float|int }}", "{{ '77'|int(0, n) }}", "{{ n|abs }} {{ -n }} {{ +n }}", "{{ n|filesizeformat }} {{ n|filesizeformat(true) }}",
    "{{ n + 1 }} {{ n - 1 }} {{ n * 3 }} {{ n // 7 }} {{ n % 7 }} {{ n / 7 }}", "{{ 2 ** n }}", "{{ 1 ** n }} {{ m ** n }} {{ 0 ** n }}", "{{ n ** 2 }}", "{{ 1.5 * n }} {{ n / 3.0 }} {{ n // 2.5 }} {{ n % 2.5 }}", "{{ 1.0000001 ** n }}", "{{ n|abs ** 0.5 }}", "{{ n ** -1 }}",
    "{{ n < 2.0 ** 53 }} {{ n == n * 1.0 }} {{ n * 1.0 == n }} {{ n in [n * 1.0] }} {{ {n: 1}[n] }} {{ {n: 1}[n * 1.0] }}", "{{ [n, 1.0 * n, 0]|sort }} {{ [n, 2]|max }} {{ [n, n * 1.0]|unique|list }} {{ [n, 1]|sum }}",
    "{{ n }} {{ [n] }} {{ n|tojson }} {{ n|pprint }} {{ '%s %d %x %o %e %g' % (n, n, n, n, n, n) }}", "{{ '{:d} {:x} {:,} {:_b} {:e} {:+}'.format(n, n, n, n, n, n) }}", "{{ '%*d' % (n, 5) }}", "{{ '%.*d' % (n, 5) }}", "{{ '%.*s' % (n, s) }}", "{{ '%.*f' % (n, 1.5) }}", "{{ '{:{}}'.format(s, n) }}", "{{ '{:.{}}'.format(s, n) }}", "{{ '{:.{}f}'.format(1.5, n) }}", "{{ '%c' % n }}", "{{ '{:c}'.format(n) }}",
    "{{ x|tojson(n) }}", "{{ []|tojson(n) }}", "{{ {'a': n}|tojson }} {{ {'a': n}|xmlattr }} {{ {'n': n}|urlencode }}", "{{ x|join(n) }} {{ n ~ n }} {{ n|length }}", "{{ x|map('replace', 'A', 'C', n)|list }}", "{{ n is odd }} {{ n is even }} {{ n is divisibleby 3 }} {{ n is number }} {{ n is integer }}", "{{ n is divisibleby n }}", "{{ x|groupby(n)|list }}", "{{ n.bit_length() }}", "{{ s.translate({97: n}) }}", "{{ lipsum(n=0, min=n) }}", "{{ loop.cycle(n) }}", "{{ cycler(n, 1).next() }}",
]
# Templates that are too slow or too large for Python itself.
HEAVY = {"{{ 2 ** n }}", "{{ 125|round(n) }}", "{{ x|slice(n)|list|length }}", "{{ 7 in range(n) }}", "{{ range(n).index(3) }}", "{{ x|batch(n, 0)|list|length }}", "{{ lipsum(n=0, min=n) }}"}
# Parts of templates for which Python needs memory in proportion to the number.
LARGE = ("center", "just", "zfill", "indent", "* n }}", "expandtabs", "n * []", "'%*d'", "'%.*d'", "'%.*f'", "{:{}}", "{:.{}f}", "tojson(n)", "round(n)")


def cases():
    for template in TEMPLATES:
        for number in EDGES:
            if template in HEAVY and abs(number) > 20_000:
                continue
            if any(word in template for word in LARGE) and 10_000 < abs(number) < 2**62:
                continue
            if number == -(2**63) and "%*d" in template:
                continue  # negation overflows in C and gives the same number
            yield template, {"n": number, "x": ["A", "B"], "m": -1, "s": "abc", "u": "äb€d"}
