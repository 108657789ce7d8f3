"""Python values as JSON. A value that JSON lacks is an object with one key that starts with `$`.

`$tuple` items · `$range` [start, stop, step] · `$markup` text · `$int` digits beyond 64 bits ·
`$float` `nan` `inf` `-inf` · `$dict` [[key, value], …] where a key is no string, or starts with `$`
"""

import math

from markupsafe import Markup


class Untaggable(Exception):
    """The value is not data; the message names its kind."""


def encode(value, depth=0):
    if depth > 64:
        raise Untaggable("nesting")
    kind = type(value)
    again = lambda item: encode(item, depth + 1)  # noqa: E731
    if value is None or kind is bool:
        return value
    if kind is str:
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise Untaggable("lone surrogate")
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else {"$int": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": str(value)}
    if kind is Markup:
        return {"$markup": str(value)}
    if kind is list:
        return [again(item) for item in value]
    if kind is tuple:
        return {"$tuple": [again(item) for item in value]}
    if kind is range:
        return {"$range": [value.start, value.stop, value.step]}
    if kind is dict:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: again(item) for key, item in value.items()}
        return {"$dict": [[again(key), again(item)] for key, item in value.items()]}
    raise Untaggable(kind.__name__)


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (tag, inner), *_ = value.items()
        match tag:
            case "$tuple":
                return tuple(decode(item) for item in inner)
            case "$range":
                return range(*inner)
            case "$markup":
                return Markup(inner)
            case "$int":
                return int(inner)
            case "$float":
                return float(inner)
            case "$dict":
                return {decode(key): decode(item) for key, item in inner}
    return {key: decode(item) for key, item in value.items()}
