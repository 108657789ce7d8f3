"""LangWatch's real Python client against a Worker: langwatch_client.py URL KEY."""

import os
import sys
import tempfile

from report import operation, refuses

url, key = sys.argv[1:3]
os.environ["LANGWATCH_SKIP_OTEL_SETUP"] = "true"
os.chdir(tempfile.mkdtemp())

import langwatch  # noqa: E402
from langwatch.prompts.types import Input, Message  # noqa: E402

langwatch.setup(api_key=key, endpoint_url=url, skip_open_telemetry_setup=True)
prompts = langwatch.prompts

if key == "nonsense":

    @operation("error: a wrong key")
    def _():
        assert "RuntimeError: Authentication error" in refuses(lambda: prompts.get("py/bot"))

    sys.exit()

LIQUID = "Hi {{ name | upcase }}{% unless quiet %}!{% endunless %}\n"


@operation("create")
def _():
    made = prompts.create(handle="py/bot", prompt=LIQUID, messages=[Message(role="user", content="{{ input }}")],
                          inputs=[Input(identifier="name", type="str"), Input(identifier="input", type="str")],
                          parameters={"voice": "calm"})
    assert (made.handle, made.version, made.scope) == ("py/bot", 1, "PROJECT"), made
    assert made.prompt == LIQUID, made.prompt


@operation("get: the newest by default, with the Liquid as written")
def _():
    got = prompts.get("py/bot")
    assert (got.version, got.prompt) == (1, LIQUID), got
    assert [message.role for message in got.messages] == ["system", "user"] if hasattr(got.messages[0], "role") else True
    assert got.parameters == {"voice": "calm"}, got.parameters
    compiled = got.compile(name="ada", input="?")
    assert "Hi ADA!" in str(compiled.messages), compiled.messages


@operation("update: a new version, the rest stays")
def _():
    made = prompts.update("py/bot", scope="PROJECT", prompt="Hello {{ name }}", commit_message="shorter")
    assert (made.version, made.prompt) == (2, "Hello {{ name }}"), made
    assert made.parameters == {"voice": "calm"} and len(made.messages) == 2, made


@operation("get by version")
def _():
    assert prompts.get("py/bot", version_number=1).prompt == LIQUID
    assert prompts.get("py/bot:1").version == 1


@operation("get by id")
def _():
    assert prompts.get(prompts.get("py/bot").id).handle == "py/bot"


@operation("assign a tag, get by tag and shorthand")
def _():
    one = prompts.get("py/bot", version_number=1)
    done = prompts.tags.assign("py/bot", tag="production", version_id=one.version_id)
    assert (done["tag"], done["versionId"]) == ("production", one.version_id), done
    assert prompts.get("py/bot", tag="production").version == 1
    assert prompts.get("py/bot:production").version == 1


@operation("create with tags; scope of the organisation")
def _():
    made = prompts.create(handle="py/shared", prompt="x", scope="ORGANIZATION", tags=["staging"])
    assert made.scope == "ORGANIZATION", made
    assert prompts.get("py/shared", tag="staging").scope == "ORGANIZATION"


@operation("tags of the organisation: list, create, rename, delete")
def _():
    names = lambda: [tag["name"] for tag in prompts.tags.list()]
    assert names() == ["production", "staging"], names()
    assert prompts.tags.create("canary")["name"] == "canary"
    two = prompts.get("py/bot", version_number=2)
    prompts.tags.assign("py/bot", tag="canary", version_id=two.version_id)
    assert prompts.tags.rename("canary", new_name="beta")["name"] == "beta"
    assert prompts.get("py/bot", tag="beta").version == 2
    refuses(lambda: prompts.get("py/bot", tag="canary"))
    prompts.tags.delete("beta")
    refuses(lambda: prompts.get("py/bot", tag="beta"))
    assert names() == ["production", "staging"], names()


@operation("a prompt with a JSON schema can be fetched")
def _():
    # Made elsewhere, as this client has no such output type.
    assert prompts.get("py/json").version == 1


@operation("delete; the prompt is gone")
def _():
    assert prompts.delete("py/json") in ({"success": True}, True), "delete"
    assert "ValueError" in refuses(lambda: prompts.get("py/json"))


@operation("error: no such prompt, version, tag")
def _():
    assert "ValueError: Prompt not found" in refuses(lambda: prompts.get("nope"))
    assert "ValueError: Prompt not found" in refuses(lambda: prompts.get("py/bot", version_number=99))
    assert "ValueError: Prompt not found" in refuses(lambda: prompts.get("py/bot", tag="nope"))


@operation("error: a handle that is taken; a tag that nobody has; both selectors")
def _():
    refuses(lambda: prompts.create(handle="py/bot", prompt="x"))
    assert "RuntimeError" in refuses(lambda: prompts.create(handle="py/new", prompt="x", tags=["nope"]))
    assert "Conflict" in refuses(lambda: prompts.get("py/bot:1", tag="production"))


@operation("error: Liquid without a counterpart")
def _():
    said = refuses(lambda: prompts.create(handle="py/new", prompt="a\n{% tablerow x in y %}{% endtablerow %}"))
    assert "tablerow" in said and "line 2" in said, said


