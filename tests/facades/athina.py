"""Athina's real client against a Worker: athina.py URL KEY. Prints one JSON line per operation."""

import sys
import uuid

import requests

from report import operation, refuses

url, key = sys.argv[1:3]

from athina_client.api_base_url import AthinaApiBaseUrl  # noqa: E402
from athina_client.keys import AthinaApiKey  # noqa: E402
from athina_client.prompt import Prompt, Slug  # noqa: E402

AthinaApiBaseUrl.set_url(url)
AthinaApiKey.set_key(key)
SAYS = [{"role": "system", "content": "You write to {{name}}."}, {"role": "user", "content": "Write to {{name}}"}]


@operation("create a slug")
def _():
    made = Prompt.create(slug="sales/email", prompt=SAYS, model="openai/gpt-4o", provider="azure",
                         parameters={"temperature": 1, "max_tokens": 50, "custom": "x"}, commit_message="first")
    assert (made.version, made.is_default, made.commit_message) == (1, True, "first"), made
    assert made.prompt == SAYS and made.parameters == {"temperature": 1, "max_tokens": 50, "custom": "x"}, made
    assert made.model == "openai/gpt-4o" and made.org_id and made.workspace_slug == "default" and made.hash


@operation("commit a version")
def _():
    made = Prompt.create(slug="sales/email", prompt=SAYS[:1])
    assert (made.version, made.is_default) == (2, False), made


@operation("each commit makes a version, even of existing content")
def _():
    first = Prompt.create(slug="again", prompt=SAYS, commit_message="one")
    second = Prompt.create(slug="again", prompt=SAYS, commit_message="two")
    assert (second.version, second.commit_message, second.hash) == (2, "two", first.hash), second
    assert isinstance(Slug.delete("again"), str)


@operation("ids and hashes are UUIDs")
def _():
    got = Prompt.get_default("sales/email")
    slug = next(slug for slug in Slug.list() if slug.name == "sales/email")
    for value in [got.id, got.user_id, got.hash, got.prompt_template_slug_id, slug.id]:
        assert str(uuid.UUID(value)) == value, value
    assert got.prompt_template_slug_id == slug.id


@operation("parameters keep the names that the client sent")
def _():
    given = {"max_completion_tokens": 9, "stop": ["END"], "top_p": 1, "reasoning_effort": "low", "logit_bias": {"5": 1}, "n": 2}
    assert Prompt.create(slug="named", prompt=SAYS, parameters=given).parameters == given
    assert Prompt.get_default("named").parameters == given, Prompt.get_default("named").parameters
    assert isinstance(Slug.delete("named"), str)


@operation("a slug with spaces, as in its own notebook")
def _():
    made = Prompt.create(slug="test production 🎉", prompt=SAYS)
    assert (made.version, Prompt.get_default("test production 🎉").prompt) == (1, SAYS), made
    assert "test production 🎉" in [slug.name for slug in Slug.list()]
    copy = Slug.duplicate("test production 🎉", "another copy")
    assert copy.slug.name == "another copy", copy
    for name in ["test production 🎉", "another copy"]:
        Slug.delete(name)


@operation("the list of versions contains drafts, without a number")
def _():
    draft = {"messages": [{"role": "user", "content": "draft {{name}}"}]}
    headers = {"authorization": f"Bearer {key}"}
    put = requests.put(f"{url}/v1/prompts/sales%2Femail/draft?author=Ada", json=draft, headers=headers, timeout=30)
    assert put.status_code == 200, put.text
    versions = requests.get(f"{url}/api/v1/prompt/sales/email/version", headers={"athina-api-key": key}, timeout=30).json()
    templates = versions["data"]["versions"]
    assert [(one["version"], one["is_default"]) for one in templates] == [(None, False), (2, False), (1, True)], templates
    assert templates[0]["prompt"] == draft["messages"], templates[0]
    gone = requests.delete(f"{url}/v1/prompts/sales%2Femail/draft?author=Ada", headers=headers, timeout=30)
    assert gone.status_code == 204, gone.text


@operation("a template has every member of the documentation; without a model it is null, and the provider is `default`")
def _():
    Prompt.create(slug="bare", prompt=SAYS)
    got = requests.get(f"{url}/api/v1/prompt/bare/default", headers={"athina-api-key": key}, timeout=30).json()["data"]["prompt"]
    members = "id user_id org_id workspace_slug prompt_slug user_version is_live commit_message prompt model provider"
    members += " parameters tools tool_choice hash created_at updated_at"
    assert set(members.split()) <= set(got), got
    assert (got["model"], got["provider"], got["tools"], got["tool_choice"]) == (None, "default", None, None), got
    assert (got["prompt_slug"], got["user_version"], got["is_live"]) == ("bare", 1, True), got
    assert isinstance(Slug.delete("bare"), str)


@operation("get the default version")
def _():
    got = Prompt.get_default("sales/email")
    assert (got.version, got.is_default, got.prompt) == (1, True, SAYS), got


@operation("list the versions")
def _():
    # The client has no method for this endpoint, so the test sends the request of Athina's documentation.
    answer = requests.get(f"{url}/api/v1/prompt/sales/email/version", headers={"athina-api-key": key}, timeout=30)
    assert answer.status_code == 200, answer.text
    versions = answer.json()["data"]["versions"]
    seen = [(version["version"], version["is_default"], version["commit_message"]) for version in versions]
    assert seen == [(2, False, ""), (1, True, "first")], answer.text
    assert [version["prompt"] for version in versions] == [SAYS[:1], SAYS], answer.text
    assert all(version["prompt_slug"] == "sales/email" and version["id"] for version in versions), answer.text


@operation("set the default version")
def _():
    got = Prompt.set_default("sales/email", 2)
    assert (got.version, got.is_default) == (2, True), got
    assert Prompt.get_default("sales/email").version == 2
    got = Prompt.set_default("sales/email", 1)
    assert got.parameters.max_tokens == 50 and got.parameters.temperature == 1, got
    assert Prompt.get_default("sales/email").version == 1


@operation("duplicate a slug")
def _():
    made = Slug.duplicate("sales/email", "sales/copy")
    assert made.slug.name == "sales/copy" and made.prompt.version == 1 and made.prompt.is_default, made


@operation("list the slugs")
def _():
    names = [slug.name for slug in Slug.list()]
    assert names == ["sales/copy", "sales/email"], names
    assert all(slug.created_at and slug.starred is False for slug in Slug.list())


@operation("folder, star and emoji")
def _():
    Slug.add_to_directory("sales/copy", "mails")
    Slug.favorite_slug("sales/copy", True)
    Slug.set_emoji("sales/copy", "🎉")
    copy = Slug.list()[0]
    assert (copy.directory, copy.starred, copy.emoji) == ("mails", True, "🎉"), copy
    headers = {"athina-api-key": key}
    versions = requests.get(f"{url}/api/v1/prompt/sales/copy/version", headers=headers, timeout=30).json()
    assert [version["version"] for version in versions["data"]["versions"]] == [1], versions


@operation("folder and emoji are cleared with null")
def _():
    Slug.set_emoji("sales/copy", None)
    copy = Slug.list()[0]
    assert (copy.directory, copy.starred, copy.emoji) == ("mails", True, None), copy
    Slug.add_to_directory("sales/copy", None)
    Slug.favorite_slug("sales/copy", False)
    copy = Slug.list()[0]
    assert (copy.directory, copy.starred, copy.emoji) == (None, False, None), copy


@operation("delete a slug")
def _():
    assert isinstance(Slug.delete("sales/copy"), str)
    assert [slug.name for slug in Slug.list()] == ["sales/email"]


@operation("a name is free again after its prompt is purged")
def _():
    headers = {"authorization": f"Bearer {key}"}
    purged = requests.post(f"{url}/v1/prompts/sales%2Fcopy/purge", headers=headers, timeout=30)
    assert purged.status_code == 204, purged.text
    assert Prompt.create(slug="sales/copy", prompt=SAYS).version == 1
    assert isinstance(Slug.delete("sales/copy"), str)


@operation("error: no such slug")
def _():
    assert "There is no such prompt" in refuses(lambda: Prompt.get_default("nope"))
    assert "There is no such prompt" in refuses(lambda: Slug.delete("nope"))


@operation("error: no such version")
def _():
    assert "There is no such version" in refuses(lambda: Prompt.set_default("sales/email", 99))


@operation("error: a template that does not parse")
def _():
    broken = [{"role": "user", "content": "{{ name"}]
    assert "does not parse" in refuses(lambda: Prompt.create(slug="broken", prompt=broken))


@operation("error: a slug that is taken")
def _():
    assert "The slug is taken" in refuses(lambda: Slug.duplicate("sales/email", "sales/email"))


@operation("error: a wrong key")
def _():
    AthinaApiKey.set_key(key[:-1] + ("a" if key[-1] != "a" else "b"))
    assert "check your athina api key" in refuses(lambda: Prompt.get_default("sales/email"))
