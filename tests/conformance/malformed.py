"""Templates with mistakes: tokens of published templates dropped, doubled, swapped and misspelt."""

import random
import re

TOKEN = re.compile(r"\{%-?\+?\s*\w+|\{\{-?|\{#-?|-?%\}|-?\}\}|-?#\}|\w+|\s+|\"[^\"]*\"|'[^']*'|.", re.DOTALL)
MISTAKES = [
    *["{%", "%}", "{{", "}}", "{#", "#}", "-", "+", "|", "(", ")", "[", "]", "{", "}", ",", ":", "=", "==", "'", '"', "**", "*"],
    *["~", ".", "!", "@", "$", "&", ";", "\\", "?", "1", "0x", "1_", "1e", "é", "in", "is", "not", "and", "if", "else", "for"],
    *["{% endif %}", "{% endfor %}", "{% else %}", "{% elif x %}", "{% if x %}", "{% for a in b %}", "{% macro m(a) %}"],
    *["{% endmacro %}", "{% set x %}", "{% endset %}", "{% raw %}", "{% endraw %}", "{% block b %}", "{% endblock %}"],
    *["{% call m() %}", "{% filter upper %}", "{% with a=1 %}", "{% endwith %}", "{% foo %}", "{% trans %}", "{% break %}", "\n"],
    *["|nofilter", " is notest", "recursive", "none", "end"],
]


def malformed(seed, sources):
    """A few lines of a source with one to three mistakes."""
    rng = random.Random(f"malformed/{seed}")
    lines = rng.choice(sources).splitlines(True) or [""]
    start = rng.randrange(len(lines))
    tokens = TOKEN.findall("".join(lines[start : start + rng.choice([3, 10, 40])]))
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        written = [index for index, token in enumerate(tokens) if not token.isspace()]
        if not written:
            break
        at = rng.choice(written)
        token = tokens[at]
        letter = rng.randrange(len(token) or 1)
        match rng.randrange(8):
            case 0 | 1:
                del tokens[at : at + rng.choice([1, 1, 1, 4])]
            case 2 | 3:
                tokens.insert(at, rng.choice(MISTAKES))
            case 4:
                tokens[at] = rng.choice(MISTAKES)
            case 5:
                tokens[at] = token[:letter] + token[letter + 1 :]
            case 6:
                tokens[at] = token[:letter] + rng.choice("abcdefxyz_0") + token[letter:]
            case _:
                other = rng.choice(written)
                tokens[at], tokens[other] = tokens[other], token
    return "".join(tokens)
