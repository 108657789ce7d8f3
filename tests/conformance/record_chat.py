"""Records the results of `transformers` for chat templates, from the function behind `apply_chat_template`, at a fixed
time.

    python tests/conformance/record_chat.py [FOLDER RENDER]     # needs `transformers` from PyPI; no model

Writes tests/fixtures/jinja2/huggingface/recorded.json from the templates below and the contexts of the chat fixtures.
With a folder of chat templates and the example `render` of crates/prompt, compares those instead and writes nothing.
"""

import collections
import datetime
import json
import pathlib
import subprocess
import sys

from transformers.utils import chat_template_utils

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures" / "jinja2"
MOMENT = datetime.datetime(2024, 2, 29, 7, 5, 9, 60_000)
FORMATS = "%Y-%m-%d %H:%M:%S|%d %b %Y|%A %B %-d|%e %I:%M %p %j|%y %U %W %V %G %u %w|%c|%x %X|%D %T %R %r|%_d %-H %k %l %P %C %h|%^a %^B|%5Y %03d|%% %n%t|%Z%z.|%f|%F"

TEMPLATES = {
    "generation": "{% for message in messages %}\n{% if message.role == 'assistant' %}\n{% generation %}{% set x = 1 %}{{ message['content'] }}{{ eos_token }}{% endgeneration %}\n{% else %}\n[{{ message.role }}] {{ message['content'] }}\n{% endif %}\n{% endfor %}\n{{ x is defined }}",
    "raise": "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{{ message.content }}{% endfor %}",
    "tojson": "{% for tool in tools or [] %}{{ tool | tojson }}\n{{ tool | tojson(indent=4) }}\n{{ tool|tojson(ensure_ascii=True) }}{{ tool|tojson(separators=(',', ':'), sort_keys=true) }}{{ tool|tojson(indent=2, separators=(', ', ' = ')) }}{{ [1.0, true, none, '\\x7f\\u2028é', \"a<b>&'\"]|tojson }}{% endfor %}",
    "sandbox": "{% set xs = [1, 2] %}{{ xs.append is defined }}{{ messages[0].update is defined }}{{ xs.index(2) }}{{ {'a': 1}.get('a') }}{{ xs + [3] }}{{ range(3)|list }}",
    "append": "{% set xs = [1] %}{{ xs.append(2) }}{{ xs }}",
    "long range": "{{ range(100001)|length }}",
    "do": "{% do messages %}",
    "loop controls": "{% for m in messages %}{% if loop.index > 2 %}{% break %}{% endif %}{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.content }};{% endfor %}",
    "namespace": "{% set ns = namespace(system='', n=0) %}\n{%- for m in messages %}\n    {%- if m['role'] == 'system' %}\n        {%- set ns.system = m['content'] %}\n    {%- endif %}\n    {%- set ns.n = ns.n + 1 %}\n{%- endfor %}\n{{- ns.system | trim }}|{{ ns.n }}",
    "underscore": "{% set ns = namespace(_a=1) %}{{ ns._a }}",
    "set underscore": "{% set ns = namespace(a=1) %}{% set ns._a = 2 %}{{ ns.a }}",
    "undefined": "{{ nothing }}{% if nothing %}a{% endif %}{{ nothing is defined }}{% if tools is not none and tools %}t{% endif %}{% if not date_string is defined %}{% set date_string = '26 Jul 2024' %}{% endif %}{{ date_string }}",
    "undefined attribute": "{{ nothing.attribute }}",
    "time": "{{ strftime_now('%d %B %Y') }}{% if strftime_now is defined %}{% set today = strftime_now('%Y-%m-%d') %}{{ today }}{% endif %}\n" + "\n".join("{{ strftime_now('" + form + "') }}" for form in FORMATS.split("|")),
    "shadowed": "{% set strftime_now = 'x' %}{{ strftime_now }}{{ raise_exception is defined }}",
    "blocks": "  {% if true %}\n    a\n  {% endif %}\nb\n",
}


def render(source, context):
    """The text, or None if `transformers` raises."""
    try:
        return chat_template_utils._compile_jinja_template(source).render(**context)
    except Exception:
        return None


def plain(value):
    """The value as JavaScript has it, where an integral float is an integer."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def compare(folder, program, contexts):
    engine = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    counts = collections.Counter()
    for path in sorted(pathlib.Path(folder).glob("*.jinja")):
        source = path.read_text()
        for context in contexts:
            want = render(source, context)
            document = {"messages": [{"role": "user", "content": source}], "template": {"dialect": "huggingface"}}
            engine.stdin.write(json.dumps({"document": document, "inputs": [context], "now": MOMENT.isoformat()}) + "\n")
            engine.stdin.flush()
            (got,) = json.loads(engine.stdout.readline())["results"]
            same = got.get("output") == want if want is not None else "error" in got
            counts["both error" if same and want is None else "same" if same else "different"] += 1
            if not same:
                print(f"--- {path.name}\n  transformers {want!r}\n  ours         {got}")
    print(f"{counts['same'] + counts['both error']} passed, {counts['different']} failed ({dict(counts)})")
    sys.exit(1 if counts["different"] else 0)


def main():
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return MOMENT

    chat_template_utils.datetime = Clock
    contexts = [plain(context) for context in json.loads((FIXTURES / "chat" / "contexts.json").read_text())]
    if len(sys.argv) == 3:
        compare(sys.argv[1], sys.argv[2], contexts)
    sources = TEMPLATES | {path.stem: path.read_text() for path in sorted((FIXTURES / "chat").glob("*.jinja"))}
    cases = []
    for name, source in sources.items():
        outputs = [render(source, context) for context in contexts]
        cases.append(json.dumps({"id": name, "template": source, "outputs": outputs}, ensure_ascii=False))
    head = json.dumps({"source": "tests/conformance/record_chat.py, transformers " + __import__("transformers").__version__, "now": MOMENT.isoformat()})[:-1]
    text = f'{head}, "cases": [\n' + ",\n".join(cases) + "\n]}\n"
    (FIXTURES / "huggingface" / "recorded.json").write_text(text)
    print(f"{len(cases)} templates, {len(contexts)} contexts each")


if __name__ == "__main__":
    main()
