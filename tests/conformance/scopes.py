"""Random templates that test names alone: the names that a template sets, where, and the names that it looks up."""

import random

NAMES = ["a", "b", "c", "d"]
# The same number of names with combining marks, which Python allows.
MARKED = ["മാ", "e\u0301", "தமிழ்", "d"]
# Names with a special meaning in some places of Jinja2; in others the context provides them.
SPECIAL = ["loop", "self", "caller", "varargs", "kwargs", "super", "range", "dict", "namespace", "cycler", "joiner"]


class Scopes:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.blocks = 0
        self.names = MARKED if self.rng.random() < 0.15 else NAMES

    def template(self):
        return [self.statement(3) for _ in range(self.rng.randrange(1, 5))]

    def options(self):
        return {}

    def context(self):
        """Values of all kinds for some of the names; a global may be replaced."""
        rng = self.rng
        context = {name: rng.choice(["A", "", 0, 7, None, [], ["x", "y"], {"k": "v"}]) for name in self.names if rng.random() < 0.7}
        for name in SPECIAL:
            if rng.random() < 0.1:
                context[name] = rng.choice(["S", 5, ["z"]])
        return context

    def name(self):
        rng = self.rng
        return rng.choice(SPECIAL) if rng.random() < 0.12 else rng.choice(self.names)

    def target(self):
        rng = self.rng
        return rng.choice(self.names) if rng.random() < 0.85 else ", ".join(rng.sample(self.names, 2))

    def value(self):
        name = self.name()
        return self.rng.choice([name, name, f"{name}|default('-')", f"{name} is defined", f"({name} or {self.name()})", f"[{name}, {self.name()}]", "'lit'", "1", f"{name} if {self.name()} else {self.name()}", f"{name}|string|replace('A', {self.name()}|string)"])

    def shown(self):
        name = self.name()
        if name == "dict":
            return "{{ dict is defined }}"  # the items of `dict` are Python types
        if self.rng.random() < 0.05:
            return "{{ " + self.rng.choice([f"{name}.k", f"{name}()"]) + " }}"
        return "{{ " + self.rng.choice([name, name, name, f"{name}|default('-')", f"{name} is defined", f"{name}|string|length"]) + " }}"

    def body(self, depth):
        return "".join(self.statement(depth - 1) for _ in range(self.rng.randrange(1, 4)))

    def statement(self, depth):
        rng = self.rng
        if depth <= 0:
            return self.shown()
        match rng.randrange(18):
            case 0 | 1 | 2 | 3:
                return self.shown()
            case 4 | 5:
                target = self.target()
                value = f"{self.value()}, {self.value()}" if "," in target else self.value()
                return f"{{% set {target} = {value} %}}"
            case 6 | 7 | 8:
                text = f"{{% if {self.value()} %}}{self.body(depth)}"
                for _ in range(rng.choice([0, 0, 1, 2])):
                    text += f"{{% elif {self.value()} %}}{self.body(depth)}"
                return text + (f"{{% else %}}{self.body(depth)}" if rng.random() < 0.5 else "") + "{% endif %}"
            case 9 | 10:
                test = f" if {self.value()}" if rng.random() < 0.3 else ""
                recursive = " recursive" if rng.random() < 0.15 else ""
                text = f"{{% for {rng.choice(self.names)} in {rng.choice([self.name(), f'{self.name()}|list', '[1, 2]', '[[1], [2]]'])}{test}{recursive} %}}{self.body(depth)}"
                return text + (f"{{% else %}}{self.body(depth)}" if rng.random() < 0.3 else "") + "{% endfor %}"
            case 11:
                pairs = ", ".join(f"{name} = {self.value()}" for name in rng.sample(self.names, rng.randrange(0, 3)))
                return f"{{% with {pairs} %}}{self.body(depth)}{{% endwith %}}"
            case 12 | 13:
                name, params = rng.choice(["m", *self.names]), rng.sample(self.names, rng.randrange(0, 3))
                given = ", ".join(param + (f"={self.value()}" if index and rng.random() < 0.5 else "") for index, param in enumerate(params))
                if params and "=" not in given.rsplit(",", 1)[-1] and "=" in given:
                    given = ", ".join(params)
                call = rng.choice(["", "1", "1, 2", "k=1"])
                return f"{{% macro {name}({given}) %}}{self.body(depth)}{{% endmacro %}}" + (f"{{{{ {name}({call}) }}}}" if rng.random() < 0.7 else "")
            case 14:
                head = rng.choice(["call", f"call({rng.choice(self.names)})"])
                return f"{{% {head} {rng.choice(['m', rng.choice(self.names)])}({rng.choice(['', self.name()])}) %}}{self.body(depth)}{{% endcall %}}"
            case 15:
                return f"{{% filter upper|replace('Z', {self.name()}|string) %}}{self.body(depth)}{{% endfilter %}}"
            case 16:
                return f"{{% set {rng.choice(self.names)}{rng.choice(['', '|upper'])} %}}{self.body(depth)}{{% endset %}}"
            case _:
                self.blocks += 1
                scoped = rng.choice(["", " scoped"])
                return f"{{% block n{self.blocks}{scoped} %}}{self.body(depth)}{{% endblock %}}"
