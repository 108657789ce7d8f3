"""Basalt's real client against a Worker: basalt_client.py URL KEY."""

import asyncio
import sys

from report import operation, refuses

url, key, read_key = sys.argv[1:4]

from basalt import Basalt  # noqa: E402

client = Basalt(api_key=key, base_url=url, enable_telemetry=False)
prompts = client.prompts


def get(slug, **options):
    return prompts.get_sync(slug, cache_enabled=False, **options)


@operation("get: `production` by default")
def _():
    got = get("team/greet")
    assert (got.slug, got.version, got.tag) == ("team/greet", "1.0.0", "production"), got
    assert (got.text, got.system_text) == ("Hello {{ name }}", "You are {{ role }}"), got
    assert (got.model.provider, got.model.model, got.model.parameters.max_length) == ("open-ai", "gpt-4o", 100), got


@operation("get by tag")
def _():
    assert get("team/greet", tag="staging").version == "2.0.0"
    assert get("team/greet", tag="latest").version == "3.0.0"


@operation("get by version")
def _():
    assert get("team/greet", version="2.0.0").text == "Hi {{ name }}"


@operation("get: a version beats a tag")
def _():
    assert get("team/greet", version="2.0.0", tag="production").version == "2.0.0"


@operation("get with variables: rendered by the client")
def _():
    got = get("team/greet", variables={"name": "Ada", "role": "kind"})
    assert (got.text, got.system_text) == ("Hello Ada", "You are kind"), got


@operation("get, asynchronous")
def _():
    assert asyncio.run(prompts.get("team/greet", cache_enabled=False)).version == "1.0.0"


@operation("describe")
def _():
    got = prompts.describe_sync("team/greet")
    assert got.available_versions == ["3.0.0", "2.0.0", "1.0.0"], got
    assert set(got.available_tags) == {"latest", "production", "staging"}, got
    assert {variable["label"] for variable in got.variables} == {"name", "role"}, got


@operation("describe by version, by tag")
def _():
    def names(**options):
        got = prompts.describe_sync("team/greet", **options)
        assert got.available_versions == ["3.0.0", "2.0.0", "1.0.0"], got
        return {variable["label"] for variable in got.variables}

    assert names(version="2.0.0") == {"name", "role"}, names(version="2.0.0")
    assert names(version="3.0.0") == {"name", "surname", "role"}, names(version="3.0.0")
    assert names(tag="staging") == {"name", "role"}, names(tag="staging")
    assert names(tag="latest") == {"name", "surname", "role"}, names(tag="latest")
    assert names(version="3.0.0", tag="production") == {"name", "surname", "role"}
    assert refuses(lambda: names(version="9.9.9")).startswith("NotFoundError: "), refuses(lambda: names(version="9.9.9"))
    assert refuses(lambda: names(tag="nope")).startswith("NotFoundError: ")


@operation("list")
def _():
    assert {item.slug for item in prompts.list_sync()} >= {"team/greet", "other"}, prompts.list_sync()
    assert [item.slug for item in prompts.list_sync(feature_slug="team")] == ["team/greet"]


@operation("publish by version")
def _():
    made = prompts.publish_sync("team/greet", "canary", version="2.0.0")
    assert made.label == "canary" and len(made.id) == 36, made
    assert get("team/greet", tag="canary").version == "2.0.0"


@operation("publish by tag: moves a tag")
def _():
    prompts.publish_sync("team/greet", "canary", tag="production")
    assert get("team/greet", tag="canary").version == "1.0.0"


@operation("publish with neither: the newest version")
def _():
    made = prompts.publish_sync("team/greet", "fresh")
    assert made.label == "fresh", made
    assert get("team/greet", tag="fresh").version == "3.0.0"


@operation("tags of any spelling")
def _():
    for tag in ["v1.2", "Team_A", "1", "x-1"]:
        assert prompts.publish_sync("team/greet", tag, version="2.0.0").label == tag
        got = get("team/greet", tag=tag)
        assert (got.version, got.tag) == ("2.0.0", tag), got
        assert tag in prompts.describe_sync("team/greet").available_tags
    assert prompts.publish_sync("team/greet", "from-odd", tag="Team_A").label == "from-odd"
    assert get("team/greet", tag="from-odd").version == "2.0.0"


@operation("few-shot examples are part of the system text")
def _():
    got = get("shots", variables={"question": "?"})
    assert got.system_text == "Answer.\n\nExamples:\n\nquestion: {{ hi }}\nanswer: yes", got.system_text
    assert got.text == "?", got.text


@operation("text that looks like template syntax stays unchanged")
def _():
    got = get("braces")
    assert (got.system_text, got.text) == ("{{ a }}{% b\n", "{# c #}"), got


@operation("error: no such prompt, tag, version")
def _():
    assert refuses(lambda: get("nope")).startswith("NotFoundError: ")
    assert refuses(lambda: get("team/greet", tag="nope")).startswith("NotFoundError: ")
    assert refuses(lambda: get("team/greet", version="9.9.9")).startswith("NotFoundError: ")


@operation("error: a reserved tag")
def _():
    assert refuses(lambda: prompts.publish_sync("team/greet", "latest", version="1.0.0")).startswith("BadRequestError: ")


@operation("error: a read-only key cannot publish")
def _():
    reader = Basalt(api_key=read_key, base_url=url, enable_telemetry=False)
    said = refuses(lambda: reader.prompts.publish_sync("team/greet", "production", version="2.0.0"))
    assert said == "ForbiddenError: this takes the role `write`, the key has `read`", said
    assert reader.prompts.get_sync("team/greet", cache_enabled=False).version == "1.0.0"


@operation("error: a wrong key")
def _():
    wrong = Basalt(api_key="nonsense", base_url=url, enable_telemetry=False)
    assert refuses(lambda: wrong.prompts.get_sync("team/greet")).startswith("UnauthorizedError: ")
