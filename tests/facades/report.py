"""Runs operations of a client and prints what came of each, as JSON lines."""

import json
import traceback


def operation(name):
    def run(body):
        try:
            body()
            print(json.dumps({"operation": name, "ok": True}), flush=True)
        except BaseException:  # also what a client raises beside Exception
            print(json.dumps({"operation": name, "ok": False, "error": traceback.format_exc()[-1500:]}), flush=True)

    return run


def refuses(body):
    """What a call says when it fails, as it must."""
    try:
        got = body()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"not refused: {got}")
