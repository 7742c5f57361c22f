"""Portkey's gateway on Node."""

import json
import shutil

from bench.candidates.candidate import CACHE, Candidate, Command, Manners, Place, node_package
from bench.workload import CHAIN_BUSY, CHAIN_TARGETS, UPSTREAM_KEY, Layout, model_names

_PACKAGE = "@portkey-ai/gateway"
#: With the newest version that its range allows, Portkey 1.15.2 answers every stream with 500 ("immutable" headers).
_OVERRIDES = {"@hono/node-server": "1.13.8"}


class Portkey(Candidate):
    name = "portkey"
    title = "Portkey"
    note = (
        "NODE_ENV=production, headless, @hono/node-server held at a version with which its streams work. It has no "
        "inbound keys and no configuration of its own: each request brings the upstream's key and address in headers, "
        "and in the chain the list of targets. It has no cooldowns: the targets that are out of order are tried each "
        "time."
    )

    def set_up(self) -> str | None:
        return node_package("portkey", _PACKAGE, _OVERRIDES)

    def version(self) -> str:
        text = (CACHE / "portkey" / "node_modules" / _PACKAGE / "package.json").read_text()
        return str(json.loads(text)["version"])

    def command(self, place: Place, layout: Layout) -> Command | None:
        script = CACHE / "portkey" / "node_modules" / _PACKAGE / "build" / "start-server.js"
        words = [shutil.which("node") or "node", str(script), f"--port={place.port}", "--headless"]
        return Command(words=words, environ={"NODE_ENV": "production"})

    def manners(self, place: Place, layout: Layout) -> Manners:
        key = {"Authorization": f"Bearer {UPSTREAM_KEY}"}
        if layout is not Layout.CHAIN:
            target = {"x-portkey-provider": "openai", "x-portkey-custom-host": place.base_url()}
            return Manners(headers={**key, **target}, models=model_names(layout))
        targets = [
            {
                "provider": "openai",
                "api_key": UPSTREAM_KEY,
                "custom_host": place.base_url("/busy" if number < CHAIN_BUSY else ""),
            }
            for number in range(CHAIN_TARGETS)
        ]
        config = {"strategy": {"mode": "fallback"}, "targets": targets}
        return Manners(headers={**key, "x-portkey-config": json.dumps(config)}, models=model_names(layout))
