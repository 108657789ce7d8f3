"""Jinja2 in which no text contains a memory address, so that templates which use such texts can be compared."""

import collections.abc
import contextlib
import functools
import re
from unittest import mock

from jinja2 import Environment
from jinja2.runtime import BlockReference
from jinja2.utils import Cycler, Joiner

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# Filters that return generators and iterators.
LAZY = ("map", "select", "reject", "selectattr", "rejectattr", "unique", "batch", "slice", "items", "reverse")


def described(value):
    return ADDRESS.sub("", object.__repr__(value))


@contextlib.contextmanager
def without_addresses():
    with contextlib.ExitStack() as stack:
        for kind in (BlockReference, Cycler, Joiner):
            stack.enter_context(mock.patch.object(kind, "__repr__", described))
        yield


class Lazy(collections.abc.Iterator):
    """An iterator that prints without an address."""

    def __init__(self, inner):
        self.inner = inner

    def __next__(self):
        return next(self.inner)

    def __repr__(self):
        return ADDRESS.sub("", repr(self.inner))


class Called:
    """A function or a method that prints without an address."""

    def __init__(self, inner):
        self.inner = inner

    def __call__(self, *args, **kwargs):
        return self.inner(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __eq__(self, other):
        return isinstance(other, Called) and self.inner == other.inner

    def __hash__(self):
        return hash(self.inner)

    def __repr__(self):
        return ADDRESS.sub("", repr(self.inner))


def lazy(function):
    """Wraps a filter so that its result prints without an address; Jinja2 still passes it the same arguments."""

    @functools.wraps(function)
    def called(*args, **kwargs):
        made = function(*args, **kwargs)
        return Lazy(made) if isinstance(made, collections.abc.Iterator) else made

    return called


class BareEnvironment(Environment):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters |= {name: lazy(self.filters[name]) for name in LAZY}
        self.globals["lipsum"] = Called(self.globals["lipsum"])

    def getattr(self, obj, attribute):
        return self.bare(super().getattr(obj, attribute))

    def getitem(self, obj, argument):
        return self.bare(super().getitem(obj, argument))

    @staticmethod
    def bare(value):
        return Called(value) if type(value).__name__ in ("builtin_function_or_method", "method") else value
