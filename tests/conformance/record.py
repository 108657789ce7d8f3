"""Records Jinja2's own test suite as language-neutral cases.

    python tests/conformance/record.py PATH/jinja2-3.1.6     # the unpacked source package of PyPI

Runs the suite with a recorder inside `Environment` and `Template`, which makes a case of every template that a test
compiles or renders: source, options, context, and Jinja2's result. Writes tests/fixtures/jinja2/suite.json. Only cases
that require custom Python are dropped, and counted by reason.
"""

import collections
import functools
import json
import pathlib
import re
import sys

import jinja2
import pytest
from jinja2 import defaults, ext, nodes
from jinja2.environment import Environment, Template

from tagged import Untaggable, encode

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures" / "jinja2"
PACKAGE = pathlib.Path(sys.argv[1]).resolve()
MULTI = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
EXTENSIONS = {ext.ExprStmtExtension: "do", ext.LoopControlExtension: "loopcontrols"}
DELIMITERS = {
    name: getattr(defaults, name.upper())
    for name in (
        "block_start_string",
        "block_end_string",
        "variable_start_string",
        "variable_end_string",
        "comment_start_string",
        "comment_end_string",
        "line_statement_prefix",
        "line_comment_prefix",
    )
}


class Dropped(Exception):
    pass


class Recorder:
    def __init__(self):
        self.cases = {}
        self.dropped = collections.Counter()
        self.seen = set()
        self.test = ""
        self.quiet = 0  # the depth of calls that are already recorded

    def pytest_runtest_setup(self, item):
        self.test = item.nodeid.removeprefix("tests/")

    def record(self, environment, source, context, outcome):
        """Records a case. `context` is encoded already; `outcome` is ("output", text) or ("error", exception)."""
        try:
            options = options_of(environment)
            tree = tree_of(environment, source)
            check_names(environment, tree, source)
            case = {"template": source, "context": context} | options
            kind, result = outcome
            if kind == "output":
                if re.search(r" at 0x[0-9a-f]{6,}", result):
                    raise Dropped("a memory address in the output")
                case["output"] = result
            else:
                case["error"] = type(result).__name__
            if tree is not None and next(tree.find_all(MULTI), None) is not None:
                case["class"] = "template_include"
        except Dropped as reason:
            self.drop(str(reason), source)
            return
        key = json.dumps(case, sort_keys=True)
        if key not in self.seen:
            self.seen.add(key)
            same = sum(1 for id in self.cases if id.split("#")[0] == self.test)
            self.cases[f"{self.test}#{same + 1}"] = case

    def drop(self, reason, source):
        key = ("dropped", self.test, reason, source)
        if key not in self.seen:
            self.seen.add(key)
            self.dropped[reason] += 1


def options_of(environment):
    """The options that `template` has names for; raises `Dropped` with a reason for any other."""
    env = environment
    if isinstance(env, jinja2.nativetypes.NativeEnvironment):
        raise Dropped("native types")
    if isinstance(env, jinja2.sandbox.SandboxedEnvironment):
        raise Dropped("sandbox")
    if type(env) is not Environment:
        raise Dropped("custom Environment class")
    if env.is_async:
        raise Dropped("async")
    if any(getattr(env, name) != value for name, value in DELIMITERS.items()):
        raise Dropped("other delimiters or line statements")
    if env.newline_sequence != "\n":
        raise Dropped("other newline_sequence")
    if env.finalize is not None:
        raise Dropped("finalize")
    if env.policies != defaults.DEFAULT_POLICIES:
        raise Dropped("policies")
    options = {}
    for name in ("trim_blocks", "lstrip_blocks", "keep_trailing_newline"):
        if getattr(env, name):
            options[name] = True
    if callable(env.autoescape):
        raise Dropped("autoescape by template name")
    if env.autoescape:
        options["autoescape"] = True
    if env.undefined is jinja2.StrictUndefined:
        options["undefined"] = "strict"
    elif env.undefined is not jinja2.Undefined:
        raise Dropped("other undefined class")
    extensions = []
    for extension in env.extensions.values():
        if type(extension) not in EXTENSIONS:
            raise Dropped("i18n" if isinstance(extension, ext.InternationalizationExtension) else "custom extension")
        extensions.append(EXTENSIONS[type(extension)])
    if extensions:
        options["extensions"] = sorted(extensions)
    return options


def tree_of(environment, source):
    if not isinstance(source, str):
        raise Dropped("the template is an AST")
    try:
        return environment._parse(source, None, None)
    except jinja2.TemplateSyntaxError:
        return None


def check_names(environment, tree, source):
    if tree is None:
        return
    for node, table, default in (
        (nodes.Filter, environment.filters, defaults.DEFAULT_FILTERS),
        (nodes.Test, environment.tests, defaults.DEFAULT_TESTS),
    ):
        for used in tree.find_all(node):
            if table.get(used.name) is not default.get(used.name):
                raise Dropped("custom filter or test")
            if used.name == "random":
                raise Dropped("random")
        custom = {name for name in table if name not in default}
        if any(const.value in custom for const in tree.find_all(nodes.Const) if isinstance(const.value, str)):
            raise Dropped("custom filter or test")
    if any(name.name == "lipsum" for name in tree.find_all(nodes.Name)):
        raise Dropped("random")


def encode_context(context):
    encoded = {}
    for name, value in context.items():
        try:
            encoded[name] = encode(value)
        except Untaggable as kind:
            function = "function" in str(kind) or "method" in str(kind)
            raise Dropped("custom callable in the context" if function else "custom object in the context") from None
    return encoded


def context_of(template, args, kwargs):
    own = {name: value for name, value in template.globals.items() if defaults.DEFAULT_NAMESPACE.get(name) is not value}
    return own | dict(*args, **kwargs)


def instrument(recorder):
    sources = {}

    def patch(owner, name):
        original = getattr(owner, name)

        def install(wrapper):
            setattr(owner, name, functools.wraps(original)(functools.partialmethod(wrapper, original)))

        return install

    @patch(Environment, "compile")
    def _(env, original, source, *args, **kwargs):
        try:
            code = original(env, source, *args, **kwargs)
        except Exception as error:
            recorder.record(env, source, {}, ("error", error))
            raise
        if isinstance(source, str) and not isinstance(code, str):
            sources[id(code)] = (source, code)
        return code

    from_code = Template.from_code.__func__

    def keep_source(cls, environment, code, *args, **kwargs):
        template = from_code(cls, environment, code, *args, **kwargs)
        template._recorded = sources.get(id(code), (None,))[0]
        return template

    Template.from_code = classmethod(keep_source)

    def run(template, args, kwargs, action, always=True):
        source = getattr(template, "_recorded", None)
        if recorder.quiet or source is None:
            return action() if always else None
        try:
            context = encode_now(template, args, kwargs)
        except Dropped as reason:
            recorder.drop(str(reason), source)
            return action() if always else None
        recorder.quiet += 1
        try:
            output = action()
        except Exception as error:
            recorder.record(template.environment, source, context, ("error", error))
            raise
        finally:
            recorder.quiet -= 1
        recorder.record(template.environment, source, context, ("output", output))
        return output

    def encode_now(template, args, kwargs):
        """Encodes the context before the render, as a template may change it."""
        options_of(template.environment)
        return encode_context(context_of(template, args, kwargs))

    @patch(Template, "render")
    def _(template, original, *args, **kwargs):
        return run(template, args, kwargs, lambda: original(template, *args, **kwargs))

    @patch(Template, "generate")
    def _(template, original, *args, **kwargs):
        if not recorder.quiet:
            try:
                run(template, args, kwargs, lambda: "".join(original(template, *args, **kwargs)), False)
            except Exception:
                pass  # recorded above; the call below raises it again for the test
        return original(template, *args, **kwargs)

    @patch(Template, "make_module")
    def _(template, original, *args, **kwargs):
        if not recorder.quiet and getattr(template, "_recorded", None) is not None:
            recorder.drop("the template used as a Python module", template._recorded)
        return original(template, *args, **kwargs)

    @patch(Environment, "compile_expression")
    def _(env, original, source, *args, **kwargs):
        recorder.drop("compile_expression", source)
        recorder.quiet += 1
        try:
            return original(env, source, *args, **kwargs)
        finally:
            recorder.quiet -= 1


def main():
    assert jinja2.__version__ == "3.1.6", jinja2.__version__
    recorder = Recorder()
    instrument(recorder)
    sys.path.insert(0, str(PACKAGE / "tests"))
    if pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(PACKAGE), str(PACKAGE / "tests")], plugins=[recorder]):
        sys.exit("the suite itself failed")
    cases = [{"id": id} | case for id, case in recorder.cases.items()]
    suite = {
        "source": "tests/ of jinja2-3.1.6.tar.gz on PyPI, recorded by tests/conformance/record.py; licence: LICENSE.txt",
        "dropped": dict(recorder.dropped.most_common()),
        "cases": cases,
    }
    FIXTURES.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**suite, "cases": []}, indent=1, ensure_ascii=False)
    rows = ",\n  ".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (FIXTURES / "suite.json").write_text(text.replace('"cases": []', f'"cases": [\n  {rows}\n ]') + "\n")
    (FIXTURES / "LICENSE.txt").write_text((PACKAGE / "LICENSE.txt").read_text())
    include = sum(1 for case in cases if case.get("class"))
    print(f"{len(cases) - include} cases, {include} template_include, dropped: {suite['dropped']}")


if __name__ == "__main__":
    main()
