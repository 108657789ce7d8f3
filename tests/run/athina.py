"""Athina's real client runs prompts: athina.py URL KEY. Prints one JSON line per operation."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "facades"))
from report import operation, refuses  # noqa: E402

url, key = sys.argv[1:3]

from athina_client.api_base_url import AthinaApiBaseUrl  # noqa: E402
from athina_client.keys import AthinaApiKey  # noqa: E402
from athina_client.prompt import Prompt  # noqa: E402

AthinaApiBaseUrl.set_url(url)
AthinaApiKey.set_key(key)


@operation("the live version is run")
def _():
    got = Prompt.run("greet", variables={"name": "Ada"})
    assert got.prompt_response == "Hello Ada", got
    assert got.prompt_sent == [{"role": "system", "content": "You greet."}, {"role": "user", "content": "Hello Ada"}], got
    assert (got.prompt_tokens, got.completion_tokens, got.total_tokens) == (12, 5, 17), got
    assert got.variables == {"name": "Ada"} and got.language_model_id == "m" and got.id and got.org_id, got
    assert got.workspace_slug == "default" and got.response_time >= 0 and got.created_at <= got.updated_at, got


@operation("as in its own notebook: a slug with a space, a version, a model and parameters")
def _():
    made = Prompt.create(slug="test production", prompt=[{"role": "user", "content": "Hello {{name}}"}], model="m")
    got = Prompt.run(
        slug="test production",
        variables={"name": "Ada"},
        version=made.version,
        model="other",
        parameters={"temperature": 1, "max_tokens": 50},
        metadata={"environment": "staging", "custom_attributes": {"a": 1}},
    )
    assert got.prompt_response == "Hello Ada" and got.language_model_id == "other", got
    assert (got.options.temperature, got.options.max_tokens) == (1, 50), got


@operation("failures are errors of the client's own type")
def _():
    said = refuses(lambda: Prompt.run("greet", variables={}))
    assert "name" in said, said
    said = refuses(lambda: Prompt.run("greet", variables={"name": "Ada"}, model="500"))
    assert "no, says the model" in said, said
    said = refuses(lambda: Prompt.run("nobody", variables={}))
    assert "no such prompt" in said or "nobody" in said, said
