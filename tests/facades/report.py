"""Runs operations of a client and prints the result of each as a JSON line."""

import json
import traceback


def operation(name):
    def run(body):
        try:
            body()
            print(json.dumps({"operation": name, "ok": True}), flush=True)
        except BaseException:  # clients also raise exceptions that are not an Exception
            print(json.dumps({"operation": name, "ok": False, "error": traceback.format_exc()[-1500:]}), flush=True)

    return run


def refuses(body):
    """The error of a call, which must fail, as text."""
    try:
        got = body()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"not refused: {got}")
