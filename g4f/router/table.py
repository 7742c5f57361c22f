"""The configuration compiled into what it means: routes, tiers and targets, ready to be walked.

`Config` is what was written; `RoutingTable` is what it says, with every inherited value filled in and every default
visible. It holds names of keys and proxies, never their values, and nothing in it changes after it is made.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from g4f.config import condition
from g4f.config.condition import Condition
from g4f.config.proxies import proxy_label
from g4f.config.schema import ChainEntry, Config, FallbackOn, Model, Provider
from g4f.config.schema import Timeouts as WrittenTimeouts
from g4f.dialects.registry import operations
from g4f.exchange.failure import FailureKind
from g4f.exchange.request import Dialect, Operation
from g4f.router.abilities import abilities, known_abilities, known_operations

#: A request that is not streamed has no first token to wait for; its whole answer may take this much longer.
ANSWER_PER_FIRST_TOKEN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `connect`: TCP and TLS. `first_token`: until the first content of a stream. `answer`: until the whole
    of an answer that is not streamed. `idle`: between two pieces of a stream. `total`: the whole request."""

    connect: float
    first_token: float
    answer: float
    idle: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A provider's credential by name; its value is known to the adapter only."""

    name: str
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRules:
    """What the router knows of a provider."""

    name: str
    keys: tuple[Key, ...]
    keyless: bool
    ignored: bool
    timeouts: Timeouts
    retries: int
    aliases: Mapping[str, str]
    capabilities: frozenset[str]
    operations: frozenset[Operation]
    """What it can be asked for; where it only chats, completions are asked as chats."""
    key_env: str | None
    proxy: str | None
    """What the proxy is called that the provider is reached through."""
    well_known: bool
    """Whether it is the one of the catalog, at its own address."""
    emulates_tools: bool
    """Whether models that know no tools are told about them in words."""
    listed: bool
    """Whether the user's file names it: only then may a request pick it directly."""

    @property
    def usable(self) -> bool:
        return bool(self.keys) or self.keyless

    @property
    def pickable(self) -> bool:
        """Whether a request may ask for it by its name."""
        return self.listed and self.usable and not self.ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One place in a chain. `model` is None where the asked-for name goes upstream."""

    provider: str
    model: str | None
    weight: int
    timeouts: Timeouts
    retries: int
    when: Condition | None = None
    capabilities: frozenset[str] | None = None
    """What the model can do here, where the file says so: nothing else is asked then."""


Tier = tuple[Entry, ...]


class Balance(StrEnum):
    """The order of the targets within a tier."""

    WEIGHT = "weight"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """When a second target is started beside the first: after so many seconds without content (None: its own 95th
    percentile), for at most this share (0 to 1) of the requests."""

    after: float | None
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRules:
    """How long a model's answers are given again, in seconds, and how many bytes of them are kept."""

    ttl: float
    max_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A public model: its tiers in the order of fallback. `pattern` routes match by their prefix."""

    name: str
    tiers: tuple[Tier, ...]
    pattern: bool
    from_catalog: bool
    balance: Balance = Balance.WEIGHT
    fallback_on: frozenset[FailureKind] = frozenset()
    hedge: Hedge | None = None
    operations: frozenset[Operation] | None = None
    """What the model is for, where that is known."""
    cache: CacheRules | None = None
    context: int | None = None

    def providers(self) -> Iterator[str]:
        for tier in self.tiers:
            for entry in tier:
                yield entry.provider


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable:
    """All routes. Lookup is one dictionary access for an exact name; patterns are tried longest first."""

    routes: Mapping[str, Route]
    aliases: Mapping[str, str]
    patterns: tuple[Route, ...]
    providers: Mapping[str, ProviderRules]
    fallback_on: frozenset[FailureKind]
    """What holds for a provider that is picked by name for a model without a route."""
    default_provider: str | None = None
    default_model: str | None = None
    unserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The catalog's models that no usable provider serves, and the variables that would hold a key for one."""
    known: Mapping[str, frozenset[Operation]] = field(default_factory=dict)
    """What well-known models are for, by the names that providers have for them too."""
    abilities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the file says that its models can do, by the names that clients have for them."""
    known_abilities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What well-known models can do, by the names that the catalog's providers have for them. Models that are in
    neither may do all that their providers can."""
    caches: bool = False
    """Whether answers of any model are kept."""
    used: tuple[str, ...] = ()
    """The providers that a request can reach: in some chain, or open to being picked by name."""

    def purpose(self, route: Route) -> Operation:
        """What is asked of a model where nobody says: a chat, unless it is not for that, or nobody in it chats."""
        able = route.operations or frozenset().union(*(self.providers[name].operations for name in route.providers()))
        return next((operation for operation in Operation if operation in able), Operation.CHAT)

    def capabilities(self, entry: Entry, model: str, own: str) -> frozenset[str] | None:
        """What a place of a chain can do with a model, which its provider calls its `own`; None where that is not
        known. A server of the user's own may serve anything under a well-known name."""
        if entry.capabilities is not None:
            return entry.capabilities
        rules = self.providers[entry.provider]
        said = self.abilities.get(model)
        if said is None and rules.well_known:
            said = self.known_abilities.get(own)
        if said is None or not rules.capabilities:
            return rules.capabilities or said
        return rules.capabilities & (said | {"tools"} if rules.emulates_tools else said)

    def able(self, route: Route) -> frozenset[str]:
        """What at least one usable provider of a model's chain can do with it, as far as that is known."""
        entries = (entry for tier in route.tiers for entry in tier)
        usable = (entry for entry in entries if self.providers[entry.provider].usable)
        usable = (entry for entry in usable if not self.providers[entry.provider].ignored)
        return frozenset().union(*(self._able(entry, route.name) for entry in usable))

    def _able(self, entry: Entry, model: str) -> frozenset[str]:
        own = entry.model or self.providers[entry.provider].aliases.get(model, model)
        return self.capabilities(entry, model, own) or frozenset()

    def find(self, model: str) -> Route | None:
        """The route for an asked-for name: exact name, then alias, then the longest matching pattern."""
        route = self.routes.get(model)
        if route is not None:
            return route
        name = self.aliases.get(model)
        if name is not None:
            return self.routes[name]
        for pattern in self.patterns:
            if model.startswith(pattern.name[:-1]):
                return pattern
        return None


def compile_table(config: Config, catalog: Config, layered: Mapping[str, Provider]) -> RoutingTable:
    """What `config` says, on top of the shipped `catalog`; `layered` are the providers of both together."""
    providers = {rules.name: rules for rules in _providers(config, catalog, layered)}
    known = known_operations(catalog)
    routes: dict[str, Route] = {}
    aliases: dict[str, str] = {}
    for name, model, from_catalog in _models(config, catalog):
        if name in routes or name in aliases:
            continue  # the user's file wins over the catalog
        for_what = model.operations or known.get(name) or _of_targets(model, providers, known)
        routes[name] = _route(name, model, config, providers, from_catalog=from_catalog, operations=for_what)
        aliases.update({alias: name for alias in model.aliases if alias not in routes})
    unserved = {name for name, route in routes.items() if route.from_catalog and not _servable(route, providers)}
    wanting = {name: _key_variables(routes[name], providers) for name in unserved}
    wanting |= {alias: wanting[name] for alias, name in aliases.items() if name in unserved}
    routes = {name: route for name, route in routes.items() if name not in unserved}
    aliases = {alias: name for alias, name in aliases.items() if name not in unserved}
    patterns = sorted((r for r in routes.values() if r.pattern), key=lambda r: len(r.name), reverse=True)
    return RoutingTable(
        routes=MappingProxyType(routes),
        aliases=MappingProxyType(aliases),
        patterns=tuple(patterns),
        providers=MappingProxyType(providers),
        fallback_on=_kinds(config.defaults.fallback_on),
        default_provider=config.defaults.provider,
        default_model=config.defaults.model,
        unserved=MappingProxyType(wanting),
        known=MappingProxyType(known),
        abilities=MappingProxyType(abilities(config)),
        known_abilities=MappingProxyType(known_abilities(catalog)),
        caches=any(route.cache for route in routes.values()),
        used=_used(routes.values(), providers),
    )


def _used(routes: Iterable[Route], providers: Mapping[str, ProviderRules]) -> tuple[str, ...]:
    reachable = {name for route in routes for name in route.providers()}
    return tuple(
        name
        for name, rules in providers.items()
        if (name in reachable or rules.listed) and rules.usable and not rules.ignored
    )


def _key_variables(route: Route, providers: Mapping[str, ProviderRules]) -> tuple[str, ...]:
    wanted = (providers[name].key_env for name in route.providers() if not providers[name].ignored)
    return tuple(dict.fromkeys(filter(None, wanted)))


def _of_targets(
    model: Model, providers: Mapping[str, ProviderRules], known: Mapping[str, frozenset[Operation]]
) -> frozenset[Operation] | None:
    """What a model is for by the first of its targets that names one that the catalog has at that provider."""
    named = (e.model for tier in model.chain for e in tier if e.model and providers[e.provider].well_known)
    return next((known[own] for own in named if own in known), None)


def _route(
    name: str,
    model: Model,
    config: Config,
    providers: Mapping[str, ProviderRules],
    *,
    from_catalog: bool,
    operations: frozenset[Operation] | None,
) -> Route:
    fallback_on = config.defaults.fallback_on if model.fallback_on is None else model.fallback_on
    hedge = model.hedge
    return Route(
        name=name,
        tiers=tuple(tuple(_entry(e, providers) for e in tier) for tier in model.chain),
        pattern=name.endswith("*"),
        from_catalog=from_catalog,
        balance=Balance(model.balance),
        fallback_on=_kinds(fallback_on),
        hedge=None
        if hedge is None
        else Hedge(after=None if hedge.after == "p95" else hedge.after, share=hedge.budget / 100),
        operations=operations,
        cache=None if model.cache is None else CacheRules(ttl=model.cache.ttl, max_size=model.cache.max_size),
        context=model.context,
    )


def _kinds(written: FallbackOn) -> frozenset[FailureKind]:
    return frozenset(FailureKind(kind) for kind in written)


def _models(config: Config, catalog: Config) -> Iterator[tuple[str, Model, bool]]:
    for name, model in (config.models or {}).items():
        yield name, model, False
    if config.models is None or config.catalog:
        for name, model in (catalog.models or {}).items():
            yield name, model, True


def _servable(route: Route, providers: Mapping[str, ProviderRules]) -> bool:
    return any(providers[name].usable and not providers[name].ignored for name in route.providers())


def _providers(config: Config, catalog: Config, layered: Mapping[str, Provider]) -> Iterator[ProviderRules]:
    ignored = frozenset(config.ignored_providers)
    in_chains = {entry.provider for model in (config.models or {}).values() for tier in model.chain for entry in tier}
    for name, provider in layered.items():
        yield ProviderRules(
            name=name,
            keys=tuple(Key(name=key.name, weight=key.weight) for key in provider.keys),
            keyless=provider.keyless,
            ignored=name in ignored,
            timeouts=_timeouts(provider.timeouts, config.defaults.timeouts),
            retries=config.defaults.retries if provider.retries is None else provider.retries,
            aliases=MappingProxyType(dict(provider.models)),
            capabilities=_capabilities(provider),
            operations=_operations(provider),
            key_env=provider.key_env,
            proxy=proxy_label(provider, config),
            well_known=name in catalog.providers and not (name in config.providers and config.providers[name].base_url),
            emulates_tools=provider.tools == "emulated",
            listed=name in config.providers
            or name in in_chains
            or name == config.defaults.provider
            or config.models is None
            or config.catalog,
        )


def _capabilities(provider: Provider) -> frozenset[str]:
    known = provider.capabilities
    return known | {"tools"} if known and provider.tools == "emulated" else known


def _operations(provider: Provider) -> frozenset[Operation]:
    """What a provider can be asked for. A program of our own says it in the catalog, or else it chats."""
    if provider.adapter is not None:
        found = provider.operations or frozenset({Operation.CHAT})
    else:
        found = operations(Dialect(provider.dialect or Dialect.OPENAI), provider.operations)
    return found | {Operation.COMPLETION} if Operation.CHAT in found else found


def _entry(written: ChainEntry, providers: Mapping[str, ProviderRules]) -> Entry:
    rules = providers[written.provider]
    return Entry(
        provider=written.provider,
        model=written.model,
        weight=written.weight,
        timeouts=_override(written.timeouts, rules.timeouts),
        retries=rules.retries if written.retries is None else written.retries,
        when=None if written.when is None else condition.parse(written.when),
        capabilities=written.capabilities,
    )


_DEFAULTS = Timeouts(connect=5.0, first_token=30.0, answer=300.0, idle=60.0, total=600.0)


def _timeouts(*written: WrittenTimeouts) -> Timeouts:
    """The first layer that says a value wins; layers come from the most specific to the least."""
    result = _DEFAULTS
    for layer in reversed(written):
        result = _override(layer, result)
    return result


def _override(written: WrittenTimeouts, base: Timeouts) -> Timeouts:
    def pick(value: float | None, inherited: float) -> float:
        return inherited if value is None else value

    first_token = pick(written.first_token, base.first_token)
    scaled = base.answer if written.first_token is None else ANSWER_PER_FIRST_TOKEN * first_token
    return Timeouts(
        connect=pick(written.connect, base.connect),
        first_token=first_token,
        answer=pick(written.answer, scaled),
        idle=pick(written.idle, base.idle),
        total=pick(written.total, base.total),
    )


def public_names(table: RoutingTable) -> Iterable[str]:
    """The names a client may ask for, patterns left out: routes first, then aliases."""
    yield from (name for name, route in table.routes.items() if not route.pattern)
    yield from table.aliases
