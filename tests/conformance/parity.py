"""Compares the engine with Jinja2 on generated templates: natively with every value that Python has, and both natively
and through the npm package with documents and inputs as users write them.

    python tests/conformance/parity.py RENDER [--cases 5000] [--seed 1] [--part 0/1] [--templates FOLDER] [--write FILE]

RENDER is the example `render` of crates/prompt, which reads and writes JSON lines, as package.mjs does. Pieces of a
failing template and its context are dropped while it still fails, and the rest is printed. FOLDER has chat templates
(`*.jinja`) for the mutator, beside those of the fixtures. FILE receives the package's jobs, for runtimes.mjs.
"""

import argparse
import collections
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unicodedata
import warnings

from jinja2 import Environment, StrictUndefined, Undefined, UndefinedError, meta

import sizes
from floats import Floats
from generate import Generator
from jobs import GLOBALS, Job, verdict
from malformed import malformed
from mutate import Mutator
from scopes import Scopes
from bare import BareEnvironment, without_addresses
from syntax import outcome
from tagged import decode, encode

MODES = {"lenient": Undefined, "strict": StrictUndefined}
CONTEXTS = 5
# Jinja2's optimiser refuses a template with an undefined constant expression, even in a branch that never runs.
CONSTANT = "the template does not compile: a constant expression is undefined"
FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures" / "jinja2"
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}", re.IGNORECASE)
# Listed differences that a template's text alone identifies.
LISTED = [
    (re.compile(entry["pattern"]), entry["id"])
    for entry in json.loads((FIXTURES / "differences.json").read_text())
    if "pattern" in entry
]
warnings.simplefilter("ignore", SyntaxWarning)


class LeftOut(StrictUndefined):
    """An optional input without a value: a test finds it false (docs/document.md), any other use undefined."""

    __slots__ = ()

    def __bool__(self):
        return False


class Oracle:
    """Jinja2 with one environment for each set of options."""

    def __init__(self):
        self.environments = {}

    def environment(self, options, mode, kind=Environment):
        key = (*sorted(options.items()), mode, kind)
        if key not in self.environments:
            self.environments[key] = kind(
                extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], undefined=MODES[mode], cache_size=0, **options
            )
        return self.environments[key]

    def inputs(self, source, options):
        """The names that Jinja2 looks up, or None if it refuses the template."""
        environment = self.environment(options, "lenient")
        try:
            return meta.find_undeclared_variables(environment.parse(source))
        except Exception:
            return None

    def globals(self, source, options):
        """The globals that a template looks up; an input of the same name replaces the global."""
        environment = self.environment(options, "lenient").overlay()
        environment.globals = {}
        try:
            return meta.find_undeclared_variables(environment.parse(source)) & set(GLOBALS)
        except Exception:
            return set()

    def bare(self, source, options, context, mode, optional=()):
        """The result of Jinja2 with no memory addresses in it."""
        with without_addresses():
            return self.render(source, options, [context], (mode,), optional, BareEnvironment)[0]

    def render(self, source, options, contexts, modes=tuple(MODES), optional=(), kind=Environment):
        """The results of every context in the order of the modes, with None for an error."""
        results = []
        for mode in modes:
            # Each mode compiles the template again, as Jinja2 evaluates constant expressions when it compiles.
            try:
                template = self.environment(options, mode, kind).from_string(source)
            except UndefinedError:
                results += [CONSTANT] * len(contexts)
                continue
            except Exception:
                results += [None] * len(contexts)
                continue
            for context in contexts:
                try:
                    absent = {"lenient": Undefined, "strict": LeftOut}[mode]
                    left_out = {name: absent(name=name) for name in optional if name not in context}
                    results.append(template.render(left_out | decode(context)))
                except RecursionError:
                    raise
                except Exception:
                    results.append(None)
        return results


class Engine:
    """A running process of the example `render` or of package.mjs."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def send(self, source, options, contexts):
        job = {"template": source, "contexts": contexts, "undefined": list(MODES), **options}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def job(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def receive(self):
        answer = json.loads(self.process.stdout.readline())
        return answer["results"], answer["inputs"]

    def render(self, source, options, contexts):
        self.send(source, options, contexts)
        return self.receive()[0]


class Package:
    """The package beside the native engine, on documents; a hash covers all answers of each."""

    def __init__(self, native, write):
        self.native = native
        self.package = Engine("node", str(pathlib.Path(__file__).with_name("package.mjs")))
        self.file = open(write, "w") if write else None
        self.table = collections.defaultdict(collections.Counter)
        self.hashes = [hashlib.sha256(), hashlib.sha256()]
        self.shown = 0

    def compare(self, suite, oracle, source, options, contexts, seed, show, modes=tuple(MODES)):
        names = oracle.inputs(source, options)
        for mode in modes:
            job = Job(source, options, mode, names or set(), oracle.globals(source, options), contexts, f"{seed}/{mode}")
            line = json.dumps(job.line())
            if self.file:
                self.file.write(line + "\n")
            self.native.job(line)
            self.package.job(line)
            try:
                optional = job.declared or names or ()
                if mode == "lenient":
                    # A missing input is undefined in this mode, except that it hides the global of its name.
                    optional = [name for name in job.declared or () if name in GLOBALS]
                expected = oracle.render(source, options, job.contexts, (mode,), optional)
            except RecursionError:
                expected = None
            answers = [self.native.answer(), self.package.answer()]
            details = [[result.pop("detail", "") for result in given["results"]] for given in answers]
            for hashed, given in zip(self.hashes, answers):
                hashed.update(json.dumps(given, sort_keys=True).encode())
            counts = self.table[suite]
            if expected is None:
                continue
            inferred = answers[1]["inputs"]
            if inferred is not None and names is not None:
                counts["inputs equal" if set(inferred) == names else "unlisted"] += 1
            pairs = zip(job.contexts, expected, answers[0]["results"], answers[1]["results"], details[1], strict=True)
            for context, want, ours, got, detail in pairs:
                found = verdict(want, got, job)
                if found is None:
                    bare = functools.partial(oracle.bare, source, options, context, mode, optional)
                    reason = differs(source, want, got | {"detail": detail}, bare)
                    found = "listed" if isinstance(reason, str) or not reason else "unlisted"
                if ours != got:
                    found = "unlisted"
                counts[found] += 1
                if found == "unlisted" and self.shown < show:
                    self.shown += 1
                    print(f"--- package, {suite} {job.document}\ninputs  {context}\njinja2  {want!r}\nnative  {ours}\npackage {got}")

    def numbers(self, oracle, seed, floats):
        """Runs the cases of the function `numbers` as documents."""
        for source, context in sizes.cases():
            self.compare("sizes", oracle, source, {}, [context], source, 10, ("lenient",))
        inputs = [{"name": name, "type": "list[float]"} for name in ("xs", "ys")]
        for name, source, xs, ys, expected in Floats(seed, plain=True).batches(floats):
            document = {"messages": [{"role": "user", "content": source}], "inputs": inputs}
            self.package.job(json.dumps({"document": document, "inputs": [{"xs": xs, "ys": ys}]}))
            (got,) = self.package.answer()["results"]
            lines = got.get("output", "").split("\n")[:-1]
            wrong = [row for row in zip(xs, ys, expected, lines) if row[2] != row[3]]
            self.table["floats"].update({"same": len(lines) - len(wrong), "unlisted": len(wrong) + len(xs) - len(lines)})
            if wrong or len(lines) != len(xs):
                print(f"--- package, floats {name}: {wrong[:3] or got}")

    def mistakes(self, oracle, seed, sources, count):
        """Compares errors and their lines for templates with mistakes."""
        for number in range(count):
            source = malformed(f"{seed}/{number}", sources)
            try:
                want = outcome(oracle.environment({}, "lenient"), source)
            except Exception:
                # Python's compiler gives up, or a constant expression fails.
                continue
            document = {"messages": [{"role": "user", "content": source}], "template": {"undefined": "lenient"}}
            line = json.dumps({"document": document, "inputs": [{}]})
            self.native.job(line)
            self.package.job(line)
            answers = [self.native.answer(), self.package.answer()]
            (got,) = answers[1]["results"]
            told = said(want, got, answers[1]["inputs"] is not None)
            if answers[0]["results"][0].get("at") != got.get("at"):
                told = "unlisted"
            self.table["mistakes"][told] += 1
            if told == "unlisted" and self.shown < 10:
                self.shown += 1
                print(f"--- mistake {source!r}\njinja2  {want}\nnative  {answers[0]}\npackage {got}")

    def report(self):
        """Prints the table. Returns the numbers of right and of wrong results."""
        columns = ["same", "both error", "refused by design", "listed", "unlisted", "inputs equal"]
        print(f"{'through the package':20} " + " ".join(f"{column:>17}" for column in columns))
        for suite, counts in self.table.items():
            print(f"{suite:20} " + " ".join(f"{counts[column]:17,}" for column in columns))
        native, package = (hashed.hexdigest() for hashed in self.hashes)
        print(f"SHA-256 of all answers: natively {native}, package {package}")
        total = sum(self.table.values(), collections.Counter())
        wrong = total["unlisted"] + (native != package)
        return sum(total.values()) - total["unlisted"], wrong


def said(want, got, compiles):
    """The verdict on the package's error for a template, which must contain Jinja2's message and line."""
    if got.get("error") == "template_include":
        return "refused by design"
    unknown = re.fullmatch(r"No (filter|test) named '(.*)'\.", want.get("error", ""))
    if compiles:
        # With lenient undefined, an unknown filter is only a warning until it runs.
        return "refused by design" if unknown else "unlisted" if want else "same"
    if unknown and "outside loop" in got["detail"]:
        # The template has two mistakes, and Python's compiler finds this one after the unknown filter.
        return "both error"
    words = f"there is no {unknown[1]} `{unknown[2]}`" if unknown else want.get("error")
    place = got.get("at") or {"line": 0}
    told = words is not None and words in got["detail"] and place["line"] > 0 and place["column"] > 0
    return "both error" if told and want.get("line") in (None, place["line"]) else "unlisted"


def differs(source, expected, got, bare=None):
    """True, False, or the reason why results cannot be compared, which differences.json explains.

    `bare` returns Jinja2's result without memory addresses.
    """
    if got.get("output") == expected:
        return False
    if bare is not None and got.get("output") is not None and got["output"] == bare():
        return "a memory address"
    if expected == CONSTANT:
        return "a constant expression that is undefined"
    if "an integer needs more than 128 bits" in got.get("detail", ""):
        return "an integer beyond 128 bits"
    return next((f"listed: {name}" for pattern, name in LISTED if pattern.search(source)), True)


def verdicts(oracle, source, options, contexts, wanted, results):
    """The result of `differs` for each result, in the order of `Oracle.render`."""
    cases = [(mode, context) for mode in MODES for context in contexts]
    for (mode, context), want, got in zip(cases, wanted, results, strict=True):
        yield differs(source, want, got, functools.partial(oracle.bare, source, options, context, mode))


def mismatch(oracle, engine, source, options, contexts):
    given = oracle.render(source, options, contexts), engine.render(source, options, contexts)
    return True in verdicts(oracle, source, options, contexts, *given)


def smaller(oracle, engine, pieces, options, context):
    """Drops pieces, context and options while the results still differ."""
    fails = lambda pieces, options, context: mismatch(oracle, engine, "".join(pieces), options, [context])  # noqa: E731
    for index in range(len(pieces) - 1, -1, -1):
        rest = pieces[:index] + pieces[index + 1 :]
        if fails(rest, options, context):
            pieces = rest
    for kept in (options, context):
        for name in list(kept):
            value = kept.pop(name)
            if not fails(pieces, options, context):
                kept[name] = value
    return "".join(pieces), options, context


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("render")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="which part of how many, for several processes")
    parser.add_argument("--templates", type=pathlib.Path, help="a folder of more chat templates")
    parser.add_argument("--write", help="a file for the jobs of the package")
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--processes", type=int, help="by default as many as there are processors, for many cases")
    arguments = parser.parse_args()
    processes = arguments.processes or (os.cpu_count() if arguments.cases >= 100_000 else 1)
    if processes > 1:
        sys.exit(in_processes(processes, arguments))
    part, parts = map(int, arguments.part.split("/"))
    oracle, engine = Oracle(), Engine(arguments.render)
    package = Package(Engine(arguments.render), arguments.write)
    check_differences(oracle, package.package)
    sources, chats = chat_sources(arguments.templates)
    chat = collections.Counter()
    if arguments.part.startswith("0/"):
        chat = chat_templates(oracle, engine) + recorded_templates(oracle, engine)
        floats = min(100_000, arguments.cases // 5)
        chat += numbers(oracle, engine, arguments.seed, floats)
        package.numbers(oracle, arguments.seed, floats)
        suite = [case["template"] for case in json.loads((FIXTURES / "suite.json").read_text())["cases"]]
        for given in (suite, sources):
            package.mistakes(oracle, arguments.seed, given, min(20_000, arguments.cases // 5))
    counts, shown, reported, number, started = collections.Counter(), 0, None, part, time.monotonic()
    while counts["cases"] < arguments.cases // parts:
        suite = ("grammar", "grammar", "names", "chat")[number % 4]
        seed = f"{arguments.seed}/{number}"
        generator = {"grammar": Generator, "names": Scopes}.get(suite, lambda seed: Mutator(seed, sources, chats))(seed)
        pieces, options = generator.template(), generator.options()
        contexts = [encode(generator.context()) for _ in range(CONTEXTS)]
        package.compare(suite, oracle, "".join(pieces), options, [decode(context) for context in contexts[:2]], seed, arguments.show)
        # The engine works while Jinja2 does. Each job waits for the one before, so that no pipe fills up.
        engine.send("".join(pieces), options, contexts)
        try:
            expected = oracle.render("".join(pieces), options, contexts)
        except RecursionError:
            engine.receive()
            counts["recursion without end"] += 1
            number += parts
            continue
        results, inputs = engine.receive()
        counts.update(compare_inputs(oracle, "".join(pieces), options, inputs))
        for index, verdict in enumerate(verdicts(oracle, "".join(pieces), options, contexts, expected, results)):
            counts["cases"] += 1
            want = expected[index]
            if isinstance(verdict, str):
                counts[verdict] += 1
            elif not verdict:
                counts["equal errors" if want is None else "equal outputs"] += 1
            else:
                counts["different"] += 1
                if shown < arguments.show and number != reported:
                    shown, reported = shown + 1, number
                    report(oracle, arguments.render, number, pieces, options, contexts[index % CONTEXTS])
        number += parts
    seconds = time.monotonic() - started
    print(f"{dict(counts)} seed={arguments.seed} part={arguments.part} {seconds:.0f} s")
    counts.update(chat)
    right, wrong = package.report()
    counts.update({"equal outputs": right, "different": wrong})
    print(f"{counts['equal outputs'] + counts['equal errors'] + counts['equal inputs']} passed, {counts['different']} failed")
    sys.exit(1 if counts["different"] else 0)


def compare_inputs(oracle, source, options, got):
    """Compares the inferred inputs with the names that Jinja2 looks up."""
    want = oracle.inputs(source, options)
    if want is None or got is None:
        # Renders compare the templates that only one of the two refuses.
        return {"no inputs": 1}
    if want == set(got) and len(want) == len(got):
        return {"equal inputs": 1}
    print(f"--- inputs\ntemplate {source!r}\n  jinja2 {sorted(want)}\n  ours   {sorted(got)}")
    return {"different": 1}


def numbers(oracle, engine, seed, floats):
    """Numbers at the limits of integer sizes, and `floats` random numbers for every operation on floats."""
    counts = collections.Counter()
    for source, context in sizes.cases():
        context = encode(context)
        pairs = zip(oracle.render(source, {}, [context]), engine.render(source, {}, [context]), strict=True)
        for want, got in pairs:
            verdict = differs(source, want, got)
            counts[verdict if isinstance(verdict, str) else "different" if verdict else "equal outputs"] += 1
            if verdict is True:
                print(f"--- {source} {context['n']}\n  jinja2 {want!r}\n  ours   {got}")
    for name, source, xs, ys, expected in Floats(seed).batches(floats):
        (got,) = engine.render(source, {}, [{"xs": xs, "ys": ys}])[:1]
        lines = got.get("output", "").split("\n")[:-1]
        if len(lines) != len(xs):
            counts["different"] += 1
            print(f"--- {name}: {got}")
            continue
        for x, y, want, line in zip(xs, ys, expected, lines):
            counts["equal outputs" if want == line else "different"] += 1
            if want != line:
                print(f"--- {name} {x!r} {y!r}\n  python {want}\n  ours   {line}")
    print(f"numbers {dict(counts)}")
    return counts


def recorded_templates(oracle, engine):
    """Compares the inputs of the templates of Jinja2's suite and the render fixtures; other tests compare outputs."""
    counts = collections.Counter()
    sources = [case["template"] for case in json.loads((FIXTURES / "suite.json").read_text())["cases"]]
    for path in sorted((FIXTURES.parent / "render").glob("*.json")):
        sources += re.findall(r'"(?:content|text|image)": ("(?:[^"\\]|\\.)*")', path.read_text())
    for source in sources:
        source = json.loads(source) if source.startswith('"') and source.endswith('"') else source
        engine.send(source, {}, [])
        counts.update(compare_inputs(oracle, source, {}, engine.receive()[1]))
    print(f"recorded templates {dict(counts)}")
    return counts


def chat_sources(folder):
    """The chat templates and contexts for the mutator."""
    own = FIXTURES / "chat"
    paths = [*sorted(own.glob("*.jinja")), *sorted(folder.glob("*.jinja") if folder else [])]
    return [path.read_text() for path in paths], json.loads((own / "contexts.json").read_text())


def chat_templates(oracle, engine):
    """Templates in the shapes of published models' templates; every context runs with and without the options."""
    folder = FIXTURES / "chat"
    contexts = json.loads((folder / "contexts.json").read_text())
    counts = collections.Counter()
    for path in sorted(folder.glob("*.jinja")):
        source = path.read_text()
        for flag in (True, False):
            options = {"trim_blocks": flag, "lstrip_blocks": flag}
            engine.send(source, options, contexts)
            results, inputs = engine.receive()
            counts.update(compare_inputs(oracle, source, options, inputs))
            pairs = zip(oracle.render(source, options, contexts), results, strict=True)
            for index, (want, got) in enumerate(pairs):
                counts["cases"] += 1
                if differs(source, want, got):
                    counts["different"] += 1
                    print(f"--- {path.name} {options} {index}\n  jinja2 {want!r}\n  ours   {got}")
                else:
                    counts["equal errors" if want is None else "equal outputs"] += 1
    print(f"chat templates {dict(counts)}")
    return counts


def check_differences(oracle, package):
    """Checks Jinja2's side of differences.json, and the package's side of whole documents.

    crates/prompt/tests/jinja2.rs checks the engine's side of templates.
    """
    for entry in json.loads((FIXTURES / "differences.json").read_text()):
        if "document" in entry:
            check_document(entry, package)
            continue
        if entry["id"] == "unicode-version" and unicodedata.unidata_version != "14.0.0":
            print(f"not compared: unicode-version, this Python has Unicode {unicodedata.unidata_version}")
            continue
        options = {name: entry[name] for name in ("trim_blocks", "lstrip_blocks") if name in entry}
        mode = list(MODES).index(entry.get("undefined", "lenient"))
        output = oracle.render(entry["template"], options, [entry["context"]])[mode]
        given = {"error": True} if output in (None, CONSTANT) else {"output": ADDRESS.sub(" at 0x…", output)}
        assert given == entry["jinja2"], f"{entry['id']}: Jinja2 gives {given}"


def check_document(entry, package):
    """Checks a difference in the inputs of a whole document, which are JSON as its users write it."""
    (message,) = entry["document"]["messages"]
    mode = entry["document"].get("template", {}).get("undefined", "strict")
    template = Environment(undefined=MODES[mode]).from_string(message["content"])
    given = {"output": template.render(json.loads(entry["inputs"]))}
    assert given == entry["jinja2"], f"{entry['id']}: Jinja2 gives {given}"
    package.job(f'{{"document": {json.dumps(entry["document"])}, "inputs": [{entry["inputs"]}]}}')
    (result,) = package.answer()["results"]
    ours = {name: result[name] for name in entry["ours"] if name in result}
    assert ours == entry["ours"] != entry["jinja2"], f"{entry['id']}: the package gives {result}"


def in_processes(processes, arguments):
    """Runs the comparison in several processes, each with its part of the cases. Returns the exit status."""
    command = [sys.executable, __file__, arguments.render, "--cases", str(arguments.cases), "--seed", str(arguments.seed)]
    command += ["--show", str(arguments.show), "--processes", "1"]
    command += ["--templates", str(arguments.templates)] if arguments.templates else []
    parts = [
        subprocess.Popen([*command, "--part", f"{part}/{processes}"], stdout=subprocess.PIPE, text=True, encoding="utf-8")
        for part in range(processes)
    ]
    passed = failed = 0
    for process in parts:
        *lines, last = process.communicate()[0].splitlines() or [""]
        print("\n".join(lines), flush=True)
        found = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
        assert found, f"a process ended early: {last}"
        passed, failed = passed + int(found[1]), failed + int(found[2])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def report(oracle, render, number, pieces, options, context):
    engine = Engine(render)
    source, options, context = smaller(oracle, engine, list(pieces), dict(options), dict(context))
    print(f"--- case {number} {options}\ntemplate {source!r}\ncontext  {json.dumps(context, ensure_ascii=False)}")
    expected = oracle.render(source, options, [context])
    for mode, want, got in zip(MODES, expected, engine.render(source, options, [context])):
        print(f"{mode:8} jinja2 {want!r}\n         ours   {got}")
    engine.process.stdin.close()
    engine.process.wait()


if __name__ == "__main__":
    main()
