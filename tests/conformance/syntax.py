"""Records Jinja2's errors for the templates in tests/fixtures/jinja2/syntax.json.

    python tests/conformance/syntax.py

A template that compiles has no `error`. Errors in the Python code that Jinja2 generates have no line in the template.
"""

import json
import pathlib
import re
import warnings

from jinja2 import Environment, TemplateSyntaxError

FIXTURE = pathlib.Path(__file__).parents[1] / "fixtures" / "jinja2" / "syntax.json"
# Names and lines of the code that Jinja2 generates.
MADE = re.compile(r"(?<=')l_\d+_| \(<\w+>, line \d+\)$")
warnings.simplefilter("ignore", SyntaxWarning)


def outcome(environment, template):
    try:
        environment.from_string(template)
    except TemplateSyntaxError as error:
        return {"error": error.message, "line": error.lineno}
    except SyntaxError as error:
        return {"error": MADE.sub("", str(error))}
    return {}


def main():
    environment = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], cache_size=0)
    templates = [case["template"] for case in json.loads(FIXTURE.read_text())]
    cases = [{"template": template} | outcome(environment, template) for template in templates]
    rows = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    FIXTURE.write_text(f"[\n{rows}\n]\n")
    print(f"{len(cases)} templates, {sum('error' in case for case in cases)} errors")


if __name__ == "__main__":
    main()
