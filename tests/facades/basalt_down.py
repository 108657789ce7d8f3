"""Basalt's real client reads one prompt from an edge: basalt_down.py URL KEY TEXT up|down (the origin)."""

import sys

from report import operation, refuses

url, key, text, state = sys.argv[1:5]

from basalt import Basalt  # noqa: E402

prompts = Basalt(api_key=key, base_url=url, enable_telemetry=False).prompts


def get(slug, **options):
    # Its own cache, which would answer too, is off.
    return prompts.get_sync(slug, cache_enabled=False, **options)


@operation(f"origin {state}, {text}: get")
def _():
    got = get("down")
    assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get by tag")
def _():
    for tag in ["live", "latest"]:
        got = get("down", tag=tag)
        assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get by version")
def _():
    got = get("down", version="1.0.0")
    assert (got.text, got.version) == (text, "1.0.0"), got


@operation(f"origin {state}, {text}: get what was never read")
def _():
    failure = refuses(lambda: get(f"never-{state}"))
    assert ("NotFound" in failure) == (state == "up"), failure
