"""Batches of random numbers for every operation on floats: a template, its inputs, and the results of CPython."""

import math
import random
import struct

BATCH = 200


class Floats:
    def __init__(self, seed, plain=False):
        self.plain = plain  # no negative zero, which JSON from JavaScript lacks
        self.rng = random.Random(f"floats/{seed}")

    def any_float(self):
        while True:
            (value,) = struct.unpack("<d", struct.pack("<Q", self.rng.getrandbits(64)))
            if math.isfinite(value):
                return value

    def number(self):
        rng = self.rng
        match rng.randrange(10):
            case 0 | 1:
                return rng.uniform(-1000, 1000)
            case 2:
                return round(rng.uniform(-1000, 1000), rng.randrange(5))
            case 3:
                return self.any_float()
            case 4:
                return rng.choice([-1, 1]) * 5e-324 * rng.randrange(1, 1 << rng.randrange(1, 53))
            case 5:
                return float(rng.randrange(-20, 20))
            case 6:
                return rng.choice([0.0, -0.0, 0.5, 1.5, 2.5, -0.5, 1.0, 1e16, 1e22, 2.0**31, 2.0**53, 2.0**63, 2.0**64, 1.7e308])
            case 7:
                return rng.choice([-1, 1]) * 10.0 ** rng.randrange(-25, 25) * rng.choice([1.0, 0.5, 5.0, 0.25])
            case 8:
                return float(rng.choice([-1, 1]) * rng.getrandbits(rng.randrange(1, 100)))
            case _:
                return rng.random()

    def powers(self):
        """Pairs whose power is no error, and seldom zero or infinite."""
        rng = self.rng
        match rng.randrange(8):
            case 0:
                return rng.uniform(0, 100), rng.uniform(-20, 20)
            case 1:
                return rng.random() * 2, rng.uniform(-1000, 1000)
            case 2:
                return 2.0 ** rng.uniform(-1000, 1000), rng.uniform(-1, 1)
            case 3:
                return round(rng.uniform(0, 1000), 2), rng.choice([0.5, 1.5, -0.5, 2.5, 1 / 3, 0.1, 3.0, 7.0, -2.0, 10.0])
            case 4:
                return self.number(), self.number()
            case 5:
                return abs(self.any_float()), rng.uniform(-2, 2)
            case 6:
                return -rng.uniform(0, 100), float(rng.randrange(-200, 200))
            case _:
                return 5e-324 * rng.randrange(1, 1 << rng.randrange(1, 53)), rng.choice([rng.uniform(0, 1), rng.uniform(-0.9, 1.1), 1.0])

    def batches(self, count):
        """Yields (name, template, xs, ys, expected), with `count` numbers or pairs for every operation."""
        pair = lambda: (self.number(), self.number())  # noqa: E731
        digits = lambda: (self.number(), float(self.rng.randrange(-25, 25)))  # noqa: E731
        places = lambda: (self.number(), float(self.rng.randrange(0, 30)))  # noqa: E731
        for name, make, template, result in (
            ("**", self.powers, "a ** b", lambda a, b: a**b),
            ("/", pair, "a / b", lambda a, b: a / b),
            ("//", pair, "a // b", lambda a, b: a // b),
            ("%", pair, "a % b", lambda a, b: a % b),
            ("* + -", pair, "(a * b, a + b, a - b)", lambda a, b: (a * b, a + b, a - b)),
            ("compare", pair, "(a < b, a == b, a|int == a)", lambda a, b: (a < b, a == b, int(a) == a)),
            ("round", digits, "a|round(b|int)", lambda a, b: round(a, int(b))),
            ("ceil and floor", places, "(a|round(b|int, 'ceil'), a|round(b|int, 'floor'))", directed),
            ("format", places, "'{:.{}e} {:.{}f} {:.{}g} {:,.3f} {:%}'.format(a, b|int, a, b|int, a, b|int, a, a)", lambda a, b: "{:.{}e} {:.{}f} {:.{}g} {:,.3f} {:%}".format(a, int(b), a, int(b), a, int(b), a, a)),
            ("printf", places, "'%.*e %.*f %.*g %12.3f %d'|format(b|int, a, b|int, a, b|int, a, a, a)", lambda a, b: "%.*e %.*f %.*g %12.3f %d" % (int(b), a, int(b), a, int(b), a, a, a)),
            ("int and float", pair, "(a|int, (a|string)|float, ('%.25e' % b)|float, (b|int)|float)", lambda a, b: (int(a), float(str(a)), float("%.25e" % b), float(int(b)))),
            ("filesizeformat", pair, "a|abs|filesizeformat ~ b|abs|filesizeformat(true)", lambda a, b: sizes(abs(a)) + sizes(abs(b), True)),
        ):
            left = count
            while left > 0:
                xs, ys, expected = [], [], []
                while len(xs) < min(BATCH, left):
                    x, y = (value + 0.0 for value in make()) if self.plain else make()
                    try:
                        value = result(x, y)
                    except (ArithmeticError, ValueError):
                        continue
                    if isinstance(value, complex) or "int" in name and max(abs(x), abs(y)) > 1e38 or name in ("compare", "printf", "filesizeformat") and max(abs(x), abs(y)) > 1e38:
                        continue  # integers have up to 128 bits
                    xs.append(x)
                    ys.append(y)
                    expected.append(str(value))
                left -= len(xs)
                loop = "{% for a in xs %}{% set b = ys[loop.index0] %}{{ " + template + " }}\n{% endfor %}"
                yield name, loop, xs, ys, expected


def directed(a, b):
    factor = 10 ** int(b)
    return math.ceil(a * factor) / factor, math.floor(a * factor) / factor


def sizes(value, binary=False):
    from jinja2.filters import do_filesizeformat

    return do_filesizeformat(value, binary)
