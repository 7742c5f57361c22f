"""One loaded configuration, bound to live adapters, immutable: what a request works with from start to end.

A request holds a lease on the snapshot it started with until its last byte. A retired snapshot closes its adapters
when its last lease ends; upstream pools that a newer snapshot also uses stay open.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from g4f import log
from g4f.config.layers import layered_providers, overlay
from g4f.config.load import Loaded, load_catalog
from g4f.config.problem import Report
from g4f.config.proxies import proxies_in_use, proxy_url
from g4f.config.refusals import did_you_mean
from g4f.config.schema import Config, Provider
from g4f.config.settings import Settings
from g4f.errors import ConfigError
from g4f.gateway.detour import Detour
from g4f.gateway.listings import Listings
from g4f.providers.registry import bind, load
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter
from g4f.router.table import RoutingTable, compile_table
from g4f.state.media import Rules

_log = log.get()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a configuration will do, before anything is bound: all that can be computed off the event loop."""

    config: Config
    digest: str
    providers: Mapping[str, Provider]
    table: RoutingTable
    identities: Mapping[tuple[str, str | None], str]
    proxies: Mapping[str, str]
    """A digest for each proxy in use, by its label."""
    places: Mapping[str, str]
    """Where the file defines each of its models: `file:line:col`."""
    media: Rules


def plan(loaded: Loaded, environ: Mapping[str, str], settings: Settings | None = None) -> Plan:
    """Compile a loaded file, and load what its providers need. Safe to run in a thread."""
    catalog = load_catalog()
    config = overlay(loaded.config, settings)
    providers = layered_providers(config, catalog, environ)
    _check_default_provider(settings, providers)
    table = compile_table(config, catalog, providers)
    for name in table.used:
        load(providers[name], config)
    return Plan(
        config=config,
        digest=loaded.digest,
        providers=providers,
        table=table,
        identities=_identities(config, providers),
        proxies={label: _digest(url) for label, url in proxies_in_use(providers, config).items()},
        places=_places(loaded),
        media=_media(config, loaded.path.parent),
    )


def _media(config: Config, base: Path) -> Rules:
    written = config.media
    directory = None if written.dir is None else base / written.dir
    return Rules(directory=directory, max_size=written.max_size, max_age=written.max_age)


def _check_default_provider(settings: Settings | None, providers: Mapping[str, Provider]) -> None:
    """The file's own is checked when it is loaded; this one comes from outside of it."""
    name = settings.provider if settings is not None else None
    if name is not None and name not in providers:
        report = Report("settings")
        report.problem(None, "G4F_PROVIDER (--provider)", f"no provider {name!r}{did_you_mean(name, providers)}")
        raise ConfigError(report.in_order())


class Snapshot:
    """A plan bound to its adapters. `generation` counts the configurations of this process from 1."""

    def __init__(self, plan: Plan, pools: Pools, generation: int, *, bind: Callable[..., Adapter] = bind) -> None:
        self.config = plan.config
        self.table = plan.table
        self.digest = plan.digest
        self.identities = plan.identities
        self.generation = generation
        self.providers = plan.providers
        self.places = plan.places
        self.proxies = plan.proxies
        self.media = plan.media
        self.listings = Listings(time.monotonic)
        self.adapters: dict[str, Adapter] = {}
        self._pools = pools
        self._bind = bind
        self._detours: dict[str, Detour] = {}
        self._leases = 0
        self._retired = False
        self._closing: asyncio.Task[None] | None = None
        pools.allow(plan.config.limits.inflight)
        with pools.all_or_nothing():
            for name in plan.table.used:
                self.adapters[name] = bind(name, plan.providers[name], plan.config, pools)

    @property
    def leases(self) -> int:
        return self._leases

    @property
    def is_last(self) -> bool:
        """Whether it is retired and serves its last request."""
        return self._retired and self._leases <= 1

    def lease(self) -> None:
        self._leases += 1

    def release(self) -> Awaitable[None] | None:
        """Give a lease back. What is returned for the last one of a retired snapshot has to be awaited: it closes."""
        self._leases -= 1
        return self._close_if_done() if self._retired and self._leases <= 0 else None

    def through(self, proxy: str) -> Detour:
        """The providers through another proxy: a name of the file, or a URL, whose adapters the caller closes."""
        found = self._detours.get(proxy)
        if found is None:
            found = Detour(proxy, self.providers, self.config, self._pools, self._bind)
            if proxy in self.config.proxies:
                self._detours[proxy] = found
        return found

    async def retire(self) -> None:
        """No new request gets this snapshot any more."""
        self._retired = True
        await self._close_if_done()

    async def _close_if_done(self) -> None:
        if not self._retired or self._leases > 0:
            return
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        # Closing goes on when the request or the reload that began it is cancelled.
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        detours, self._detours = self._detours, {}
        await asyncio.gather(*(detour.close() for detour in detours.values()), return_exceptions=True)
        adapters, self.adapters = self.adapters, {}
        closed = await asyncio.gather(*(adapter.close() for adapter in adapters.values()), return_exceptions=True)
        # One that fails does not keep the others open.
        for name, error in zip(adapters, closed, strict=True):
            if error is not None:
                _log.error("provider.close_failed", provider=name, exception=type(error).__name__)


def _places(loaded: Loaded) -> dict[str, str]:
    found = {name: loaded.origins.get(f"models.{name}") for name in loaded.config.models or ()}
    return {name: f"{loaded.path}:{place.line}:{place.col}" for name, place in found.items() if place}


def _identities(config: Config, providers: Mapping[str, Provider]) -> dict[tuple[str, str | None], str]:
    """A digest for each provider and each of its keys: what changes it has no claim to the old one's cooldowns."""
    found: dict[tuple[str, str | None], str] = {}
    for name, provider in providers.items():
        found[name, None] = _digest(str(provider.base_url), str(proxy_url(provider, config)))
        for key in provider.keys:
            found[name, key.name] = _digest(key.key.get_secret_value())
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
