"""What there is to build a first configuration from: keys in the environment, and servers on this machine.

Only the default ports of the catalog's local rows are asked, on loopback, for their list of models.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from g4f.config.addresses import is_loopback
from g4f.config.load import load_catalog, load_text
from g4f.config.schema import Config, Model, Provider
from g4f.config.writing import scalar
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Operation
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan

#: What a first chain asks for where the provider has it: capable, and cheap enough to try.
PREFERRED: Final = (
    "gpt-4o-mini",
    "claude-haiku-4.5",
    "gemini-2.5-flash",
    "llama-3.3-70b",
    "mistral-small",
    "deepseek-v4-flash",
    "gpt-oss-120b",
)
#: Durations for a server on this machine.
_PATIENCE: Final = "{connect: 500ms, first_token: 2s}"


@dataclass(frozen=True, slots=True)
class Usable:
    """A provider that can be used now. `model` is its own name for a model to begin with, `why` what was found."""

    provider: str
    model: str
    why: str


def with_keys(environ: Mapping[str, str]) -> list[Usable]:
    """The providers of the catalog whose key is in the environment, those that chat."""
    catalog = load_catalog()
    found = []
    for name, row in catalog.providers.items():
        chats = row.operations is None or Operation.CHAT in row.operations
        if chats and row.key_env and environ.get(row.key_env, "").strip():
            model = _first_model(name, row, catalog)
            if model is not None:
                found.append(Usable(name, model, row.key_env))
    return found


def local_servers() -> dict[str, str]:
    """The base URLs of the catalog's local rows, on their default ports."""
    rows = load_catalog().providers.items()
    return {name: row.base_url for name, row in rows if row.keyless and row.base_url and _is_local(row.base_url)}


async def on_this_machine(servers: Mapping[str, str]) -> list[Usable]:
    """Those of the servers (base URLs by the names of their rows) that answer, with a model of theirs that chats."""
    written = "\n".join(
        f"  {name}: {{base_url: {scalar(url)}, timeouts: {_PATIENCE}}}" for name, url in servers.items()
    )
    gateway = Gateway(plan(load_text(f"providers:\n{written}\n"), {}))
    try:
        lists = await asyncio.gather(*(_models(gateway, name) for name in servers))
    finally:
        await gateway.close()
    chatting = {name: next((m for m in models if "embed" not in m.lower()), None) for name, models in lists}
    return [Usable(name, model, servers[name]) for name, model in chatting.items() if model is not None]


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


async def _models(gateway: Gateway, name: str) -> tuple[str, Sequence[str]]:
    try:
        return name, await gateway.provider_models(name)
    except (AttemptFailed, TimeoutError):
        return name, ()


def _first_model(provider: str, row: Provider, catalog: Config) -> str | None:
    """The provider's own name for a model that the catalog knows it by and that chats."""
    models = {name: model for name, model in (catalog.models or {}).items() if _chats(model)}
    served = [name for name, model in models.items() for tier in model.chain for e in tier if e.provider == provider]
    chosen = next((name for name in PREFERRED if name in served), served[0] if served else None)
    return row.models.get(chosen, chosen) if chosen is not None else _any_chat(row, catalog)


def _any_chat(row: Provider, catalog: Config) -> str | None:
    """A name that only the row has for a model."""
    known = catalog.models or {}
    return next((own for name, own in row.models.items() if name not in known or _chats(known[name])), None)


def _chats(model: Model) -> bool:
    return model.operations is None or Operation.CHAT in model.operations
