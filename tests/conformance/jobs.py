"""Jobs for the package: documents and inputs in JSON, and the results of CPython's Jinja2."""

import math
import random

CAMEL = {"trim_blocks": "trimBlocks", "lstrip_blocks": "lstripBlocks", "keep_trailing_newline": "keepTrailingNewline"}
GLOBALS = ("range", "dict", "lipsum", "cycler", "joiner", "namespace")
WORDS = {"and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "self", "true", "True"}
SAFE = 2**53


def plain(value, floats=False):
    """The value as JavaScript has it after JSON: one kind of numbers, integer keys first. `None` if it has none."""
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            return None
        keys = sorted((key for key in value if is_index(key)), key=int) + [key for key in value if not is_index(key)]
        items = {key: plain(value[key]) for key in keys}
        return None if any(item is None and value[key] is not None for key, item in items.items()) else items
    if isinstance(value, list):
        items = [plain(item, floats) for item in value]
        return None if any(item is None and given is not None for item, given in zip(items, value)) else items
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        if floats:
            return value
        if value.is_integer():
            return int(value) if abs(value) < SAFE else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2**63) <= value < 2**63 else None
    return value if isinstance(value, (str, int, float, type(None))) else None


def is_index(key):
    return key.isdigit() and key.isascii() and (key == "0" or key[0] != "0") and int(key) < 2**32 - 1


def wire(value):
    """JSON in which an integer too large for a double is `{"$int": digits}`."""
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= SAFE:
        return {"$int": str(value)}
    return value


def type_of(value, rng):
    """A declared type for the value: its exact type or a wider one."""
    if rng.random() < 0.2:
        return "any" if not isinstance(value, float) else "float"
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case dict():
            return "dict"
        case list() if value and all(isinstance(item, float) for item in value):
            return "list[float]"
        case list() if value and all(isinstance(item, str) for item in value):
            return "list[str]"
        case list() if value and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            return "list[int]"
        case list():
            return "list"
    return None


class Job:
    """One document with several inputs, as a user may write it."""

    def __init__(self, source, options, mode, names, replaced, contexts, seed):
        rng = random.Random(f"job/{seed}")
        declared = None
        if rng.random() < 0.4:
            declared = {name: self.declaration(name, contexts, rng) for name in sorted(names | set(contexts[0]))}
            declared = {name: value for name, value in declared.items() if value is not None}
            # An input may not have the name of a keyword of Jinja2.
            if not names <= set(declared) or WORDS & set(declared) or not all(name.isidentifier() for name in declared):
                declared = None
        self.mode, self.source, self.options, self.declared = mode, source, options, declared
        self.document = {"messages": [{"role": "user", "content": source}], "template": {"undefined": mode} | {CAMEL[name]: True for name in options if options[name]}}
        if declared is not None:
            self.document["inputs"] = list(declared.values())
        self.contexts = []
        for context in contexts:
            known = {}
            for name, value in context.items():
                kind = declared[name]["type"] if declared is not None and name in declared else None
                if declared is not None and kind is None or declared is None and mode == "strict" and name not in names | replaced:
                    continue
                if declared is None and name in GLOBALS and name not in replaced:
                    continue
                seen = plain(value, kind in ("float", "list[float]"))
                if seen is not None or value is None:
                    known[name] = seen
            self.contexts.append(known)

    def declaration(self, name, contexts, rng):
        values = [context[name] for context in contexts if name in context]
        kinds = {type_of(value, random.Random(f"{name}")) for value in values}
        kind = kinds.pop() if len(kinds) == 1 else None
        if kind is None and any(isinstance(value, float) for value in values):
            return None
        return {"name": name, "type": kind or "any", "required": False}

    def line(self):
        return {"document": self.document, "inputs": [wire(context) for context in self.contexts]}


def verdict(want, got, job):
    """`same`, `both error` or `refused by design`; None for a difference."""
    if "output" in got and got["output"] == want:
        return "same"
    if "error" in got and want is None:
        return "both error"
    if got.get("error") == "template_include":
        return "refused by design"
    codes = set(got.get("codes", ()))
    if job.mode == "strict" and codes and codes <= {"missing_input", "unknown_filter", "unknown_test"}:
        # Strict mode reports undefined names before the render, wherever they stand.
        return "refused by design"
    return None
