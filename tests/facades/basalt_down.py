"""Basalt's real client reads one prompt from an edge: basalt_down.py URL KEY TEXT up|down (the origin)."""

import re
import sys

from report import operation, refuses

url, key, text, state = sys.argv[1:5]

from basalt import Basalt  # noqa: E402

prompts = Basalt(api_key=key, base_url=url, enable_telemetry=False).prompts


def get(slug, **options):
    # The client's own cache is off, because it would answer during an outage too.
    return prompts.get_sync(slug, cache_enabled=False, **options)


@operation(f"origin {state}, {text}: get")
def _():
    got = get("down")
    assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get by tag")
def _():
    for tag in ["production", "latest"]:
        got = get("down", tag=tag)
        assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get by version")
def _():
    got = get("down", version="1.0.0")
    assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get a prompt that was never read")
def _():
    failure = refuses(lambda: get(f"never-{state}"))
    if state == "up":
        assert failure.startswith("NotFoundError: "), failure
    else:
        # The edge answers 503. After a refused connection the client's message would begin with `Request failed`.
        assert re.fullmatch("NetworkError: the origin (cannot be reached|is known to be down)", failure), failure


@operation(f"origin {state}, {text}: publish")
def _():
    publish = lambda: prompts.publish_sync("down", "canary", version="1.0.0")
    if state == "up":
        assert publish().label == "canary"
    else:
        failure = refuses(publish)
        assert failure == "NetworkError: the origin cannot be reached", failure
