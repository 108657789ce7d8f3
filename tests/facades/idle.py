"""Python clients that are busy for longer than a server keeps idle connections: idle.py URL KEY SLUG."""

import os
import sys
import tempfile
import time

from report import operation

url, key, slug = sys.argv[1:4]
os.environ["LANGWATCH_SKIP_OTEL_SETUP"] = "true"
os.chdir(tempfile.mkdtemp())

import httpx  # noqa: E402
import langwatch  # noqa: E402
import requests  # noqa: E402
from athina_client.api_base_url import AthinaApiBaseUrl  # noqa: E402
from athina_client.keys import AthinaApiKey  # noqa: E402
from athina_client.prompt import Slug  # noqa: E402
from basalt import Basalt  # noqa: E402

langwatch.setup(api_key=key, endpoint_url=url, skip_open_telemetry_setup=True)
AthinaApiBaseUrl.set_url(url)
AthinaApiKey.set_key(key)
basalt = Basalt(api_key=key, base_url=url, enable_telemetry=False)
bearer = {"authorization": f"Bearer {key}"}
session = requests.Session()
plain = httpx.Client(base_url=url, headers=bearer)
path = f"/v1/prompts/{slug}"

reads = {
    "langwatch": lambda: langwatch.prompts.get(slug).version,
    "basalt-sdk": lambda: basalt.prompts.get_sync(slug, cache_enabled=False).slug,
    "athina-client": lambda: Slug.list(),
    "httpx": lambda: plain.get(path).raise_for_status(),
    "requests": lambda: session.get(url + path, headers=bearer).raise_for_status(),
}


for read in reads.values():
    read()
time.sleep(5.5)
for name, read in reads.items():

    @operation(f"{name}: a read, 5.5 s of other work, a read")
    def _():
        read()
