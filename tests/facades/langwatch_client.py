"""LangWatch's real Python client against a Worker: langwatch_client.py URL KEY WHOSE (all, nobody, reader, second)."""

import os
import sys
import tempfile

from report import operation, refuses

url, key, whose = sys.argv[1:4]
os.environ["LANGWATCH_SKIP_OTEL_SETUP"] = "true"
os.chdir(tempfile.mkdtemp())

import httpx  # noqa: E402
import langwatch  # noqa: E402
from langwatch.prompts.types import Input, Message, Output  # noqa: E402

langwatch.setup(api_key=key, endpoint_url=url, skip_open_telemetry_setup=True)
prompts = langwatch.prompts

def tag_names():
    return [tag["name"] for tag in prompts.tags.list()]


def all_prompts():
    from langwatch.generated.langwatch_rest_api_client.api.default import get_api_prompts

    return get_api_prompts.sync(client=langwatch.client.get_instance().rest_api_client)


def not_found(handle):
    return f'ValueError: Prompt not found: handle_or_id="{handle}"'


if whose == "nobody":

    @operation("error: a wrong key")
    def _():
        said = refuses(lambda: prompts.get("py/bot"))
        assert said == "RuntimeError: Authentication error: Unauthorized - Invalid credentials", said

    sys.exit()

if whose == "reader":

    @operation("error: a read-only key")
    def _():
        version = prompts.get("py/bot").version
        for change in [
            lambda: prompts.create(handle="py/new", prompt="x"),
            lambda: prompts.update("py/bot", scope="PROJECT", prompt="x", commit_message="m"),
            lambda: prompts.delete("py/bot"),
            lambda: prompts.tags.create("canary"),
            lambda: prompts.tags.delete("staging"),
        ]:
            said = refuses(change)
            assert said.startswith("UnexpectedStatus: Unexpected status code: 403"), said
            assert '"error":"Forbidden"' in said and "this takes the role `write`" in said, said
        assert prompts.get("py/bot").version == version
        assert refuses(lambda: prompts.get("py/new")) == not_found("py/new")
        assert "staging" in tag_names(), tag_names()

    sys.exit()

if whose == "second":

    @operation("tags of the organisation, from its second project")
    def _():
        assert tag_names() == ["of-both", "production", "staging"], tag_names()
        made = prompts.create(handle="py/bot", prompt="second", tags=["of-both"])
        assert made.version == 1, made
        assert prompts.get("py/bot", tag="of-both").prompt == "second"
        prompts.tags.rename("of-both", new_name="renamed")
        assert prompts.get("py/bot", tag="renamed").prompt == "second"
        assert refuses(lambda: prompts.get("py/bot", tag="of-both")) == not_found("py/bot")

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


@operation("an equal update makes no version")
def _():
    got = prompts.get("py/bot")
    made = prompts.update("py/bot", scope="PROJECT", prompt=got.prompt, commit_message="nothing new")
    assert made.version == 1, made
    assert prompts.get("py/bot").version == 1


@operation("update: a new version, other fields stay")
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
    assert tag_names() == ["production", "staging"], tag_names()
    assert prompts.tags.create("canary")["name"] == "canary"
    two = prompts.get("py/bot", version_number=2)
    prompts.tags.assign("py/bot", tag="canary", version_id=two.version_id)
    assert prompts.tags.rename("canary", new_name="beta")["name"] == "beta"
    assert prompts.get("py/bot", tag="beta").version == 2
    assert refuses(lambda: prompts.get("py/bot", tag="canary")) == not_found("py/bot")
    prompts.tags.delete("beta")
    assert refuses(lambda: prompts.get("py/bot", tag="beta")) == not_found("py/bot")
    assert tag_names() == ["production", "staging"], tag_names()


@operation("error: an existing tag, an unknown tag, a reserved tag")
def _():
    said = refuses(lambda: prompts.tags.create("staging"))
    assert "409" in said and "there is a tag `staging` already" in said, said
    for change in [lambda: prompts.tags.rename("nope", new_name="x"), lambda: prompts.tags.delete("nope")]:
        said = refuses(change)
        assert said.startswith("UnexpectedStatus: Unexpected status code: 404"), said
        assert "there is no tag `nope`" in said, said
    said = refuses(lambda: prompts.tags.rename("staging", new_name="production"))
    assert "409" in said and "there is a tag `production` already" in said, said
    for name, status in [("latest", 422), ("live", 422)]:
        said = refuses(lambda: prompts.tags.create(name))
        assert f"{status}" in said and f"`{name}`" in said, said
    said = refuses(lambda: prompts.tags.delete("production"))
    assert "422" in said and "`production`" in said, said
    assert tag_names() == ["production", "staging"], tag_names()


@operation("a prompt with a JSON schema can be fetched")
def _():
    # The test made this prompt over HTTP, because the client's types have no JSON schema output.
    assert prompts.get("py/json").version == 1


@operation("a prompt with a JSON schema can be updated")
def _():
    made = prompts.update("py/json", scope="PROJECT", prompt="y", commit_message="changed")
    assert (made.version, made.prompt) == (2, "y"), made
    assert prompts.get("py/json").prompt == "y"


@operation("a prompt with a JSON schema can be created")
def _():
    # The client's models reject this output type, although its requests can carry one.
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    output = Output.model_construct(identifier="out", type="json_schema", json_schema=schema)
    made = prompts.create(handle="py/made", prompt="x", outputs=[output])
    assert (made.handle, made.version) == ("py/made", 1), made
    assert prompts.get("py/made").version == 1


@operation("delete; the prompt is gone")
def _():
    assert prompts.delete("py/json") in ({"success": True}, True), "delete"
    assert refuses(lambda: prompts.get("py/json")) == not_found("py/json")


@operation("a handle can be used again after its prompt is deleted")
def _():
    made = prompts.create(handle="py/json", prompt="x")
    assert (made.version, prompts.get("py/json").prompt) == (1, "x"), made
    prompts.delete("py/json")


@operation("the document of the data model")
def _():
    got = prompts.get("seed/bot")
    assert (got.handle, got.model, got.temperature, got.max_tokens) == ("seed/bot", "openai/gpt-4o-mini", 0.7, 1000), got
    compiled = got.compile(user_name="Ada", user_email="a@b.c")
    assert "You are a helpful customer support agent" in str(compiled.messages), compiled.messages
    assert any(prompt.handle == "seed/bot" for prompt in all_prompts()), "list"


@operation("one answer has every member of the data model")
def _():
    got = httpx.get(f"{url}/api/prompts/seed%2Fbot", headers={"x-auth-token": key}).json()
    members = "id handle scope projectId organizationId version versionId createdAt updatedAt authorId deletedAt prompt model"
    members += " temperature maxTokens messages inputs outputs demonstrations promptingTechnique"
    assert set(members.split()) <= set(got), got
    assert got["authorId"] and got["projectId"] and got["deletedAt"] is None, got
    assert got["prompt"] == got["messages"][0]["content"], got


@operation("a table with types of datasets")
def _():
    assert prompts.get("seed/table").handle == "seed/table"


@operation("rename by an update with another handle")
def _():
    requests = httpx.Client(base_url=url, headers={"x-auth-token": key})
    prompts.create(handle="py/old", prompt="same")
    taken = requests.put("/api/prompts/py%2Fold", json={"handle": "py/bot", "commitMessage": "m"})
    assert (taken.status_code, "handle already exists" in taken.text) == (409, True), taken.text
    moved = requests.put("/api/prompts/py%2Fold", json={"handle": "py/new-name", "commitMessage": "m"})
    assert (moved.status_code, moved.json()["handle"], moved.json()["version"]) == (200, "py/new-name", 1), moved.text
    assert prompts.get("py/new-name").prompt == "same"
    assert refuses(lambda: prompts.get("py/old")) == not_found("py/old")
    prompts.delete("py/new-name")


@operation("traces are accepted")
def _():
    sent = httpx.post(f"{url}/api/otel/v1/traces", content=b"\x0a\x00", headers={"content-type": "application/x-protobuf"})
    assert (sent.status_code, sent.content) == (200, b""), sent.text


@operation("error: no such prompt, version, tag")
def _():
    assert refuses(lambda: prompts.get("nope")) == not_found("nope")
    assert refuses(lambda: prompts.get("py/bot", version_number=99)) == not_found("py/bot")
    assert refuses(lambda: prompts.get("py/bot", tag="nope")) == not_found("py/bot")


@operation("error: a taken handle; an unknown tag; both selectors")
def _():
    said = refuses(lambda: prompts.create(handle="py/bot", prompt="x"))
    conflict = "RuntimeError: Unexpected status 409 during prompt create: Conflict - "
    assert said == conflict + "Prompt handle already exists for scope PROJECT", said
    said = refuses(lambda: prompts.create(handle="py/new", prompt="x", tags=["nope"]))
    assert said.startswith("RuntimeError: Unexpected status 422 during prompt create: validation_error"), said
    assert "the organisation has no tag `nope`" in said, said
    assert refuses(lambda: prompts.get("py/new")) == not_found("py/new")
    said = refuses(lambda: prompts.get("py/bot:1", tag="production"))
    assert said.startswith("RuntimeError: Unexpected status 422 during prompt fetch"), said
    assert "Conflict: shorthand syntax" in said, said


@operation("error: Liquid without a counterpart")
def _():
    said = refuses(lambda: prompts.create(handle="py/new", prompt="a\n{% tablerow x in y %}{% endtablerow %}"))
    assert "tablerow" in said and "line 2" in said, said


