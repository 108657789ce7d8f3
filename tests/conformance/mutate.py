"""Chat templates with a few random edits, which combine the constructs of published templates with common mistakes."""

import random
import re

TOKEN = re.compile(r"({%[-+]?.*?[-+]?%}|{{-?.*?-?}}|{#.*?#})", re.DOTALL)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
OPERATORS = {"==": "!=", "!=": "==", " and ": " or ", " or ": " and ", "not ": "", " + ": " ~ ", " in ": " not in ", "[0]": "[-1]", "[1:]": "[:-1]", "trim": "upper", "tojson": "string", "is defined": "is none", "is string": "is mapping", "'": '"'}
# Names with combining marks and with letters beyond ASCII.
NAMES = ["naïve", "e\u0301te\u0301", "മലയാളം", "தமிழ்", "বাংলা", "नमस्ते", "名前", "x1", "_", "tools", "loop", "range"]


class Mutator:
    def __init__(self, seed, sources, contexts):
        self.rng = random.Random(seed)
        self.source = self.rng.choice(sources)
        self.contexts = contexts

    def template(self):
        rng = self.rng
        tokens = TOKEN.split(self.source)
        for _ in range(rng.randrange(0, 4)):
            at = rng.randrange(len(tokens))
            token = tokens[at]
            match rng.randrange(8):
                case 0:
                    tokens[at] = "" if not token.startswith("{%") or rng.random() < 0.1 else token
                case 1 if token.startswith("{{") or not token.startswith("{"):
                    tokens.insert(at, token)
                case 2 if token.startswith("{"):
                    tokens[at] = token.replace("-%}", "%}").replace("{%-", "{%") if "-" in token else token.replace("{%", "{%-").replace("%}", "-%}")
                case 3 | 4 if token.startswith("{"):
                    old = rng.choice(list(OPERATORS))
                    tokens[at] = token.replace(old, OPERATORS[old])
                case 5 if token.startswith("{"):
                    words = WORD.findall("".join(tokens))
                    tokens[at] = self.replaced(token, rng.choice(words))
                case 6 if token.startswith("{"):
                    tokens[at] = self.replaced(token, rng.choice(NAMES))
                case _:
                    old, new = rng.choice(WORD.findall(self.source)), rng.choice(NAMES)
                    if rng.random() < 0.2 and old not in ("if", "for", "in", "endif", "endfor", "else", "elif", "set", "is", "not", "and", "or"):
                        tokens = [re.sub(rf"\b{old}\b", new, token) if token.startswith("{") else token for token in tokens]
        return tokens

    def replaced(self, token, new):
        words = [match for match in WORD.finditer(token) if match[0] not in ("if", "for", "set", "else", "elif", "endif", "endfor")]
        if not words:
            return token
        match = self.rng.choice(words)
        return token[: match.start()] + new + token[match.end() :]

    def options(self):
        flag = self.rng.random() < 0.7
        return {"trim_blocks": True, "lstrip_blocks": True} if flag else {}

    def context(self):
        rng = self.rng
        context = dict(rng.choice(self.contexts))
        for name in list(context):
            if rng.random() < 0.08:
                del context[name]
        for name in NAMES:
            if rng.random() < 0.1:
                context[name] = rng.choice([1, 2**31, "text", None, [1, 2], {"a": 1}, True])
        return context
